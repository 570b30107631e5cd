// The engine without I/O: bytes out, bytes in, events out, and how it ends.
#include "io/conversation.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

#include <optional>

namespace oai = openai_stream;

namespace {

using conversation::choice;
using conversation::chunked;
using conversation::counted_answer;
using conversation::done;
using conversation::feed;
using conversation::finish;
using conversation::hear;
using conversation::Heard;
using conversation::is_consistent;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::shown;
using conversation::sse;
using conversation::text;
using oai::Error;
using oai::Event;
using oai::Exchange;
using oai::Poll;
using oai::Quirk;
using oai::Verdict;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

// What a conversation came to.
struct Outcome {
    Heard heard;
    Poll said = Poll::pending;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    std::string type, code, param, message, request_id, content_type, body_prefix;
    int status = 0;
    int64_t retry_after_ms = -1;
    oai::Quirks quirks;
    oai::Stats stats;
    bool consistent = false, reusable = false;
    bool is_framed = true;  // the framing says where the body ends

    void look(const Exchange& exchange) {
        error = exchange.error();
        verdict = exchange.verdict();
        const oai::Failure failure = exchange.failure();
        type = shown(failure.type);
        code = shown(failure.code);
        param = shown(failure.param);
        message = shown(failure.message);
        request_id = shown(failure.request_id);
        content_type = shown(failure.content_type);
        body_prefix = shown(failure.body_prefix);
        status = failure.http_status;
        retry_after_ms = failure.retry_after_ms;
        quirks = exchange.quirks();
        stats = exchange.stats();
        consistent = is_consistent(exchange, said) && failure.error == error && failure.blame == oai::blame(error);
        reusable = exchange.is_reusable();
    }
};

void send_all(Exchange& exchange) {
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
}

// Bytes in these pieces, then the end; over HTTP, or the body alone.
template <class Pieces>
Outcome outcome_of(oai::Buffer memory, bool http, int status, const Pieces& pieces,
                   const oai::BodyOf& what = oai::BodyOf::chat) {
    Outcome outcome;
    Exchange exchange(memory);
    if (http) {
        exchange.begin(server, ask);
        send_all(exchange);
    } else {
        exchange.begin_body(what, status, "text/event-stream");
    }
    outcome.said = hear(exchange, outcome.heard);
    for (const std::string_view piece : pieces)
        if (outcome.said == Poll::pending) outcome.said = feed(exchange, piece, outcome.heard);
    if (outcome.said == Poll::pending) {
        exchange.ended();
        outcome.said = hear(exchange, outcome.heard);
    }
    // The end is for ever.
    const Error error = exchange.error();
    Heard more;
    if (hear(exchange, more) != outcome.said || exchange.error() != error || more.events != 0)
        outcome.heard.story += " and more";
    exchange.ended();
    exchange.failed(3);
    if (hear(exchange, more) != outcome.said || exchange.error() != error || more.events != 0)
        outcome.heard.story += " and more";
    if (!exchange.outgoing().empty()) outcome.heard.story += " and bytes to be sent";
    outcome.look(exchange);
    return outcome;
}

// As much of it as is safe to print.
std::string printable(std::string bytes) {
    const auto is_bad = [](char c) { return (static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\xFF'; };
    bytes.erase(std::find_if(bytes.begin(), bytes.end(), is_bad), bytes.end());
    while (!bytes.empty() && std::strchr(" \n", bytes.back())) bytes.pop_back();
    return bytes;
}

enum class Way { body, counted, chunks, until_close };
const Way ways[] = {Way::body, Way::counted, Way::chunks, Way::until_close};
const char* const way_names[] = {"body alone", "Content-Length", "chunked", "until close"};

std::string on_the_wire(Way way, const std::string& body, const char* type = "text/event-stream") {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) + "\r\n";
    switch (way) {
        case Way::body: return body;
        case Way::counted: return counted_answer(200, type, body);
        case Way::chunks: return head + "Transfer-Encoding: chunked\r\n\r\n" + chunked(body, 37);
        case Way::until_close: return head + "\r\n" + body;
    }
    return "";
}

// Runs f(outcome) for the answer in each framing and each cut.
template <class F> void in_each_way(const std::string& body, const char* type, F f) {
    support::GuardedBuffer memory(2048);
    for (const Way way : ways) {
        const std::string bytes = on_the_wire(way, body, type);
        size_t nth = 0;
        corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
            if (way != Way::body && way != Way::chunks && nth++ % 7 != 0) return;  // the framings do not differ much
            INFO(std::string(way_names[static_cast<int>(way)]), ", ", corpus::describe(pieces));
            Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), way != Way::body, 200, pieces);
            outcome.is_framed = way == Way::counted || way == Way::chunks;
            f(outcome);
        });
    }
}

}  // namespace

TEST_CASE("what counts as finished, and what was said before the end") {
    struct Row {
        const char* name;
        std::string body;
        std::string story;
        Error error;
        Verdict verdict;
    };
    const std::string start = text("a");
    const std::string started = "started(c1,m1) text(a)";
    const auto at = [](int index, const char* inside) {
        return sse("{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":" + std::to_string(index) + "," + inside +
                   "}]}");
    };
    const Row rows[] = {
        {"a whole answer", short_answer, short_story, Error::none, Verdict::done_marker},
        {"[DONE] without a finish_reason", start + done, started, Error::none, Verdict::done_marker},
        {"[DONE] alone", done, "", Error::none, Verdict::done_marker},
        {"blanks around [DONE]", start + "data: \t [DONE] \t\n\n", started, Error::none, Verdict::done_marker},
        {"no blank before [DONE]", start + "data:[DONE]\n\n", started, Error::none, Verdict::done_marker},
        {"[DONE] with an event type", start + "event: done\ndata: [DONE]\n\n", started, Error::none,
         Verdict::done_marker},
        {"what follows [DONE] is ignored: an event", start + done + text("b"), started, Error::none,
         Verdict::done_marker},
        {"what follows [DONE] is ignored: an error", start + done + sse("{\"error\":{\"message\":\"x\"}}"), started,
         Error::none, Verdict::done_marker},
        {"what follows [DONE] is ignored: not JSON", start + done + "data: {]\n\nfoo", started, Error::none,
         Verdict::done_marker},
        {"[DONE] twice", start + done + done, started, Error::none, Verdict::done_marker},
        {"[DONE] with something behind it", start + sse("[DONE]junk"), started, Error::bad_json, Verdict::failed},
        {"[DONE] with something before it", start + sse("x[DONE]"), started, Error::bad_json, Verdict::failed},
        {"[DONE] with another line", start + "data: [DONE]\ndata: x\n\n", started, Error::bad_json, Verdict::failed},
        {"[done]", start + sse("[done]"), started, Error::bad_json, Verdict::failed},
        {"[DONE] in the model's words", text("[DONE]") + done, "started(c1,m1) text([DONE])", Error::none,
         Verdict::done_marker},
        {"[DONE] as a JSON string", start + sse("\"[DONE]\""), started, Error::truncated, Verdict::truncated},
        {"[DONE] without its blank line", start + "data: [DONE]\n", started, Error::none, Verdict::done_marker},
        {"[DONE] without its line end, all finished", start + finish() + "data: [DONE]", started + " finish(stop)",
         Error::none, Verdict::done_marker},
        {"half of [DONE]", start + "data: [DON", started, Error::truncated, Verdict::truncated},
        {"half of [DONE], all finished", start + finish() + "data: [DON", started + " finish(stop)", Error::none,
         Verdict::finish_then_eof},
        {"a finish_reason, then the end", start + finish(), started + " finish(stop)", Error::none,
         Verdict::finish_then_eof},
        {"a finish_reason of no known name", start + finish("eos") + done, started + " finish(eos)", Error::none,
         Verdict::done_marker},
        {"finish_reason on the last text", choice("\"delta\":{\"content\":\"a\"},\"finish_reason\":\"length\""),
         "started(c1,m1) text(a) finish(length)", Error::none, Verdict::finish_then_eof},
        {"an empty finish_reason is none", start + finish(""), started, Error::truncated, Verdict::truncated},
        {"a finish_reason of null is none", start + choice("\"delta\":{},\"finish_reason\":null"), started,
         Error::truncated, Verdict::truncated},
        {"two choices, one finished",
         at(0, "\"delta\":{\"content\":\"a\"}") + at(1, "\"delta\":{\"content\":\"b\"}") +
             at(1, "\"delta\":{},\"finish_reason\":\"stop\""),
         "started(c1,m1) text(a) text#1(b) finish#1(stop)", Error::truncated, Verdict::truncated},
        {"two choices, both finished",
         at(0, "\"delta\":{\"content\":\"a\"}") + at(1, "\"delta\":{\"content\":\"b\"}") +
             at(1, "\"delta\":{},\"finish_reason\":\"stop\"") + at(0, "\"delta\":{},\"finish_reason\":\"length\""),
         "started(c1,m1) text(a) text#1(b) finish#1(stop) finish(length)", Error::none, Verdict::finish_then_eof},
        {"usage behind the finish_reason", start + finish() + sse("{\"choices\":[],\"usage\":{\"total_tokens\":7}}"),
         started + " finish(stop) usage(-1,-1,7)", Error::none, Verdict::finish_then_eof},
        {"nothing at all", "", "", Error::truncated, Verdict::truncated},
        {"text, then the end", start, started, Error::truncated, Verdict::truncated},
        {"an event without its blank line", start + finish().substr(0, finish().size() - 1), started + " finish(stop)",
         Error::none, Verdict::finish_then_eof},
        {"an event without its line end", start + finish().substr(0, finish().size() - 2), started + " finish(stop)",
         Error::none, Verdict::finish_then_eof},
        {"an event without its last brace", start + finish().substr(0, finish().size() - 3), started, Error::truncated,
         Verdict::truncated},
        {"an event without its last brace, but with a line end",
         start + finish().substr(0, finish().size() - 3) + "\n", started, Error::truncated, Verdict::truncated},
        {"an event of two lines without its blank line",
         start + "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{},\ndata: \"finish_reason\":\"stop\"}]}\n",
         started + " finish(stop)", Error::none, Verdict::finish_then_eof},
        {"an event whose type comes after its data, without its blank line",
         start + "data: {\"message\":\"M\"}\nevent: error", started, Error::server_error, Verdict::failed},
        {"an error without its blank line", start + "data: {\"error\":{\"message\":\"M\"}}", started,
         Error::server_error, Verdict::failed},
        {"something that is no JSON without its blank line", start + "data: oops\n", started, Error::truncated,
         Verdict::truncated},
        {"the end in an event", start + text("b").substr(0, 40), started, Error::truncated, Verdict::truncated},
        {"the end in the first event", text("b").substr(0, 40), "", Error::truncated, Verdict::truncated},
        {"comments alone", ": one\n\n: two\n\n", "keepalive keepalive", Error::truncated, Verdict::truncated},
        {"keep-alive comments", ": OPENROUTER PROCESSING\n\n" + start + ":\n\n" + finish() + done,
         "keepalive started(c1,m1) text(a) keepalive finish(stop)", Error::none, Verdict::done_marker},
        {"a comment inside an event", ":x\n" + start.substr(0, start.size() - 1) + ":y\n\n" + done,
         "keepalive keepalive started(c1,m1) text(a)", Error::none, Verdict::done_marker},
        {"a comment in data", sse(": OPENROUTER PROCESSING") + start + done, started, Error::none,
         Verdict::done_marker},
        {"data: null", sse("null") + start + sse("null") + done, started, Error::none, Verdict::done_marker},
        {"empty data", "data:\n\n" + start + "data: \n\ndata\n\n" + done, started, Error::none, Verdict::done_marker},
        {"fields without data", "event: ping\n\nid: 7\n\nretry: 3000\n\n" + start + done, started, Error::none,
         Verdict::done_marker},
        {"an event type nobody knows", "event: ping\ndata: {\"type\":\"ping\"}\n\n" + start + done, started,
         Error::none, Verdict::done_marker},
        {"scalars as data", sse("1") + sse("true") + sse("\"x\"") + sse("[]") + sse("{}") + start + done, started,
         Error::none, Verdict::done_marker},
        {"a byte order mark", "\xEF\xBB\xBF" + start + done, started, Error::none, Verdict::done_marker},
        {"blank lines first", "\n\r\n\n" + start + done, started, Error::none, Verdict::done_marker},
        {"data over several lines",
         "data: {\"id\":\"c1\",\"model\":\"m1\",\ndata:\"choices\":[{\"delta\":\ndata\n"
         "data: {\"content\":\"a\"}}]}\n\n" +
             done,
         started, Error::none, Verdict::done_marker},
        {"no blank behind data:", "data:" + start.substr(6) + "data:[DONE]\n\n", started, Error::none,
         Verdict::done_marker},
        {"not JSON", start + sse("{\"a\":}"), started, Error::bad_json, Verdict::failed},
        {"half of JSON", start + sse("{\"choices\":[{\"delta\":{\"content\":\"b"), started, Error::bad_json,
         Verdict::failed},
        {"JSON and something behind it", start + sse("{} {}"), started, Error::bad_json, Verdict::failed},
        {"a bare word", start + sse("hello"), started, Error::bad_json, Verdict::failed},
        {"nested too deeply", start + sse(std::string(oai::json::max_depth + 1, '[')), started, Error::json_too_deep,
         Verdict::failed},
        {"events before an error in the same piece", start + text("b") + sse("{") + text("c"), started + " text(b)",
         Error::bad_json, Verdict::failed},
        {"a pair of surrogates in two deltas", text("x\\ud83d") + text("\\ude00y") + done,
         "started(c1,m1) text(x) text(\xF0\x9F\x98\x80y)", Error::none, Verdict::done_marker},
        {"half a pair, then something else", text("x\\ud83d") + text("y") + done,
         "started(c1,m1) text(x) text(\xEF\xBF\xBDy)", Error::none, Verdict::done_marker},
        {"half a pair, then the finish", text("x\\ud83d") + finish() + done,
         "started(c1,m1) text(x) text(\xEF\xBF\xBD) finish(stop)", Error::none, Verdict::done_marker},
        {"half a pair, then [DONE]", text("x\\ud83d") + done, "started(c1,m1) text(x) text(\xEF\xBF\xBD)", Error::none,
         Verdict::done_marker},
        {"half a pair, then the end", text("x\\ud83d"), "started(c1,m1) text(x) text(\xEF\xBF\xBD)", Error::truncated,
         Verdict::truncated},
        {"bytes that are not UTF-8", text("a\xFFz\xC3") + done, "started(c1,m1) text(a\xEF\xBF\xBDz\xEF\xBF\xBD)",
         Error::none, Verdict::done_marker},
    };
    size_t runs = 0;
    for (const Row& row : rows) {
        ROW(row.name);
        in_each_way(row.body, "text/event-stream", [&](const Outcome& outcome) {
            ++runs;
            CHECK_EQ(outcome.heard.story, row.story);
            CHECK_EQ(name(outcome.error), name(row.error));
            CHECK(outcome.verdict == row.verdict);
            CHECK(outcome.consistent);
            CHECK_EQ(outcome.heard.ill_formed + outcome.heard.torn, 0);
            CHECK_EQ(outcome.quirks.has(Quirk::no_end_marker), row.verdict == Verdict::finish_then_eof);
        });
        if (row.body.find('\n') == std::string::npos) continue;
        for (const char* const line_end : {"\r\n", "\r"}) {
            INFO("lines end in ", std::string(line_end[1] ? "CR LF" : "CR"));
            std::string body;
            for (const char c : row.body) body += c == '\n' ? std::string(line_end) : std::string(1, c);
            support::GuardedBuffer memory(2048);
            size_t nth = 0;
            corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                if (nth++ % 3 != 0) return;
                INFO(corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces);
                CHECK_EQ(outcome.heard.story, row.story);
                CHECK_EQ(name(outcome.error), name(row.error));
            });
        }
    }
    std::printf("exchange: %zu runs of %zu ways to end\n", runs, sizeof rows / sizeof *rows);
}

TEST_CASE("errors inside a 200 stream, in every shape servers send them") {
    struct Row {
        const char* name;
        std::string body;
        std::string story;
        std::string message, type, code, param;
    };
    const std::string begun = text("a");
    const std::string started = "started(c1,m1) text(a)";
    const Row rows[] = {
        {"(1) an error object", sse("{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":\"P\",\"code\":\"C\"}}"),
         "", "M", "T", "C", "P"},
        {"(1) behind text", begun + sse("{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":null,\"code\":null}}"),
         started, "M", "T", "-", "-"},
        {"(1) with escapes", sse("{\"error\":{\"message\":\"a \\u00e9 \\\"q\\\"\\n\",\"type\":\"\\u0054\"}}"), "",
         "a \xC3\xA9 \"q\"\n", "T", "-", "-"},
        {"(4) event: error, a string", begun + "event: error\ndata: \"M\"\n\n", started, "M", "-", "-", "-"},
        {"(4) event: error, a number", "event: error\ndata: 503\n\n", "", "503", "-", "-", "-"},
        {"(4) event: error, null", "event: error\ndata: null\n\n", "", "-", "-", "-", "-"},
        {"(4) event: error, true", "event: error\ndata: true\n\n", "", "*", "-", "-", "-"},
        {"(4) event: error, an object", "event: error\ndata: {\"error\":{\"message\":\"M\"}}\n\n", "", "M", "-", "-",
         "-"},
        {"(4) event: error, flat", "event: error\ndata: {\"message\":\"M\",\"code\":\"C\",\"param\":\"P\"}\n\n", "",
         "M", "-", "C", "P"},
        {"(4) the type behind the data", begun + "data: {\"message\":\"M\"}\nevent: error\n\n", started, "M", "-", "-",
         "-"},
        {"(5) llama.cpp's error field", begun + "error: {\"code\":500,\"message\":\"M\",\"type\":\"server_error\"}\n\n",
         started, "M", "server_error", "500", "-"},
        {"(5) over two lines", "error: {\"code\":500,\nerror: \"message\":\"M\"}\n\n", "", "M", "-", "500", "-"},
        {"(6) a string", begun + sse("{\"error\":\"M\"}"), started, "M", "-", "-", "-"},
        {"(7) a number as code", sse("{\"error\":{\"message\":\"M\",\"code\":429}}"), "", "M", "-", "429", "-"},
        {"(8) in a list", begun + sse("[{\"error\":{\"code\":429,\"message\":\"M\",\"status\":\"X\"}}]"), started, "M",
         "-", "429", "-"},
        {"(9) error_type and error_message", sse("{\"choices\":null,\"error_type\":\"T\",\"error_message\":\"M\"}"), "",
         "M", "T", "-", "-"},
        {"(10) with a last choice",
         begun + sse("{\"id\":\"c1\",\"error\":{\"code\":502,\"message\":\"M\"},\"choices\":[{\"index\":0,"
                     "\"delta\":{\"content\":\"b\"},\"finish_reason\":\"error\"}]}"),
         started + " text(b) finish(error)", "M", "-", "502", "-"},
        {"(10) as the first event",
         sse("{\"id\":\"c1\",\"error\":{\"code\":502,\"message\":\"M\"},\"choices\":[{\"index\":0,"
             "\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}"),
         "started(c1,-) text() finish(error)", "M", "-", "502", "-"},
        {"(12) older vLLM", sse("{\"object\":\"error\",\"message\":\"M\",\"type\":\"T\",\"param\":null,\"code\":400}"),
         "", "M", "T", "400", "-"},
        {"(13) detail", sse("{\"detail\":\"M\"}"), "", "M", "-", "-", "-"},
        {"inside a choice", begun + choice("\"error\":{\"message\":\"M\",\"code\":\"C\"},\"delta\":{}"), started, "M",
         "-", "C", "-"},
        {"then a finish and [DONE]", begun + sse("{\"error\":{\"message\":\"M\"}}") + finish() + done, started, "M",
         "-", "-", "-"},
        {"of a message longer than 1 KiB", sse("{\"error\":{\"message\":\"" + std::string(1100, 'm') + "\"}}"), "",
         std::string(1100, 'm'), "-", "-", "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        in_each_way(row.body, "text/event-stream", [&](const Outcome& outcome) {
            CHECK_EQ(outcome.heard.story, row.story);
            CHECK_EQ(name(outcome.error), name(Error::server_error));
            CHECK(outcome.verdict == Verdict::failed);
            CHECK(outcome.consistent);
            CHECK_EQ(outcome.status, 200);
            if (row.message != "*") CHECK_EQ(outcome.message, row.message);
            CHECK_EQ(outcome.type, row.type);
            CHECK_EQ(outcome.code, row.code);
            CHECK_EQ(outcome.param, row.param);
        });
    }
}

TEST_CASE("no error: null, false or absent") {
    for (const char* const error :
         {"\"error\":null,", "\"error\":false,", "", "\"detail\":null,", "\"error_message\":null,"}) {
        ROW(*error ? error : "absent");
        const std::string event =
            "{" + std::string(error) + "\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}";
        in_each_way(sse(event) + done, "text/event-stream", [&](const Outcome& outcome) {
            CHECK_EQ(outcome.heard.story, "started(c1,m1) text(a)");
            CHECK_EQ(name(outcome.error), name(Error::none));
        });
    }
}

TEST_CASE("what is no event stream under a 200") {
    struct Row {
        const char* name;
        const char* type;
        std::string body;
        std::string story;
        Error error;
        std::string prefix, message;
    };
    const std::string html = "<!DOCTYPE html><html><body>Please log in</body></html>";
    const std::string plain =
        "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m1\",\"choices\":[{\"index\":0,"
        "\"message\":"
        "{\"role\":\"assistant\",\"content\":\"Hello\",\"tool_calls\":[{\"id\":\"t\",\"type\":\"function\","
        "\"function\":{\"name\":"
        "\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":3,"
        "\"completion_tokens\":2,\"total_tokens\":5}}";
    const std::string plain_story = "started(c1,m1) role(assistant) text(Hello) tool_call(t,f,function) arguments({}) "
                                    "finish(tool_calls) usage(3,2,5)";
    const Row rows[] = {
        {"HTML", "text/html", html, "", Error::not_event_stream, html, "-"},
        {"HTML that says it is an event stream", "text/event-stream", html, "", Error::not_event_stream, html, "-"},
        {"HTML behind blank lines", "text/html", "\n\r\n  \t" + html, "", Error::not_event_stream, html, "-"},
        {"a long HTML page", "text/html", html + std::string(5000, ' ') + "</html>", "", Error::not_event_stream,
         html, "-"},
        {"a whole answer in JSON", "application/json", plain, plain_story, Error::none, "-", "-"},
        {"a whole answer in JSON that says it is an event stream", "text/event-stream", plain, plain_story, Error::none,
         "-", "-"},
        {"a whole answer in JSON behind and before blanks", "application/json", "\n\n  " + plain + "\n\n", plain_story,
         Error::none, "-", "-"},
        {"an error in JSON", "application/json", "{\"error\":{\"message\":\"M\"}}", "", Error::server_error, "-", "M"},
        {"a detail in JSON", "application/json", "{\"detail\":\"M\"}", "", Error::server_error, "-", "M"},
        {"JSON that is no answer", "application/json", "{\"hello\":1}", "", Error::not_event_stream, "*", "-"},
        {"half an answer in JSON", "application/json", plain.substr(0, 90), "", Error::truncated, "*", "-"},
        {"an event stream that says it is JSON", "application/json", short_answer, short_story, Error::none, "-", "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        in_each_way(row.body, row.type, [&](const Outcome& outcome) {
            CHECK_EQ(outcome.heard.story, row.story);
            // The peer said that this is all.
            const bool is_all = row.error == Error::truncated && outcome.is_framed;
            CHECK_EQ(name(outcome.error), name(is_all ? Error::bad_json : row.error));
            CHECK_EQ(outcome.message, row.message);
            if (row.prefix != "*") CHECK_EQ(outcome.body_prefix, row.prefix);
            CHECK(outcome.consistent);
            CHECK_FALSE(outcome.quirks.has(Quirk::no_end_marker));
        });
    }
}

TEST_CASE("done needs something that was understood, or [DONE] alone") {
    struct Row {
        const char* name;
        bool is_responses;
        std::string body;
        Error error;
        const char* prefix;  // the beginning of it; null: any
    };
    const std::string chat_chunk = sse("{\"object\":\"chat.completion.chunk\",\"choices\":[{\"delta\":{\"content\":"
                                       "\"Hi\"}}]}");
    const std::string response_delta = sse("{\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}");
    const std::string messages = "event: message_start\n" + sse("{\"type\":\"message_start\",\"message\":{\"id\":\"x\"}}");
    const Row rows[] = {
        {"Responses events on chat", false, response_delta + done, Error::not_event_stream,
         "data: {\"type\":\"response.output_text.delta\""},
        {"Responses events on chat, no end marker", false, response_delta, Error::not_event_stream, nullptr},
        {"another API's events on chat", false, messages + done, Error::not_event_stream, "event: message_start\ndata:"},
        {"chat events on Responses", true, chat_chunk + done, Error::not_event_stream,
         "data: {\"object\":\"chat.completion.chunk\""},
        {"chat events on Responses, no end marker", true, chat_chunk, Error::not_event_stream, nullptr},
        {"a scalar and [DONE]", false, sse("1") + done, Error::not_event_stream, "data: 1"},
        {"[DONE] alone", false, done, Error::none, nullptr},
        {"comments, empty data and [DONE]", false, ": ping\n\ndata:\n\n" + sse(": ping") + done, Error::none, nullptr},
        {"a chat event and events nobody knows", false, messages + chat_chunk + messages + done, Error::none, nullptr},
        {"[DONE] alone on Responses", true, done, Error::truncated, nullptr},
        {"a delta and [DONE] on Responses", true, response_delta + done, Error::truncated, nullptr},
        {"a completed response and [DONE]", true,
         sse("{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}}") +
             done,
         Error::none, nullptr},
        {"an event that has not ended is not judged", false, "data: {\"type\":\"respon", Error::truncated, nullptr},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces,
                                                   row.is_responses ? oai::BodyOf::responses : oai::BodyOf::chat);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK(outcome.consistent);
                const bool shows = row.error == Error::not_event_stream;
                CHECK_EQ(outcome.body_prefix != "-", shows);
                if (row.prefix) {
                    const std::string begun = std::string(row.prefix).substr(0, outcome.body_prefix.size());
                    CHECK_EQ(outcome.body_prefix.substr(0, begun.size()), begun);
                    if (size != 512) CHECK_EQ(begun, row.prefix);
                }
            });
        }
    }
}

TEST_CASE("the last event without its blank line, in every framing and buffer") {
    const std::string filler(900, 'x');
    struct Row {
        const char* name;
        std::string last;                 // after a text
        std::optional<std::string> story;  // after "started(c1,m1) text(a)"; what is delivered of it before it ends
        Error error;
    };
    const std::string large = "data: {\"choices\":[{\"delta\":{\"content\":\"" + filler + "\"},\"finish_reason\":\"stop\"}]}";
    const Row rows[] = {
        {"small", finish().substr(0, finish().size() - 2), " finish(stop)", Error::none},
        {"larger than the smallest buffer", large, " text(" + filler + ") finish(stop)", Error::none},
        {"[DONE]", "data: [DONE]", "", Error::none},
        {"cut", finish().substr(0, finish().size() - 4), "", Error::truncated},
        {"larger than the smallest buffer, and cut", large.substr(0, large.size() - 1), std::nullopt, Error::truncated},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const char* const line_end : {"\n", "\r\n", "\r", ""}) {
            const std::string body = text("a") + row.last + line_end;
            for (const Way way : ways) {
                for (const size_t size : {512u, 2048u, 16384u}) {
                    support::GuardedBuffer memory(size);
                    size_t nth = 0;
                    corpus::for_each_cut(on_the_wire(way, body), false, [&](const corpus::Pieces& pieces) {
                        if (nth++ % 11 != 1 && pieces.size() != 1) return;
                        INFO("buffer ", size, ", ", std::string(way_names[static_cast<int>(way)]), ", line end of ",
                             std::strlen(line_end), ", ", corpus::describe(pieces));
                        const oai::Buffer buffer(memory.data(), memory.size());
                        const Outcome outcome = outcome_of(buffer, way != Way::body, 200, pieces);
                        if (row.story) CHECK_EQ(outcome.heard.story, "started(c1,m1) text(a)" + *row.story);
                        CHECK_EQ(name(outcome.error), name(row.error));
                        CHECK_EQ(outcome.quirks.count(Quirk::unterminated_event), row.error == Error::none);
                    });
                }
            }
        }
    }
}

TEST_CASE("a body for people: what it says, in one line") {
    struct Row {
        const char* name;
        int status;
        const char* type;
        std::string body;
        Error error;
        std::string message, prefix;  // prefix "*": not looked at
    };
    const Row rows[] = {
        {"plain text under 200", 200, "text/plain", "Ollama is running", Error::not_event_stream, "Ollama is running",
         "Ollama is running"},
        {"its first line", 200, "text/plain", "upstream: error\r\nmore", Error::not_event_stream, "upstream: error",
         "upstream: error\r\nmore"},
        {"plain text that says it is an event stream", 200, "text/event-stream", "no healthy upstream",
         Error::not_event_stream, "no healthy upstream", "no healthy upstream"},
        {"plain text that begins as a field does", 200, "text/plain", "data is not available", Error::not_event_stream,
         "data is not available", "data is not available"},
        {"a line of plain text", 200, "text/plain", "rate limit exceeded\n", Error::not_event_stream,
         "rate limit exceeded", "rate limit exceeded"},
        {"a line that begins as a field does", 200, "text/plain", "down for maintenance\n", Error::not_event_stream,
         "down for maintenance", "down for maintenance"},
        {"a line that ends in CR LF", 200, "text/plain", "internal error\r\n", Error::not_event_stream,
         "internal error", "internal error"},
        {"a line that ends in CR", 200, "text/plain", "error\r", Error::not_event_stream, "error", "error"},
        {"lines with an empty one between", 200, "text/plain", "data missing\n\nretry later\n",
         Error::not_event_stream, "data missing", "data missing\n\nretry later"},
        {"a word that begins with the letter of a field", 200, "text/plain", "idle", Error::not_event_stream, "idle",
         "idle"},
        {"a word that is longer than the field's name", 200, "text/plain", "ids", Error::not_event_stream, "ids",
         "ids"},
        {"the beginning of a field's name", 200, "text/plain", "retr", Error::truncated, "-", "-"},
        {"two letters", 200, "text/plain", "OK", Error::not_event_stream, "OK", "OK"},
        {"one letter that begins a field", 200, "text/plain", "d", Error::truncated, "-", "-"},
        {"plain text as a refusal", 503, "text/plain", "no healthy upstream\n", Error::http_status,
         "no healthy upstream", "no healthy upstream"},
        {"plain text as a refusal, with a colon", 404, "text/plain", "error: no such model\n", Error::http_status,
         "error: no such model", "error: no such model"},
        {"a title", 502, "text/html", "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>x</body></html>",
         Error::http_status, "502 Bad Gateway", "*"},
        {"a title under 200", 200, "text/html", "<!DOCTYPE html><TITLE lang=\"en\">\n  Log in </TITLE>",
         Error::not_event_stream, "Log in", "*"},
        {"an empty title", 500, "text/html", "<html><title> </title>Words", Error::http_status, "-", "*"},
        {"a title that does not end", 500, "text/html", "<html><title>Wo", Error::http_status, "Wo", "*"},
        {"a page without a title", 500, "text/html", "<html>Words</html>", Error::http_status, "-",
         "<html>Words</html>"},
        {"a control character ends it", 500, "text/plain", "a\tb \x1b[31m", Error::http_status, "a\tb", "a\tb"},
        {"a vertical tab ends it", 500, "text/plain", "a\tb \vc", Error::http_status, "a\tb", "a\tb"},
        {"a form feed ends it", 500, "text/plain", "a\fb", Error::http_status, "a", "a"},
        {"a form feed ends a title", 500, "text/html", "<title>a\fb</title>", Error::http_status, "a", "<title>a"},
        {"DEL ends it", 500, "text/plain", "a\x7F" "b", Error::http_status, "a", "a"},
        {"C1 ends it", 500, "text/plain", "a\xC2\x9B" "b", Error::http_status, "a", "a"},
        {"what is above C1 does not", 500, "text/plain", "a\xC2\xA0" "b", Error::http_status, "a\xC2\xA0" "b",
         "a\xC2\xA0" "b"},
        {"what is not UTF-8 ends it", 500, "text/plain", "a\xFF" "b", Error::http_status, "a", "a"},
        {"a title is not printed behind what is not UTF-8", 500, "text/html", "<title>a \xE8 b</title>",
         Error::http_status, "a", "<title>a"},
        {"half a character at the end", 500, "text/plain", "a\xE2\x82", Error::http_status, "a", "a"},
        {"JSON that is no answer", 200, "application/json", "{\"hello\":\n1}", Error::not_event_stream, "-",
         "{\"hello\":\n1}"},
        {"bytes that are no text", 200, "text/event-stream", "\x1F\x8B\x08\x01\x02", Error::not_event_stream, "-", "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            const std::string bytes = counted_answer(row.status, row.type, row.body);
            corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK_EQ(outcome.message, row.message);
                if (row.prefix != "*") CHECK_EQ(outcome.body_prefix, row.prefix.substr(0, size / 8));
                CHECK(conversation::is_utf8(outcome.message));
                CHECK(conversation::is_utf8(outcome.body_prefix));
            });
        }
    }
    ROW("a title far down the page");
    const std::string page = "<!DOCTYPE html><!--" + std::string(700, 'x') + "--><title>Error 1015</title>" +
                             std::string(9000, 'y');
    support::GuardedBuffer memory(2048);
    corpus::for_each_cut(counted_answer(429, "text/html", page), true, [&](const corpus::Pieces& pieces) {
        const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
        CHECK_EQ(outcome.message, "Error 1015");
        CHECK_EQ(outcome.body_prefix, page.substr(0, 256));
    });
}

TEST_CASE("after the end there is room for what shows that the link has ended, however full the buffer was") {
    const std::string answer = conversation::chunked_answer(text("a") + finish() + done);
    for (size_t size = 512; size <= 800; ++size) {
        ROW(std::to_string(size));
        support::GuardedBuffer memory(size);
        Exchange exchange(oai::Buffer(memory.data(), memory.size()));
        REQUIRE(exchange.begin(server, ask) == Error::none);
        send_all(exchange);
        Heard heard;
        CHECK(feed(exchange, answer, heard) == Poll::done);
        CHECK(exchange.is_reusable());
        CHECK(exchange.incoming().size != 0);
    }
}

TEST_CASE("an event that is no JSON is shown") {
    struct Row {
        const char* name;
        std::string event, prefix;
    };
    const Row rows[] = {
        {"a heartbeat that is a word", sse("ping"), "ping"},
        {"a heartbeat that is a time", sse("2024-04-07 20:20:50.554328"), "2024-04-07 20:20:50.554328"},
        {"data: twice", sse("data: {\"choices\":[]}"), "data: {\"choices\":[]}"},
        {"control characters", "data: x\ndata: y\x1b[31m\x9F\n\n", "x\ny"},
        {"a keep-alive within the JSON", "data: {\"choices\":[{\"delta\":{},\"finish: keepalive\n\n",
         "{\"choices\":[{\"delta\":{},\"finish: keepalive"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(text("a") + row.event + done, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces);
                CHECK_EQ(outcome.heard.story, "started(c1,m1) text(a)");
                CHECK_EQ(name(outcome.error), name(Error::bad_json));
                CHECK_EQ(outcome.body_prefix, row.prefix);
            });
        }
    }
}

TEST_CASE("what a refusal says has no escapes, also where it is read in parts") {
    const std::string filler(3000, 'x');
    const std::string words = "\"code\":\"quota\\u0041\",\"type\":\"t\\u0042\",\"param\":\"p\\n\\u00e9\"";
    const std::string bodies[] = {
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":\"" + filler + "\"}",
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\",\"more\":\"" + filler,           // cut
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":[" + filler + "]}",    // no JSON
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\"}}",
        "{" + words + ",\"message\":\"m\\u0043\",\"more\":\"" + filler + "\"}",
        "data: {\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":\"" + filler + "\"}\n\n",
        "data: {\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":\"" + filler,
    };
    for (const std::string& body : bodies) {
        ROW(body.substr(0, 30).c_str());
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            for (const int status : {429, 200}) {
                if (status == 200 && (body.back() != '}' || body.find('[') != std::string::npos)) continue;
                const std::string bytes = counted_answer(status, "application/json", body);
                corpus::for_each_cut(bytes, true, [&](const corpus::Pieces& pieces) {
                    INFO("buffer ", size, ", ", status, ", ", corpus::describe(pieces));
                    const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                    if (status != 200) CHECK_EQ(name(outcome.error), name(Error::http_status));
                    if (oai::blame(outcome.error) != oai::Blame::server) return;  // not an error in every dialect
                    CHECK_EQ(outcome.code, "quotaA");
                    CHECK_EQ(outcome.type, "tB");
                    CHECK_EQ(outcome.param, "p\n\xC3\xA9");
                    CHECK_EQ(outcome.message, "mC");
                });
            }
        }
    }
}

TEST_CASE("an event stream that refuses: what its last event says counts, and is text") {
    struct Row {
        const char* name;
        std::string body;
        std::string type, code, message;
    };
    const std::string ill_formed = std::string("\xFF") + std::string(700, '\x83');
    const Row rows[] = {
        {"a code that says nothing, and bytes that come after it",
         "data: {\"code\":0}\n\nevent: " + std::string(600, 'e'), "-", "-", "-"},
        {"a code that says nothing, and an event", "data: {\"code\":0}\n\n" + text(std::string(400, 'y')), "-", "-",
         "-"},
        {"an event with a message comes second", "data: {\"code\":0}\n\n" + sse("{\"error\":{\"message\":\"M\"}}"), "-",
         "-", "M"},
        {"the end comes within an escaped type", "data: {\"error\":{\"type\":\"\\u0054\",\"message\":\"M\",\"x\":\"" +
             std::string(700, 'x'), "T", "-", "M"},
        {"the end comes within what is not UTF-8", "data: {\"error\":{\"type\":\"\xFF\",\"message\":\"" + ill_formed,
         "?", "-", "*"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(512);
        corpus::for_each_cut(row.body, true, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 400, pieces);
            CHECK_EQ(name(outcome.error), name(Error::http_status));
            CHECK_EQ(outcome.type, row.type);
            CHECK_EQ(outcome.code, row.code);
            if (row.message != "*") CHECK_EQ(outcome.message, row.message);
            CHECK(conversation::is_utf8(outcome.message));
        });
    }
}

TEST_CASE("data that is no JSON is passed over, also where it does not fit into the buffer") {
    struct Row {
        const char* name;
        std::string data;
        Error error;
        Verdict verdict;
    };
    const std::string blanks(700, ' '), letters(700, 'a');
    const Row rows[] = {
        {"a comment", ":" + letters, Error::none, Verdict::done_marker},
        {"blanks before a comment", blanks + ":" + letters, Error::none, Verdict::done_marker},
        {"a comment in two lines", ":" + letters + "\ndata: {" + letters, Error::none, Verdict::done_marker},
        {"nothing but blanks", blanks, Error::none, Verdict::done_marker},
        {"blanks before [DONE]", blanks + "[DONE]", Error::none, Verdict::done_marker},
        {"blanks behind [DONE]", "[DONE]" + blanks, Error::none, Verdict::done_marker},
        {"blanks behind [DONE], and more", "[DONE]" + blanks + "x", Error::bad_json, Verdict::failed},
        {"blanks before an event", blanks + "{\"choices\":[]}", Error::none, Verdict::done_marker},
        {"a word", letters, Error::bad_json, Verdict::failed},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            const std::string body = text("a") + "data: " + row.data + "\n\n" + done;
            corpus::for_each_cut(body, true, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces);
                CHECK_EQ(outcome.heard.story, "started(c1,m1) text(a)");
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK(outcome.verdict == row.verdict);
            });
        }
    }
}

TEST_CASE("blanks before a body that is JSON are no event's, however they come") {
    const std::string completed =
        "{\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\"}}";
    for (const std::string before : {" ", "\n", "\r\n \t", "\xEF\xBB\xBF"}) {
        for (const std::string& json : {completed, std::string("{\"type\":\"response.completed\"}")}) {
            ROW((before + json).c_str());
            support::GuardedBuffer memory(543);
            std::optional<Outcome> whole;
            corpus::for_each_cut(before + json + "\n\n", false, [&](const corpus::Pieces& pieces) {
                INFO(corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 200, pieces,
                                                   oai::BodyOf::responses);
                if (!whole) whole = outcome;
                CHECK(outcome.verdict == whole->verdict);
                CHECK_EQ(name(outcome.error), name(whole->error));
                CHECK_EQ(outcome.heard.story, whole->heard.story);
            });
        }
    }
}

TEST_CASE("the status stays known, whatever is wrong with the head") {
    struct Row {
        const char* name;
        std::string bytes;
        Error error;
        int status;
        std::string message;
    };
    const std::string body = "{\"error\":{\"message\":\"bad key\"}}";
    const Row rows[] = {
        {"a refusal with both lengths", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 31\r\nTransfer-Encoding: "
                                        "chunked\r\n\r\n" + body, Error::http_status, 401, "bad key"},
        {"the other way round", "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\nContent-Length: 31\r\n\r\n" + body,
         Error::http_status, 400, "bad key"},
        {"a refusal with a line that is no field", "HTTP/1.1 400 Bad\r\nnonsense\r\n\r\n" + body, Error::http_status,
         400, "-"},
        {"a refusal with two lengths", "HTTP/1.1 503 Busy\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
         Error::http_status, 503, "-"},
        {"a refusal with an unknown transfer coding", "HTTP/1.1 429 Busy\r\nTransfer-Encoding: gzip\r\n\r\nabcd",
         Error::http_status, 429, "-"},
        {"a refusal whose head is too large", "HTTP/1.1 431 Large\r\nX: " + std::string(70000, 'x'), Error::http_status,
         431, "-"},
        {"a refusal whose head is cut off", "HTTP/1.1 500 Oops\r\nX: ", Error::http_status, 500, "-"},
        {"NUL in the reason", std::string("HTTP/1.1 403 For\0bidden\r\n\r\n", 26), Error::http_status, 403, "-"},
        {"a 200 with a line that is no field", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", Error::bad_header, 200, "-"},
        {"a 200 with both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         Error::bad_framing, 200, "-"},
        {"a 200 after a 100 that is cut off", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX", Error::truncated,
         200, "-"},
        {"a 100 alone", "HTTP/1.1 100 Continue\r\nX: y", Error::truncated, 0, "-"},
        {"half a status", "HTTP/1.1 40", Error::truncated, 0, "-"},
        {"a status with something behind it", "HTTP/1.1 4000 X\r\n\r\n", Error::bad_status_line, 0, "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(row.bytes, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK_EQ(outcome.status, row.status);
                CHECK_EQ(outcome.message, row.message);
                CHECK(outcome.consistent);
                CHECK_FALSE(outcome.reusable);
            });
        }
    }
}

TEST_CASE("a coding that nobody knows: the first byte of the body shows whether it is text") {
    struct Row {
        const char* name;
        std::string fields, body;
        Error error;
    };
    const Row rows[] = {
        {"none, and an event stream", "Content-Encoding: none\r\n", short_answer, Error::none},
        {"a list of them, and blank lines first", "Content-Encoding: utf-8, x\r\n", "\r\n\r\n" + short_answer,
         Error::none},
        {"a byte order mark", "Content-Encoding: utf8\r\n", "\xEF\xBB\xBF" + short_answer, Error::none},
        {"none, and JSON", "Content-Encoding: none\r\n",
         "{\"choices\":[{\"message\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}", Error::none},
        {"dcz, and bytes", "Content-Encoding: dcz\r\n", "\x5E\x2A\x4D\x18", Error::not_event_stream},
        {"dcb, and bytes", "Content-Encoding: dcb\r\n", "\xFF\x44\x43\x42", Error::content_encoding},
        {"none, and gzip", "Content-Encoding: none\r\n", "\x1F\x8B\x08", Error::content_encoding},
        {"none, and HTML", "Content-Encoding: none\r\n", "<html>", Error::not_event_stream},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(2048);
        const std::string bytes = counted_answer(200, "text/event-stream", row.body, row.fields);
        corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
            CHECK_EQ(name(outcome.error), name(row.error));
            if (row.body.find("Hello") != std::string::npos) CHECK_EQ(outcome.heard.story, short_story);
        });
    }
}

TEST_CASE("refusals: the status, the server's words and the first bytes of the body") {
    struct Row {
        const char* name;
        int status;
        std::string body;
        std::string message, type, code;
    };
    const Row rows[] = {
        {"400 with an error object", 400,
         "{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":\"P\",\"code\":\"C\"}}", "M", "T", "C"},
        {"400 with a code of null", 400, "{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":\"P\",\"code\":null}}",
         "M", "T", "-"},
        {"401 with an error string", 401, "{\"error\":\"M\"}", "M", "-", "-"},
        {"404 with a message", 404, "{\"message\":\"M\",\"code\":404}", "M", "-", "404"},
        {"422 with a detail", 422, "{\"detail\":\"M\"}", "M", "-", "-"},
        {"429 in a list", 429, "[{\"error\":{\"message\":\"M\",\"code\":429}}]", "M", "-", "429"},
        {"500 with older vLLM's object", 500, "{\"object\":\"error\",\"message\":\"M\",\"type\":\"T\",\"code\":500}",
         "M", "T", "500"},
        {"500 with a scalar", 500, "\"M\"", "\"M\"", "-", "-"},
        {"502 with HTML", 502, "<html>Bad Gateway</html>", "-", "-", "-"},
        {"503 with plain text", 503, "upstream connect error", "upstream connect error", "-", "-"},
        {"503 with an event stream", 503, "event: error\ndata: {\"error\":{\"message\":\"M\"}}\n\n", "M", "-", "-"},
        {"503 with an event stream, no type", 503, "data: {\"error\":{\"message\":\"M\"}}\n\n", "M", "-", "-"},
        {"504 with nothing", 504, "", "-", "-", "-"},
        {"400 with half of JSON", 400, "{\"error\":{\"mess", "-", "-", "-"},
        {"400 with JSON that goes wrong behind the words", 400,
         "{\"error\":{\"message\":\"a\\u00e9\xFF\",\"type\":\"\\u0054\",\"code\":7}}}", "a\xC3\xA9?", "T", "7"},
        {"400 with an event stream that goes wrong behind the words", 400,
         "data: {\"error\":{\"message\":\"a\\u00e9\xFF\",\"type\":\"\\u0054\",\"code\":7}}}\n\n", "a\xC3\xA9?", "T",
         "7"},
        {"400 with an answer", 400, short_answer, "-", "-", "-"},
        {"302 with nothing", 302, "", "-", "-", "-"},
        {"599 with JSON of no known shape", 599, "{\"a\":1}", "-", "-", "-"},
    };
    support::GuardedBuffer memory(2048);
    for (const Row& row : rows) {
        ROW(row.name);
        for (const bool http : {true, false}) {
            const std::string bytes = http ? counted_answer(row.status, "application/json", row.body) : row.body;
            corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
                INFO(std::string(http ? "over HTTP, " : "body alone, "), corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), http, row.status, pieces);
                CHECK_EQ(name(outcome.error), name(Error::http_status));
                CHECK(outcome.verdict == Verdict::failed);
                CHECK(outcome.consistent);
                CHECK_EQ(outcome.heard.story, "");
                CHECK_EQ(outcome.status, row.status);
                CHECK_EQ(outcome.message, row.message);
                CHECK_EQ(outcome.type, row.type);
                CHECK_EQ(outcome.code, row.code);
                CHECK_EQ(outcome.body_prefix, row.body.empty() ? "-" : printable(row.body.substr(0, 256)));
                CHECK_FALSE(outcome.reusable);
            });
        }
    }
}

TEST_CASE("begin_body: statuses") {
    struct Row {
        int status;
        bool refused;
    };
    const Row rows[] = {{200, false}, {201, false}, {206, false}, {299, false}, {300, true}, {301, true},
                        {400, true},  {404, true},  {429, true},  {500, true},  {599, true}, {999, true}};
    for (const Row& row : rows) {
        ROW(std::to_string(row.status));
        char memory[1024];
        Heard heard;
        Exchange exchange{oai::Buffer(memory)};
        CHECK_EQ(name(exchange.begin_body(oai::BodyOf::chat, row.status, "text/event-stream; charset=utf-8")),
                 name(Error::none));
        CHECK(exchange.outgoing().empty());
        CHECK_FALSE(exchange.wants_to_send());
        Poll said = feed(exchange, short_answer, heard);
        if (said == Poll::pending) {
            exchange.ended();
            said = hear(exchange, heard);
        }
        CHECK(said == (row.refused ? Poll::failed : Poll::done));
        CHECK_EQ(name(exchange.error()), name(row.refused ? Error::http_status : Error::none));
        CHECK_EQ(heard.story, row.refused ? "" : short_story);
        CHECK_EQ(exchange.failure().http_status, row.status);
        CHECK_EQ(shown(exchange.failure().content_type), "text/event-stream; charset=utf-8");
        CHECK_FALSE(exchange.is_reusable());
    }
}

TEST_CASE("the head: what ends the conversation and what is kept of it") {
    struct Row {
        const char* name;
        std::string head;  // without the framing
        Error error;
        std::string request_id, type;
        int64_t retry_after_ms;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string busy = "HTTP/1.1 429 Too Many Requests\r\n";
    const std::string long_id(1000, 'i');
    const Row rows[] = {
        {"nothing but the status", ok, Error::none, "-", "-", -1},
        {"x-request-id", ok + "X-Request-ID:  req_1 \r\n", Error::none, "req_1", "-", -1},
        {"x-request-id in small letters", ok + "x-request-id:req_1\r\n", Error::none, "req_1", "-", -1},
        {"an empty x-request-id", ok + "x-request-id:\r\n", Error::none, "", "-", -1},
        {"a long x-request-id", ok + "X-Request-Id: " + long_id + "\r\n", Error::none,
         std::string(oai::HeadFields::max_bytes, 'i'), "-", -1},
        {"two of them: the first", ok + "X-Request-Id: a\r\nX-Request-Id: b\r\n", Error::none, "a", "-", -1},
        {"content-type", ok + "Content-Type: text/event-stream; charset=utf-8\r\n", Error::none, "-",
         "text/event-stream; charset=utf-8", -1},
        {"a long content-type", ok + "Content-Type: " + std::string(500, 't') + "\r\n", Error::none, "-",
         std::string(oai::HeadFields::max_bytes, 't'), -1},
        {"all kept", ok + "Content-Type: " + std::string(500, 't') + "\r\nX-Request-Id: " + long_id + "\r\n",
         Error::none, std::string(oai::HeadFields::max_bytes, 'i'), std::string(oai::HeadFields::max_bytes, 't'), -1},
        {"identity", ok + "Content-Encoding: Identity\r\n", Error::none, "-", "-", -1},
        {"an empty encoding", ok + "Content-Encoding:\r\n", Error::none, "-", "-", -1},
        {"gzip", ok + "Content-Encoding: gzip\r\n", Error::content_encoding, "-", "-", -1},
        {"br", ok + "Content-Encoding: br\r\n", Error::content_encoding, "-", "-", -1},
        {"identity, gzip", ok + "Content-Encoding: identity, gzip\r\n", Error::content_encoding, "-", "-", -1},
        {"gzip, identity", ok + "Content-Encoding: gzip, identity\r\n", Error::content_encoding, "-", "-", -1},
        {"x-gzip", ok + "Content-Encoding: x-gzip\r\n", Error::content_encoding, "-", "-", -1},
        {"deflate", ok + "Content-Encoding: Deflate\r\n", Error::content_encoding, "-", "-", -1},
        {"zstd", ok + "Content-Encoding:zstd \r\n", Error::content_encoding, "-", "-", -1},
        {"compress", ok + "Content-Encoding: compress\r\n", Error::content_encoding, "-", "-", -1},
        {"one after the other", ok + "Content-Encoding: none , ,\tbr\r\n", Error::content_encoding, "-", "-", -1},
        {"in two fields", ok + "Content-Encoding: gzip\r\nContent-Encoding: identity\r\n", Error::content_encoding,
         "-", "-", -1},
        {"none is no coding", ok + "Content-Encoding: none\r\n", Error::none, "-", "-", -1},
        {"utf-8 is no coding", ok + "Content-Encoding: utf-8, none\r\n", Error::none, "-", "-", -1},
        {"a coding of a long name nobody knows", ok + "Content-Encoding: " + std::string(300, 'x') + "\r\n",
         Error::none, "-", "-", -1},
        {"a refusal that is compressed is still one", busy + "Content-Encoding: gzip\r\n", Error::http_status, "-", "-",
         -1},
        {"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n", Error::unexpected_upgrade, "-", "-", -1},
        {"100 first", "HTTP/1.1 100 Continue\r\n\r\n" + ok, Error::none, "-", "-", -1},
        {"103 with headers first, twice",
         "HTTP/1.1 103 Early Hints\r\nX-Request-Id: no\r\nContent-Encoding: gzip\r\n\r\nHTTP/1.1 103 Early "
         "Hints\r\n\r\n" +
             ok + "X-Request-Id: yes\r\n",
         Error::none, "yes", "-", -1},
        {"retry-after in seconds", busy + "Retry-After: 7\r\n", Error::http_status, "-", "-", 7000},
        {"retry-after with a fraction", busy + "Retry-After: 0.25\r\n", Error::http_status, "-", "-", 250},
        {"retry-after of 0", busy + "Retry-After: 0\r\n", Error::http_status, "-", "-", 0},
        {"retry-after-ms", busy + "Retry-After-Ms: 1500\r\n", Error::http_status, "-", "-", 1500},
        {"retry-after-ms with a fraction", busy + "Retry-After-Ms: 1500.9\r\n", Error::http_status, "-", "-", 1500},
        {"both: the exact one", busy + "Retry-After: 7\r\nRetry-After-Ms: 1500\r\n", Error::http_status, "-", "-",
         1500},
        {"both, the other way round", busy + "Retry-After-Ms: 1500\r\nRetry-After: 7\r\n", Error::http_status, "-", "-",
         1500},
        {"a date", busy + "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n", Error::http_status, "-", "-", -1},
        {"a negative number", busy + "Retry-After: -5\r\n", Error::http_status, "-", "-", -1},
        {"not a number", busy + "Retry-After: nan\r\nRetry-After-Ms: inf\r\n", Error::http_status, "-", "-", -1},
        {"two points", busy + "Retry-After: 1.2.3\r\n", Error::http_status, "-", "-", -1},
        {"points alone", busy + "Retry-After: .\r\nRetry-After-Ms: ...\r\n", Error::http_status, "-", "-", -1},
        {"an empty one", busy + "Retry-After:\r\n", Error::http_status, "-", "-", -1},
        {"retry-after with more digits than count", busy + "Retry-After: 1.23456789\r\n", Error::http_status, "-", "-",
         1234},
        {"retry-after of 49 days", busy + "Retry-After: 4294967\r\n", Error::http_status, "-", "-", 4294967000},
        {"a longer one says nothing", busy + "Retry-After: 4300000\r\n", Error::http_status, "-", "-", -1},
        {"an absurd number", busy + "Retry-After: 99999999999999999999999999\r\n", Error::http_status, "-", "-", -1},
        {"a number of a thousand digits", busy + "Retry-After: " + std::string(1000, '9') + "\r\n", Error::http_status,
         "-", "-", -1},
        {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", Error::bad_status_line, "-", "-", -1},
        {"HTTP/2", "HTTP/2 200 OK\r\n", Error::bad_status_line, "-", "-", -1},
        {"a header without a colon", ok + "nonsense\r\n", Error::bad_header, "-", "-", -1},
        {"a folded header", ok + "X: a\r\n b\r\n", Error::bad_header, "-", "-", -1},
        {"lengths that differ", ok + "Content-Length: 3\r\nContent-Length: 4\r\n", Error::bad_framing, "-", "-", -1},
        {"headers without end", ok + "X: " + std::string(oai::http::max_head_bytes, 'x') + "\r\n",
         Error::head_too_large, "-", "-", -1},
        {"long headers nobody needs", ok + "X: " + std::string(60000, 'x') + "\r\n", Error::none, "-", "-", -1},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            const std::string bytes = row.head + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60);
            corpus::for_each_cut(bytes, size != 2048, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK(outcome.consistent);
                CHECK_EQ(outcome.heard.story, row.error == Error::none ? short_story : "");
                if (row.error == Error::none || row.error == Error::http_status) {
                    CHECK_EQ(outcome.request_id, row.request_id);
                    CHECK_EQ(outcome.content_type, row.type);
                    CHECK_EQ(outcome.retry_after_ms, row.retry_after_ms);
                    CHECK_EQ(outcome.status, row.error == Error::none ? 200 : 429);
                }
            });
        }
    }
}

// How a link ends.
enum class Ends { closes, breaks, is_cut_off };

static void end(Exchange& exchange, Ends how) {
    if (how == Ends::closes) exchange.ended();
    else exchange.failed(how == Ends::breaks ? -104 : oai::Io::cut_off().code());
}

TEST_CASE("what came before an error is handed out before it") {
    struct Row {
        const char* name;
        std::string bytes;  // behind a head that says chunked
        Ends ends;          // then
        Error error;
        Verdict verdict;
    };
    const std::string two = text("a") + text("b");
    const std::string framed = chunked(two, conversation::one_chunk, false);
    const Row rows[] = {
        {"the peer closes", framed, Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes behind the last chunk", chunked(two), Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes in a chunk", framed + "20\r\ndata: {", Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes in a chunk's size", framed + "2", Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes in an event", chunked(two + text("c").substr(0, 50)), Ends::closes, Error::truncated,
         Verdict::truncated},
        {"the peer closes without the last chunk, all finished",
         chunked(two + finish(), conversation::one_chunk, false), Ends::closes, Error::truncated, Verdict::truncated},
        {"the link breaks", framed, Ends::breaks, Error::connection_lost, Verdict::failed},
        {"the link is cut off", framed, Ends::is_cut_off, Error::truncated, Verdict::truncated},
        {"the link breaks in an event", chunked(two + text("c").substr(0, 50), 999, false), Ends::breaks,
         Error::connection_lost, Verdict::failed},
        {"the link breaks behind the last chunk", chunked(two), Ends::breaks, Error::truncated, Verdict::truncated},
        {"a chunk without a size", framed + "\r\n", Ends::closes, Error::bad_chunk, Verdict::failed},
        {"a chunk of no size", framed + "zz\r\n", Ends::closes, Error::bad_chunk, Verdict::failed},
        {"a chunk longer than it says", framed.substr(0, framed.size() - 2) + "xx", Ends::closes, Error::bad_chunk,
         Verdict::failed},
        {"not JSON", chunked(two + sse("{]")), Ends::closes, Error::bad_json, Verdict::failed},
        {"an error", chunked(two + sse("{\"error\":\"x\"}")), Ends::closes, Error::server_error, Verdict::failed},
    };
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(head + row.bytes, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            char memory[1024];
            Exchange exchange{oai::Buffer(memory)};
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Outcome outcome;
            for (size_t index = 0; index < pieces.size(); ++index) {
                const oai::Buffer room = exchange.incoming();
                if (outcome.said == Poll::pending && index + 1 == pieces.size() && room.size >= pieces[index].size()) {
                    // The last piece and the end at the same time.
                    memcpy(room.data, pieces[index].data(), pieces[index].size());
                    exchange.received(pieces[index].size());
                } else if (outcome.said == Poll::pending) {
                    outcome.said = feed(exchange, pieces[index], outcome.heard);
                }
            }
            end(exchange, row.ends);
            outcome.said = hear(exchange, outcome.heard);
            outcome.look(exchange);
            CHECK_EQ(outcome.heard.story,
                     "started(c1,m1) text(a) text(b)" +
                         std::string(row.bytes.find("stop") == std::string::npos ? "" : " finish(stop)"));
            CHECK_EQ(name(outcome.error), name(row.error));
            CHECK(outcome.verdict == row.verdict);
            CHECK(outcome.consistent);
            CHECK_EQ(exchange.failure().transport_code, row.ends == Ends::breaks ? -104 : 0);
        });
    }
}

TEST_CASE("a link that breaks is no end, also where only the end of the link ends the body") {
    struct Row {
        const char* name;
        std::string body;
        Ends ends;
        Error error;
    };
    const Row rows[] = {
        {"it closes, all finished", text("a") + finish(), Ends::closes, Error::none},
        {"it breaks, all finished", text("a") + finish(), Ends::breaks, Error::connection_lost},
        {"it is cut off, all finished", text("a") + finish(), Ends::is_cut_off, Error::truncated},
        {"it is cut off behind the end marker", text("a") + finish() + done, Ends::is_cut_off, Error::none},
        {"it closes in the middle", text("a"), Ends::closes, Error::truncated},
        {"it breaks in the middle", text("a"), Ends::breaks, Error::connection_lost},
        {"it breaks behind the end marker", text("a") + finish() + done, Ends::breaks, Error::none},
        {"it breaks behind an error", text("a") + sse("{\"error\":\"x\"}"), Ends::breaks, Error::server_error},
    };
    for (const Row& row : rows) {
        for (const bool engine : {false, true}) {
            ROW(std::string(row.name) + (engine ? ", begin_body" : ""));
            char memory[1024];
            Exchange exchange{oai::Buffer(memory)};
            if (engine) {
                REQUIRE(exchange.begin_body(oai::BodyOf::chat, 200, "text/event-stream") == Error::none);
            } else {
                REQUIRE(exchange.begin(server, ask) == Error::none);
                send_all(exchange);
            }
            Outcome outcome;
            outcome.said = feed(exchange, (engine ? "" : "HTTP/1.1 200 OK\r\n\r\n") + row.body, outcome.heard);
            const bool is_over = !exchange.is_open();
            end(exchange, row.ends);
            outcome.said = hear(exchange, outcome.heard);
            CHECK_EQ(name(exchange.error()), name(row.error));
            CHECK_EQ(exchange.failure().transport_code, row.ends == Ends::breaks && !is_over ? -104 : 0);
        }
    }
}

TEST_CASE("the first bytes of a page are kept, also when the first read fills the buffer") {
    const std::string page = "<html>" + std::string(5000, 'h');
    for (const char* status : {"200 OK", "502 Bad Gateway"}) {
        for (const size_t size : {512u, 2048u, 16384u}) {
            INFO(status, ", buffer ", size);
            std::vector<char> memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            const std::string bytes = std::string("HTTP/1.1 ") + status + "\r\n\r\n" + page;
            Heard heard;
            for (size_t at = 0; at < bytes.size();) {
                const oai::Buffer room = exchange.incoming();
                const size_t count = std::min(room.size, bytes.size() - at);
                if (count == 0) break;
                memcpy(room.data, bytes.data() + at, count);
                exchange.received(count);
                at += count;
                hear(exchange, heard);
            }
            exchange.ended();
            hear(exchange, heard);
            CHECK_FALSE(exchange.is_open());
            const size_t kept = std::min<size_t>(size / 8, 256);
            CHECK_EQ(std::string(exchange.failure().body_prefix), page.substr(0, kept));
        }
    }
}

TEST_CASE("the request comes out the same in pieces of any size, and not a byte of it after the end") {
    const std::string prompt(3000, 'p');
    const oai::ChatRequest large("m", oai::StringView(prompt));
    std::string whole;
    for (const size_t size : {512u, 1000u, 2048u, 16384u}) {
        for (const size_t piece : {100000u, 1u, 2u, 3u, 7u, 100u, 1000u}) {
            INFO("buffer ", size, ", pieces of ", piece);
            support::GuardedBuffer memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin(server, large) == Error::none);
            CHECK(exchange.wants_to_send());
            std::string sent;
            while (!exchange.outgoing().empty()) {
                const oai::StringView bytes = exchange.outgoing();
                CHECK(bytes.data() >= memory.data());
                CHECK(bytes.end() <= memory.data() + memory.size());
                const std::string now(bytes.take(piece));
                sent += now;
                exchange.sent(now.size());
                Heard heard;
                CHECK(hear(exchange, heard) == Poll::pending);
            }
            CHECK_FALSE(exchange.wants_to_send());
            if (whole.empty()) whole = sent;
            CHECK(sent == whole);
            CHECK_EQ(exchange.stats().sent_bytes, sent.size());
            Heard heard;
            CHECK(feed(exchange, conversation::chunked_answer(short_answer), heard) == Poll::done);
            CHECK(exchange.outgoing().empty());
        }
    }
    const size_t head = whole.find("\r\n\r\n") + 4;
    CHECK_EQ(whole.find("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n"), 0);
    CHECK(whole.find("\r\nContent-Length: " + std::to_string(whole.size() - head) + "\r\n") < head);
    CHECK_EQ(whole.substr(head, 13), "{\"model\":\"m\",");
}

TEST_CASE("outgoing stays as it is until sent says otherwise") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    const std::string prompt(3000, 'p');
    const oai::ChatRequest large("m", oai::StringView(prompt));
    REQUIRE(exchange.begin(server, large) == Error::none);
    const oai::StringView first = exchange.outgoing();
    const std::string bytes(first);
    Heard heard;
    CHECK(feed(exchange, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-Request-Id: abc\r\n", heard) ==
          Poll::pending);
    CHECK(exchange.outgoing().data() == first.data());
    CHECK(std::string(exchange.outgoing()) == bytes);
    exchange.sent(10);
    CHECK(exchange.outgoing().data() == first.data() + 10);
    CHECK(std::string(exchange.outgoing()) == bytes.substr(10));
}

TEST_CASE("without a conversation: nothing to send, no room, polls fail") {
    struct Row {
        const char* name;
        Error error;
        void (*run)(Exchange&);
    };
    const Row rows[] = {
        {"default-constructed", Error::not_open, [](Exchange& e) { e = Exchange(); }},
        {"with memory, not begun", Error::not_open, [](Exchange&) {}},
        {"begun without memory", Error::buffer_too_small, [](Exchange& e) { e = Exchange(), e.begin(server, ask); }},
        {"begun without memory, a body", Error::buffer_too_small,
         [](Exchange& e) { e = Exchange(), e.begin_body(oai::BodyOf::chat, 200, ""); }},
        {"stopped", Error::cancelled, [](Exchange& e) {
             e.begin(server, ask);
             e.stop(Verdict::cancelled, Error::cancelled);
         }},
        {"done", Error::none, [](Exchange& e) {
             Heard heard;
             e.begin_body(oai::BodyOf::chat, 200, "");
             feed(e, done, heard);
         }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[1024];
        Exchange exchange{oai::Buffer(memory)};
        row.run(exchange);
        for (int twice = 0; twice < 2; ++twice) {
            CHECK_EQ(name(exchange.error()), name(row.error));
            CHECK(exchange.outgoing().empty());
            CHECK_EQ(exchange.incoming().size, 0);
            CHECK_FALSE(exchange.is_open());
            CHECK_FALSE(exchange.wants_to_send());
            CHECK_FALSE(exchange.is_reusable());
            CHECK_FALSE(exchange.can_drain());
            Event event;
            oai::SseEvent raw;
            CHECK(exchange.poll(event) == (row.error == Error::none ? Poll::done : Poll::failed));
            CHECK(exchange.poll(raw) == (row.error == Error::none ? Poll::done : Poll::failed));
            exchange.ended();
            exchange.failed(1);
            exchange.stop_sending();
            exchange.stop(Verdict::failed, Error::closed);
        }
    }
}

TEST_CASE("begin in the middle of an answer forgets all of it") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    for (size_t cut = 1; cut < short_answer.size(); cut += 3) {
        INFO("after ", cut, " bytes");
        Heard heard;
        REQUIRE(exchange.begin_body(oai::BodyOf::chat, 200, "text/event-stream") == Error::none);
        feed(exchange, std::string_view(short_answer).substr(0, cut), heard);
        CHECK_EQ(exchange.begin_body(oai::BodyOf::chat, 200, ""), Error::none);
        CHECK_EQ(exchange.stats().received_bytes, 0);
        heard = Heard();
        CHECK(feed(exchange, short_answer, heard) == Poll::done);
        CHECK_EQ(heard.story, short_story);
    }
}

TEST_CASE("typed and raw polls cannot be mixed in one answer") {
    for (const bool typed_first : {true, false}) {
        ROW(typed_first ? "typed first" : "raw first");
        char memory[1024];
        Exchange exchange{oai::Buffer(memory)};
        exchange.begin_body(oai::BodyOf::chat, 200, "");
        Event event;
        oai::SseEvent raw;
        CHECK((typed_first ? exchange.poll(event) : exchange.poll(raw)) == Poll::pending);
        CHECK((typed_first ? exchange.poll(raw) : exchange.poll(event)) == Poll::failed);
        CHECK_EQ(name(exchange.error()), name(Error::mode_fixed));
        CHECK(exchange.failure().blame == oai::Blame::caller);
        CHECK(exchange.poll(event) == Poll::failed);
        CHECK(exchange.poll(raw) == Poll::failed);
        // The next answer may be read the other way.
        exchange.begin_body(oai::BodyOf::chat, 200, "");
        CHECK((typed_first ? exchange.poll(raw) : exchange.poll(event)) == Poll::pending);
    }
}

TEST_CASE("stats and quirks are counted") {
    char memory[2048];
    Exchange exchange{oai::Buffer(memory)};
    Heard heard;
    exchange.begin_body(oai::BodyOf::chat, 200, "");
    std::string body = ": one\n\n: two\n\n";
    body += sse("null") + sse(": a comment") + "data:\n\ndata:\n\n" + sse("{\"object\":\"ping\"}");
    body += text("a\xFF") + text("\\ud800 ") + text("\\udc00") + finish("eos") + text(std::string(700, 'l'));
    CHECK(feed(exchange, body, heard) == Poll::pending);
    exchange.ended();
    CHECK(hear(exchange, heard) == Poll::done);
    const oai::Stats& stats = exchange.stats();
    CHECK_EQ(stats.received_bytes, body.size());
    CHECK_EQ(stats.sent_bytes, 0);
    CHECK_EQ(stats.keepalives, 2);
    CHECK_EQ(stats.events, heard.events);
    CHECK_EQ(stats.largest_event_bytes, text(std::string(700, 'l')).size() - 8);
    CHECK(stats.peak_buffer_bytes > 700);
    CHECK(stats.peak_buffer_bytes <= sizeof memory);
    const oai::Quirks& quirks = exchange.quirks();
    CHECK_EQ(int{quirks.count(Quirk::comment_in_data)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::empty_data)}, 2);
    CHECK_EQ(int{quirks.count(Quirk::unknown_event)}, 2);
    CHECK_EQ(int{quirks.count(Quirk::bad_utf8)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::lone_surrogate)}, 2);
    CHECK_EQ(int{quirks.count(Quirk::unknown_finish_reason)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::no_end_marker)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::early_piece)}, 0);
}

TEST_CASE("a count of quirks stops at 255") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    Heard heard;
    exchange.begin_body(oai::BodyOf::chat, 200, "");
    for (int times = 0; times < 300; ++times) feed(exchange, "data:\n\n", heard);
    CHECK_EQ(int{exchange.quirks().count(Quirk::empty_data)}, 255);
    CHECK_FALSE(exchange.quirks().has(Quirk::bad_utf8));
    exchange.begin_body(oai::BodyOf::chat, 200, "");
    CHECK_FALSE(exchange.quirks().has(Quirk::empty_data));
}

TEST_CASE("whether the connection may carry another request") {
    struct Row {
        const char* name;
        std::string bytes;
        bool can_drain, reusable;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string framed = ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60);
    const Row rows[] = {
        {"chunked, complete", framed, true, true},
        {"chunked, [DONE] and no last chunk", framed.substr(0, framed.size() - 5), true, false},
        {"chunked, half of the last chunk", framed.substr(0, framed.size() - 3), true, false},
        {"chunked, with a trailer", framed.substr(0, framed.size() - 2) + "X: y\r\n\r\n", true, true},
        {"counted, complete", counted_answer(200, "text/event-stream", short_answer), true, true},
        {"counted, bytes to come",
         counted_answer(200, "text/event-stream", short_answer + "\n\n")
             .substr(0, counted_answer(200, "text/event-stream", short_answer + "\n\n").size() - 2),
         true, false},
        {"something behind the message", framed + "H", false, false},
        {"Connection: close", ok + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(short_answer),
         false, false},
        {"HTTP/1.0",
         "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(short_answer.size()) + "\r\n\r\n" + short_answer, false,
         false},
        {"HTTP/1.0 with keep-alive",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: " + std::to_string(short_answer.size()) +
             "\r\n\r\n" + short_answer,
         true, true},
        {"until close", ok + "\r\n" + short_answer, false, false},
        {"a chunk behind [DONE]",
         ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false) + chunked("data: x\n\n"), true,
         true},
        {"a bad chunk behind [DONE]",
         ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false) + "zz\r\n", false, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u}) {
            std::vector<char> memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Heard heard;
            // In one piece behind the last event, so that it is there when [DONE] is read.
            const size_t marker = row.bytes.rfind("data: [DONE]") == std::string::npos
                                      ? row.bytes.size() - 60
                                      : row.bytes.rfind("data: [DONE]");
            CHECK(feed(exchange, std::string_view(row.bytes).substr(0, marker), heard) == Poll::pending);
            const oai::Buffer room = exchange.incoming();
            REQUIRE(room.size >= row.bytes.size() - marker);
            memcpy(room.data, row.bytes.data() + marker, row.bytes.size() - marker);
            exchange.received(row.bytes.size() - marker);
            CHECK(hear(exchange, heard) == Poll::done);
            CHECK_EQ(heard.story, short_story);
            CHECK_EQ(exchange.can_drain(), row.can_drain);
            CHECK_EQ(exchange.is_reusable(), row.reusable);
            exchange.ended();
            CHECK_FALSE(exchange.is_reusable());
            CHECK_FALSE(exchange.can_drain());
        }
    }
}

TEST_CASE("what is left of a message behind [DONE] can be drained, however it comes") {
    const std::string ok = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false);
    const std::string rests[] = {"0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", chunked("data: more\n\n"),
                                 chunked(std::string(9000, '\n'), 1000)};
    for (const std::string& rest : rests) {
        corpus::for_each_cut(rest, rest.size() > 1000, [&](const corpus::Pieces& pieces) {
            char memory[512];
            Exchange exchange{oai::Buffer(memory)};
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Heard heard;
            REQUIRE(feed(exchange, ok, heard) == Poll::done);
            for (std::string_view piece : pieces) {
                while (!piece.empty()) {
                    CHECK(exchange.can_drain());
                    CHECK_FALSE(exchange.is_reusable());
                    const oai::Buffer room = exchange.incoming();
                    const size_t count = std::min(room.size, piece.size());
                    REQUIRE(count > 0);
                    memcpy(room.data, piece.data(), count);
                    exchange.received(count);
                    exchange.drain();
                    piece.remove_prefix(count);
                }
            }
            CHECK(exchange.is_reusable());
            CHECK(exchange.verdict() == Verdict::done_marker);
            CHECK(hear(exchange, heard) == Poll::done);
            CHECK_EQ(heard.story, short_story);
        });
    }
}

TEST_CASE("views of an event stay as they are until the next call") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    exchange.begin_body(oai::BodyOf::chat, 200, "");
    const oai::Buffer room = exchange.incoming();
    memcpy(room.data, short_answer.data(), short_answer.size());
    exchange.received(short_answer.size());
    Event event;
    while (exchange.poll(event) == Poll::event) {
        const std::string text_then(event.text), id_then(event.id), name_then(event.name);
        const Exchange& looking = exchange;
        static_cast<void>(looking.failure().message);
        static_cast<void>(looking.stats().events);
        CHECK_EQ(std::string(event.text), text_then);
        CHECK_EQ(std::string(event.id), id_then);
        CHECK_EQ(std::string(event.name), name_then);
    }
}

TEST_CASE("an exchange can be copied to another place in the middle of anything: it does not point into itself") {
    const std::string bytes = conversation::chunked_answer(short_answer, 50);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
        INFO("after ", cut, " bytes");
        char memory[1024];
        Exchange here{oai::Buffer(memory)};
        REQUIRE(here.begin(server, ask) == Error::none);
        send_all(here);
        Heard heard;
        feed(here, std::string_view(bytes).substr(0, cut), heard);
        Exchange there = here;
        memset(static_cast<void*>(&here), 0x5A, sizeof here);
        const Poll said = feed(there, std::string_view(bytes).substr(cut), heard);
        CHECK(said == Poll::done);
        CHECK_EQ(heard.story, short_story);
    }
}

TEST_CASE("an event that ends with the last byte of the buffer is handed out once") {
    for (const size_t size : {512u, 1024u, 2048u}) {
        std::vector<char> memory(size);
        size_t wrong = 0;
        for (size_t length = 0; length < size + 100; ++length) {
            for (const char* const line_end : {"\n\n", "\r\n\r\n", "\r\r"}) {
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                exchange.begin_body(oai::BodyOf::chat, 200, "");
                std::string event = text(std::string(length, 'x'));
                event.replace(event.size() - 2, 2, line_end);
                Heard heard;
                feed(exchange, event, heard);
                feed(exchange, finish() + done, heard);
                wrong += heard.text.size() != length || heard.torn != 0 || exchange.verdict() != Verdict::done_marker ||
                         heard.story.find("finish(stop)") == std::string::npos;
            }
        }
        INFO("buffer ", size);
        CHECK_EQ(wrong, 0);
    }
}

TEST_CASE("a refusal stops what is still to be sent, any other answer does not") {
    struct Row {
        const char* name;
        const char* head;
        bool goes_on;
    };
    const Row rows[] = {
        {"no answer yet", "", true},
        {"half of a head", "HTTP/1.1 413 X\r\nContent-Len", true},
        {"100", "HTTP/1.1 100 Continue\r\n\r\n", true},
        {"103", "HTTP/1.1 103 Early Hints\r\n\r\n", true},
        {"200", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", true},
        {"299", "HTTP/1.1 299 X\r\nContent-Length: 50\r\n\r\n", true},
        {"300", "HTTP/1.1 300 X\r\nContent-Length: 50\r\n\r\n", false},
        {"413", "HTTP/1.1 413 X\r\nContent-Length: 50\r\n\r\n", false},
        {"500 behind 100", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 X\r\nContent-Length: 50\r\n\r\n", false},
    };
    const std::string prompt(5000, 'p');
    const oai::Endpoint endpoint("http://h/v1");
    const oai::ChatRequest request("m", oai::StringView(prompt));
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[1024];
        Exchange exchange(memory);
        REQUIRE(exchange.begin(endpoint, request) == Error::none);
        exchange.sent(exchange.outgoing().size() / 2);
        Heard heard;
        CHECK(feed(exchange, row.head, heard) == Poll::pending);
        CHECK_EQ(exchange.wants_to_send(), row.goes_on);
        CHECK_EQ(exchange.outgoing().empty(), !row.goes_on);
        CHECK_FALSE(exchange.is_reusable());
        if (row.goes_on) continue;
        CHECK(feed(exchange, "{\"error\":\"no\"}" + std::string(36, ' '), heard) == Poll::failed);
        CHECK_EQ(name(exchange.error()), name(Error::http_status));
        CHECK_EQ(std::string(exchange.failure().message), "no");
        CHECK_FALSE(exchange.is_reusable());
        CHECK_FALSE(exchange.can_drain());
    }
}
