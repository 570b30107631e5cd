#pragma once
// What the steps of src/README.md look at: the events of an answer, a line for each, and how it ended if that is no
// event stream's end that was cut here.
#include "openai_stream.hpp"

#include <cstdio>
#include <cstring>

namespace oai = openai_stream;

inline void print(const oai::Event& event) {
    const char* kind = event.kind == oai::EventKind::started     ? "started"
                       : event.kind == oai::EventKind::text      ? "text"
                       : event.kind == oai::EventKind::reasoning ? "reasoning"
                       : event.kind == oai::EventKind::finish    ? "finish"
                                                                 : "another event";
    std::printf("%s", kind);
    if (!event.text.empty()) std::printf(" %.*s", static_cast<int>(event.text.size()), event.text.data());
    std::printf("\n");
}

inline void feed(oai::Exchange& exchange, const char* bytes, size_t count) {
    const oai::Buffer room = exchange.incoming();
    if (count > room.size) count = room.size;
    std::memcpy(room.data, bytes, count);
    exchange.received(count);
    oai::Event event;
    while (exchange.poll(event) == oai::Poll::event) print(event);
}

// An event's data.
template <class Api> void show(const Api& api, const char* json) {
    char memory[2048], line[1024];
    oai::Exchange exchange{oai::Buffer(memory)};
    if (exchange.begin_body(api, 200, "text/event-stream") != oai::Error::none) return;
    const int size = std::snprintf(line, sizeof line, "data: %s\n\n", json);
    feed(exchange, line, static_cast<size_t>(size));
    if (exchange.error() != oai::Error::none) std::printf("%s\n", oai::describe(exchange.error()));
}

// A whole answer, as it comes over the wire.
inline void show_answer(const char* bytes) {
    char memory[2048];
    oai::Exchange exchange{oai::Buffer(memory)};
    const oai::Endpoint server("http://h/v1");
    const oai::ChatRequest ask("m", "hi");
    if (exchange.begin(server, ask) != oai::Error::none) return;
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
    feed(exchange, bytes, std::strlen(bytes));
    exchange.ended();
    feed(exchange, "", 0);
    std::printf("%s\n", oai::describe(exchange.error()));
}
