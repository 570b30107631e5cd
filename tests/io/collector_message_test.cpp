// What a Collector gives its program: a message for the next request, and calls that can be run.
#include "io/collector_rows.hpp"
#include "request/written.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

using namespace collected_tests;

TEST_CASE("written back into the next request") {
    struct Written {
        const char* name;
        std::string body;
        const char* json;  // of the assistant's message
    };
    const Written rows[] = {
        {"a text", text("Hi \\\"there\\\"") + finish() + done, R"({"role":"assistant","content":"Hi \"there\""})"},
        {"nothing", done, R"({"role":"assistant","content":""})"},
        {"two calls and no text",
         last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}},"
                    "{'index':1,'id':'b','function':{'name':'g','arguments':''}}") +
             done,
         R"({"role":"assistant","content":null,"tool_calls":[
             {"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}},
             {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]})"},
        {"text and a call without an id",
         text("Let me see.") + last_calls("{'index':0,'function':{'name':'f','arguments':'{}'}}") + done,
         R"({"role":"assistant","content":"Let me see.","tool_calls":[
             {"id":"call_0","type":"function","function":{"name":"f","arguments":"{}"}}]})"},
        {"a call that was cut off", calls("{'index':0,'function':{'arguments':'{'}}"),
         R"({"role":"assistant","content":null,"tool_calls":[
             {"id":"call_0","type":"function","function":{"name":"","arguments":"{"}}]})"},
        {"a text and a refusal: the text", text("Hm.") + choice("\"delta\":{\"refusal\":\"No.\"}") + finish() + done,
         R"({"role":"assistant","content":"Hm."})"},
        {"a refusal", choice("\"delta\":{\"refusal\":\"No.\"}") + finish() + done,
         R"({"role":"assistant","content":null,"refusal":"No."})"},
    };
    for (const Written& row : rows) {
        ROW(row.name);
        char memory[1024];
        Collector message(memory);
        Verdict verdict = Verdict::still_open;
        for (const Kept& kept : events_of(row.body, SIZE_MAX, 16 * 1024, &verdict)) message.add(kept.event());
        message.end(verdict);
        const oai::Message conversation_so_far[] = {oai::Message::user("q"), message.as_message(),
                                                    oai::Message::tool("a", "42")};
        const nlohmann::json sent = written::json_of(oai::ChatRequest("m", conversation_so_far));
        REQUIRE(!sent.is_discarded());
        CHECK_EQ(sent.at("messages").at(1).dump(), nlohmann::json::parse(row.json).dump());
        CHECK_EQ(sent.at("messages").at(2).at("tool_call_id"), "a");
    }
}

TEST_CASE("custom tools are written back as such, calls of the server are not, each choice has its own") {
    char memory[4096];
    Collector message(memory);
    for (const Event& event :
         {call_event("c1", 0, "call_a", "sql", "custom"), piece(EventKind::tool_arguments, "c1", 0, "SELECT 1", -1),
          call_event("m1", 1, "call_b", "search", "mcp"), piece(EventKind::tool_arguments, "m1", 1, "{}", -1)})
        message.add(event);
    Event other = call_event(nullptr, -1, "call_c", "h");
    other.choice = 1;
    message.add(other);
    Event refusal;
    refusal.reset(EventKind::refusal);
    for (const int32_t number : {2, 3}) {
        refusal.choice = number;
        refusal.text = number == 2 ? "two" : "three";
        message.add(refusal);
    }
    const oai::Message all[] = {message.as_message(0), message.as_message(1), message.as_message(2),
                                message.as_message(3)};
    const nlohmann::json sent = written::json_of(oai::ChatRequest("m", all)).at("messages");
    CHECK_EQ(sent.at(0).at("tool_calls").dump(),
             R"([{"custom":{"input":"SELECT 1","name":"sql"},"id":"call_a","type":"custom"}])");
    CHECK_EQ(sent.at(1).at("tool_calls").at(0).at("id"), "call_c");
    CHECK_EQ(sent.at(2).at("refusal"), "two");
    CHECK_EQ(sent.at(3).at("refusal"), "three");
}

TEST_CASE("a refusal in several parts, with what lies between them") {
    char memory[4096];
    Collector message(memory);
    Event text, refusal;
    text.reset(EventKind::text);
    text.text = "a text";
    refusal.reset(EventKind::refusal);
    refusal.text = "No, ";
    refusal.content_index = 0;
    message.add(refusal);
    for (const Event& event : {call_event(nullptr, 0, "call_a", "wipe"),
                               piece(EventKind::tool_arguments, nullptr, 0, "{\"path\":\"/tmp/x\"}", -1), text})
        message.add(event);
    refusal.text = "thank you";
    refusal.content_index = 1;
    message.add(refusal);
    const oai::Message back[] = {message.as_message()};
    const nlohmann::json sent = written::json_of(oai::ChatRequest("m", back)).at("messages").at(0);
    CHECK_EQ(sent.at("content"), "a text");
    CHECK_EQ(sent.at("tool_calls").at(0).at("id"), "call_a");
    CHECK_EQ(sent.at("tool_calls").at(0).at("function").dump(),
             R"({"arguments":"{\"path\":\"/tmp/x\"}","name":"wipe"})");
    CHECK_EQ(std::string(message.refusal()), "No, thank you");
}

TEST_CASE("texts of several parts, whichever of them are empty") {
    const std::string large(1000, 'a');
    for (unsigned empty = 0; empty != 16; ++empty) {
        INFO(empty);
        for (const EventKind kind : {EventKind::text, EventKind::reasoning, EventKind::refusal}) {
            support::GuardedBuffer memory(1900);
            Collector message(oai::Buffer(memory.data(), memory.size()));
            std::string expected;
            for (int32_t part = 0; part != 4; ++part) {
                const std::string text = (empty >> part & 1) != 0 ? "" : part == 1 ? large : std::string(3, "wxyz"[part]);
                REQUIRE(message.add(piece(kind, "m1", 0, text.c_str(), part)) == Error::none);
                expected += text;
            }
            const oai::StringView found = kind == EventKind::text        ? message.text()
                                          : kind == EventKind::reasoning ? message.reasoning()
                                                                         : message.refusal();
            REQUIRE(found.begin() >= memory.data());
            REQUIRE(found.end() <= memory.data() + memory.size());
            CHECK_EQ(std::string(found), expected);
        }
    }
}

TEST_CASE("the messages of a conversation in one buffer") {
    support::GuardedBuffer memory(4000);
    oai::Buffer rest(memory.data(), memory.size());
    std::vector<oai::Message> history;
    std::vector<Collector> messages;
    for (int turn = 0; turn != 6; ++turn) {
        Collector message(rest);
        const std::string body = text("turn " + std::to_string(turn)) +
                                 last_calls("{'index':0,'function':{'name':'f','arguments':'{}'}}") + done;
        for (const Kept& kept : events_of(body)) REQUIRE(message.add(kept.event()) == Error::none);
        const size_t before = rest.size;
        rest = message.release_unused();
        CHECK(before - rest.size < 400);
        messages.push_back(message);
        history.push_back(messages.back().as_message());
        Event more;
        more.reset(EventKind::text);
        more.text = "this does not fit any more";
        CHECK(message.add(more) == Error::message_too_large);
    }
    const nlohmann::json sent = written::json_of(oai::ChatRequest("m", history)).at("messages");
    for (size_t turn = 0; turn != 6; ++turn) {
        CHECK_EQ(sent.at(turn).at("content"), "turn " + std::to_string(turn));
        CHECK_EQ(sent.at(turn).at("tool_calls").at(0).at("id"), "call_0");
    }
}

TEST_CASE("what an agent may run") {
    using Flags = std::vector<bool>;
    const std::pair<std::string, Flags> rows[] = {
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{\\'x\\':1}'}}") + done, {true}},
        // Its arguments may come after a finish reason that stands in every chunk: end() has not been called.
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") + done, {false}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") + done, {false}},
        {last_calls("{'index':0,'id':'a','function':{'name':'','arguments':'{}'}}") + done, {false}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}") + done, {false}},
        {calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}"), {false}},
        {last_calls("{'function':{'name':'f','arguments':'{}'}},{'function':{'name':'g','arguments':'{}'}}") + done,
         {false, false}},
    };
    // Without arguments: with the end of the answer, and not when that was cut.
    const std::pair<std::string, Flags> ended_rows[] = {
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}", "stop") + done, {true}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}", "length") + done, {false}},
        {calls("{'index':0,'id':'a','function':{'name':'f','arguments':''}}") + done, {false}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}", "stop") +
             last_calls("{'index':0,'function':{'arguments':'}'}}", "stop") + done,
         {true}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}") + done, {true}},
        {last_calls("{'index':0,'id':'a','function':{'name':'f','arguments':'{}'}}", "length") + done, {true}},
        // A custom tool's input may be any text: only its end tells that it is whole.
        {last_calls("{'index':0,'id':'a','type':'custom','custom':{'name':'sh','input':'rm -rf /tmp/x'}}") + done,
         {true}},
        {last_calls("{'index':0,'id':'a','type':'custom','custom':{'name':'sh','input':'rm -rf /tmp/x'}}", "length") +
             done,
         {false}},
        {calls("{'index':0,'id':'a','type':'custom','custom':{'name':'sh','input':'rm -rf /tmp/x'}}") +
             finish("content_filter") + done,
         {false}},
        {calls("{'index':0,'id':'a','type':'custom','custom':{'name':'sh','input':'rm -rf /tmp/x'}}") + done, {false}},
    };
    for (const auto& row : ended_rows) {
        ROW(row.first);
        char memory[1024];
        Collector message(memory);
        Verdict verdict = Verdict::still_open;
        for (const Kept& kept : events_of(row.first, SIZE_MAX, 16 * 1024, &verdict)) message.add(kept.event());
        message.end(verdict);
        Flags found;
        for (const oai::MessagePart& call : message.tool_calls()) found.push_back(call.can_run());
        CHECK((found == row.second));
    }
    for (const auto& row : rows) {
        ROW(row.first);
        char memory[1024];
        Collector message(memory);
        for (const Kept& kept : events_of(row.first)) message.add(kept.event());
        Flags found;
        for (const oai::MessagePart& call : message.tool_calls()) found.push_back(call.can_run());
        CHECK((found == row.second));
    }
    // In the Responses API the server runs the one of type "mcp", and a text is no call.
    char memory[1024];
    Collector message(memory);
    for (const Event& event : {piece(EventKind::text, "m1", 0, "a"), call_event("f1", 1, "call_a", "f"),
                               call_event("f2", 2, "call_b", "g", "mcp"), call_event("f3", 3, "call_c", "h"),
                               item_event(EventKind::output_item_done, "f1", 1, "function_call"), finish_event()})
        message.add(event);
    std::string can_run;
    for (const oai::MessagePart& part : message.parts()) can_run += part.can_run() ? "y" : "n";
    CHECK_EQ(can_run, "nynn");  // the last one's own end, and perhaps its arguments, have not come
}

TEST_CASE("a custom tool that was called without input is written back without it") {
    char memory[1024];
    Collector message(memory);
    message.add(call_event("c1", 0, "call_a", "sql", "custom"));
    message.add(call_event("f1", 1, "call_b", "f"));
    const oai::Message back = message.as_message();
    const nlohmann::json sent = written::json_of(oai::ChatRequest("m", {&back, 1})).at("messages").at(0);
    CHECK_EQ(sent.at("tool_calls").at(0).dump(),
             R"({"custom":{"input":"","name":"sql"},"id":"call_a","type":"custom"})");
    CHECK_EQ(sent.at("tool_calls").at(1).at("function").at("arguments"), "{}");
}
