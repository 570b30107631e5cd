// Compiled several times, with different macros; UNIT names the function.
#include "unit.hpp"

#include "support/header.hpp"

#include <typeinfo>

namespace oai = openai_stream;

namespace {

size_t line_end(const char* text, size_t size) {
    return static_cast<size_t>(oai::scan::line_end(text, text + size) - text);
}

size_t read(const char* body, size_t size, char* into, size_t room) {
    char memory[2048];
    oai::Exchange exchange(memory);
    exchange.begin_body(oai::Api::chat, 200, "text/event-stream");
    const oai::Buffer incoming = exchange.incoming();
    if (incoming.size < size) return 0;
    memcpy(incoming.data, body, size);
    exchange.received(size);
    exchange.ended();
    size_t count = 0;
    for (oai::Event event; exchange.poll(event) == oai::Poll::event;) {
        if (event.kind != oai::EventKind::text || event.text.size() > room - count) continue;
        memcpy(into + count, event.text.data(), event.text.size());
        count += event.text.size();
    }
    return exchange.error() == oai::Error::none ? count : 0;
}

}  // namespace

Unit UNIT() {
    return {typeid(oai::StringView).name(),
            reinterpret_cast<const void*>(&oai::scan::line_end),
            line_end,
            read,
            {sizeof(oai::StringView), sizeof(oai::Transport), sizeof(oai::Event), sizeof(oai::Failure),
             sizeof(oai::Endpoint), sizeof(oai::ChatRequest), sizeof(oai::Exchange), sizeof(oai::Stream)}};
}
