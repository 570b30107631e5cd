// The events of one chat chunk come in one order, in whatever order its keys came.
#include "dialect/chat_readings.hpp"

using namespace chat_cases;

namespace {

// "started(c,m)", "role(x)", "text(x)", "call(id,name,type)", "arguments(x)", "finish(stop)", "usage(1,2,3)"; "#1" is
// of choice 1, "@1" of tool 1.
void tell(std::string& story, const Event& event) {
    const char* const kinds[] = {"started", "role",      "text",   "reasoning", "refusal",
                                 "call",    "arguments", "finish", "usage",     "keepalive"};
    const Usage& usage = event.usage;
    story += story.empty() ? "" : " ";
    story += kinds[static_cast<size_t>(event.kind)];
    if (event.choice != 0) story += "#" + std::to_string(event.choice);
    if (event.tool_index != -1) story += "@" + std::to_string(event.tool_index);
    std::string inside(event.text);
    if (event.kind == EventKind::started) inside = std::string(event.id) + "," + std::string(event.name);
    if (event.kind == EventKind::tool_call)
        inside = std::string(event.id) + "," + std::string(event.name) + "," + inside;
    if (event.kind == EventKind::finish || event.kind == EventKind::role) inside = std::string(event.name);
    if (event.kind == EventKind::usage)
        inside = std::to_string(usage.prompt_tokens) + "," + std::to_string(usage.completion_tokens) + "," +
                 std::to_string(usage.total_tokens);
    story += "(" + inside + (event.more ? "..." : "") + ")";
}

std::string story_of(const std::string& text) {
    support::GuardedBuffer memory(text.size());
    std::memcpy(memory.data(), text.data(), text.size());
    dialect::DocumentReader reader;
    Event event;
    std::string story;
    reader.begin(dialect::chat, dialect::chat_root, memory.data(), memory.data() + memory.size(), true);
    dialect::Outcome outcome = dialect::next_of_chat(reader, event, dialect::chat, {});
    for (; outcome == dialect::Outcome::event; outcome = dialect::next_of_chat(reader, event, dialect::chat, {})) tell(story, event);
    if (outcome == dialect::Outcome::end) return story;
    return story + (outcome == dialect::Outcome::refused ? " refused" : " failed");
}

// Through an Exchange that has room for it, in every cut; of what was read otherwise the first.
std::string wrong_cut(const std::string& text, const std::string& expected) {
    std::string wrong;
    char memory[4096];
    corpus::for_each_cut(as_event(text), false, [&](const corpus::Pieces& pieces) {
        Exchange exchange(memory);
        std::string story;
        if (exchange.begin_body(Api::chat, 200, "text/event-stream") == Error::none)
            feed(exchange, pieces, [&](const Event& event) { tell(story, event); });
        if (exchange.error() == Error::server_error) story += " refused";
        if (wrong.empty() && story != expected) wrong = corpus::describe(pieces) + ": " + story;
    });
    return wrong;
}

std::string joined(const std::vector<std::string>& members) {
    std::string text;
    for (const std::string& member : members) text += (text.empty() ? "" : ",") + member;
    return "{" + text + "}";
}

// An object with these members in each order.
std::vector<std::string> in_each_order(std::vector<std::string> members) {
    std::vector<std::string> objects;
    std::sort(members.begin(), members.end());
    do objects.push_back(joined(members));
    while (std::next_permutation(members.begin(), members.end()));
    return objects;
}

}  // namespace

TEST_CASE("the events of one text come in this order") {
    struct Story {
        const char* name;
        const char* text;
        const char* expected;
    };
    const Story rows[] = {
        {"the reason before the text",
         R"({"id":"c","choices":[{"finish_reason":"stop","delta":{"content":"a"}}]})",
         "started(c,) text(a) finish(stop)"},
        {"the reason before a call, and the index after it",
         R"({"id":"c","choices":[{"finish_reason":"tool_calls","delta":{"tool_calls":[)"
         R"({"function":{"arguments":"{}","name":"f"},"index":1}]},"index":2}]})",
         "started(c,) call#2@1(,f,) arguments#2@1({}) finish#2(tool_calls)"},
        {"the reason before parts",
         R"({"id":"c","choices":[{"finish_reason":"stop","delta":{"content":[{"text":"a"},{"thinking":"b"}]}}]})",
         "started(c,) text(a) reasoning(b) finish(stop)"},
        {"the usage before the choices",
         R"({"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},)"
         R"("choices":[{"finish_reason":"stop","delta":{"content":"a"}}],"id":"c"})",
         "started(c,) text(a) finish(stop) usage(1,2,3)"},
        {"the usage in the choice, before its text",
         R"({"id":"c","choices":[{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},)"
         R"("finish_reason":"stop","delta":{"content":"a"}}]})",
         "started(c,) text(a) finish(stop) usage(1,2,3)"},
        {"an error before the choices",
         R"({"error":{"message":"m"},"id":"c","choices":[{"finish_reason":"error","delta":{"content":"a"}}]})",
         "started(c,) text(a) finish(error) refused"},
        {"each choice ends before the next one begins",
         R"({"id":"c","choices":[{"finish_reason":"stop","delta":{"content":"a"},"index":1},)"
         R"({"index":2,"delta":{"content":"b"},"finish_reason":"length"}]})",
         "started(c,) text#1(a) finish#1(stop) text#2(b) finish#2(length)"},
        {"each chunk of a list ends before the next one begins",
         R"([{"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"choices":[)"
         R"({"finish_reason":"stop","delta":{"content":"a"}}],"model":"m","id":"c"},)"
         R"({"id":"d","choices":[{"index":1,"delta":{"content":"b"}}]},)"
         R"({"choices":[{"finish_reason":"length","index":1}]}])",
         "started(c,m) text(a) finish(stop) usage(1,2,3) text#1(b) finish#1(length)"},
        {"one event of a count in a list", R"([{"id":"c"},{"usage":{"total_tokens":3}}])",
         "started(c,) usage(-1,-1,3)"},
        {"a call's type, name and arguments, each twice",
         R"({"id":"c","choices":[{"delta":{"tool_calls":[{"type":"a","function":{"name":"b","arguments":"c",)"
         R"("arguments":"C","name":"B"},"type":"A"}]}}]})",
         "started(c,) call(,B,A) arguments(C)"},
        {"arguments as a text and as an object", R"({"choices":[{"delta":{"tool_calls":[{"function":{)"
         R"("arguments":"a","arguments":{"b":1}}},{"function":{"arguments":{"b":1},"arguments":"a"}}]}}]})",
         R"(started(,) arguments({"b":1}) arguments(a))"},
        {"two lists of calls", R"({"choices":[{"delta":{"tool_calls":[{"id":"a"}],"tool_calls":[{"id":"b"}]}}]})",
         "started(,) call(b,,)"},
        {"two lists of parts", R"({"choices":[{"delta":{"content":[{"text":"a"}],"content":[{"text":"b"}]}}]})",
         "started(,) text(b)"},
        {"two lists of choices in the first chunk",
         R"({"choices":[{"delta":{"content":"a"}}],"id":"c","choices":[{"delta":{"content":"b"}}]})",
         "started(c,) text(b)"},
    };
    for (const Story& row : rows) {
        ROW(row.name);
        CHECK_EQ(story_of(row.text), row.expected);
        CHECK_EQ(wrong_cut(row.text, row.expected), "");
    }
}

TEST_CASE("the order of keys does not matter") {
    struct Object {
        const char* name;
        std::vector<std::string> members;
        std::string before, behind;
        const char* expected;
    };
    const std::string usage = R"("usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3})";
    const Object objects[] = {
        {"of a chunk",
         {R"("id":"c")", R"("model":"m")", usage, R"("error":null)",
          R"("choices":[{"finish_reason":"stop","delta":{"content":"a"},"index":1}])"},
         "", "", "started(c,m) text#1(a) finish#1(stop) usage(1,2,3)"},
        {"of the first of two choices",
         {R"("index":1)", R"("delta":{"content":"a","role":"r"})", R"("finish_reason":"stop")", usage},
         R"({"id":"c","choices":[)", R"(,{"delta":{"content":"b"},"index":2}]})",
         "started(c,) role#1(r) text#1(a) finish#1(stop) text#2(b) usage(1,2,3)"},
        {"of the second of two choices",
         {R"("index":1)", R"("delta":{"content":"a","role":"r"})", R"("finish_reason":"stop")", usage},
         R"({"id":"c","choices":[{"index":2,"delta":{"content":"b"},"finish_reason":"length"},)", "]}",
         "started(c,) text#2(b) finish#2(length) role#1(r) text#1(a) finish#1(stop) usage(1,2,3)"},
        {"of a delta",
         {R"("content":"a")", R"("role":"r")", R"("reasoning":"b")", R"("refusal":"c")",
          R"("tool_calls":[{"id":"d","index":0}])"},
         R"({"choices":[{"delta":)", R"(,"finish_reason":"stop"}]})",
         "started(,) role(r) reasoning(b) text(a) refusal(c) call@0(d,,) finish(stop)"},
        {"of a delta with parts",
         {R"("content":[{"text":"a"},{"thinking":"b"}])", R"("role":"r")", R"("reasoning":"c")",
          R"("tool_calls":[{"id":"d","index":0}])"},
         R"({"choices":[{"delta":)", R"(,"index":1}]})",
         "started(,) role#1(r) reasoning#1(c) text#1(a) reasoning#1(b) call#1@0(d,,)"},
        {"of the first of two calls",
         {R"("index":3)", R"("id":"a")", R"("type":"t")", R"("function":{"arguments":"{}","name":"f"})"},
         R"({"choices":[{"delta":{"tool_calls":[)", R"(,{"function":{"name":"g","arguments":"[]"},"index":4}]}}]})",
         "started(,) call@3(a,f,t) arguments@3({}) call@4(,g,) arguments@4([])"},
        {"of the second of two calls",
         {R"("index":3)", R"("id":"a")", R"("type":"t")", R"("function":{"name":"f","arguments":{"x":[]}})"},
         R"({"choices":[{"index":2,"delta":{"tool_calls":[{"index":4,"function":{"name":"g","arguments":"[]"}},)",
         "]}}]}", R"(started(,) call#2@4(,g,) arguments#2@4([]) call#2@3(a,f,t) arguments#2@3({"x":[]}))"},
        {"of an error", {R"("message":"m")", R"("type":"t")", R"("code":1)", R"("param":null)"},
         R"({"id":"c","error":)", R"(,"choices":[{"delta":{"content":"a"}}]})", "started(c,) text(a) refused"},
    };
    for (const Object& object : objects) {
        size_t number = 0;
        for (const std::string& text : in_each_order(object.members)) {
            ROW(std::string(object.name) + ", " + std::to_string(++number) + ": " + text);
            const std::string whole = object.before + text + object.behind;
            CHECK_EQ(story_of(whole), object.expected);
            CHECK_EQ(wrong_cut(whole, object.expected), "");
        }
    }
}
