// Each kind of request through the engine: what goes out, and that its answer is read as what it is.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"


namespace oai = openai_stream;
using conversation::counted_answer;
using conversation::shown;
using oai::Error;
using oai::EventKind;
using oai::Exchange;
using oai::Poll;
using oai::Stream;
using oai::Verdict;

namespace {

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest chat("m", "hi");
const oai::ResponseRequest respond("m", "hi");
const oai::RetrieveRequest retrieve("resp_1", 3);
const oai::RetrieveRequest retrieve_all("resp_1");
const oai::CancelRequest cancel("resp_1");
const oai::CompletionRequest complete("m", "hi");
const oai::RawRequest raw_chat("/chat/completions", "{\"x\":1}");
const oai::RawRequest raw_respond("/responses", "{\"x\":1}", oai::Api::responses);

const std::string chat_answer = R"(data: {"choices":[{"index":0,"delta":{"content":"Hello"}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

)";
const std::string completion_answer = R"(data: {"object":"text_completion","choices":[{"index":0,"text":"Hel"}]}

data: {"object":"text_completion","choices":[{"index":0,"text":"lo","finish_reason":"stop"}]}

data: [DONE]

)";
const std::string text_delta = R"(event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"i","output_index":0,"content_index":0,)"
                               R"("delta":"Hello"}

)";
const std::string completed = R"(event: response.completed
data: {"type":"response.completed","sequence_number":5,"response":{"id":"resp_1","status":"completed","output":[{"id":)"
                              R"("i","type":"message","content":[{"type":"output_text","text":"Hello"}]}]}}

)";
const std::string response_answer = R"(event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","output":[]}}

)" + text_delta + completed;
const std::string cancelled =
    R"({"id":"resp_1","object":"response","status":"cancelled","output":[],"usage":null})";

// The text of an answer, its finish reason as it was sent, and how it ended.
template <class Giver> std::string hear_all(Giver& giver) {
    std::string heard;
    oai::Event event;
    while (giver.poll(event) == Poll::event) {
        if (event.kind == EventKind::text) heard += std::string(event.text);
        if (event.kind == EventKind::finish) heard += " (" + shown(event.name) + ")";
        if (event.kind == EventKind::custom_field) heard += " [" + shown(event.name) + "=" + shown(event.text) + "]";
    }
    return heard;
}

// What a request sends, and what is heard of the answer.
template <class Request>
std::pair<std::string, std::string> converse(Exchange& exchange, const Request& request, const std::string& answer,
                                             bool again = false) {
    if (exchange.begin(server, request) != Error::none) return {"not sent", ""};
    if (again) exchange.restart();
    std::string sent;
    while (!exchange.outgoing().empty()) {
        sent += std::string(exchange.outgoing());
        exchange.sent(exchange.outgoing().size());
    }
    const bool is_json = answer[0] == '{';
    const std::string bytes = counted_answer(200, is_json ? "application/json" : "text/event-stream", answer);
    std::string heard;
    for (std::string_view rest = bytes;;) {
        heard += hear_all(exchange);
        const oai::Buffer room = exchange.incoming();
        const size_t count = std::min({room.size, rest.size(), size_t{100}});
        if (count == 0) break;
        std::memcpy(room.data, rest.data(), count);
        exchange.received(count);
        rest.remove_prefix(count);
    }
    CHECK(exchange.error() == Error::none);
    CHECK(oai::is_done(exchange.verdict()));
    return {sent, heard};
}
template <class Request>
std::pair<std::string, std::string> converse(const Request& request, const std::string& answer) {
    char memory[2048];
    Exchange exchange(memory);
    return converse(exchange, request, answer);
}

}  // namespace

TEST_CASE("each kind of request is sent as it is and answered in its own dialect") {
    struct Row {
        const char* name;
        std::pair<std::string, std::string> got;
        std::string line;  // the first of the request
        const char* body;  // null: none
        std::string heard;
    };
    const Row rows[] = {
        {"a chat", converse(chat, chat_answer), "POST /v1/chat/completions HTTP/1.1",
         R"({"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true})", "Hello (stop)"},
        {"a response", converse(respond, response_answer), "POST /v1/responses HTTP/1.1",
         R"({"stream":true,"model":"m","input":"hi"})", "Hello (completed)"},
        {"the rest of a response", converse(retrieve, text_delta + completed),
         "GET /v1/responses/resp_1?stream=true&starting_after=3 HTTP/1.1", nullptr, "Hello (completed)"},
        {"the end of a response", converse(retrieve, completed),
         "GET /v1/responses/resp_1?stream=true&starting_after=3 HTTP/1.1", nullptr, " (completed)"},
        {"all of a response that has ended", converse(retrieve_all, completed),
         "GET /v1/responses/resp_1?stream=true HTTP/1.1", nullptr, "Hello (completed)"},
        {"the end of a response's life", converse(cancel, cancelled), "POST /v1/responses/resp_1/cancel HTTP/1.1", "",
         " (cancelled)"},
        {"a legacy completion", converse(complete, completion_answer), "POST /v1/completions HTTP/1.1",
         R"({"model":"m","prompt":"hi","stream":true})", "Hello (stop)"},
        {"own words for a chat", converse(raw_chat, chat_answer), "POST /v1/chat/completions HTTP/1.1",
         R"({"x":1})", "Hello (stop)"},
        {"own words for a response", converse(raw_respond, response_answer), "POST /v1/responses HTTP/1.1",
         R"({"x":1})", "Hello (completed)"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string& sent = row.got.first;
        const size_t end = sent.find("\r\n\r\n");
        REQUIRE_NE(end, std::string::npos);
        CHECK_EQ(sent.substr(0, sent.find("\r\n")), row.line);
        CHECK_EQ(sent.substr(end + 4), row.body ? row.body : "");
        const std::string length =
            row.body ? "\r\nContent-Length: " + std::to_string(std::string(row.body).size()) + "\r\n" : "";
        CHECK_EQ(sent.find("Content-Length") != std::string::npos, row.body != nullptr);
        CHECK_NE(sent.find(length), std::string::npos);
        CHECK_EQ(row.got.second, row.heard);
    }
}

TEST_CASE("what cannot be asked about a response is refused before a byte is sent") {
    char memory[2048];
    Exchange exchange(memory);
    const oai::RetrieveRequest nobody("");
    const oai::CancelRequest above("..");
    const oai::ResponseRequest silent("m", oai::StringView());
    CHECK(exchange.begin(server, nobody) == Error::bad_request_field);
    CHECK(exchange.outgoing().empty());
    CHECK(exchange.begin(server, above) == Error::bad_request_field);
    CHECK(exchange.begin(server, silent) == Error::bad_request_field);
    CHECK(exchange.error() == Error::bad_request_field);
}

TEST_CASE("one connection carries requests of every kind") {
    char memory[2048];
    support::ScriptedTransport link;
    link.wait_end = oai::IoResult::would_block();  // nothing comes between two answers
    Stream stream(link.transport(), memory);
    const auto ask = [&](const auto& request, const std::string& answer) {
        link.answer(counted_answer(200, answer[0] == '{' ? "application/json" : "text/event-stream", answer));
        return stream.open(server, request) == Error::none ? hear_all(stream) : "not sent";
    };
    CHECK_EQ(ask(chat, chat_answer), "Hello (stop)");
    CHECK_EQ(ask(respond, response_answer), "Hello (completed)");
    CHECK_EQ(ask(cancel, cancelled), " (cancelled)");
    CHECK_EQ(ask(retrieve, text_delta + completed), "Hello (completed)");
    CHECK_EQ(ask(complete, completion_answer), "Hello (stop)");
    CHECK_EQ(ask(respond, response_answer), "Hello (completed)");
    CHECK_EQ(link.connections(), 1);
    CHECK(link.violations().empty());
    CHECK(stream.verdict() == Verdict::terminal_event);
}

TEST_CASE("what a request is read for is read in its answer, and in no other") {
    static const oai::FieldPath fields[] = {{"provider"}};
    oai::ExtraEvents extras(fields), no_fields;
    oai::ChatRequest with("m", "hi"), with_others("m", "hi");
    with.extras = &extras;
    with_others.extras = &no_fields;
    oai::CompletionRequest complete_with("m", "hi");
    complete_with.extras = &extras;
    const oai::Api body(extras);
    const oai::RawRequest raw_with("/chat/completions", "{}", body);
    const std::string answer = R"(data: {"provider":"x","choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}

data: [DONE]

)";
    const std::string completion = R"(data: {"provider":"x","choices":[{"text":"Hi","finish_reason":"stop"}]}

data: [DONE]

)";
    char memory[2048];
    Exchange exchange(memory);
    for (const bool again : {false, true}) {  // an attempt is repeated
        ROW(again ? "at the second attempt" : "at once");
        CHECK_EQ(converse(exchange, chat, answer, again).second, "Hi (stop)");
        CHECK_EQ(converse(exchange, with, answer, again).second, "Hi (stop) [provider=x]");
        CHECK_EQ(converse(exchange, chat, answer, again).second, "Hi (stop)");
        CHECK_EQ(converse(exchange, with_others, answer, again).second, "Hi (stop)");
        CHECK_EQ(converse(exchange, complete_with, completion, again).second, "Hi (stop) [provider=x]");
        CHECK_EQ(converse(exchange, complete, completion, again).second, "Hi (stop)");
        CHECK_EQ(converse(exchange, raw_with, answer, again).second, "Hi (stop) [provider=x]");
        CHECK_EQ(converse(exchange, raw_chat, answer, again).second, "Hi (stop)");
    }
}
