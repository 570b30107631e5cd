// A firmware that asks one question and prints the answer token by token. README.md says how it is built and run.
//
// The link is a UART with a network behind it: a modem or a Wi-Fi module in transparent mode, or a PC's serial port.
// Memory: 2 KiB for the answer, the Stream on the stack, no heap. Between bytes the processor sleeps.
#include "board.hpp"
#include "openai_stream.hpp"

namespace oai = openai_stream;

#if !defined(FIRMWARE_MODEL)
#define FIRMWARE_MODEL "local"
#endif
#if !defined(FIRMWARE_MEMORY)
#define FIRMWARE_MEMORY 2048
#endif

namespace {

// What the library needs of a link, by what the board has. wait and now_ms are for next() and for Timeouts; a program
// that calls poll() from a loop of its own has no need of wait.
struct Uart {
    oai::IoResult pull(char* into, size_t room) {
        const size_t count = board::uart_get(into, room);
        return count != 0 ? oai::IoResult::bytes(count) : oai::IoResult::would_block();
    }
    oai::IoResult push(const char* from, size_t count) {
        const size_t sent = board::uart_put(from, count);
        return sent != 0 ? oai::IoResult::bytes(sent) : oai::IoResult::would_block();
    }
    oai::IoResult wait(oai::Interest, uint32_t) {
        board::sleep();
        return oai::IoResult::ready();
    }
    uint32_t now_ms() { return board::millis(); }
};

char memory[FIRMWARE_MEMORY];

void print(oai::StringView text) { board::print(text.data(), text.size()); }

void print_line(oai::StringView name, size_t value) {
    char digits[20];
    print(name);
    print(oai::ascii::format_decimal(value, digits));
    print("\n");
}

}  // namespace

int firmware() {
    static constexpr oai::Endpoint server("http://chat.local:8080/v1");  // a mistake in it is an error of the compiler
    const oai::ChatRequest ask(FIRMWARE_MODEL, "Why is the sky blue?");
    Uart uart;
    oai::Timeouts timeouts;  // gives up on a server that says nothing for too long
    timeouts.idle_ms = 2000;
    oai::Stream stream(oai::transport_of(uart), memory, timeouts);

    stream.open(server, ask);
    for (const oai::Event& event : stream)
        if (event.kind == oai::EventKind::text) print(event.text);
    print("\n");
    if (stream.error() != oai::Error::none) {
        static char why[200];
        print(stream.explain(why));
        print("\n");
    }
    print_line("stack ", board::stack_bytes());
    print_line("of it the Stream ", sizeof stream);
    return stream.error() == oai::Error::none ? 0 : 1;
}
