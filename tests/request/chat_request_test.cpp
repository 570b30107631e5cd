// The body of a chat request, read back by another JSON parser.
#include "support/cuts.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>
#include <type_traits>
#include <vector>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ChatRequest;
using oai::Error;
using oai::Tristate;
using oai::Message;
using oai::Role;
using oai::Tool;
using oai::ToolCall;
using written::json_of;

static constexpr Message constant_messages[] = {Message::system("s"), Message::user("u")};
static constexpr ChatRequest constant_request("m", constant_messages);
static_assert(constant_request.validate() == Error::none, "a request is a constant expression");
static_assert(std::is_trivially_destructible_v<ChatRequest> && std::is_trivially_copyable_v<ChatRequest>, "a view");

namespace {

const ToolCall calls[] = {{"call_1", "weather", "{\"city\":\"Paris\"}"}, {"call_2", "time", ""}};
const Tool tools[] = {
    {"weather", "Tells the weather.", "{\"type\":\"object\"}"},
    {"time", {}, {}},
    {"x", "", " true "},
};

const char* const calls_json =
    R"([{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Paris\"}"}},)"
    R"({"id":"call_2","type":"function","function":{"name":"time","arguments":""}}])";
const char* const tools_json =
    R"([{"type":"function","function":{"name":"weather","description":"Tells the weather.",)"
    R"("parameters":{"type":"object"}}},)"
    R"({"type":"function","function":{"name":"time"}},)"
    R"({"type":"function","function":{"name":"x","description":"","parameters":true}}])";

}  // namespace

TEST_CASE("every field of a message arrives") {
    struct Row {
        const char* name;
        Message message;
        const char* expected;
    };
    const auto with = [](Message message, auto change) {
        change(message);
        return message;
    };
    const Row rows[] = {
        {"system", Message::system("text"), R"({"role":"system","content":"text"})"},
        {"developer", Message::developer("text"), R"({"role":"developer","content":"text"})"},
        {"user", Message::user("text"), R"({"role":"user","content":"text"})"},
        {"assistant", Message::assistant("text"), R"({"role":"assistant","content":"text"})"},
        {"tool", Message::tool("call_1", "text"), R"({"role":"tool","content":"text","tool_call_id":"call_1"})"},
        {"nothing said", Message::user(""), R"({"role":"user","content":""})"},
        {"a text that is not there", Message::user({}), R"({"role":"user","content":""})"},
        {"a message nobody filled", Message(), R"({"role":"user","content":""})"},
        {"tool calls and a text", Message::assistant("text", calls),
         R"({"role":"assistant","content":"text","tool_calls":CALLS})"},
        {"tool calls without a text", Message::assistant("", calls),
         R"({"role":"assistant","content":null,"tool_calls":CALLS})"},
        {"tool calls and a text that is not there", Message::assistant({}, calls),
         R"({"role":"assistant","content":null,"tool_calls":CALLS})"},
        {"no tool calls, no text", Message::assistant("", {}), R"({"role":"assistant","content":""})"},
        {"a name", with(Message::user("text"), [](Message& m) { m.name = "ann"; }),
         R"({"role":"user","content":"text","name":"ann"})"},
        {"an empty name", with(Message::user("text"), [](Message& m) { m.name = ""; }),
         R"({"role":"user","content":"text","name":""})"},
        {"all fields at once",
         with(Message::assistant("text", calls),
              [](Message& m) {
                  m.name = "n";
                  m.tool_call_id = "c";
              }),
         R"({"role":"assistant","content":"text","name":"n","tool_call_id":"c","tool_calls":CALLS})"},
        {"a role that is none", Message(static_cast<Role>(77), "text"), R"({"role":"","content":"text"})"},
        {"a role that is zero", Message(static_cast<Role>(0), "text"), R"({"role":"","content":"text"})"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string expected = row.expected;
        if (expected.find("CALLS") != std::string::npos) expected.replace(expected.find("CALLS"), 5, calls_json);
        const json one = json::parse(expected), user = {{"role", "user"}, {"content", "hello"}};
        ChatRequest request("m", {&row.message, 1});
        CHECK(json_of(request) == json{{"model", "m"}, {"messages", json::array({one})}, {"stream", true}});
        request.prompt = "hello";
        CHECK(json_of(request) == json{{"model", "m"}, {"messages", json::array({one, user})}, {"stream", true}});
        const Message three[] = {row.message, row.message, row.message};
        request = ChatRequest("m", three);
        CHECK(json_of(request) == json{{"model", "m"}, {"messages", json::array({one, one, one})}, {"stream", true}});
    }
}

TEST_CASE("every field of a request arrives") {
    struct Row {
        const char* name;
        void (*change)(ChatRequest& request);
        const char* expected;
    };
    const Row rows[] = {
        {"a model and a prompt", [](ChatRequest&) {}, "{}"},
        {"an empty prompt", [](ChatRequest& r) { r.prompt = ""; }, R"({"messages":[{"role":"user","content":""}]})"},
        {"another model", [](ChatRequest& r) { r.model = "org/\"model\""; }, R"({"model":"org/\"model\""})"},
        {"tools", [](ChatRequest& r) { r.tools = tools; }, R"({"tools":TOOLS})"},
        {"usage wanted", [](ChatRequest& r) { r.include_usage = Tristate::yes; },
         R"({"stream_options":{"include_usage":true}})"},
        {"usage not wanted", [](ChatRequest& r) { r.include_usage = Tristate::no; },
         R"({"stream_options":{"include_usage":false}})"},
        {"usage unset", [](ChatRequest& r) { r.include_usage = Tristate::unset; }, "{}"},
        {"a further member", [](ChatRequest& r) { r.extra_json = "\"temperature\":0.2"; }, R"({"temperature":0.2})"},
        {"further members", [](ChatRequest& r) { r.extra_json = "\n\"a\" : [1,{\"b\":null}] ,\t\"c\":\"\\u00fc}\" "; },
         R"({"a":[1,{"b":null}],"c":"\u00fc}"})"},
        {"no further members", [](ChatRequest& r) { r.extra_json = ""; }, "{}"},
        {"everything at once",
         [](ChatRequest& r) {
             r.messages = constant_messages;
             r.tools = tools;
             r.include_usage = Tristate::yes;
             r.extra_json = "\"n\":2";
         },
         R"({"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"},)"
         R"({"role":"user","content":"hello"}],"tools":TOOLS,"stream_options":{"include_usage":true},"n":2})"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string changed = row.expected;
        if (changed.find("TOOLS") != std::string::npos) changed.replace(changed.find("TOOLS"), 5, tools_json);
        const json hello = {{"role", "user"}, {"content", "hello"}};
        json expected = {{"model", "m"}, {"messages", json::array({hello})}, {"stream", true}};
        expected.update(json::parse(changed));
        ChatRequest request("m", "hello");
        row.change(request);
        CHECK(json_of(request) == expected);
    }
}

TEST_CASE("the bytes of a small request") {
    const oai::Endpoint endpoint("http://localhost");
    CHECK_EQ(written::split(written::whole(endpoint, ChatRequest(constant_request))).body,
             R"({"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}],)"
             R"("stream":true})");
}

TEST_CASE("what a request must have") {
    struct Row {
        const char* name;
        ChatRequest request;
        Error error;
    };
    const Row rows[] = {
        {"a model and a prompt", {"m", "p"}, Error::none},
        {"a model and an empty prompt", {"m", ""}, Error::none},
        {"a model and messages", {"m", constant_messages}, Error::none},
        {"nothing", {}, Error::bad_request_field},
        {"no model", {"", "p"}, Error::bad_request_field},
        {"a model that is not there", {{}, "p"}, Error::bad_request_field},
        {"neither messages nor a prompt", {"m", oai::StringView()}, Error::bad_request_field},
        {"no messages", {"m", oai::List<Message>()}, Error::bad_request_field},
    };
    const oai::Endpoint endpoint("http://localhost");
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK(row.request.validate() == row.error);
        oai::RequestWriter writer;
        CHECK(writer.begin(endpoint, row.request) == row.error);
        CHECK(writer.error() == row.error);
        char window[64];
        CHECK_EQ(writer.write(window, sizeof window) != 0, row.error == Error::none);
    }
}

TEST_CASE("lists are made of arrays, containers, pointers") {
    std::vector<Message> messages = {Message::user("1"), Message::user("2")};
    const std::vector<Message>& constant = messages;
    const std::string from_array = json_of(ChatRequest(constant_request)).dump();
    CHECK_EQ(json_of(ChatRequest("m", messages)).at("messages").size(), 2);
    CHECK_EQ(json_of(ChatRequest("m", constant)).at("messages").size(), 2);
    CHECK_EQ(json_of(ChatRequest("m", {messages.data(), 1})).at("messages").size(), 1);
    ChatRequest request("m", "p");
    request.messages = messages;
    CHECK_EQ(json_of(request).at("messages").size(), 3);
    request.messages = {};
    CHECK_EQ(json_of(request).at("messages").size(), 1);
    size_t count = 0;
    for (const Message& message : ChatRequest("m", messages).messages) count += message.content.size();
    CHECK_EQ(count, 2);
    static_assert(!std::is_constructible_v<oai::List<Message>, std::vector<Message>>, "its elements would be gone");
    static_assert(!std::is_constructible_v<oai::List<Message>, std::vector<ToolCall>&>, "elements of another kind");
    static_assert(!std::is_constructible_v<oai::JsonMembers, std::string>, "its text would be gone");
    static_assert(!std::is_constructible_v<oai::JsonValue, std::string>, "its text would be gone");
}

TEST_CASE("requests made at random are read back as they were") {
    corpus::Random random("requests");
    const auto text = [&] {
        const char* const parts[] = {"a", "\"", "\\", "\n", "\x01", "\xC3\xBC", "\xE2\x82\xAC",
                                     "\xF0\x9F\x98\x80", "plain text, ", "\x7F", "/", "}", "]", ",", "\t",
                                     "0123456789012345678901234567890123456789"};
        std::string all;
        for (size_t left = random.between(0, 12); left != 0; --left) all += parts[random.between(0, 15)];
        return all;
    };
    for (int round = 0; round < 300; ++round) {
        CAPTURE(round);
        std::vector<std::string> texts(400);
        for (std::string& one : texts) one = text();
        size_t used = 0;
        const auto next_text = [&]() -> const std::string& { return texts[used++]; };
        std::vector<std::vector<ToolCall>> all_calls(8);
        std::vector<Message> messages;
        std::vector<Tool> some_tools;
        json expected = {{"model", "m" + texts[0]}, {"messages", json::array()}, {"stream", true}};
        const std::string model = "m" + next_text();
        for (size_t left = random.between(0, 7); left != 0; --left) {
            const char* const names[] = {"system", "developer", "user", "assistant", "tool"};
            const size_t role = random.between(0, 4);
            Message message(static_cast<Role>(role + 1), next_text());
            json one = {{"role", names[role]}, {"content", std::string(message.content)}};
            if (random.between(0, 3) == 0) one["name"] = std::string(message.name = next_text());
            if (random.between(0, 3) == 0) one["tool_call_id"] = std::string(message.tool_call_id = next_text());
            std::vector<ToolCall>& own = all_calls[left];
            for (size_t count = random.between(0, 3); count != 0; --count) {
                own.push_back({next_text(), next_text(), next_text()});
                const std::string id = own.back().id, name = own.back().name, arguments = own.back().arguments;
                const json function = {{"name", name}, {"arguments", arguments}};
                one["tool_calls"].push_back({{"id", id}, {"type", "function"}, {"function", function}});
            }
            message.tool_calls = own;
            if (!own.empty() && message.content.empty()) one["content"] = nullptr;
            messages.push_back(message);
            expected["messages"].push_back(one);
        }
        ChatRequest request(model, messages);
        if (messages.empty() || random.between(0, 1) != 0) {
            request.prompt = next_text();
            expected["messages"].push_back({{"role", "user"}, {"content", std::string(request.prompt)}});
        }
        std::string schema, extra;
        for (size_t left = random.between(0, 3); left != 0; --left) {
            Tool tool(next_text(), {}, {});
            json function = {{"name", std::string(tool.name)}};
            if (random.between(0, 1) != 0) function["description"] = std::string(tool.description = next_text());
            if (random.between(0, 1) != 0) {
                if (schema.empty()) schema = json{{"type", "object"}, {"title", next_text()}}.dump();
                tool.parameters = schema;
                function["parameters"] = json::parse(schema);
            }
            some_tools.push_back(tool);
            expected["tools"].push_back({{"type", "function"}, {"function", function}});
        }
        request.tools = some_tools;
        if (random.between(0, 1) != 0) {
            extra = json{{"a", next_text()}, {"b", {1, 2.5, nullptr}}}.dump();
            extra = extra.substr(1, extra.size() - 2);
            request.extra_json = extra;
            expected.update(json::parse("{" + extra + "}"));
        }
        const oai::Endpoint endpoint("http://localhost");
        const std::string all = written::whole(endpoint, request, random.between(16, 200));
        REQUIRE(json::parse(written::split(all).body, nullptr, false) == expected);
    }
}
