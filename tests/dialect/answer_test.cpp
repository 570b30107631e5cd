// Several chunks as one answer: what is said once, what adds up, what ends it, and errors on the way.
#include "io/conformance_support.hpp"
#include "support/guard_page.hpp"

using namespace conformance;
using openai_stream::Api;
using openai_stream::Quirk;
using openai_stream::Verdict;

namespace {

// "started(id model created)", "role0(x)", "text0(x)" with pieces joined, "call0/1(id name type)", "args0/1(x)",
// "finish0(stop)", "usage(total)", "alive()", then "=>", how it ended, and in brackets the quirks that were counted.
std::string read(size_t buffer_bytes, const corpus::Pieces& pieces) {
    support::GuardedBuffer memory(buffer_bytes);
    Exchange exchange({memory.data(), memory.size()});
    if (exchange.begin_body(Api::chat, 200, "text/event-stream") != Error::none) return describe(exchange.error());
    Answer answer;
    std::string log, last;
    bool more = false;
    feed(exchange, pieces, [&](const Event& event) {
        answer.take(event);
        const std::string choice = std::to_string(event.choice), text = event.text;
        const std::string call = choice + "/" + (event.tool_index < 0 ? "-" : std::to_string(event.tool_index));
        std::string head, inside = text;
        switch (event.kind) {
            case EventKind::started:
                head = "started";
                inside = std::string(event.id) + " " + std::string(event.name) + " " + std::to_string(event.created);
                break;
            case EventKind::role: head = "role" + choice, inside = std::string(event.name); break;
            case EventKind::text: head = "text" + choice; break;
            case EventKind::reasoning: head = "reasoning" + choice; break;
            case EventKind::refusal: head = "refusal" + choice; break;
            case EventKind::tool_call:
                head = "call" + call;
                inside = std::string(event.id) + " " + std::string(event.name) + " " + text;
                break;
            case EventKind::tool_arguments: head = "args" + call; break;
            case EventKind::finish: head = "finish" + choice, inside = std::string(event.name); break;
            case EventKind::usage: head = "usage", inside = std::to_string(event.usage.total_tokens); break;
            case EventKind::keepalive: head = "alive"; break;
            default: break;  // chat has no others unless they are watched for
        }
        if (more && head == last)
            log.pop_back();
        else
            log += (log.empty() ? "" : " ") + head + "(";
        log += inside + ")";
        if (event.kind == EventKind::keepalive) return;
        last = head;
        more = event.more;
    });
    if (!answer.broken.empty()) return answer.broken;
    const Error error = exchange.error();
    std::string end = describe(error);
    if (exchange.verdict() == Verdict::done_marker) end = "done";
    if (exchange.verdict() == Verdict::finish_then_eof) end = "done, unmarked";
    if (exchange.verdict() == Verdict::truncated && error == Error::truncated) end = "truncated";
    if (error == Error::bad_json) end = "bad JSON";
    if (error == Error::server_error) end = "refused: " + std::string(exchange.failure().message);
    const std::pair<Quirk, const char*> names[] = {
        {Quirk::bad_utf8, "utf8"},       {Quirk::lone_surrogate, "surrogate"}, {Quirk::unknown_finish_reason, "reason"},
        {Quirk::unknown_event, "event"}, {Quirk::comment_in_data, "comment"},  {Quirk::empty_data, "empty"},
    };
    std::string quirks;
    for (const auto& name : names)
        for (unsigned count = exchange.quirks().count(name.first); count != 0; --count)
            quirks += (quirks.empty() ? "" : " ") + std::string(name.second);
    if (exchange.quirks().has(Quirk::no_end_marker) != (exchange.verdict() == Verdict::finish_then_eof))
        quirks += "no_end_marker";
    return log + " => " + end + (quirks.empty() ? "" : " [" + quirks + "]");
}

}  // namespace

TEST_CASE("answers of several events") {
    struct Row {
        const char* name;
        std::vector<std::string> data;  // one "data: ...\n\n" each; as it is when it begins with '#'
        const char* outcome;
    };
    const auto text = [](const char* content) {
        return std::string(R"({"id":"c","choices":[{"index":0,"delta":{"content":")") + content + "\"}}]}";
    };
    const std::string stop = R"({"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})";
    const std::string done = "[DONE]";
    const Row rows[] = {
        {"the usual one",
         {R"({"id":"c","model":"m","created":5,"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})",
          text("a"), text("b"), stop, R"({"id":"c","choices":[],"usage":{"total_tokens":7}})", done},
         "started(c m 5) role0(assistant) text0() text0(a) text0(b) finish0(stop) usage(7) => done"},
        {"it starts once",
         {R"({"id":"a","choices":[]})", R"({"id":"b","model":"x","choices":[{"delta":{"content":"t"}}]})", stop, done},
         "started(a  0) text0(t) finish0(stop) => done"},
        {"not with a chunk that says nothing",
         {R"({"id":"","model":"","created":0,"choices":[],"prompt_filter_results":[]})",
          R"({"id":"c","model":"m","created":1,"choices":[{"delta":{"content":"t"}}]})", stop, done},
         "started(c m 1) text0(t) finish0(stop) => done"},
        {"not with an object that is no chunk",
         {R"({"x":1})", text("t"), stop, done},
         "started(c  0) text0(t) finish0(stop) => done [event]"},
        {"not with null", {"null", text("t"), stop, done}, "started(c  0) text0(t) finish0(stop) => done [event]"},
        {"an end without a marker", {text("t"), stop}, "started(c  0) text0(t) finish0(stop) => done, unmarked"},
        {"an end without a reason", {text("t")}, "started(c  0) text0(t) => truncated"},
        {"an empty reason is none",
         {R"({"choices":[{"delta":{"content":"t"},"finish_reason":""}]})"},
         "started(  0) text0(t) => truncated"},
        {"an end with one choice unfinished",
         {R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]})",
          R"({"choices":[{"index":1,"finish_reason":"stop"}]})"},
         "started(  0) text0(a) text1(b) finish1(stop) => truncated"},
        {"an end with both finished",
         {R"({"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]})",
          R"({"choices":[{"index":1,"finish_reason":"stop"}]})",
          R"({"choices":[{"index":0,"finish_reason":"length"}]})"},
         "started(  0) text0(a) text1(b) finish1(stop) finish0(length) => done, unmarked"},
        {"a choice that said nothing has to finish too",
         {R"({"choices":[{"index":0,"finish_reason":"stop"},{"index":1}]})"},
         "started(  0) finish0(stop) => truncated"},
        {"nothing but the marker", {done}, " => done"},
        {"the marker with blanks", {"[DONE]\t ", text("x")}, " => done"},
        {"the marker in two blanks", {"  [DONE]"}, " => done"},
        {"what follows the marker does not count",
         {stop, done, "{oops", R"({"error":"x"})"},
         "started(c  0) finish0(stop) => done"},
        {"a marker with something after it is no JSON", {stop, "[DONE]x"}, "started(c  0) finish0(stop) => bad JSON"},
        {"a marker in quotes is none", {stop, "\"[DONE]\""}, "started(c  0) finish0(stop) => done, unmarked [event]"},
        {"a marker in a text is text",
         {text("[DONE]"), stop, done},
         "started(c  0) text0([DONE]) finish0(stop) => done"},
        {"keep-alive comments",
         {"#: ping\n\n", text("t"), "#:\n\n", stop, "#: end\n", done},
         "alive() started(c  0) text0(t) alive() finish0(stop) alive() => done"},
        {"comments in the wrong place",
         {": OPENROUTER PROCESSING", text("t"), stop, done},
         "started(c  0) text0(t) finish0(stop) => done [comment]"},
        {"events without data",
         {"", text("t"), "#event: ping\n\n", "#data\n\n", stop, done},
         "started(c  0) text0(t) finish0(stop) => done [empty empty]"},
        {"usage in every chunk, and null",
         {R"({"id":"c","choices":[],"usage":{"total_tokens":1}})",
          R"({"id":"c","choices":[],"usage":{"total_tokens":2}})", R"({"id":"c","choices":[],"usage":null})", stop,
          done},
         "started(c  0) usage(1) usage(2) finish0(stop) => done"},
        {"a count of one event is not taken back by the next that lacks it, or says 0",
         {R"({"id":"c","usage":{"total_tokens":1}})", R"({"usage":{"prompt_tokens":2}})",
          R"({"usage":{"total_tokens":0}})", stop, done},
         "started(c  0) usage(1) usage(1) usage(1) finish0(stop) => done"},
        {"nor does it make the next one known",
         {R"({"id":"c","usage":{"total_tokens":1}})", R"({"x":1})", stop, done},
         "started(c  0) usage(1) finish0(stop) => done [event]"},
        {"a time is that of the chunk that starts the answer",
         {R"({"created":5})", R"({"id":"c","choices":[]})", stop, done},
         "started(c  0) finish0(stop) => done [event]"},
        {"usage of the choice that ends",
         {text("t"), R"({"choices":[{"finish_reason":"stop","usage":{"total_tokens":3}}]})", done},
         "started(c  0) text0(t) finish0(stop) usage(3) => done"},
        {"a call in pieces",
         {R"({"id":"c","choices":[{"delta":{"tool_calls":[)"
          R"({"index":0,"id":"i","type":"function","function":{"name":"f","arguments":""}}]}}]})",
          R"({"id":"c","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"a"}}]}}]})",
          R"({"id":"c","choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\":1}"}}]}}]})",
          R"({"id":"c","choices":[{"delta":{},"finish_reason":"tool_calls"}]})", done},
         R"(started(c  0) call0/0(i f function) args0/0() args0/0({"a) args0/0(":1}) finish0(tool_calls) => done)"},
        {"calls of two choices in turn",
         {R"({"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"a"}}]}},)"
          R"({"index":1,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"b"}}]}}]})",
          R"({"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":"stop"}]})", done},
         "started(c  0) args0/0(a) args1/0(b) finish0(stop) finish1(stop) => done"},
        {"a pair cut in two deltas",
         {text("a\\ud83d"), text("\\ude00b"), stop, done},
         "started(c  0) text0(a) text0(\xF0\x9F\x98\x80"
         "b) finish0(stop) => done"},
        {"its second half never comes",
         {text("a\\ud83d"), stop, done},
         "started(c  0) text0(a) text0(\xEF\xBF\xBD) finish0(stop) => done [surrogate]"},
        {"nor before the connection ends",
         {text("a\\ud83d")},
         "started(c  0) text0(a) text0(\xEF\xBF\xBD) => truncated [surrogate]"},
        {"nor does its choice end",
         {text("a\\ud83d"), done},
         "started(c  0) text0(a) text0(\xEF\xBF\xBD) => done [surrogate]"},
        {"a reason nobody knows",
         {R"({"id":"c","choices":[{"finish_reason":"eos"}]})", done},
         "started(c  0) finish0(eos) => done [reason]"},
        {"an error on the way",
         {text("t"), R"({"error":{"message":"busy"}})", text("u"), done},
         "started(c  0) text0(t) => refused: busy"},
        {"an error first", {R"({"error":{"message":"busy"}})", done}, " => refused: busy"},
        {"an error with the last text",
         {R"({"id":"c","error":{"message":"busy"},"choices":[{"delta":{"content":"t"},"finish_reason":"error"}]})"},
         "started(c  0) text0(t) finish0(error) => refused: busy [reason]"},
        {"an event of type error",
         {text("t"), "#event: error\ndata: {\"message\":\"busy\"}\n\n"},
         "started(c  0) text0(t) => refused: busy"},
        {"with a text", {"#event: error\ndata: \"busy\"\n\n"}, " => refused: busy"},
        {"with a number", {"#event: error\ndata: 529\n\n"}, " => refused: 529"},
        {"with null", {"#event: error\ndata: null\n\n"}, " => refused:  [event]"},
        {"that says nothing known", {"#event: error\ndata: {}\n\n"}, " => refused:  [event]"},
        {"llama.cpp's error field",
         {text("t"), "#error: {\"code\":500,\"message\":\"busy\",\"type\":\"server_error\"}\n\n"},
         "started(c  0) text0(t) => refused: busy"},
        {"events of other types are chunks",
         {"#event: completion\ndata: " + stop + "\n\n", done},
         "started(c  0) finish0(stop) => done"},
        {"what is no JSON", {text("t"), "{oops"}, "started(c  0) text0(t) => bad JSON"},
        {"an event that is cut off", {text("t"), "#data: {\"id\""}, "started(c  0) text0(t) => truncated"},
        {"line ends of each kind",
         {"#data: " + text("t") + "\r\n\r\n", "#data: " + stop + "\r\r", "#data: [DONE]\n\n"},
         "started(c  0) text0(t) finish0(stop) => done"},
        {"a chunk in several data lines",
         {"#data: {\"id\":\"c\",\ndata:\"choices\":[{\"delta\"\ndata: :{\"content\":\"t\"}}]}\n\n", stop, done},
         "started(c  0) text0(t) finish0(stop) => done"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string body, wrong;
        for (const std::string& data : row.data)
            body += !data.empty() && data[0] == '#' ? data.substr(1) : "data: " + data + "\n\n";
        for (const unsigned buffer : {16384u, 512u}) {
            corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                const std::string outcome = read(buffer, pieces);
                if (wrong.empty() && outcome != row.outcome)
                    wrong = std::to_string(buffer) + " bytes, " + corpus::describe(pieces) + ": " + outcome;
            });
        }
        CHECK_EQ(wrong, "");
    }
}
