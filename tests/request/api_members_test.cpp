// Every member that the official package (types of version 7.59.0) gives an object of a request can be said in a word
// of ours or as a JSON text, or stands below with the reason why not. What it has is read from
// ../shared/facts/api-types.jsonl, not from a list by hand; without that file the tests are skipped, and say so. The
// file has no unions (messages, parts, tools, items): which types are in them is found by their names.
#include "support/corpus.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ContentPart;
using oai::InputItem;
using oai::Message;
using oai::Tristate;

namespace {

// Members by their names, without '?', with their types; and the type's word if it has one.
struct Type {
    std::map<std::string, std::string> members;
    std::string word;
};
// Those of requests and what is shared, by their names.
using Types = std::map<std::string, Type>;
Types documented(const std::string& facts) {
    const std::set<std::string> files = {"chat/completions/completions", "completions", "responses/responses",
                                         "shared"};
    Types types;
    std::istringstream file(facts);
    for (std::string line; std::getline(file, line);) {
        const json row = json::parse(line);
        if (files.count(row.at("file")) == 0) continue;
        Type& type = types[row.at("name")];
        if (row.at("type").is_string()) type.word = row.at("type");
        type.word = type.word.substr(0, type.word.find(' '));
        for (const auto& member : row.at("members").items()) {
            std::string name = member.key();
            if (!name.empty() && name.back() == '?') name.pop_back();
            type.members[name] = member.value();
        }
    }
    return types;
}
std::set<std::string> names_of(const Type& type) {
    std::set<std::string> names;
    for (const auto& member : type.members) names.insert(member.first);
    return names;
}

// A request with everything, of each API.
const oai::StringView words[] = {"w"};
const char* const any = "{\"any\":0}";  // wherever a JSON text is taken as it is
const oai::MetadataEntry metadata[] = {{"k", "v"}};
oai::Tool full(oai::Tool tool) {
    tool.defer_loading = tool.async = Tristate::yes;
    tool.allowed_callers = words;
    if (tool.kind == oai::ToolKind::custom) return tool;
    tool.strict = Tristate::yes;
    tool.output_schema = any;
    return tool;
}
const oai::Tool tools[] = {full({"f", "d", any}),
                           full(oai::Tool::custom("c", "d", oai::GrammarSyntax::regex, "a"))};

json chat() {
    oai::ChatOptions o;
    o.temperature = o.top_p = o.frequency_penalty = o.presence_penalty = 1.0;
    o.seed = o.max_completion_tokens = o.max_tokens = o.n = o.top_logprobs = 1;
    o.logit_bias = o.web_search_options = o.prompt_cache_options = o.moderation = any;
    o.stop = o.modalities = words;
    o.verbosity = oai::Verbosity::low;
    o.reasoning_effort = o.audio_voice = o.prediction = o.service_tier = o.user = o.safety_identifier = "w";
    o.prompt_cache_key = o.prompt_cache_retention = "w";
    o.audio_format = oai::AudioFormat::wav;
    o.logprobs = o.include_usage = o.include_obfuscation = o.parallel_tool_calls = o.store = Tristate::yes;
    o.response_format = oai::ResponseFormat::json_schema("s", any, Tristate::yes, "d");
    o.tool_choice = oai::ToolChoice::allowed(tools);
    o.metadata = metadata;
    const oai::JsonValue mark = any;
    const ContentPart parts[] = {ContentPart::text("t").with_prompt_cache_breakpoint(mark),
                                 ContentPart::image("u", oai::ImageDetail::low).with_prompt_cache_breakpoint(mark),
                                 ContentPart::audio("b", "wav").with_prompt_cache_breakpoint(mark),
                                 ContentPart::file("n", "b").with_prompt_cache_breakpoint(mark),
                                 ContentPart::file("id"), ContentPart::refusal("r")};
    const oai::ToolCall calls[] = {{"1", "f", "{}"}, {"2", "c", "x", oai::ToolKind::custom}};
    const oai::AssistantExtra extra = {"no", "audio"};
    Message messages[] = {Message::system("s"), Message::of_parts(oai::Role::user, parts),
                          Message::of_parts(oai::Role::assistant, &extra), Message::tool("1", "r"),
                          Message::developer("d")};
    messages[0].name = messages[1].name = messages[2].name = messages[4].name = "n";
    messages[2].tool_calls = calls;
    oai::ChatRequest request("m", messages);
    request.tools = tools;
    request.options = &o;
    return written::json_of(request);
}
json response() {
    oai::ResponseOptions o;
    o.temperature = o.top_p = 1.0;
    o.max_output_tokens = o.max_tool_calls = o.top_logprobs = 1;
    o.truncation = o.reasoning_effort = o.reasoning_summary = o.reasoning_context = o.reasoning_mode = "w";
    o.conversation = o.prompt_id = o.prompt_version = o.service_tier = o.prompt_cache_key = "w";
    o.prompt_cache_retention = o.safety_identifier = o.user = "w";
    o.context_management = o.prompt_variables = o.prompt_cache_options = o.moderation = o.background_options = any;
    o.access_programs = o.image = any;
    o.text_format = oai::ResponseFormat::json_schema("s", any, Tristate::yes, "d");
    o.verbosity = oai::Verbosity::low;
    o.include = words;
    o.include_obfuscation = o.parallel_tool_calls = o.background = o.store = Tristate::yes;
    o.tool_choice = oai::ResponseToolChoice::allowed(tools);
    o.metadata = metadata;
    const oai::JsonValue mark = any;
    const ContentPart parts[] = {
        ContentPart::text("t").with_prompt_cache_breakpoint(mark),
        ContentPart::image("u", oai::ImageDetail::low).with_prompt_cache_breakpoint(mark), ContentPart::image_file("f"),
        ContentPart::file("n", "b").with_detail(oai::ImageDetail::low).with_prompt_cache_breakpoint(mark),
        ContentPart::file("id"), ContentPart::file_at("u"), ContentPart::audio("b", "wav")};
    const oai::CommandOutput commands[] = {{"o", "e", 0}, {"o", "e"}};
    const InputItem items[] = {InputItem::of_parts(oai::Role::user, parts),
                               InputItem::assistant("t", "commentary"),
                               InputItem::call({"1", "f", "{}"}),
                               InputItem::call({"2", "c", "x", oai::ToolKind::custom}),
                               InputItem::function_call_output("1", "r"),
                               InputItem::function_call_output("2", "r", oai::ToolKind::custom),
                               InputItem::reference("i"),
                               InputItem::shell_call_output("3", commands),
                               InputItem::call_output("apply_patch_call_output", "4", "r"),
                               InputItem::mcp_approval_response("5", false, "r")};
    oai::ResponseRequest request("m", items);
    request.instructions = "i";
    request.tools = tools;
    request.options = &o;
    return written::json_of(request);
}

// The same of what excludes something above.
template <class Change> json chat_with(Change change) {
    oai::ChatOptions o;
    change(o);
    oai::ChatRequest request("m", "p");
    request.options = &o;
    return written::json_of(request);
}
template <class Change> json response_with(Change change) {
    oai::ResponseOptions o;
    change(o);
    oai::ResponseRequest request("m", "p");
    request.previous_response_id = "r";
    request.options = &o;
    return written::json_of(request);
}
json text_chat() { return chat_with([](auto& o) { o.response_format = oai::ResponseFormat::text(); }); }
json json_chat() { return chat_with([](auto& o) { o.response_format = oai::ResponseFormat::json_object(); }); }
json function_chat() { return chat_with([](auto& o) { o.tool_choice = oai::ToolChoice::function("f"); }); }
json custom_chat() { return chat_with([](auto& o) { o.tool_choice = oai::ToolChoice::custom("f"); }); }
json function_response() {
    return response_with([](auto& o) { o.tool_choice = oai::ResponseToolChoice::function("f"); });
}
json custom_response() { return response_with([](auto& o) { o.tool_choice = oai::ResponseToolChoice::custom("f"); }); }
json mcp_response() { return response_with([](auto& o) { o.tool_choice = oai::ResponseToolChoice::mcp("s", "f"); }); }
json hosted_response() { return response_with([](auto& o) { o.tool_choice = oai::ResponseToolChoice::hosted("w"); }); }

json completion() {
    oai::ChatOptions o;
    o.temperature = o.top_p = o.frequency_penalty = o.presence_penalty = 1.0;
    o.seed = o.max_tokens = o.n = 1;
    o.logit_bias = any;
    o.stop = words;
    o.user = "w";
    o.include_usage = o.include_obfuscation = Tristate::yes;
    oai::CompletionRequest request("m", "p");
    request.suffix = "s";
    request.echo = Tristate::yes;
    request.logprobs = request.best_of = 1;
    request.options = &o;
    return written::json_of(request);
}

struct Object {
    const char* type;
    json (*body)();
    const char* places;      // JSON pointers, with blanks between: together they have every member
    const char* exceptions;  // members that have no word of ours
    const char* reason;
};
const char* const by_extra_json = "what the server has kept of an item is given back by with_extra_json()";
const Object objects[] = {
    {"ChatCompletionCreateParamsBase", chat, "", "function_call functions", "deprecated: tools and tool_choice"},
    {"CompletionCreateParamsBase", completion, "", "", ""},
    {"ChatCompletionStreamOptions", chat, "/stream_options", "", ""},
    {"ChatCompletionStreamOptions", completion, "/stream_options", "", ""},
    {"ChatCompletionAudioParam", chat, "/audio", "", ""},
    {"ChatCompletionPredictionContent", chat, "/prediction", "", ""},
    {"ResponseFormatText", text_chat, "/response_format", "", ""},
    {"ResponseFormatJSONObject", json_chat, "/response_format", "", ""},
    {"ResponseFormatJSONSchema", chat, "/response_format", "", ""},
    {"ResponseFormatJSONSchema.JSONSchema", chat, "/response_format/json_schema", "", ""},
    {"ChatCompletionAllowedToolChoice", chat, "/tool_choice", "", ""},
    {"ChatCompletionAllowedTools", chat, "/tool_choice/allowed_tools", "", ""},
    {"ChatCompletionNamedToolChoice", function_chat, "/tool_choice", "", ""},
    {"ChatCompletionNamedToolChoice.Function", function_chat, "/tool_choice/function", "", ""},
    {"ChatCompletionNamedToolChoiceCustom", custom_chat, "/tool_choice", "", ""},
    {"ChatCompletionNamedToolChoiceCustom.Custom", custom_chat, "/tool_choice/custom", "", ""},
    {"ChatCompletionSystemMessageParam", chat, "/messages/0", "", ""},
    {"ChatCompletionUserMessageParam", chat, "/messages/1", "", ""},
    {"ChatCompletionAssistantMessageParam", chat, "/messages/2", "function_call", "deprecated: tool_calls"},
    {"ChatCompletionAssistantMessageParam.Audio", chat, "/messages/2/audio", "", ""},
    {"ChatCompletionToolMessageParam", chat, "/messages/3", "", ""},
    {"ChatCompletionDeveloperMessageParam", chat, "/messages/4", "", ""},
    {"ChatCompletionContentPartText", chat, "/messages/1/content/0", "", ""},
    {"ChatCompletionContentPartImage", chat, "/messages/1/content/1", "", ""},
    {"ChatCompletionContentPartImage.ImageURL", chat, "/messages/1/content/1/image_url", "", ""},
    {"ChatCompletionContentPartInputAudio", chat, "/messages/1/content/2", "", ""},
    {"ChatCompletionContentPartInputAudio.InputAudio", chat, "/messages/1/content/2/input_audio", "", ""},
    {"ChatCompletionContentPart.File", chat, "/messages/1/content/3 /messages/1/content/4", "", ""},
    {"ChatCompletionContentPart.File.File", chat, "/messages/1/content/3/file /messages/1/content/4/file", "", ""},
    {"ChatCompletionContentPartRefusal", chat, "/messages/1/content/5", "", ""},
    {"ChatCompletionMessageFunctionToolCall", chat, "/messages/2/tool_calls/0", "", ""},
    {"ChatCompletionMessageFunctionToolCall.Function", chat, "/messages/2/tool_calls/0/function", "", ""},
    {"ChatCompletionMessageCustomToolCall", chat, "/messages/2/tool_calls/1", "", ""},
    {"ChatCompletionMessageCustomToolCall.Custom", chat, "/messages/2/tool_calls/1/custom", "", ""},
    {"ChatCompletionFunctionTool", chat, "/tools/0", "", ""},
    {"FunctionDefinition", chat, "/tools/0/function", "", ""},
    {"ChatCompletionCustomTool", chat, "/tools/1", "", ""},
    {"ChatCompletionCustomTool.Custom", chat, "/tools/1/custom", "", ""},
    {"ChatCompletionCustomTool.Custom.Grammar", chat, "/tools/1/custom/format", "", ""},
    {"ChatCompletionCustomTool.Custom.Grammar.Grammar", chat, "/tools/1/custom/format/grammar", "", ""},
    {"ResponseCreateParamsBase", response, "", "previous_response_id",
     "not with a conversation, which is set here"},
    {"ResponseCreateParams.StreamOptions", response, "/stream_options", "", ""},
    {"ResponseTextConfig", response, "/text", "", ""},
    {"ResponseFormatTextJSONSchemaConfig", response, "/text/format", "", ""},
    {"Reasoning", response, "/reasoning", "generate_summary", "deprecated: summary"},
    {"ResponsePrompt", response, "/prompt", "", ""},
    {"ToolChoiceAllowed", response, "/tool_choice", "", ""},
    {"ToolChoiceFunction", function_response, "/tool_choice", "", ""},
    {"ToolChoiceCustom", custom_response, "/tool_choice", "", ""},
    {"ToolChoiceMcp", mcp_response, "/tool_choice", "", ""},
    {"ToolChoiceTypes", hosted_response, "/tool_choice", "", ""},
    {"FunctionTool", response, "/tools/0", "", ""},
    {"CustomTool", response, "/tools/1", "", ""},
    {"CustomToolInputFormat.Grammar", response, "/tools/1/format", "", ""},
    {"EasyInputMessage", response, "/input/1", "", ""},
    {"ResponseInputItem.Message", response, "/input/0", "status", by_extra_json},
    {"ResponseInputText", response, "/input/0/content/0", "", ""},
    {"ResponseInputImage", response, "/input/0/content/1 /input/0/content/2", "", ""},
    {"ResponseInputFile", response, "/input/0/content/3 /input/0/content/4 /input/0/content/5", "", ""},
    {"ResponseInputAudio", response, "/input/0/content/6", "", ""},
    {"ResponseInputAudio.InputAudio", response, "/input/0/content/6/input_audio", "", ""},
    {"ResponseFunctionToolCall", response, "/input/2", "id async caller namespace status", by_extra_json},
    {"ResponseCustomToolCall", response, "/input/3", "id async caller namespace", by_extra_json},
    {"ResponseInputItem.FunctionCallOutput", response, "/input/4", "id caller name namespace status", by_extra_json},
    {"ResponseCustomToolCallOutput", response, "/input/5", "id caller", by_extra_json},
    {"ResponseInputItem.ItemReference", response, "/input/6", "", ""},
    {"ResponseInputItem.ShellCallOutput", response, "/input/7", "id caller max_output_length status", by_extra_json},
    {"ResponseFunctionShellCallOutputContent", response, "/input/7/output/0 /input/7/output/1", "", ""},
    {"ResponseFunctionShellCallOutputContent.Exit", response, "/input/7/output/0/outcome", "", ""},
    {"ResponseFunctionShellCallOutputContent.Timeout", response, "/input/7/output/1/outcome", "", ""},
    {"ResponseInputItem.ApplyPatchCallOutput", response, "/input/8", "id caller status", by_extra_json},
    {"ResponseInputItem.McpApprovalResponse", response, "/input/9", "id", "the server gives it"},
};

// The objects that a request has some of, by their names, and how those are said that are not above. They are sent with
// all their members, and come out as they are.
struct Family {
    const char* name;
    const char* pattern;
    json (*said)(const std::string& text);  // as a JSON text; null: there is no such word
    const char* exceptions;
    const char* reason;
};
json as_tool(const std::string& text) {
    const oai::JsonValue hosted[] = {text};
    oai::ResponseRequest request("m", "p");
    request.built_in_tools = hosted;
    return written::json_of(request).at("tools").at(0);
}
json as_choice(const std::string& text) {
    return response_with([&](auto& o) { o.tool_choice = oai::ResponseToolChoice::json(text); }).at("tool_choice");
}
json as_item(const std::string& text) {
    const InputItem items[] = {InputItem::json(text)};
    return written::json_of(oai::ResponseRequest("m", items)).at("input").at(0);
}
const Family families[] = {
    {"roles of a chat", "ChatCompletion[A-Za-z]+MessageParam", nullptr, "ChatCompletionFunctionMessageParam",
     "deprecated: the role tool"},
    {"parts of a chat's message", "ChatCompletionContentPart(\\.File|[A-Z][A-Za-z]+)", nullptr, "", ""},
    {"tools of a chat", "ChatCompletion[A-Za-z]+Tool", nullptr, "", ""},
    {"choices of a chat's tools", "ChatCompletion[A-Za-z]+ToolChoice(Custom)?", nullptr, "", ""},
    {"calls in a chat", "ChatCompletionMessage[A-Za-z]+ToolCall", nullptr, "", ""},
    {"formats of a text", "ResponseFormat[A-Za-z]+", nullptr, "ResponseFormatTextGrammar ResponseFormatTextPython",
     "no member of a request is of this type"},
    {"parts of an input", "ResponseInput(Text|Image|File|Audio)", nullptr, "", ""},
    {"tools of a response", "Tool\\.[A-Za-z]+|(?!ToolSearchOutput)[A-Z][A-Za-z]+Tool(?!\\w)", as_tool, "", ""},
    {"choices of a response's tools", "ToolChoice[A-Za-z]+|ResponseCreateParams\\.Specific[A-Za-z]+", as_choice, "",
     ""},
    {"items of an input", "ResponseInputItem\\.[A-Za-z]+|EasyInputMessage|Response[A-Za-z]+Item(Param)?|"
     "Response[A-Za-z]+ToolCall(Output)?|ResponseOutputMessage|ResponseFunctionWebSearch|ResponseToolSearchCall",
     as_item, "", ""},
};

std::set<std::string> split(const std::string& text) {
    std::set<std::string> all;
    for (size_t at = 0; at <= text.size();) {
        const size_t end = text.find(' ', at) == std::string::npos ? text.size() : text.find(' ', at);
        all.insert(text.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

}  // namespace

TEST_CASE("every documented member of a request's objects can be said, and nothing else is") {
    const auto facts = corpus::shared_bytes("facts/api-types.jsonl");
    if (!facts) return;  // said and counted as skipped
    const Types types = documented(*facts);
    std::set<std::string> known;
    for (const Object& object : objects) known.insert(object.type);
    for (const Object& object : objects) {
        ROW(object.type);
        REQUIRE(types.count(object.type) == 1);
        const Type& type = types.at(object.type);
        const json body = object.body();
        REQUIRE_FALSE(body.is_discarded());
        json ours = json::object();
        for (const std::string& place : split(object.places)) {
            const json::json_pointer pointer(place);
            REQUIRE(body.contains(pointer));
            ours.update(body.at(pointer));
        }
        std::set<std::string> theirs = names_of(type), exceptions = split(object.exceptions);
        exceptions.erase("");
        for (const std::string& name : exceptions) {
            INFO("the exception ", name, " has a reason and is needed");
            CHECK_NE(std::string(object.reason), "");
            CHECK_EQ(theirs.erase(name), 1);
            CHECK_EQ(ours.count(name), 0);
        }
        std::set<std::string> said;
        for (const auto& member : ours.items()) said.insert(member.key());
        CHECK_EQ(json(said).dump(), json(theirs).dump());
    }
}

TEST_CASE("every object in a request with everything is one of those that are compared") {
    // The entries and the names of tools have the members that a program gives them; a JSON text has any.
    const std::regex open_types("/metadata|/tool_choice(/allowed_tools)?/tools/[0-9](/(function|custom))?");
    for (json (*body)() : {chat, response, completion}) {
        std::set<std::string> places;
        for (const Object& object : objects)
            if (object.body == body) places.merge(split(object.places));
        std::vector<std::string> left = {""};
        while (!left.empty()) {
            const std::string place = left.back();
            left.pop_back();
            const json value = body().at(json::json_pointer(place));
            if (value == json::parse(any) || !value.is_structured()) continue;
            ROW("at '" + place + "'");
            CHECK((value.is_array() || places.count(place) != 0 || std::regex_match(place, open_types)));
            for (const auto& member : value.items()) left.push_back(place + "/" + member.key());
        }
    }
}

TEST_CASE("every documented kind of message, part, tool, choice and item can be said") {
    const auto facts = corpus::shared_bytes("facts/api-types.jsonl");
    if (!facts) return;  // said and counted as skipped
    std::set<std::string> known;
    for (const Object& object : objects) known.insert(object.type);
    size_t as_text = 0;
    for (const Family& family : families) {
        std::set<std::string> exceptions = split(family.exceptions);
        exceptions.erase("");
        for (const auto& named : documented(*facts)) {
            if (!std::regex_match(named.first, std::regex(family.pattern))) continue;
            ROW(std::string(family.name) + ": " + named.first);
            if (exceptions.erase(named.first) != 0) {
                CHECK_NE(std::string(family.reason), "");
                CHECK_EQ(known.count(named.first), 0);
                continue;
            }
            CHECK((family.said || known.count(named.first) != 0));
            if (!family.said) continue;
            json value = json::object();
            for (const std::string& member : names_of(named.second)) value[member] = {"x", 1, nullptr};
            if (!named.second.word.empty()) value["type"] = named.second.word;
            CHECK_EQ(family.said(value.dump()).dump(), value.dump());
            ++as_text;
        }
        CHECK_EQ(json(exceptions).dump(), "[]");
    }
    CHECK_GT(as_text, 50);  // it is not empty by mistake
}
