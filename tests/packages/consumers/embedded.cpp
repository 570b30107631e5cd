// A program for a board: a serial link, and every package must have brought the header.
#include <openai_stream.hpp>
namespace oai = openai_stream;
extern "C" size_t uart_read(char* into, size_t room);
extern "C" size_t uart_write(const char* from, size_t count);
struct Uart {
    static oai::IoResult moved(size_t count) {
        return count != 0 ? oai::IoResult::bytes(count) : oai::IoResult::would_block();
    }
    oai::IoResult pull(char* into, size_t room) { return moved(uart_read(into, room)); }
    oai::IoResult push(const char* from, size_t count) { return moved(uart_write(from, count)); }
};
static char memory[2048];
bool ask(Uart& uart, const oai::Endpoint& server, void (*show)(oai::StringView)) {
    oai::ChatRequest request("local", "Say hello.");
    oai::Stream stream(oai::transport_of(uart), memory);
    stream.open(server, request);
    for (const oai::Event& e : stream)
        if (e.kind == oai::EventKind::text) show(e.text);
    return stream.error() == oai::Error::none;
}
