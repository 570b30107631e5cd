// A firmware that asks one question and prints the answer token by token. README.md says how it is built and run.
//
// The link is a UART with a network behind it: a modem or a Wi-Fi module in transparent mode, or a PC's serial port.
// Memory: 2 KiB for the answer, the Stream on the stack, no heap. Between bytes the processor sleeps.
#include "uart.hpp"

namespace oai = openai_stream;

#if !defined(FIRMWARE_MODEL)
#define FIRMWARE_MODEL "local"
#endif
#if !defined(FIRMWARE_MEMORY)
#define FIRMWARE_MEMORY 2048
#endif

namespace {

char memory[FIRMWARE_MEMORY];

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
