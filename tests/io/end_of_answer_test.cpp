// When an answer is over: what counts as finished, what as an error, and what was said before.
#include "io/exchange_support.hpp"

#include <optional>

namespace oai = openai_stream;

using conversation::choice;
using conversation::done;
using conversation::feed;
using conversation::finish;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::sse;
using conversation::text;
using exchange_support::in_each_way;
using exchange_support::on_the_wire;
using exchange_support::Outcome;
using exchange_support::outcome_of;
using exchange_support::Way;
using exchange_support::way_names;
using exchange_support::ways;
using oai::Error;
using oai::Exchange;
using oai::Quirk;
using oai::Verdict;

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
        {"[DONE] with something after it", start + sse("[DONE]junk"), started, Error::bad_json, Verdict::failed},
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
        {"usage after the finish_reason", start + finish() + sse("{\"choices\":[],\"usage\":{\"total_tokens\":7}}"),
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
        {"no blank after data:", "data:" + start.substr(6) + "data:[DONE]\n\n", started, Error::none,
         Verdict::done_marker},
        {"not JSON", start + sse("{\"a\":}"), started, Error::bad_json, Verdict::failed},
        {"half of JSON", start + sse("{\"choices\":[{\"delta\":{\"content\":\"b"), started, Error::bad_json,
         Verdict::failed},
        {"JSON and something after it", start + sse("{} {}"), started, Error::bad_json, Verdict::failed},
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
        {"(1) after text", begun + sse("{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":null,\"code\":null}}"),
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
        {"(4) the type after the data", begun + "data: {\"message\":\"M\"}\nevent: error\n\n", started, "M", "-", "-",
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
                                                   row.is_responses ? oai::Api::responses : oai::Api::chat);
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

TEST_CASE("an event that ends with the last byte of the buffer is delivered once") {
    for (const size_t size : {512u, 1024u, 2048u}) {
        std::vector<char> memory(size);
        size_t wrong = 0;
        for (size_t length = 0; length < size + 100; ++length) {
            for (const char* const line_end : {"\n\n", "\r\n\r\n", "\r\r"}) {
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                exchange.begin_body(oai::Api::chat, 200, "");
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
