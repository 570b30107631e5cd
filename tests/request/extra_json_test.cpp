// Members that only one server knows, in every object of a request that takes them: they stand there as they were
// given, after everything of ours, and what is not members of a JSON object is refused before a byte is sent.
#include "support/tally.hpp"
#include "written.hpp"

#include <string>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ChatRequest;
using oai::ContentPart;
using oai::Error;
using oai::InputItem;
using oai::JsonMembers;
using oai::Message;
using oai::ResponseRequest;
using oai::Role;
using oai::Tool;
using oai::ToolCall;

namespace {

// The bodies of requests that have `extra` in one place, as JSON; discarded if they cannot be sent.
struct Place {
    const char* name;
    json (*body)(JsonMembers extra);
    const char* where;     // the object, as a JSON pointer
    const char* expected;  // what it is without `extra`
};

template <class Request> json body_of(const Request& request) {
    const oai::Endpoint endpoint("http://localhost");
    oai::RequestWriter writer;
    if (writer.begin(endpoint, request) != Error::none) {
        CHECK(writer.error() == Error::bad_request_json);
        return json(json::value_t::discarded);
    }
    return json::parse(written::split(written::rest_of(writer)).body, nullptr, false);
}
json chat_of(const Message& message) { return body_of(ChatRequest("m", {&message, 1})); }
json chat_of(const Tool& tool) {
    ChatRequest request("m", "p");
    request.tools = {&tool, 1};
    return body_of(request);
}
json chat_of(ContentPart part) { return chat_of(Message::of_parts(Role::user, {&part, 1})); }
json chat_of(ToolCall call) { return chat_of(Message::assistant({}, {&call, 1})); }
json response_of(const InputItem& item) { return body_of(ResponseRequest("m", {&item, 1})); }
json response_of(Role who, ContentPart part) { return response_of(InputItem::of_parts(who, {&part, 1})); }
ToolCall call_with(JsonMembers extra, oai::ToolKind kind = oai::ToolKind::function) {
    ToolCall call = {"c", "f", "{}", kind};
    call.extra_json = extra;
    return call;
}
Message message_with(Message message, JsonMembers extra) {
    message.extra_json = extra;
    return message;
}
Tool tool_with(Tool tool, JsonMembers extra) {
    tool.extra_json = extra;
    return tool;
}
const ToolCall some_call = {"c", "f", "{}", oai::ToolKind::function};

const Place places[] = {
    {"a message of the user", [](JsonMembers e) { return chat_of(message_with(Message::user("t"), e)); }, "/messages/0",
     R"({"role":"user","content":"t"})"},
    {"a message of parts",
     [](JsonMembers e) {
         const ContentPart part = ContentPart::text("t");
         return chat_of(message_with(Message::of_parts(Role::user, {&part, 1}), e));
     },
     "/messages/0", R"({"role":"user","content":[{"type":"text","text":"t"}]})"},
    {"a message with calls",
     [](JsonMembers e) {
         return chat_of(message_with(Message::assistant("t", {&some_call, 1}), e));
     },
     "/messages/0",
     R"({"role":"assistant","content":"t","tool_calls":[{"id":"c","type":"function","function":)"
     R"({"name":"f","arguments":"{}"}}]})"},
    {"a call", [](JsonMembers e) { return chat_of(call_with(e)); }, "/messages/0/tool_calls/0",
     R"({"id":"c","type":"function","function":{"name":"f","arguments":"{}"}})"},
    {"a call of a custom tool", [](JsonMembers e) { return chat_of(call_with(e, oai::ToolKind::custom)); },
     "/messages/0/tool_calls/0", R"({"id":"c","type":"custom","custom":{"name":"f","input":"{}"}})"},
    {"a function", [](JsonMembers e) { return chat_of(tool_with(Tool("f", "d", "{}"), e)); }, "/tools/0",
     R"({"type":"function","function":{"name":"f","description":"d","parameters":{}}})"},
    {"a custom tool of a grammar",
     [](JsonMembers e) { return chat_of(tool_with(Tool::custom("f", {}, oai::GrammarSyntax::regex, "a"), e)); },
     "/tools/0",
     R"({"type":"custom","custom":{"name":"f","format":{"type":"grammar","grammar":)"
     R"({"syntax":"regex","definition":"a"}}}})"},
    {"a text", [](JsonMembers e) { return chat_of(ContentPart::text("t").with_extra_json(e)); },
     "/messages/0/content/0", R"({"type":"text","text":"t"})"},
    {"an image", [](JsonMembers e) { return chat_of(ContentPart::image("u").with_extra_json(e)); },
     "/messages/0/content/0", R"({"type":"image_url","image_url":{"url":"u"}})"},
    {"a file", [](JsonMembers e) { return chat_of(ContentPart::file("n", "b").with_extra_json(e)); },
     "/messages/0/content/0", R"({"type":"file","file":{"file_data":"b","filename":"n"}})"},
    {"a text of the Responses API",
     [](JsonMembers e) { return response_of(Role::user, ContentPart::text("t").with_extra_json(e)); },
     "/input/0/content/0", R"({"type":"input_text","text":"t"})"},
    {"audio of the Responses API",
     [](JsonMembers e) { return response_of(Role::user, ContentPart::audio("b", "wav").with_extra_json(e)); },
     "/input/0/content/0", R"({"type":"input_audio","input_audio":{"data":"b","format":"wav"}})"},
    {"a part of an answer",
     [](JsonMembers e) { return response_of(Role::assistant, ContentPart::text("t").with_extra_json(e)); },
     "/input/0/content/0", R"({"type":"output_text","text":"t"})"},
    {"a function of the Responses API",
     [](JsonMembers e) {
         const Tool tool = tool_with(Tool("f", "d", "{}"), e);
         ResponseRequest request("m", "p");
         request.tools = {&tool, 1};
         return body_of(request);
     },
     "/tools/0", R"({"type":"function","name":"f","description":"d","parameters":{}})"},
    {"a call of the Responses API", [](JsonMembers e) { return response_of(InputItem::call(call_with(e))); },
     "/input/0", R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"})"},
    {"an item", [](JsonMembers e) { return response_of(InputItem::assistant("t").with_extra_json(e)); }, "/input/0",
     R"({"type":"message","role":"assistant","content":"t"})"},
    {"a result",
     [](JsonMembers e) { return response_of(InputItem::function_call_output("c", "r").with_extra_json(e)); },
     "/input/0", R"({"type":"function_call_output","call_id":"c","output":"r"})"},
};

}  // namespace

TEST_CASE("further members stand in each object that takes them, or are refused") {
    const char* const good[] = {R"("x":1)", R"( "cache_control" : {"type":"ephemeral"}, "y":[null,"\"}"] )"};
    const char* const bad[] = {"x", R"("x")", R"("x":)", R"("x":1,)", R"(,"x":1)", R"("x":1})", R"("x":1},{"y":2)",
                               R"({"x":1})", "\"x\":\"\xFF\"", " "};
    for (const Place& place : places) {
        ROW(place.name);
        const json::json_pointer where(place.where);
        const json without = json::parse(place.expected);
        CHECK(place.body({}).at(where) == without);
        for (const char* extra : good) {
            CAPTURE(extra);
            json expected = without;
            expected.update(json::parse("{" + std::string(extra) + "}"));
            const json body = place.body(extra);
            REQUIRE_FALSE(body.is_discarded());
            CHECK(body.at(where) == expected);
        }
        for (const char* extra : bad) {
            CAPTURE(extra);
            CHECK(place.body(extra).is_discarded());
        }
    }
}

TEST_CASE("an item that is JSON as a whole takes no members") {
    const InputItem item = InputItem::json(R"({"type":"reasoning"})").with_extra_json("\"x\":1");
    CHECK(response_of(item).at("input").at(0) == json::parse(R"({"type":"reasoning"})"));
}
