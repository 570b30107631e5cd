// The Collector: which server shape becomes which message, through the real engine.
#include "io/collector_rows.hpp"
#include "support/tally.hpp"

using namespace collected_tests;

namespace {

// Everything else that a message has.
struct MessageRow {
    const char* name;
    std::string body;
    std::string message;  // "id model | role finish | parts"
    bool is_complete;
};

const std::vector<MessageRow>& message_rows() {
    static const std::vector<MessageRow> rows = {
        {"a short answer", conversation::short_answer, "c1 m1 | assistant stop | text(Hello, world)", true},
        {"nothing", "", "- - | ", false},
        {"a role that is empty, comes late, and again",
         choice("\"delta\":{\"role\":\"\",\"content\":\"a\"}") + choice("\"delta\":{\"role\":\"assistant\"}") +
             choice("\"delta\":{\"role\":\"assistant\",\"content\":\"b\"}") + finish() + done,
         "c1 m1 | assistant stop | text(ab)", true},
        {"a finish reason stays, whatever comes after it",
         text("a") + finish("tool_calls") + choice("\"delta\":{},\"finish_reason\":\"\"") +
             choice("\"delta\":{},\"finish_reason\":null") + finish("stop") + done,
         "c1 m1 | - tool_calls | text(a)", true},
        {"an unknown finish reason keeps its word", text("a") + finish("eos_token") + done,
         "c1 m1 | - eos_token | text(a)", true},
        {"no choice index, no role",
         sse("{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}") +
             sse("{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}") + done,
         "- - | - stop | text(a)", true},
        {"reasoning before the text, by whatever name",
         choice("\"delta\":{\"reasoning_content\":\"a\"}") + choice("\"delta\":{\"reasoning\":\"b\"}") +
             choice("\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"c\"}]},"
                    "{\"type\":\"text\",\"text\":\"d\"}]}") +
             finish() + done,
         "c1 m1 | - stop | reasoning(abc) text(d)", true},
        {"the same reasoning under two names is taken once",
         choice("\"delta\":{\"reasoning\":\"a\",\"reasoning_content\":\"a\"}") + finish() + done,
         "c1 m1 | - stop | reasoning(a)", true},
        {"a refusal",
         choice("\"delta\":{\"refusal\":\"I \"}") + choice("\"delta\":{\"refusal\":\"won't\"}") + finish() + done,
         "c1 m1 | - stop | refusal(I won't)", true},
        {"choices that take turns",
         of_choice(0, "'delta':{'content':'a'}") + of_choice(2, "'delta':{'content':'x'}") +
             of_choice(0, "'delta':{'content':'b'}") + of_choice(2, "'delta':{'content':'y'}") +
             of_choice(2, "'delta':{},'finish_reason':'length'") + of_choice(0, "'delta':{},'finish_reason':'stop'") +
             done,
         "c1 m1 | - stop | - length | text(ab) text#2(xy)", true},
        {"tool calls of two choices with the same index",
         of_choice(0, "'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}]}") +
             of_choice(1, "'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'['}}]}") +
             of_choice(0, "'delta':{'tool_calls':[{'index':0,'function':{'arguments':'}'}}]},'finish_reason':'x'") +
             of_choice(1, "'delta':{'tool_calls':[{'index':0,'function':{'arguments':']'}}]},'finish_reason':'x'") +
             done,
         "c1 m1 | - x | - x | call(a,f,{}) call#1(a,f,[])", true},
        {"text before, between and after tool calls",
         text("a") + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") + text("b") +
             calls("{'index':0,'function':{'arguments':'}'}}") + text("c") + end_of_calls,
         "c1 m1 | - tool_calls | text(abc) call(a,f,{})", true},
        {"Azure: a filter's chunk after the finish reason, with an empty id and no delta",
         sse("{\"id\":\"\",\"choices\":[],\"prompt_filter_results\":[]}") + text("a") + finish() +
             sse("{\"id\":\"\",\"choices\":[{\"index\":0,\"finish_reason\":null,\"content_filter_results\":{}}]}") +
             done,
         "c1 m1 | - stop | text(a)", true},
        {"text after the finish reason is kept", text("a") + finish() + text("b") + done, "c1 m1 | - stop | text(ab)",
         true},
        {"an answer that ends with [DONE] and no finish reason", text("a") + done, "c1 m1 | - - | text(a)", true},
        {"an answer that is cut off", text("a") + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}"),
         "c1 m1 | - - | text(a)... call(a,f,{)...", false},
        {"one choice of two has ended, twice, then it is cut off",
         of_choice(0, "'delta':{'content':'a'}") + of_choice(1, "'delta':{'content':'x'}") +
             of_choice(0, "'delta':{},'finish_reason':'stop'") + of_choice(0, "'delta':{},'finish_reason':'stop'"),
         "c1 m1 | - stop | - - | text(a) text#1(x)...", false},
        {"an error in the middle", text("a") + sse("{\"error\":{\"message\":\"M\"}}"), "c1 m1 | - - | text(a)...",
         false},
        {"an answer that was not streamed",
         "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":"
         "null,"
         "\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}},"
         "{\"id\":\"b\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]},"
         "\"finish_reason\":\"tool_calls\"}]}",
         "c1 m1 | assistant tool_calls | call(a,f,{}) call(b,g,{})", true},
    };
    return rows;
}

// Those that are no broken calls: such a call is reported again when more of it came.
size_t count_good(const oai::MessageParts& parts) {
    size_t count = 0;
    for (const oai::MessagePart& part : parts) count += !part.has_invalid_json;
    return count;
}

}  // namespace

TEST_CASE("tool calls: every shape servers send, by the rules M1 to M9") {
    for (const Row& row : call_rows()) {
        ROW(row.name);
        for (const size_t step : {SIZE_MAX, size_t{1}}) {
            INFO("step ", step);
            char memory[4096];
            Collector message(memory);
            size_t reported = 0;
            Verdict verdict = Verdict::still_open;
            for (const Kept& kept : events_of(row.body, step, 16 * 1024, &verdict)) {
                CHECK(message.add(kept.event()) == Error::none);
                reported += count_good(message.just_finished());
            }
            message.end(verdict);
            reported += count_good(message.just_finished());
            CHECK_EQ(collected_tests::shown(message.parts()), row.parts);
            CHECK(message.is_complete());
            CHECK_EQ(reported, count_good(message.parts()));  // each of them once
        }
    }
}

TEST_CASE("messages: everything else, whole and byte by byte") {
    for (const MessageRow& row : message_rows()) {
        ROW(row.name);
        for (const size_t step : {SIZE_MAX, size_t{1}}) {
            INFO("step ", step);
            char memory[4096];
            Collector message(memory);
            Verdict verdict = Verdict::still_open;
            for (const Kept& kept : events_of(row.body, step, 16 * 1024, &verdict)) message.add(kept.event());
            message.end(verdict);
            CHECK_EQ(shown(message), row.message);
            CHECK_EQ(message.is_complete(), row.is_complete);
            for (size_t at = 0; at != message.choice_count(); ++at) {
                const StringView word = message.finish_reason_text(message.choice_at(at));
                const oai::FinishReason reason = message.finish_reason(message.choice_at(at));
                CHECK((reason == (word.empty() ? oai::FinishReason::none : oai::to_finish_reason(word))));
            }
        }
    }
}

TEST_CASE("what has just been finished: each part once, at the end of its item or choice") {
    struct Finished {
        const char* name;
        std::string body;
        std::string when;  // the parts, by the event that finished them
    };
    const Finished rows[] = {
        {"text and two calls in parallel: all with the finish reason",
         text("a") + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'[1]'}}") +
             calls("{'index':1,'id':'b','function':{'name':'g','arguments':'{\\'x\\':'}}") +
             calls("{'index':1,'function':{'arguments':'1}'}}") + end_of_calls,
         "finish: text(a) call(a,f,[1]) call(b,g,{\"x\":1})"},
        {"calls without arguments: with the end, since a reason in every chunk does not end them",
         calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}},"
               "{'index':1,'id':'b','function':{'name':'g','arguments':' { } '}}") + end_of_calls,
         "end: call(a,f,) call(b,g, { } )"},
        {"tool_calls in every chunk, nothing first: the call ends once, with its arguments",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") +
             last_calls("{'index':0,'function':{'arguments':'{\\'city\\':\\'X\\'}'}}") + end_of_calls,
         "finish: call(a,f,{\"city\":\"X\"})"},
        {"calls of custom tools: with the end, too",
         last_calls("{'index':0,'id':'a','type':'custom','custom':{'name':'sh','input':'rm -rf /tmp'}}") +
             last_calls("{'index':0,'custom':{'input':'/x'}}") + done,
         "end: call(a,sh,custom,rm -rf /tmp/x)"},
        {"tool_calls in every chunk, {} first",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") +
             last_calls("{'index':0,'function':{'arguments':'{\\'city\\':\\'X\\'}'}}") + end_of_calls,
         "finish: call*(a,f,{\"city\":\"X\"})"},
        {"two choices: each with its own",
         of_choice(0, "'delta':{'content':'a'}") + of_choice(1, "'delta':{'refusal':'x'}") +
             of_choice(1, "'delta':{},'finish_reason':'stop'") + of_choice(0, "'delta':{'content':'b'}") +
             of_choice(0, "'delta':{},'finish_reason':'stop'") + done,
         "finish: refusal#1(x); finish: text(ab)"},
        {"a second finish reason and a late filter report nothing again",
         text("a") + finish() + choice("\"content_filter_results\":{}") + finish() + done, "finish: text(a)"},
        {"usage and what else comes after reports nothing again", conversation::short_answer,
         "finish: text(Hello, world)"},
        {"no finish reason: with the end", text("a") + done, "end: text(a)"},
        {"cut off: never", text("a"), ""},
        {"what comes after the finish reason is not reported a second time", text("a") + finish() + text("b") + done,
         "finish: text(a)"},
        {"a comment after it is no news, and does not report it a second time",
         text("a") + finish() + ": wait\n\n" + done, "finish: text(a)"},
        {"a call that begins after the finish reason: with the end",
         text("a") + finish() + calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") + done,
         "finish: text(a); end: call(a,f,{})"},
    };
    for (const Finished& row : rows) {
        ROW(row.name);
        char memory[4096];
        Collector message(memory);
        std::string when;
        Verdict verdict = Verdict::still_open;
        const auto note = [&](const char* event) {
            if (message.just_finished().empty()) return;
            when += (when.empty() ? "" : "; ") + std::string(event) + ": " +
                    collected_tests::shown(message.just_finished());
        };
        for (const Kept& kept : events_of(row.body, SIZE_MAX, 16 * 1024, &verdict)) {
            message.add(kept.event());
            note(kept.event().kind == EventKind::finish ? "finish" : "other");
        }
        message.end(verdict);
        note("end");
        CHECK_EQ(when, row.when);
    }
}

TEST_CASE("usage is the last that the server gave") {
    char memory[1024];
    Collector message(memory);
    CHECK_EQ(message.usage().total_tokens, -1);
    const std::string body = sse("{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":4}}") +
                             sse("{\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"total_tokens\":9}}") + text("a") +
                             sse("{\"choices\":[],\"usage\":null}") + finish() + done;
    for (const Kept& kept : events_of(body)) message.add(kept.event());
    CHECK_EQ(message.usage().total_tokens, 9);
    CHECK_EQ(message.usage().completion_tokens, -1);
}

TEST_CASE("an event that did not fit into the stream's buffer is collected all the same") {
    const std::string large(3000, 'y');
    const std::string bodies[] = {
        text(large) + finish() + done,
        calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'" + large + "\\'}'}}") +
            end_of_calls,
        calls("{'id':'a','function':{'name':'f','arguments':'{\\'x\\':\\'" + large +
              "\\'}'}},"
              "{'id':'b','function':{'name':'g','arguments':'{\\'x\\':\\'" +
              large + "\\'}'}}") +
            end_of_calls,
        // The id after the arguments, and no index.
        calls("{'function':{'name':'f','arguments':'{\\'x\\':\\'" + large + "\\'}'},'id':'a'}") + end_of_calls,
        calls("{'function':{'arguments':'{\\'x\\':\\'" + large + "\\'}','name':'f'},'id':'a'}") + end_of_calls,
    };
    for (const std::string& body : bodies) {
        ROW(body.substr(0, 120));
        std::string shown_before;
        for (const size_t buffer : {size_t{16 * 1024}, size_t{2048}, size_t{512}})
            for (const size_t step : {size_t{1}, size_t{100}, SIZE_MAX}) {
                INFO(buffer, " bytes, step ", step);
                std::vector<char> memory(16 * 1024);
                Collector message(oai::Buffer(memory.data(), memory.size()));
                for (const Kept& kept : events_of(body, step, buffer)) message.add(kept.event());
                const std::string seen = shown(message);
                if (shown_before.empty()) shown_before = seen;
                CHECK_EQ(seen, shown_before);
                CHECK(message.is_complete());
            }
    }
}

// Its id comes after them, and no other key: they go to the call before, as those of a fragment would.
TEST_CASE("a call whose arguments came in pieces and before its id cannot be run, nor can the one that got them") {
    const std::string large(700, 'y');
    const std::string arguments = "'function':{'arguments':'{\\'x\\':\\'" + large + "\\'}','name':'f'},'id':";
    for (const std::string& key : {std::string(), std::string(",'index':0")}) {
        const std::string body =
            calls("{" + arguments + "'a'" + key + "},{" + arguments + "'b'" + key + "}") + end_of_calls;
        for (const size_t buffer : {size_t{512}, size_t{1024}, size_t{16384}}) {
            ROW(std::to_string(buffer) + " bytes, " + (key.empty() ? "no index" : "index 0"));
            char memory[8 * 1024];
            Collector message(memory);
            for (const Kept& kept : events_of(body, 100, buffer)) message.add(kept.event());
            size_t can_run = 0;
            for (const oai::MessagePart& call : message.tool_calls()) {
                can_run += call.can_run();
                if (call.can_run()) CHECK_EQ(std::string(call.text), "{\"x\":\"" + large + "\"}");
            }
            CHECK((can_run == 2 || buffer != 16384));
        }
    }
}

// ---- events that no Stream makes in this order, as programs and other APIs may ----------------------------------

namespace {

using K = EventKind;

Event early(Event event) {
    event.provisional = true;
    return event;
}
Event numbered(Event event, int32_t item_number) {
    event.item_number = item_number;
    return event;
}
Event at_index(Event event, int32_t tool_index) {
    event.tool_index = tool_index;
    return event;
}
Event in_choice(Event event, int32_t number) {
    event.choice = number;
    return event;
}

}  // namespace

TEST_CASE("keys that contradict each other: each part has what is said to be its own") {
    const struct {
        const char* name;
        std::vector<Event> events;
        std::string parts;
    } rows[] = {
        {"an item that begins without an id where another one is, is that one",
         {item_event(K::output_item_added, "m1", 0), piece(K::text, "m1", 0, "a"),
          item_event(K::output_item_added, nullptr, 0), piece(K::text, nullptr, 0, "b")},
         "text(ab)..."},
        {"one that begins again is the same",
         {item_event(K::output_item_added, "m1", 0), piece(K::text, "m1", 0, "a"),
          item_event(K::output_item_added, "m1", 0), piece(K::text, "m1", 0, "b")},
         "text(ab)..."},
        {"a number for an item that had none: its id tells",
         {piece(K::text, "m1", 0, "a"), numbered(piece(K::text, "m1", 0, "b"), 3)}, "text(ab)..."},
        {"a number for an item that had none: its place tells",
         {piece(K::text, nullptr, 0, "a"), numbered(piece(K::text, nullptr, 0, "b"), 3)}, "text(ab)..."},
        {"another number at the same place is another item",
         {numbered(piece(K::text, nullptr, 0, "a"), 1), numbered(piece(K::text, nullptr, 0, "b"), 2)},
         "text(a)... text(b)..."},
        {"another number with the same id at the same place is the same item",
         {numbered(piece(K::text, "m1", 0, "a"), 1), numbered(piece(K::text, "m1", 0, "b"), 2)}, "text(ab)..."},
        {"another number with the same id elsewhere is another item",
         {numbered(piece(K::text, "m1", 0, "a"), 1), numbered(piece(K::text, "m1", 1, "b"), 2)},
         "text(a)... text(b)..."},
        {"another number with the same id, and no place",
         {numbered(piece(K::text, "m1", 0, "a"), 1), numbered(piece(K::text, "m1", -1, "b"), 2)}, "text(ab)..."},
        {"an index alone is no key of a call in an item",
         {call_event("f1", 0, "call_a", "f"), at_index(call_event(nullptr, -1, "call_b", "g"), 0)},
         "call(call_a,f,)... call(call_b,g,)..."},
        {"arguments in parts before their call, which then comes as a whole",
         {early(more_of(piece(K::tool_arguments, nullptr, -1, "{", -1))),
          early(piece(K::tool_arguments, nullptr, -1, "}", -1)), call_event(nullptr, -1, "call_a", "f")},
         "call(-,-,{})... call(call_a,f,)..."},
        {"arguments in parts before a call of another choice",
         {early(piece(K::tool_arguments, nullptr, -1, "{}", -1)),
          in_choice(early(call_event(nullptr, -1, "call_a", "f")), 1)},
         "call(-,-,{})... call#1(call_a,f,)..."},
        {"the name of a call in parts, and the rest of it",
         {early(call_event(nullptr, -1, "call_a", nullptr)), early(call_event(nullptr, -1, nullptr, "f")),
          early(call_event(nullptr, -1, nullptr, "g"))},
         "call(call_a,fg,)..."},
        {"a guess about an item's call leaves those that have ended",
         {call_event("f1", 0, "call_a", "f"), piece(K::tool_arguments, "f1", 0, "{}", -1),
          item_event(K::output_item_done, "f1", 0, "function_call"), call_event("f2", 1, "call_b", "g"),
          piece(K::tool_arguments, nullptr, -1, "{}", -1)},
         "call(call_a,f,{}) call?(call_b,g,{})..."},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        char memory[4096];
        Collector message(memory);
        for (const Event& event : row.events) CHECK(message.add(event) == Error::none);
        CHECK_EQ(collected_tests::shown(message.parts()), row.parts);
    }
}

TEST_CASE("arguments that are nested deeper than is counted are none that can be run") {
    const std::string opened(UINT16_MAX, '['), closed(UINT16_MAX, ']');
    std::vector<char> memory(300000);
    Collector message(oai::Buffer(memory.data(), memory.size()));
    CHECK(message.add(call_event(nullptr, -1, "a", "f")) == Error::none);
    for (const std::string* text : {&opened, &closed}) {
        Event event = piece(K::tool_arguments, nullptr, -1, nullptr, -1);
        event.text = *text;
        CHECK(message.add(event) == Error::none);
    }
    message.add(finish_event());
    message.end(Verdict::done_marker);
    const oai::MessagePart call = *message.tool_calls().begin();
    CHECK_EQ(call.text.size(), 2 * UINT16_MAX);
    CHECK_FALSE(call.can_run());
}

TEST_CASE("which arguments are an object, of a call that is otherwise complete") {
    const struct {
        const char* text;
        bool can_run;
    } rows[] = {{"{}", true}, {" \n{}", true}, {"[]", false}, {"  ", false}, {"1", false}};
    for (const auto& row : rows) {
        ROW(row.text);
        oai::MessagePart call;
        call.kind = K::tool_call;
        call.is_finished = true;
        call.name = "f";
        call.text = row.text;
        CHECK_EQ(call.can_run(), row.can_run);
    }
}

TEST_CASE("what is not there is none: a choice, memory, and room for one text that is longer than all of it") {
    char memory[400];
    Collector message(memory);
    CHECK_EQ(message.choice_at(0), -1);
    CHECK(message.add(piece(K::text, nullptr, -1, "a")) == Error::none);
    CHECK_EQ(message.choice_at(0), 0);
    CHECK_EQ(message.choice_at(1), -1);
    const std::string large(sizeof memory + 1, 'x');
    Event event = piece(K::text, nullptr, -1, nullptr);
    event.text = large;
    CHECK(message.add(event) == Error::message_too_large);
    CHECK_EQ(std::string(message.text()), "a");
    Collector nothing;
    CHECK_EQ(nothing.release_unused().size, 0);
    for (size_t size = 0; size != 9; ++size) {
        Collector small(oai::Buffer(memory + 1, size));
        CHECK_LE(small.release_unused().size, size);
    }
}
