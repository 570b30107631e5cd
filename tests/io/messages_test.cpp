// JSON messages that come without an event stream: feed_message() gives the events that the same JSON gives as the data
// of server-sent events, and an API that a program has written tables for is read like ours.
#include "dialect/chat_cases.hpp"
#include "io/exchange_support.hpp"
#include "io/responses_support.hpp"

namespace {

using namespace conformance;
namespace oai = openai_stream;
using oai::Api;
using oai::Verdict;

// Events, a line for each, and how it ended.
struct Read {
    std::string story;
    Poll said = Poll::pending;

    void operator()(const Event& event) {
        if (event.kind != EventKind::keepalive) story += responses::told(event) + (event.more ? "+\n" : "\n");
    }
    void end(Exchange& exchange) {
        if (said == Poll::pending) said = exchange.finish(*this);
        story += conversation::name(exchange.error());
        story += "; " + printed(error_value(exchange.failure())) + std::to_string(static_cast<int>(exchange.verdict()));
        if (!conversation::is_consistent(exchange, said)) story += "; inconsistent";
    }
};

StringView view(const std::string& text) { return {text.data(), text.size()}; }

std::string event_of(const std::string& data) {
    std::string text = "data:";
    for (const char c : data) {
        text += c;
        if (c == '\n' || c == '\r') text += "data:";
    }
    return text + "\n\n";
}

// As messages, or each as an event of one stream.
std::string read(const Api& api, size_t buffer_bytes, const std::vector<std::string>& messages, bool in_events,
                 int status = 200) {
    support::GuardedBuffer memory(buffer_bytes);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    REQUIRE(exchange.begin_body(api, status) == Error::none);
    Read read;
    for (const std::string& message : messages) {
        if (read.said != Poll::pending) break;
        read.said = in_events ? exchange.feed(view(event_of(message)), read) : exchange.feed_message(view(message), read);
    }
    read.end(exchange);
    return read.story;
}

// The data of the events of a body.
std::vector<std::string> data_of(const std::string& body) {
    std::vector<std::string> messages;
    char memory[64 * 1024];
    Exchange exchange{oai::Buffer(memory)};
    exchange.begin_body(Api::chat, 200);
    const auto take = [&](const oai::SseEvent& event) { messages.emplace_back(event.data); };
    if (exchange.feed<oai::SseEvent>(view(body), take) == Poll::pending) exchange.finish<oai::SseEvent>(take);
    return messages;
}

// The whole body, as it came.
std::string read_body(const Api& api, const std::string& body) {
    char memory[64 * 1024];
    Exchange exchange{oai::Buffer(memory)};
    exchange.begin_body(api, 200);
    Read read;
    read.said = exchange.feed(view(body), read);
    read.end(exchange);
    return read.story;
}

}  // namespace

TEST_CASE("rows of the corpus say as messages what they say as server-sent events") {
    size_t rows = 0;
    const auto compare = [&](const Api& api, const std::string& text, int status) {
        ++rows;
        for (const size_t size : {size_t{2048}, size_t{16384}})
            CHECK_EQ(read(api, size, {text}, false, status), read(api, size, {text}, true, status));
    };
    for (const Json& row : corpus::rows("json.jsonl")) {
        ROW(row.at("name"));
        if (row.at("kind") == "responses") compare(Api::responses, corpus::bytes(row, "json"), 200);
    }
    CHECK_EQ(rows, 17);
    for (const chat_cases::Case& one : chat_cases::all_cases()) {
        ROW(one.name);
        compare(Api::chat, one.text, one.is_error_body ? 400 : 200);
    }
    CHECK(rows > 250);
}

TEST_CASE("recorded answers say as messages what they say as they came") {
    for (const char* const api : {"chat", "responses"}) {
        const auto all = recorded(api);
        if (!all) return;
        for (const Recorded& one : *all) {
            ROW(one.file);
            const Api& what = std::string(api) == "chat" ? Api::chat : Api::responses;
            CHECK_EQ(read(what, 64 * 1024, data_of(one.bytes), false), read_body(what, one.bytes));
        }
    }
}

TEST_CASE("lines of NDJSON and messages of a WebSocket: their ends, and what is none") {
    const std::string hi = R"({"choices":[{"delta":{"content":"Hi"}}]})";
    const std::string stop = R"({"choices":[{"delta":{},"finish_reason":"stop"}]})";
    const std::string large(5000, 'x'), large_message = R"({"choices":[{"delta":{"content":")" + large + "\"}}]}";
    const std::string created = R"({"type":"response.created","response":{"id":"r"}})";
    const std::string completed = R"({"type":"response.completed","response":{"id":"r","status":"completed"}})";
    struct Row {
        const char* name;
        const Api& api;
        int status;
        std::vector<std::string> messages;
        std::string text;
        Error error;
        Verdict verdict;
        std::string shown;  // the server's words; if there are none, what it was
    };
    const Row rows[] = {
        {"a finish reason, and then no more", Api::chat, 200, {hi, hi, stop}, "HiHi", Error::none,
         Verdict::finish_then_eof, "-"},
        {"[DONE] ends a chat", Api::chat, 200, {hi, stop, "[DONE]", hi}, "Hi", Error::none, Verdict::done_marker, "-"},
        {"the API's own event ends it", Api::responses, 200, {created, completed, created}, "", Error::none,
         Verdict::terminal_event, "-"},
        {"lines that still have their ends", Api::chat, 200, {hi + "\r\n", hi + "\n", "\n", "", stop + "\r"}, "HiHi",
         Error::none, Verdict::finish_then_eof, "-"},
        {"blanks around it", Api::chat, 200, {"  " + hi + "\t ", stop}, "Hi", Error::none, Verdict::finish_then_eof,
         "-"},
        {"JSON of many lines", Api::chat, 200, {"{\n\"choices\":\r\n[{\"delta\":\n\n\r{\"content\":\"Hi\"}}]\n}", stop},
         "Hi", Error::none, Verdict::finish_then_eof, "-"},
        {"larger than the buffer", Api::chat, 200, {large_message, stop}, large, Error::none,
         Verdict::finish_then_eof, "-"},
        {"no finish reason", Api::chat, 200, {hi}, "Hi", Error::truncated, Verdict::truncated, "-"},
        {"nothing", Api::chat, 200, {}, "", Error::truncated, Verdict::truncated, "-"},
        {"half of one", Api::chat, 200, {hi, R"({"choices":[)", hi}, "Hi", Error::bad_json, Verdict::failed,
         R"({"choices":[)"},
        {"two in one", Api::chat, 200, {hi, "{}{}"}, "Hi", Error::bad_json, Verdict::failed, "{}{}"},
        {"a text that is no JSON", Api::chat, 200, {"Service unavailable"}, "", Error::bad_json, Verdict::failed,
         "Service unavailable"},
        {"a page", Api::chat, 200, {"<html>Log in</html>"}, "", Error::bad_json, Verdict::failed,
         "<html>Log in</html>"},
        {"a line break in a string", Api::chat, 200, {"{\"choices\":[{\"delta\":{\"content\":\"a\nb\"}}]}"}, "",
         Error::bad_json, Verdict::failed, "{\"choices\":[{\"delta\":{\"content\":\"a\nb\"}}]}"},
        {"nothing in it is taken for a field of an event", Api::chat, 200,
         {"{}\n\nevent: error\ndata: {\"message\":\"M\"}\n\n"}, "", Error::bad_json, Verdict::failed,
         "{}\n\nevent: error\ndata: {\"message\":\"M\"}"},
        {"an error of the server's", Api::chat, 200, {hi, R"({"error":{"message":"M"}})"}, "Hi", Error::server_error,
         Verdict::failed, "M"},
        {"a refusal", Api::chat, 401, {R"({"error":{"message":"M"}})"}, "", Error::http_status, Verdict::failed, "M"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {size_t{512}, size_t{16384}}) {
            support::GuardedBuffer memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin_body(row.api, row.status) == Error::none);
            std::string text;
            const auto take = [&](const Event& event) {
                if (event.kind == EventKind::text) text += std::string(event.text);
            };
            Poll said = Poll::pending;
            for (const std::string& message : row.messages)
                if (said == Poll::pending) said = exchange.feed_message(view(message), take);
            if (said == Poll::pending) said = exchange.finish(take);
            CHECK_EQ(text, row.text);
            CHECK_EQ(conversation::name(exchange.error()), conversation::name(row.error));
            CHECK(exchange.verdict() == row.verdict);
            CHECK(conversation::is_consistent(exchange, said));
            const oai::Failure failure = exchange.failure();
            CHECK_EQ(conversation::shown(failure.message.data() ? failure.message : failure.body_prefix), row.shown);
        }
    }
}
