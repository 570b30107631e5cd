// No input makes work more than linear in its size: how often is polled and received, and how many bytes are moved in
// the buffer, counted. (How long it takes is measured in tests/bench.)
#include <string.h>

#include <cstring>
#include <string>

namespace counted {
inline size_t bytes = 0;
inline void* move(void* into, const void* from, size_t count) {
    bytes += count;
    return ::memmove(into, from, count);
}
inline void* copy(void* into, const void* from, size_t count) {
    bytes += count;
    return ::memcpy(into, from, count);
}
}  // namespace counted

// The namespaces are renamed along, so that the linker does not mix them with those of other tests.
#define openai_stream openai_stream_with_counted_moves
#define conversation conversation_with_counted_moves
#define memmove(into, from, count) counted::move(into, from, count)
#define memcpy(into, from, count) counted::copy(into, from, count)
#include "support/header.hpp"
#undef memmove
#undef memcpy
#include "io/conversation.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::done;
using conversation::finish;
using conversation::Heard;
using conversation::name;
using conversation::sse;
using conversation::text;
using oai::Error;
using oai::Exchange;
using oai::Poll;

constexpr size_t much = 1u << 22;

std::string repeated(const std::string& part, size_t bytes = much) {
    std::string all;
    all.reserve(bytes + part.size());
    while (all.size() < bytes) all += part;
    return all;
}

std::string nested() {
    std::string deep;
    for (int level = 0; level < 100; ++level) deep += level % 2 == 0 ? "[" : "{\"k\":";
    deep += "0";
    for (int level = 99; level >= 0; --level) deep += level % 2 == 0 ? "]" : "}";
    return deep;
}

struct Row {
    const char* name;
    std::string body;
    size_t text_bytes;  // heard of it
    Error error = Error::none;
};

}  // namespace

TEST_CASE("polls, receives and moved bytes are linear in the bytes received") {
    const std::string end = finish() + done;
    const Row rows[] = {
        {"comments", repeated(": keep-alive\n\n") + end, 0},
        {"one comment", ":" + std::string(much, 'c') + "\n\n" + end, 0},
        {"one line of an unknown field", std::string(much, 'u') + "\n\n" + end, 0},
        {"one text", text(std::string(much, 'x')) + end, much},
        {"one text of escapes", text(repeated("\\u00e9")) + end, (much + 5) / 6 * 2},
        {"one text of line feeds", text(repeated("\\n")) + end, much / 2},
        {"one string nobody asked for", sse("{\"x\":\"" + std::string(much, 'x') + "\"}") + end, 0},
        {"one number nobody asked for", sse("{\"x\":" + std::string(much, '1') + "}") + end, 0},
        {"blanks in JSON", sse("{" + std::string(much, ' ') + "}") + end, 0},
        {"nested objects nobody asked for", sse("{\"x\":[" + repeated(nested() + ",") + "0]}") + end, 0},
        {"small events", repeated(text("word ")) + end, repeated(text("word ")).size() / text("word ").size() * 5},
        {"events of 300 bytes", repeated(text(std::string(220, 'w'))) + end,
         repeated(text(std::string(220, 'w'))).size() / text(std::string(220, 'w')).size() * 220},
        {"events just below 512 bytes", repeated(text(std::string(200, 'w')), much / 2) + end,
         repeated(text(std::string(200, 'w')), much / 2).size() / text(std::string(200, 'w')).size() * 200},
        {"data lines", "data: {\n" + repeated("data:\n") + "data: }\n\n" + end, 0},
        {"events without data", repeated("event: ping\n\n") + end, 0},
        {"ids", repeated("id: 123456\n") + end, 0},
        {"a tool call of one string",
         conversation::choice("\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"" +
                              std::string(much, 'a') + "\"}}]}") +
             end,
         0},
        {"arguments as an object",
         conversation::choice("\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":[" +
                              repeated(nested() + ",") + "0]}}]}") +
             end,
         0},
        {"many choices in one event",
         sse("{\"choices\":[" + repeated("{\"index\":0,\"delta\":{\"content\":\"x\"}},") +
             "{\"index\":0,\"delta\":{}}]}") +
             end,
         repeated("{\"index\":0,\"delta\":{\"content\":\"x\"}},").size() / 36},
        {"one error message", sse("{\"error\":{\"message\":\"" + std::string(much, 'm') + "\"}}"), 0,
         Error::server_error},
        {"a long HTML page", "<html>" + std::string(much, 'h'), 0, Error::not_event_stream},
        {"a large answer in JSON",
         "{\"choices\":[{\"message\":{\"content\":\"" + std::string(much, 'x') + "\"},\"finish_reason\":\"stop\"}]}",
         much},
    };
    struct Size {
        size_t buffer, read;
    };
    const Size sizes[] = {{512, 64}, {512, 1u << 20}, {2048, 64}, {2048, 1460}, {65536, 64}, {65536, 1u << 20}};
    for (const Row& row : rows) {
        for (const Size& size : sizes) {
            for (const size_t chunk : {size_t{0}, size_t{1}, size_t{500}, size_t{100000}}) {
                if (chunk == 1 && (size.read != 64 || corpus::few_cuts())) continue;
                if (corpus::few_cuts() && (size.buffer != 2048 || chunk == 500)) continue;
                ROW(std::string(row.name) + ", buffer " + std::to_string(size.buffer) + ", reads of " +
                    std::to_string(size.read) + (chunk ? ", chunks of " + std::to_string(chunk) : ""));
                const std::string body = chunk != 0 || corpus::few_cuts() ? row.body.substr(0, much / 16) : row.body;
                const bool is_whole = body.size() == row.body.size();
                const std::string bytes = chunk == 0 ? body
                                                     : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                                           conversation::chunked(body, chunk);
                std::vector<char> memory(size.buffer);
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                const oai::Endpoint server("http://h/v1");
                const oai::ChatRequest ask("m", "hi");
                if (chunk == 0) exchange.begin_body(oai::Api::chat, 200, "");
                else REQUIRE(exchange.begin(server, ask) == Error::none);
                while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
                counted::bytes = 0;
                size_t polls = 0, events = 0, receives = 0, text_bytes = 0;
                oai::Event event;
                Poll said;
                const auto poll_all = [&] {
                    while (++polls, (said = exchange.poll(event)) == Poll::event) {
                        ++events;
                        if (event.kind == oai::EventKind::text) text_bytes += event.text.size();
                    }
                };
                poll_all();
                for (size_t at = 0; at < bytes.size() && said == Poll::pending;) {
                    const oai::Buffer room = exchange.incoming();
                    const size_t count = std::min({room.size, size.read, bytes.size() - at});
                    if (count == 0) break;
                    ::memcpy(room.data, bytes.data() + at, count);
                    exchange.received(count);
                    at += count;
                    ++receives;
                    poll_all();
                }
                exchange.ended();
                poll_all();
                if (is_whole) {
                    CHECK_EQ(name(exchange.error()), name(row.error));
                    CHECK_EQ(text_bytes, row.text_bytes);
                }
                CHECK(said != Poll::pending);
                CHECK(polls <= events + receives + 10);
                CHECK(receives <= bytes.size() / std::min(size.read, size.buffer / 40) + 100);
                CHECK(events <= bytes.size() / 8 + 100);
                CHECK(counted::bytes <= 8 * bytes.size() + 16 * size.buffer);
            }
        }
    }
}
