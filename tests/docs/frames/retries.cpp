// The code of examples/README.md, section "When the network is not kind".
// Prints: ^1 retry, 200 ms\n$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

// A server that refuses once.
struct Server {
    uint32_t now = 0, dials = 0;
    oai::StringView left;

    oai::IoResult dial(oai::StringView, uint16_t) {
        left = dials++ == 0 ? "HTTP/1.1 503 busy\r\nretry-after-ms: 200\r\nContent-Length: 2\r\n\r\n{}"
                            : "HTTP/1.1 200 OK\r\n\r\ndata: [DONE]\n\n";
        return oai::IoResult::ready();
    }
    oai::IoResult pull(char* into, size_t room) {
        const oai::StringView piece = left.take(room);
        if (piece.empty()) return oai::IoResult::closed();
        memcpy(into, piece.data(), piece.size());
        left = left.drop(piece.size());
        return oai::IoResult::bytes(piece.size());
    }
    oai::IoResult push(const char*, size_t count) { return oai::IoResult::bytes(count); }
    oai::IoResult wait(oai::Interest, uint32_t ms) {
        now += ms;
        return oai::IoResult::would_block();
    }
    uint32_t now_ms() { return now; }
};

int main() {
    char memory[2048];
    Server link;
    oai::Stream stream(oai::transport_of(link), memory);
    //// the code
    const oai::Endpoint server("http://localhost/v1");
    const oai::ChatRequest ask("m", "hi");
    stream.open(server, ask);
    oai::Event event;
    while (stream.next(event)) {}
    printf("%u retry, %u ms\n", retries.stats().retries, link.now);
    return stream.error() == oai::Error::none ? 0 : 1;
}
