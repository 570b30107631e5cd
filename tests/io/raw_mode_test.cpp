// poll(SseEvent&): server-sent events as they are, by the WHATWG standard to the letter.
#include "io/conversation.hpp"
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using conversation::done;
using conversation::feed;
using conversation::hear;
using conversation::Heard;
using conversation::is_consistent;
using conversation::name;
using conversation::shown;
using conversation::sse;
using oai::Error;
using oai::Exchange;
using oai::Poll;
using oai::SseEvent;
using oai::Verdict;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

void send_all(Exchange& exchange) {
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
}

Poll finish_with(Exchange& exchange, Heard& heard, const corpus::Pieces& pieces) {
    Poll said = Poll::pending;
    for (const std::string_view piece : pieces)
        if (said == Poll::pending) said = feed<SseEvent>(exchange, piece, heard);
    if (said == Poll::pending) exchange.ended();
    return hear<SseEvent>(exchange, heard);
}

}  // namespace

TEST_CASE("every stream of the corpus, through the engine") {
    struct Got {
        std::string type, data, id;
    };
    for (const auto& row : corpus::rows("sse.jsonl")) {
        const std::string input = corpus::bytes(row, "input");
        const size_t first = input.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
        // Shown by their first byte not to be an event stream.
        if (first != std::string::npos && std::string_view("{[<").find(input[first]) != std::string_view::npos)
            continue;
        ROW(row["name"].get<std::string>());
        std::vector<Got> expected;
        size_t largest = 0, longest_name = 0;
        const auto one = [](const nlohmann::json& event, const char* key) {
            const std::string raw = std::string(key) + "_raw";
            return corpus::has_bytes(event, raw.c_str()) ? corpus::bytes(event, raw.c_str())
                                                         : corpus::bytes(event, key);
        };
        for (const auto& event : row["events"]) {
            expected.push_back({one(event, "event"), one(event, "data"), one(event, "id")});
            largest = std::max(largest, expected.back().data.size());
            longest_name = std::max({longest_name, expected.back().type.size(), expected.back().id.size()});
        }
        if (longest_name > 512) expected.clear();  // the longest type and id there can be: event_too_large
        std::vector<char> memory(std::max<size_t>(16384, largest * 2 + 16384));
        corpus::for_each_cut(input, corpus::is_large(row), [&](const corpus::Pieces& pieces) {
            if (input.size() > 100000 && pieces.size() > 5000) return;
            INFO(corpus::describe(pieces));
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            exchange.begin_body(oai::Api::chat, 200, "text/event-stream");
            std::vector<Got> got;
            SseEvent event;
            const auto poll_all = [&] {
                Poll said;
                while ((said = exchange.poll(event)) == Poll::event)
                    got.push_back({std::string(event.type), std::string(event.data), std::string(event.id)});
                return said;
            };
            Poll said = poll_all();
            for (std::string_view piece : pieces) {
                while (!piece.empty() && said == Poll::pending) {
                    const oai::Buffer room = exchange.incoming();
                    const size_t count = std::min(room.size, piece.size());
                    REQUIRE(count > 0);
                    memcpy(room.data, piece.data(), count);
                    exchange.received(count);
                    piece.remove_prefix(count);
                    said = poll_all();
                }
            }
            exchange.ended();
            said = poll_all();
            const bool has_marker = !got.empty() && got.back().data == "[DONE]";
            CHECK_EQ(got.size(), has_marker ? std::min(got.size(), expected.size()) : expected.size());
            size_t wrong = 0;
            for (size_t index = 0; index < got.size() && index < expected.size(); ++index)
                wrong += got[index].type != expected[index].type || got[index].data != expected[index].data ||
                         got[index].id != expected[index].id;
            CHECK_EQ(wrong, 0);
            CHECK(is_consistent(exchange, said));
            if (longest_name > 512) CHECK_EQ(name(exchange.error()), name(Error::event_too_large));
        });
    }
}

TEST_CASE("how a raw answer ends") {
    struct Row {
        const char* name;
        std::string bytes;
        std::string story;
        Error error;
        Verdict verdict;
        const char* message = "-";
    };
    const std::string json = "{\"error\":{\"message\":\"M\"}}";
    const std::string two = "event: a\ndata: 1\n\ndata: 2\n\n";
    const std::string cut = chunked_answer(two);
    const Row rows[] = {
        {"[DONE] is an event, and the last", chunked_answer(two + done + sse("3")), "a(1) message(2) message([DONE])",
         Error::none, Verdict::done_marker},
        {"the end of the message", chunked_answer(two), "a(1) message(2)", Error::none, Verdict::finish_then_eof},
        {"the end of the message, an event begun", chunked_answer(two + "data: 3\n"), "a(1) message(2)", Error::none,
         Verdict::finish_then_eof},
        {"a message cut off", cut.substr(0, cut.size() - 5), "a(1) message(2)", Error::truncated, Verdict::truncated},
        {"comments are not events", chunked_answer(": x\n\n" + two + ":\n\n"), "a(1) message(2)", Error::none,
         Verdict::finish_then_eof},
        {"data that is not JSON", chunked_answer(sse("{]") + sse("hello")), "message({]) message(hello)", Error::none,
         Verdict::finish_then_eof},
        {"an error event is an event", chunked_answer("event: error\ndata: " + json + "\n\n"), "error(" + json + ")",
         Error::none, Verdict::finish_then_eof},
        {"llama.cpp's error field is an unknown field", chunked_answer("error: x\n\n" + two), "a(1) message(2)",
         Error::none, Verdict::finish_then_eof},
        {"empty data is an event", chunked_answer("data\n\ndata:\n\n"), "message() message()", Error::none,
         Verdict::finish_then_eof},
        {"an empty message", chunked_answer(""), "", Error::truncated, Verdict::truncated},
        {"a JSON body is one event", counted_answer(200, "application/json", "{\"a\": 1}"), "message({\"a\": 1})",
         Error::none, Verdict::finish_then_eof},
        {"HTML", counted_answer(200, "text/html", "<html></html>"), "", Error::not_event_stream, Verdict::failed},
        {"a line of plain text", counted_answer(200, "text/plain", "rate limit exceeded\n"), "",
         Error::not_event_stream, Verdict::failed, "rate limit exceeded"},
        {"a line that ends in CR LF", counted_answer(200, "text/plain", "internal error\r\n"), "",
         Error::not_event_stream, Verdict::failed, "internal error"},
        {"a line that ends in CR", counted_answer(200, "text/plain", "down\r"), "", Error::not_event_stream,
         Verdict::failed, "down"},
        {"a word that begins with the letter of a field", counted_answer(200, "text/plain", "idle"), "",
         Error::not_event_stream, Verdict::failed, "idle"},
        {"a refusal in JSON", counted_answer(429, "application/json", json), "", Error::http_status, Verdict::failed,
         "M"},
        {"a refusal as an event stream", counted_answer(429, "text/event-stream", sse(json)), "", Error::http_status,
         Verdict::failed, "M"},
        {"a refusal in HTML", counted_answer(502, "text/html", "<html></html>"), "", Error::http_status,
         Verdict::failed},
        {"nothing", "", "", Error::no_response, Verdict::failed},
        {"not HTTP", "220 smtp\r\n", "", Error::bad_status_line, Verdict::failed},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(row.bytes, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            char memory[1024];
            Exchange exchange{oai::Buffer(memory)};
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Heard heard;
            const Poll said = finish_with(exchange, heard, pieces);
            CHECK_EQ(heard.story, row.story);
            CHECK_EQ(name(exchange.error()), name(row.error));
            CHECK(exchange.verdict() == row.verdict);
            CHECK(is_consistent(exchange, said));
            CHECK_EQ(shown(exchange.failure().message), row.message);
        });
    }
}

TEST_CASE("raw mode never gives pieces: what does not fit is event_too_large") {
    struct Row {
        const char* name;
        std::string body;
        bool fits;
    };
    const Row rows[] = {
        {"data that fits", "id: 1\ndata: " + std::string(500, 'd') + "\n\n", true},
        {"data that does not", "data: " + std::string(5000, 'd') + "\n\n", false},
        {"data that does not, in lines", [] {
             std::string lines;
             for (int i = 0; i < 500; ++i) lines += "data: a line\n";
             return lines + "\n";
         }(), false},
        {"empty data lines without end", [] {
             std::string lines;
             for (int i = 0; i < 5000; ++i) lines += "data\n";
             return lines + "\n";
         }(), false},
        {"a type that fits", "event: " + std::string(40, 't') + "\ndata: x\n\n", true},
        {"a type that does not", "event: " + std::string(5000, 't') + "\ndata: x\n\n", false},
        {"an id that fits", "id: " + std::string(40, 'i') + "\ndata: x\n\n", true},
        {"an id that does not", "id: " + std::string(5000, 'i') + "\ndata: x\n\n", false},
        {"a comment of any length", ":" + std::string(50000, 'c') + "\ndata: x\n\n", true},
        {"an unknown field of any length", "foo: " + std::string(50000, 'c') + "\ndata: x\n\n", true},
        {"a retry of any length", "retry: " + std::string(50000, '1') + "\ndata: x\n\n", true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {1024u, 1100u}) {
            for (const size_t read : {size_t{1}, size_t{100}, size_t{1} << 30}) {
                INFO("buffer ", size, ", reads of ", read);
                support::GuardedBuffer memory(size);
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                exchange.begin_body(oai::Api::chat, 200, "");
                Heard heard;
                Poll said = feed<SseEvent>(exchange, sse("before"), heard);
                for (size_t at = 0; at < row.body.size() && said == Poll::pending; at += read)
                    said = feed<SseEvent>(exchange, std::string_view(row.body).substr(at, read), heard);
                if (said == Poll::pending) exchange.ended();
                said = hear<SseEvent>(exchange, heard);
                CHECK_EQ(name(exchange.error()), name(row.fits ? Error::none : Error::event_too_large));
                CHECK_EQ(heard.events, row.fits ? 2 : 1);
                CHECK(is_consistent(exchange, said));
                if (!row.fits) CHECK(exchange.failure().category == oai::ErrorCategory::capacity);
            }
        }
    }
}

TEST_CASE("a refusal as an event stream, larger than the buffer, ends whether it is JSON or not") {
    const std::string big(2000, 'N');
    const std::string bodies[] = {sse("{\"error\":{\"message\":\"" + big + "\"}}"),
                                  sse("{\"a\" b" + big),
                                  sse("{\"a\":\"" + big + "\n"),
                                  sse(big),
                                  sse("{\"a\":" + std::string(500, '[')),
                                  sse("{\"id\":\"" + big + "\"}"),
                                  sse("{\"" + big + "\":1}"),
                                  "data: {\"a\":\"" + big,
                                  "event: error\ndata: \"" + big + "\"\n\n",
                                  big};
    for (const std::string& body : bodies) {
        ROW(body.substr(0, 20));
        for (size_t size = 512; size < 1200; size += 43) {
            for (const size_t read : {size_t{1}, size_t{100}, size_t{1} << 30}) {
                INFO("buffer ", size, ", reads of ", read);
                support::GuardedBuffer memory(size);
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                exchange.begin_body(oai::Api::chat, 503, "");
                Heard heard;
                Poll said = Poll::pending;
                for (size_t at = 0; at < body.size() && said == Poll::pending; at += read)
                    said = feed<SseEvent>(exchange, std::string_view(body).substr(at, read), heard);
                if (said == Poll::pending) exchange.ended();
                said = hear<SseEvent>(exchange, heard);
                CHECK(said == Poll::failed);
                CHECK_EQ(name(exchange.error()), name(Error::http_status));
                CHECK_EQ(exchange.failure().http_status, 503);
                CHECK_EQ(heard.events, 0);
            }
        }
    }
}

TEST_CASE("every length of data around the size of the buffer: whole, or event_too_large, never cut") {
    const size_t size = 512;
    bool has_ended = false;
    for (size_t length = 0; length < 2 * size; ++length) {
        INFO("length ", length);
        support::GuardedBuffer memory(size);
        Exchange exchange(oai::Buffer(memory.data(), memory.size()));
        exchange.begin_body(oai::Api::chat, 200, "");
        Heard heard;
        const std::string data(length, 'd');
        Poll said = feed<SseEvent>(exchange, sse("a") + sse(data) + sse("z"), heard);
        if (said == Poll::pending) exchange.ended();
        said = hear<SseEvent>(exchange, heard);
        if (exchange.error() == Error::none) {
            CHECK_EQ(heard.story, "message(a) message(" + data + ") message(z)");
            CHECK_FALSE(has_ended);
        } else {
            CHECK_EQ(name(exchange.error()), name(Error::event_too_large));
            CHECK_EQ(heard.story, "message(a)");
            has_ended = true;
        }
    }
    CHECK(has_ended);
}

TEST_CASE("the last event ID is kept from event to event, and forgotten with the answer") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    SseEvent event;
    for (int twice = 0; twice < 2; ++twice) {
        exchange.begin_body(oai::Api::chat, 200, "");
        const char* const events[] = {"data: a\n\n", "id: 7\ndata: b\n\n", "data: c\n\n",
                                      "id: 8\n\n",   "data: d\n\n",        "id\ndata: e\n\n"};
        const char* const ids[] = {"", "7", "7", nullptr, "8", ""};
        for (size_t index = 0; index < 6; ++index) {
            const size_t count = strlen(events[index]);
            memcpy(exchange.incoming().data, events[index], count);
            exchange.received(count);
            const Poll said = exchange.poll(event);
            if (ids[index] == nullptr) {
                CHECK(said == Poll::pending);
                continue;
            }
            REQUIRE(said == Poll::event);
            CHECK_EQ(std::string(event.id), ids[index]);
            CHECK_EQ(std::string(event.type), "message");
        }
    }
}

TEST_CASE("a conversation that is begun again stays in its mode") {
    for (const bool is_raw : {true, false}) {
        ROW(is_raw ? "raw" : "typed");
        char memory[1024];
        Exchange exchange{oai::Buffer(memory)};
        REQUIRE(exchange.begin(server, ask) == Error::none);
        oai::Event event;
        oai::SseEvent raw;
        CHECK((is_raw ? exchange.poll(raw) : exchange.poll(event)) == Poll::pending);
        exchange.stop(Verdict::failed, Error::no_response);
        exchange.restart();
        CHECK((is_raw ? exchange.poll(raw) : exchange.poll(event)) == Poll::pending);
        exchange.stop(Verdict::failed, Error::no_response);
        exchange.restart();
        CHECK((is_raw ? exchange.poll(event) : exchange.poll(raw)) == Poll::failed);
        CHECK_EQ(name(exchange.error()), name(Error::mode_fixed));
    }
    ROW("raw mode follows the standard in each attempt");
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    REQUIRE(exchange.begin(server, ask) == Error::none);
    oai::SseEvent raw;
    CHECK(exchange.poll(raw) == Poll::pending);
    exchange.stop(Verdict::failed, Error::no_response);
    exchange.restart();
    send_all(exchange);
    Heard heard;
    finish_with(exchange, heard, corpus::Pieces{chunked_answer("id: 7\ndata\n\ndata: 1\n\n")});
    CHECK_EQ(heard.story, "message() message(1)");
}
