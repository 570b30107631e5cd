// Every member that the official package (types of version 7.59.0) gives an object of a request can be said in a word of
// ours, or stands below with the reason why not. What it has is read from ../shared/facts/api-types.jsonl, not from a
// list by hand; without that file the test is skipped, and says so.
#include "support/corpus.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <map>
#include <set>
#include <sstream>
#include <string>

namespace oai = openai_stream;
using nlohmann::json;
using oai::ContentPart;
using oai::InputItem;
using oai::Message;
using oai::Tristate;

namespace {

// The members of each type by its name.
std::map<std::string, std::set<std::string>> documented(const std::string& facts) {
    std::map<std::string, std::set<std::string>> types;
    std::istringstream file(facts);
    for (std::string line; std::getline(file, line);) {
        const json row = json::parse(line);
        for (const auto& member : row.at("members").items()) {
            std::string name = member.key();
            if (!name.empty() && name.back() == '?') name.pop_back();
            types[row.at("name")].insert(name);
        }
    }
    return types;
}

// A request with everything, of each API.
const oai::StringView words[] = {"w"};
const oai::MetadataEntry metadata[] = {{"k", "v"}};
oai::Tool full(oai::Tool tool) {
    tool.defer_loading = tool.async = Tristate::yes;
    tool.allowed_callers = words;
    if (tool.kind == oai::ToolKind::custom) return tool;
    tool.strict = Tristate::yes;
    tool.output_schema = "{}";
    return tool;
}
const oai::Tool tools[] = {full({"f", "d", "{}"}),
                           full(oai::Tool::custom("c", "d", oai::GrammarSyntax::regex, "a"))};

json chat() {
    oai::ChatOptions o;
    o.temperature = o.top_p = o.frequency_penalty = o.presence_penalty = 1.0;
    o.seed = o.max_completion_tokens = o.max_tokens = o.n = o.top_logprobs = 1;
    o.logit_bias = o.web_search_options = o.prompt_cache_options = o.moderation = "{}";
    o.stop = o.modalities = words;
    o.verbosity = oai::Verbosity::low;
    o.reasoning_effort = o.audio_voice = o.prediction = o.service_tier = o.user = o.safety_identifier = "w";
    o.prompt_cache_key = o.prompt_cache_retention = "w";
    o.audio_format = oai::AudioFormat::wav;
    o.logprobs = o.include_usage = o.include_obfuscation = o.parallel_tool_calls = o.store = Tristate::yes;
    o.response_format = oai::ResponseFormat::json_schema("s", "{}", Tristate::yes, "d");
    o.tool_choice = oai::ToolChoice::allowed(tools);
    o.metadata = metadata;
    const oai::JsonValue mark = "{}";
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
    o.context_management = o.prompt_variables = o.prompt_cache_options = o.moderation = o.background_options = "{}";
    o.access_programs = o.image = "{}";
    o.text_format = oai::ResponseFormat::json_schema("s", "{}", Tristate::yes, "d");
    o.verbosity = oai::Verbosity::low;
    o.include = words;
    o.include_obfuscation = o.parallel_tool_calls = o.background = o.store = Tristate::yes;
    o.tool_choice = oai::ResponseToolChoice::allowed(tools);
    o.metadata = metadata;
    const oai::JsonValue mark = "{}";
    const ContentPart parts[] = {
        ContentPart::text("t").with_prompt_cache_breakpoint(mark),
        ContentPart::image("u", oai::ImageDetail::low).with_prompt_cache_breakpoint(mark), ContentPart::image_file("f"),
        ContentPart::file("n", "b").with_detail(oai::ImageDetail::low).with_prompt_cache_breakpoint(mark),
        ContentPart::file("id"), ContentPart::file_at("u"), ContentPart::audio("b", "wav")};
    const InputItem items[] = {InputItem::of_parts(oai::Role::user, parts), InputItem::assistant("t", "commentary"),
                               InputItem::call({"1", "f", "{}"}),
                               InputItem::call({"2", "c", "x", oai::ToolKind::custom}), InputItem::result("1", "r"),
                               InputItem::result("2", "r", oai::ToolKind::custom), InputItem::reference("i")};
    oai::ResponseRequest request("m", items);
    request.instructions = "i";
    request.tools = tools;
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
    {"ChatCompletionStreamOptions", chat, "/stream_options", "", ""},
    {"ChatCompletionAudioParam", chat, "/audio", "", ""},
    {"ChatCompletionPredictionContent", chat, "/prediction", "", ""},
    {"ResponseFormatJSONSchema", chat, "/response_format", "", ""},
    {"ResponseFormatJSONSchema.JSONSchema", chat, "/response_format/json_schema", "", ""},
    {"ChatCompletionAllowedToolChoice", chat, "/tool_choice", "", ""},
    {"ChatCompletionAllowedTools", chat, "/tool_choice/allowed_tools", "", ""},
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
    {"ChatCompletionContentPart.File", chat, "/messages/1/content/3", "", ""},
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
    {"ResponseCreateParamsBase", response, "", "previous_response_id", "not with a conversation, which is set here"},
    {"ResponseCreateParams.StreamOptions", response, "/stream_options", "", ""},
    {"ResponseTextConfig", response, "/text", "", ""},
    {"ResponseFormatTextJSONSchemaConfig", response, "/text/format", "", ""},
    {"Reasoning", response, "/reasoning", "generate_summary", "deprecated: summary"},
    {"ResponsePrompt", response, "/prompt", "", ""},
    {"ToolChoiceAllowed", response, "/tool_choice", "", ""},
    {"FunctionTool", response, "/tools/0", "", ""},
    {"CustomTool", response, "/tools/1", "", ""},
    {"EasyInputMessage", response, "/input/1", "", ""},
    {"ResponseInputItem.Message", response, "/input/0", "status", by_extra_json},
    {"ResponseInputText", response, "/input/0/content/0", "", ""},
    {"ResponseInputImage", response, "/input/0/content/1 /input/0/content/2", "", ""},
    {"ResponseInputFile", response, "/input/0/content/3 /input/0/content/4 /input/0/content/5", "", ""},
    {"ResponseInputAudio", response, "/input/0/content/6", "", ""},
    {"ResponseFunctionToolCall", response, "/input/2", "id async caller namespace status", by_extra_json},
    {"ResponseCustomToolCall", response, "/input/3", "id async caller namespace", by_extra_json},
    {"ResponseInputItem.FunctionCallOutput", response, "/input/4", "id caller name namespace status", by_extra_json},
    {"ResponseCustomToolCallOutput", response, "/input/5", "id caller", by_extra_json},
    {"ResponseInputItem.ItemReference", response, "/input/6", "", ""},
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
    const auto types = documented(*facts);
    for (const Object& object : objects) {
        ROW(object.type);
        REQUIRE(types.count(object.type) == 1);
        const json body = object.body();
        REQUIRE_FALSE(body.is_discarded());
        std::set<std::string> ours;
        for (const std::string& place : split(object.places)) {
            const json::json_pointer pointer(place);
            REQUIRE(body.contains(pointer));
            for (const auto& member : body.at(pointer).items()) ours.insert(member.key());
        }
        std::set<std::string> theirs = types.at(object.type), exceptions = split(object.exceptions);
        exceptions.erase("");
        for (const std::string& name : exceptions) {
            INFO("the exception ", name, " has a reason and is needed");
            CHECK_NE(std::string(object.reason), "");
            CHECK_EQ(theirs.erase(name), 1);
            CHECK_EQ(ours.count(name), 0);
        }
        CHECK_EQ(json(ours).dump(), json(theirs).dump());
    }
}
