// The body of a chat request, read back by another JSON parser.
#include "support/cuts.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>
#include <vector>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ChatRequest;
using oai::Error;
using oai::IncludeUsage;
using oai::Message;
using oai::Role;
using oai::Tool;
using oai::ToolCall;
using written::json_of;

// Constants need no start-up code.
static constexpr Message constant_messages[] = {Message::system("s"), Message::user("u")};
static constexpr ChatRequest constant_request("m", constant_messages);
static_assert(constant_request.check() == Error::none, "a request is a constant expression");

TEST_CASE("every field arrives") {
    const ToolCall calls[] = {{"call_1", "weather", "{\"city\":\"Paris\"}"}, {"call_2", "time", ""}};
    const Message messages[] = {Message::system("S"), Message::user("U")};
    const json two = json::array({{{"role", "system"}, {"content", "S"}}, {{"role", "user"}, {"content", "U"}}});
    const json hello = json::array({{{"role", "user"}, {"content", "hello"}}});
    ChatRequest request("m", "hello");
    json expected = {{"model", "m"}, {"messages", hello}, {"stream", true}};

    SUBCASE("a model and a prompt") {}
    SUBCASE("an empty prompt is one too") {
        request.prompt = "";
        expected["messages"][0]["content"] = "";
    }
    SUBCASE("a constant") {
        request = constant_request;
        expected["messages"] = json::array({{{"role", "system"}, {"content", "s"}}, {{"role", "user"}, {"content", "u"}}});
    }
    SUBCASE("a conversation") {
        request = ChatRequest("m", messages);
        expected["messages"] = two;
    }
    SUBCASE("a conversation and a prompt behind it") {
        request = ChatRequest("m", messages);
        request.prompt = "hello";
        expected["messages"] = two;
        expected["messages"].push_back(hello[0]);
    }
    SUBCASE("all roles") {
        const Message all[] = {Message::system("1"), Message::developer("2"), Message::user("3"), Message::assistant("4"),
                               Message::tool("call_1", "5")};
        request = ChatRequest("m", all);
        expected["messages"] = json::array({{{"role", "system"}, {"content", "1"}},
                                            {{"role", "developer"}, {"content", "2"}},
                                            {{"role", "user"}, {"content", "3"}},
                                            {{"role", "assistant"}, {"content", "4"}},
                                            {{"role", "tool"}, {"content", "5"}, {"tool_call_id", "call_1"}}});
        CHECK(json_of(request) == expected);
    }
    const json called = json::array({{{"id", "call_1"}, {"type", "function"},
                                      {"function", {{"name", "weather"}, {"arguments", "{\"city\":\"Paris\"}"}}}},
                                     {{"id", "call_2"}, {"type", "function"},
                                      {"function", {{"name", "time"}, {"arguments", ""}}}}});
    Message one;
    request.messages = {&one, 1};
    expected["messages"].insert(expected["messages"].begin(), {{"role", "assistant"}, {"content", "text"}});
    json& first = expected["messages"][0];
    bool with_prompt_only = false;
    SUBCASE("tool calls and a text") {
        one = Message::assistant("text", calls);
        first["tool_calls"] = called;
    }
    SUBCASE("tool calls without a text: the content is null") {
        one = Message::assistant("", calls);
        first["content"] = nullptr;
        first["tool_calls"] = called;
    }
    SUBCASE("tool calls and a text that was not there: the content is null") {
        one = Message::assistant({}, calls);
        first["content"] = nullptr;
        first["tool_calls"] = called;
    }
    SUBCASE("one tool call") {
        one = Message::assistant("text", {calls, 1});
        first["tool_calls"] = json::array({called[0]});
    }
    SUBCASE("no tool calls, and no text: the content is empty") {
        one = Message::assistant({}, {});
        first["content"] = "";
    }
    SUBCASE("a name") {
        one = Message::user("text");
        one.name = "ann";
        first["role"] = "user";
        first["name"] = "ann";
    }
    SUBCASE("a message made field by field") {
        one.role = Role::tool;
        one.content = "text";
        one.tool_call_id = "call_9";
        first["role"] = "tool";
        first["tool_call_id"] = "call_9";
    }
    SUBCASE("a message nobody filled") {
        first["role"] = "user";
        first["content"] = "";
    }
    SUBCASE("a role that is none") {
        one = Message(static_cast<Role>(77), "text");
        first["role"] = "";
    }
    SUBCASE("a role that is zero") {
        one = Message(static_cast<Role>(0), "text");
        first["role"] = "";
    }
    SUBCASE("no message, but options") {
        with_prompt_only = true;
        request.messages = {};
        expected["messages"] = hello;
        const Tool tools[] = {{"weather", "Tells the weather.", "{\"type\":\"object\"}"}, {"time", {}, {}}, {"x", "", "true"}};
        const json told = json::array({{{"type", "function"}, {"function", {{"name", "weather"}, {"description", "Tells the weather."}, {"parameters", {{"type", "object"}}}}}},
                                       {{"type", "function"}, {"function", {{"name", "time"}}}},
                                       {{"type", "function"}, {"function", {{"name", "x"}, {"description", ""}, {"parameters", true}}}}});
        SUBCASE("tools") {
            request.tools = tools;
            expected["tools"] = told;
            CHECK(json_of(request) == expected);
        }
        SUBCASE("usage wanted") {
            request.include_usage = IncludeUsage::yes;
            expected["stream_options"] = {{"include_usage", true}};
            CHECK(json_of(request) == expected);
        }
        SUBCASE("usage not wanted") {
            request.include_usage = IncludeUsage::no;
            expected["stream_options"] = {{"include_usage", false}};
            CHECK(json_of(request) == expected);
        }
        SUBCASE("further members") {
            request.extra_json = "\"temperature\":0.2,\"seed\":7";
            expected["temperature"] = 0.2;
            expected["seed"] = 7;
            CHECK(json_of(request) == expected);
        }
        SUBCASE("no further members") {
            request.extra_json = "";
            CHECK(json_of(request) == expected);
        }
        SUBCASE("everything at once") {
            one = Message::assistant("", calls);
            request.messages = {&one, 1};
            request.tools = tools;
            request.include_usage = IncludeUsage::yes;
            request.extra_json = " \"n\" : 2 ";
            expected["messages"].insert(expected["messages"].begin(),
                                        {{"role", "assistant"}, {"content", nullptr}, {"tool_calls", called}});
            expected["tools"] = told;
            expected["stream_options"] = {{"include_usage", true}};
            expected["n"] = 2;
            CHECK(json_of(request) == expected);
        }
    }
    if (with_prompt_only || request.messages.data == constant_messages) return;
    if (one.content.data() == nullptr && one.tool_calls.empty() && first["content"] == "text") {
        request.messages = {};  // none of the subcases about one message
        expected["messages"].erase(0);
    }
    CHECK(json_of(request) == expected);
}
