// Feeds a recorded response through an Exchange, read by read, and hashes its text.
//
//     feed FILE READ_BYTES      prints the bytes of text and their hash
//
// Everything outside::... is work of the program around the library: ../instructions.py leaves it out of the count.
#include BENCH_HEADER

#include <stdio.h>

#include <string>

namespace oai = openai_stream;

namespace outside {

struct Link {
    std::string wire;
    size_t read_bytes;
    size_t at = 0;

    // As a socket's read would.
    __attribute__((noinline)) size_t read(oai::Buffer room) {
        size_t count = wire.size() - at;
        if (count > room.size) count = room.size;
        if (count > read_bytes) count = read_bytes;
        memcpy(room.data, wire.data() + at, count);
        at += count;
        return count;
    }
};

struct Text {
    uint64_t hash = 0xCBF29CE484222325u;
    size_t bytes = 0;

    __attribute__((noinline)) void add(oai::StringView text) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
        bytes += text.size();
    }
};

}  // namespace outside

__attribute__((noinline)) oai::Poll feed(oai::Exchange& exchange, outside::Link& link, outside::Text& text) {
    oai::Event event;
    while (true) {
        const oai::Poll state = exchange.poll(event);
        if (state == oai::Poll::event) {
            if (event.kind == oai::EventKind::text) text.add(event.text);
            continue;
        }
        if (state != oai::Poll::pending) return state;
        const oai::Buffer room = exchange.incoming();
        const size_t count = room.size != 0 ? link.read(room) : 0;
        if (count != 0) exchange.received(count);
        else exchange.ended();
    }
}

int main(int argc, char** argv) {
    FILE* const file = argc == 3 ? fopen(argv[1], "rb") : nullptr;
    if (!file) return 2;
    outside::Link link;
    link.read_bytes = static_cast<size_t>(atol(argv[2]));
    for (int c; (c = getc(file)) != EOF;) link.wire += static_cast<char>(c);
    fclose(file);

    static char memory[16 * 1024];
    oai::Exchange exchange(memory);
    const oai::Endpoint server("http://localhost:8080/v1");
    const oai::ChatRequest ask("gpt-4o-mini", "Why is the sky blue?");
    if (exchange.begin(server, ask) != oai::Error::none) return 3;
    for (oai::StringView bytes; !(bytes = exchange.outgoing()).empty();) exchange.sent(bytes.size());

    outside::Text text;
    if (feed(exchange, link, text) != oai::Poll::done) return 4;
    printf("%zu %016llx\n", text.bytes, static_cast<unsigned long long>(text.hash));
    return 0;
}
