// Everything a chat request can say besides model, messages and tools: each field arrives under its own name, in the
// shape the API has for it, and nothing else changes.
#include "support/cuts.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <limits>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

namespace oai = openai_stream;
using nlohmann::json;
using oai::AudioFormat;
using oai::ChatOptions;
using oai::ChatRequest;
using oai::ContentPart;
using oai::Decimal;
using oai::Error;
using oai::ImageDetail;
using oai::Message;
using oai::MetadataEntry;
using oai::ResponseFormat;
using oai::Role;
using oai::StringView;
using oai::Tool;
using oai::ToolCall;
using oai::ToolChoice;
using oai::Tristate;
using oai::Verbosity;

[[maybe_unused]] constexpr ChatOptions constant_options;  // a constant expression
static_assert(std::is_trivially_copyable_v<ChatOptions> && std::is_standard_layout_v<ChatOptions>, "views");
static_assert(std::is_standard_layout_v<ContentPart> && std::is_standard_layout_v<ToolChoice>, "offsets");
static_assert(!std::is_assignable_v<const ChatOptions*&, ChatOptions>, "a temporary would be gone");
static_assert(!std::is_assignable_v<oai::List<StringView>&, std::vector<StringView>>, "and so would a list");
static_assert(!std::is_assignable_v<oai::Parts&, std::vector<ContentPart>>, "of parts, too");

namespace {

const StringView stops[] = {"\n", "END", ""}, one_stop[] = {"."}, modalities[] = {"text", "audio"};
const MetadataEntry metadata[] = {{"a", "1"}, {"\"b\"", ""}}, one_entry[] = {{"k", "v"}};
const Tool tools[] = {{"weather", "Tells the weather.", "{}"}, Tool::custom("sql", "Runs a query.")};

struct Row {
    const char* name;
    void (*change)(ChatOptions& options);
    const char* member;   // of the request's object; null: none
    const char* text;     // its value, byte for byte
};

// A row for each field and each word; `member` names are compared with the API's own list below.
const Row rows[] = {
    {"nothing", [](ChatOptions&) {}, nullptr, ""},
    {"temperature", [](ChatOptions& o) { o.temperature = 0.2; }, "temperature", "0.2"},
    {"temperature of zero", [](ChatOptions& o) { o.temperature = 0.0; }, "temperature", "0"},
    {"temperature as text", [](ChatOptions& o) { o.temperature = "1.25e-1"; }, "temperature", "1.25e-1"},
    {"top_p", [](ChatOptions& o) { o.top_p = 0.95; }, "top_p", "0.95"},
    {"frequency_penalty", [](ChatOptions& o) { o.frequency_penalty = -1.5; }, "frequency_penalty", "-1.5"},
    {"presence_penalty", [](ChatOptions& o) { o.presence_penalty = 2.0; }, "presence_penalty", "2"},
    {"seed", [](ChatOptions& o) { o.seed = -9223372036854775807; }, "seed", "-9223372036854775807"},
    {"seed of zero", [](ChatOptions& o) { o.seed = 0; }, "seed", "0"},
    {"logit_bias", [](ChatOptions& o) { o.logit_bias = "{\"50256\":-100}"; }, "logit_bias", "{\"50256\":-100}"},
    {"max_completion_tokens", [](ChatOptions& o) { o.max_completion_tokens = 4096; }, "max_completion_tokens", "4096"},
    {"max_tokens", [](ChatOptions& o) { o.max_tokens = 64; }, "max_tokens", "64"},
    {"n", [](ChatOptions& o) { o.n = 3; }, "n", "3"},
    {"prompt_cache_options", [](ChatOptions& o) { o.prompt_cache_options = "{\"mode\":\"explicit\"}"; },
     "prompt_cache_options", R"({"mode":"explicit"})"},
    {"moderation", [](ChatOptions& o) { o.moderation = "{\"model\":\"omni\"}"; }, "moderation",
     R"({"model":"omni"})"},
    {"stop, several", [](ChatOptions& o) { o.stop = stops; }, "stop", R"(["\n","END",""])"},
    {"stop, one", [](ChatOptions& o) { o.stop = one_stop; }, "stop", R"(["."])"},
    {"stop, none", [](ChatOptions& o) { o.stop = {}; }, nullptr, ""},
    {"verbosity low", [](ChatOptions& o) { o.verbosity = Verbosity::low; }, "verbosity", R"("low")"},
    {"verbosity medium", [](ChatOptions& o) { o.verbosity = Verbosity::medium; }, "verbosity", R"("medium")"},
    {"verbosity high", [](ChatOptions& o) { o.verbosity = Verbosity::high; }, "verbosity", R"("high")"},
    {"reasoning_effort", [](ChatOptions& o) { o.reasoning_effort = "minimal"; }, "reasoning_effort", R"("minimal")"},
    {"logprobs", [](ChatOptions& o) { o.logprobs = Tristate::yes; }, "logprobs", "true"},
    {"logprobs, none", [](ChatOptions& o) { o.logprobs = Tristate::no; }, "logprobs", "false"},
    {"top_logprobs", [](ChatOptions& o) { o.top_logprobs = 20; }, "top_logprobs", "20"},
    {"include_usage", [](ChatOptions& o) { o.include_usage = Tristate::yes; }, "stream_options",
     R"({"include_usage":true})"},
    {"include_usage, not", [](ChatOptions& o) { o.include_usage = Tristate::no; }, "stream_options",
     R"({"include_usage":false})"},
    {"include_obfuscation", [](ChatOptions& o) { o.include_obfuscation = Tristate::yes; }, "stream_options",
     R"({"include_obfuscation":true})"},
    {"include_obfuscation, not", [](ChatOptions& o) { o.include_obfuscation = Tristate::no; }, "stream_options",
     R"({"include_obfuscation":false})"},
    {"both stream options",
     [](ChatOptions& o) {
         o.include_usage = Tristate::yes;
         o.include_obfuscation = Tristate::no;
     },
     "stream_options", R"({"include_usage":true,"include_obfuscation":false})"},
    {"both stream options, the other way",
     [](ChatOptions& o) {
         o.include_usage = Tristate::no;
         o.include_obfuscation = Tristate::yes;
     },
     "stream_options", R"({"include_usage":false,"include_obfuscation":true})"},
    {"response_format text", [](ChatOptions& o) { o.response_format = ResponseFormat::text(); }, "response_format",
     R"({"type":"text"})"},
    {"response_format json_object", [](ChatOptions& o) { o.response_format = ResponseFormat::json_object(); },
     "response_format", R"({"type":"json_object"})"},
    {"response_format json_schema",
     [](ChatOptions& o) { o.response_format = ResponseFormat::json_schema("s", "{\"type\":\"object\"}"); },
     "response_format", R"({"type":"json_schema","json_schema":{"name":"s","schema":{"type":"object"}}})"},
    {"response_format json_schema with everything",
     [](ChatOptions& o) { o.response_format = ResponseFormat::json_schema("s", "{}", Tristate::yes, "what \"for\""); },
     "response_format",
     R"({"type":"json_schema","json_schema":{"name":"s","description":"what \"for\"","schema":{},"strict":true}})"},
    {"response_format json_schema, not strict",
     [](ChatOptions& o) { o.response_format = ResponseFormat::json_schema("s", "true", Tristate::no); },
     "response_format", R"({"type":"json_schema","json_schema":{"name":"s","schema":true,"strict":false}})"},
    {"response_format json_schema without name and schema",
     [](ChatOptions& o) { o.response_format = ResponseFormat::json_schema({}, {}); }, "response_format",
     R"({"type":"json_schema","json_schema":{"name":""}})"},
    {"modalities", [](ChatOptions& o) { o.modalities = modalities; }, "modalities", R"(["text","audio"])"},
    {"audio without a format", [](ChatOptions& o) { o.audio_voice = "alloy"; }, "audio", R"({"voice":"alloy"})"},
    {"audio wav", [](ChatOptions& o) { o.audio_voice = "a", o.audio_format = AudioFormat::wav; }, "audio",
     R"({"voice":"a","format":"wav"})"},
    {"audio aac", [](ChatOptions& o) { o.audio_voice = "a", o.audio_format = AudioFormat::aac; }, "audio",
     R"({"voice":"a","format":"aac"})"},
    {"audio mp3", [](ChatOptions& o) { o.audio_voice = "a", o.audio_format = AudioFormat::mp3; }, "audio",
     R"({"voice":"a","format":"mp3"})"},
    {"audio flac", [](ChatOptions& o) { o.audio_voice = "a", o.audio_format = AudioFormat::flac; }, "audio",
     R"({"voice":"a","format":"flac"})"},
    {"audio opus", [](ChatOptions& o) { o.audio_voice = "a", o.audio_format = AudioFormat::opus; }, "audio",
     R"({"voice":"a","format":"opus"})"},
    {"audio pcm16", [](ChatOptions& o) { o.audio_voice = "a", o.audio_format = AudioFormat::pcm16; }, "audio",
     R"({"voice":"a","format":"pcm16"})"},
    {"audio without a voice", [](ChatOptions& o) { o.audio_format = AudioFormat::wav; }, nullptr, ""},
    {"tool_choice automatic", [](ChatOptions& o) { o.tool_choice = ToolChoice::automatic(); }, "tool_choice",
     R"("auto")"},
    {"tool_choice none", [](ChatOptions& o) { o.tool_choice = ToolChoice::none(); }, "tool_choice", R"("none")"},
    {"tool_choice required", [](ChatOptions& o) { o.tool_choice = ToolChoice::required(); }, "tool_choice",
     R"("required")"},
    {"tool_choice a function", [](ChatOptions& o) { o.tool_choice = ToolChoice::function("f\"g"); }, "tool_choice",
     R"({"type":"function","function":{"name":"f\"g"}})"},
    {"tool_choice a function without a name", [](ChatOptions& o) { o.tool_choice = ToolChoice::function({}); },
     "tool_choice", R"({"type":"function","function":{"name":""}})"},
    {"tool_choice a custom tool", [](ChatOptions& o) { o.tool_choice = ToolChoice::custom("c"); }, "tool_choice",
     R"({"type":"custom","custom":{"name":"c"}})"},
    {"tool_choice among some", [](ChatOptions& o) { o.tool_choice = ToolChoice::allowed(tools); }, "tool_choice",
     R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[)"
     R"({"type":"function","function":{"name":"weather"}},{"type":"custom","custom":{"name":"sql"}}]}})"},
    {"tool_choice one of some", [](ChatOptions& o) { o.tool_choice = ToolChoice::allowed({tools, 1}, true); },
     "tool_choice",
     R"({"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[)"
     R"({"type":"function","function":{"name":"weather"}}]}})"},
    {"tool_choice among none", [](ChatOptions& o) { o.tool_choice = ToolChoice::allowed({}); }, "tool_choice",
     R"({"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[]}})"},
    {"parallel_tool_calls", [](ChatOptions& o) { o.parallel_tool_calls = Tristate::yes; }, "parallel_tool_calls",
     "true"},
    {"parallel_tool_calls, none", [](ChatOptions& o) { o.parallel_tool_calls = Tristate::no; },
     "parallel_tool_calls", "false"},
    {"prediction", [](ChatOptions& o) { o.prediction = "int main() {\n"; }, "prediction",
     R"({"type":"content","content":"int main() {\n"})"},
    {"web_search_options", [](ChatOptions& o) { o.web_search_options = "{\"search_context_size\":\"low\"}"; },
     "web_search_options", R"({"search_context_size":"low"})"},
    {"service_tier", [](ChatOptions& o) { o.service_tier = "flex"; }, "service_tier", R"("flex")"},
    {"store", [](ChatOptions& o) { o.store = Tristate::yes; }, "store", "true"},
    {"store, not", [](ChatOptions& o) { o.store = Tristate::no; }, "store", "false"},
    {"metadata", [](ChatOptions& o) { o.metadata = metadata; }, "metadata", R"({"a":"1","\"b\"":""})"},
    {"metadata, one", [](ChatOptions& o) { o.metadata = one_entry; }, "metadata", R"({"k":"v"})"},
    {"user", [](ChatOptions& o) { o.user = "u"; }, "user", R"("u")"},
    {"an empty user", [](ChatOptions& o) { o.user = ""; }, "user", R"("")"},
    {"safety_identifier", [](ChatOptions& o) { o.safety_identifier = "s"; }, "safety_identifier", R"("s")"},
    {"prompt_cache_key", [](ChatOptions& o) { o.prompt_cache_key = "k"; }, "prompt_cache_key", R"("k")"},
    {"prompt_cache_retention", [](ChatOptions& o) { o.prompt_cache_retention = "24h"; }, "prompt_cache_retention",
     R"("24h")"},
};

std::string body_of(const ChatRequest& request, size_t window = 4096) {
    const oai::Endpoint endpoint("http://localhost");
    return written::split(written::whole(endpoint, request, window)).body;
}

// All of it at once.
void set_all(ChatOptions& options) {
    for (const Row& row : rows)
        if (row.member) row.change(options);
    options.tool_choice = ToolChoice::allowed(tools);
    options.response_format = ResponseFormat::json_schema("s", "{}", Tristate::yes, "d");
}

}  // namespace

TEST_CASE("each option is sent under its own name and changes nothing else") {
    const ChatRequest plain("m", "p");
    const std::string before = body_of(plain);
    for (const Row& row : rows) {
        ROW(row.name);
        ChatOptions options;
        row.change(options);
        ChatRequest request("m", "p");
        request.options = &options;
        const std::string body = body_of(request);
        std::string expected = before;
        if (row.member) expected.insert(expected.size() - 1, ",\"" + std::string(row.member) + "\":" + row.text);
        CHECK_EQ(body, expected);
        const json parsed = json::parse(body, nullptr, false);
        REQUIRE(parsed.is_object());
        CHECK_EQ(parsed.size(), row.member ? 4 : 3);
        if (row.member) CHECK(parsed.at(row.member) == json::parse(row.text));
        request.extra_json = "\"x\":1";  // members after the options
        json more = json::parse(before);
        if (row.member) more[row.member] = json::parse(row.text);
        more["x"] = 1;
        CHECK(json::parse(body_of(request), nullptr, false) == more);
    }
}

TEST_CASE("every member of the API's request object can be said") {
    // Of CreateChatCompletionRequest, without the deprecated functions and function_call.
    const std::set<std::string> api = {
        "audio", "frequency_penalty", "logit_bias", "logprobs", "max_completion_tokens", "max_tokens", "messages",
        "metadata", "modalities", "model", "moderation", "n", "parallel_tool_calls", "prediction", "presence_penalty",
        "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning_effort", "response_format", "safety_identifier",
        "seed", "service_tier", "stop", "store", "stream", "stream_options", "temperature", "tool_choice", "tools",
        "top_logprobs", "top_p", "user", "verbosity", "web_search_options"};
    std::set<std::string> ours = {"model", "messages", "stream", "tools"};
    for (const Row& row : rows)
        if (row.member) ours.insert(row.member);
    CHECK(ours == api);

    ChatOptions options;
    set_all(options);
    ChatRequest request("m", "p");
    request.options = &options;
    request.tools = tools;
    const json body = json::parse(body_of(request), nullptr, false);
    std::set<std::string> sent;
    for (const auto& item : body.items()) sent.insert(item.key());
    CHECK(sent == api);
}

TEST_CASE("everything at once, in windows of every size") {
    ChatOptions options;
    set_all(options);
    const ContentPart parts[] = {ContentPart::text("t\"\n"), ContentPart::image("http://i", ImageDetail::high),
                                 ContentPart::audio("AAAA", "wav"), ContentPart::file("n.pdf", "BBBB")};
    const ToolCall calls[] = {{"c", "sql", "select 1", oai::ToolKind::custom}};
    const Message messages[] = {Message::of_parts(Role::user, parts), Message::assistant("", calls)};
    ChatRequest request("m", messages);
    request.prompt = "p";
    request.tools = tools;
    request.options = &options;
    request.extra_json = "\"x\":[]";
    const std::string whole = body_of(request);
    REQUIRE(json::parse(whole, nullptr, false).is_object());
    for (size_t window = oai::RequestWriter::min_window_bytes; window <= 200; ++window) {
        ROW("windows of " + std::to_string(window) + " bytes");
        CHECK_EQ(body_of(request, window), whole);
    }
}

TEST_CASE("parts, tools and options of 1 MB pass through 2 KiB") {
    const std::string image = "data:image/png;base64," + std::string(512 * 1024, 'A');
    const std::string line = "a line with \"quotes\"\n";
    std::string text, schema = "{\"enum\":[";
    while (text.size() < 200 * 1024) text += line;
    while (schema.size() < 200 * 1024) schema += "\"a word\",";
    schema += "null]}";
    std::vector<ContentPart> parts(2000, ContentPart::text("a part"));
    parts.push_back(ContentPart::image(image));
    const Message message = Message::of_parts(Role::user, parts);
    const Tool tool("f", text, schema);
    ChatOptions options;
    options.prediction = text;
    options.response_format = ResponseFormat::json_schema("s", schema);
    ChatRequest request("m", {&message, 1});
    request.tools = {&tool, 1};
    request.options = &options;
    const std::string body = body_of(request, 2048);
    CHECK_GT(body.size(), 1024 * 1024);
    const json parsed = json::parse(body, nullptr, false);
    REQUIRE(parsed.is_object());
    CHECK_EQ(parsed["messages"][0]["content"].size(), parts.size());
    CHECK(parsed["messages"][0]["content"].back()["image_url"]["url"] == image);
    CHECK(parsed["tools"][0]["function"]["description"] == text);
    CHECK(parsed["prediction"]["content"] == text);
    CHECK(parsed["response_format"]["json_schema"]["schema"] == json::parse(schema));
}

TEST_CASE("options that cannot be sent") {
    struct BadRow {
        const char* name;
        void (*change)(ChatOptions& options, ChatRequest& request);
        Error error;
    };
    const BadRow bad[] = {
        {"nothing wrong", [](ChatOptions&, ChatRequest&) {}, Error::none},
        {"a NaN", [](ChatOptions& o, ChatRequest&) { o.temperature = std::numeric_limits<double>::quiet_NaN(); },
         Error::bad_request_field},
        {"an infinity", [](ChatOptions& o, ChatRequest&) { o.top_p = std::numeric_limits<double>::infinity(); },
         Error::bad_request_field},
        {"a text that is no number", [](ChatOptions& o, ChatRequest&) { o.frequency_penalty = "1,5"; },
         Error::bad_request_field},
        {"an empty text for a number", [](ChatOptions& o, ChatRequest&) { o.presence_penalty = ""; },
         Error::bad_request_field},
        {"a bias that is no JSON", [](ChatOptions& o, ChatRequest&) { o.logit_bias = "{50256:-100}"; },
         Error::bad_request_json},
        {"a schema that is no JSON",
         [](ChatOptions& o, ChatRequest&) { o.response_format = ResponseFormat::json_schema("s", "{"); },
         Error::bad_request_json},
        {"search options that are no JSON", [](ChatOptions& o, ChatRequest&) { o.web_search_options = "yes"; },
         Error::bad_request_json},
        {"usage asked for here and there",
         [](ChatOptions& o, ChatRequest& r) {
             o.include_usage = Tristate::yes;
             r.include_usage = Tristate::yes;
         },
         Error::bad_request_field},
        {"usage asked for there, obfuscation here",
         [](ChatOptions& o, ChatRequest& r) {
             o.include_obfuscation = Tristate::no;
             r.include_usage = Tristate::no;
         },
         Error::bad_request_field},
        {"usage asked for there, nothing here", [](ChatOptions&, ChatRequest& r) { r.include_usage = Tristate::yes; },
         Error::none},
    };
    const oai::Endpoint endpoint("http://localhost");
    for (const BadRow& row : bad) {
        ROW(row.name);
        ChatOptions options;
        ChatRequest request("m", "p");
        request.options = &options;
        row.change(options, request);
        oai::RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == row.error);
        CHECK(writer.error() == row.error);
        char window[64];
        CHECK_EQ(writer.write(window, sizeof window) != 0, row.error == Error::none);
    }
    const ChatOptions* none = nullptr;
    ChatRequest request("m", "p");
    request.options = none;
    CHECK(request.validate() == Error::none);
    CHECK_EQ(body_of(request), body_of(ChatRequest(request)));
}

TEST_CASE("the request in the README") {
    const StringView url = "http://i", schema = "{\"type\":\"object\"}";
    const oai::ContentPart parts[] = {oai::ContentPart::text("What is this?"), oai::ContentPart::image(url)};
    const oai::Message messages[] = {oai::Message::system("Be brief."), oai::Message::of_parts(oai::Role::user, parts)};
    oai::ChatOptions options;
    options.temperature = 0.2;
    options.max_completion_tokens = 200;
    options.response_format = oai::ResponseFormat::json_schema("answer", schema);
    oai::ChatRequest ask("gpt-4o", messages);
    ask.options = &options;
    CHECK(written::json_of(ask) ==
          json::parse(R"({"model":"gpt-4o","messages":[{"role":"system","content":"Be brief."},)"
                      R"({"role":"user","content":[{"type":"text","text":"What is this?"},)"
                      R"({"type":"image_url","image_url":{"url":"http://i"}}]}],)"
                      R"("stream":true,"temperature":0.2,"max_completion_tokens":200,"response_format":)"
                      R"({"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}})"));
}

TEST_CASE("every kind of content part") {
    struct PartRow {
        const char* name;
        ContentPart part;
        const char* text;
    };
    const PartRow parts[] = {
        {"nothing", ContentPart(), R"({"type":"text","text":""})"},
        {"a text", ContentPart::text("a \"text\""), R"({"type":"text","text":"a \"text\""})"},
        {"an image", ContentPart::image("http://i/j.png"),
         R"({"type":"image_url","image_url":{"url":"http://i/j.png"}})"},
        {"an image, detail automatic", ContentPart::image("u", ImageDetail::automatic),
         R"({"type":"image_url","image_url":{"url":"u","detail":"auto"}})"},
        {"an image, detail low", ContentPart::image("u", ImageDetail::low),
         R"({"type":"image_url","image_url":{"url":"u","detail":"low"}})"},
        {"an image, detail high", ContentPart::image("u", ImageDetail::high),
         R"({"type":"image_url","image_url":{"url":"u","detail":"high"}})"},
        {"audio", ContentPart::audio("AAAA", "wav"),
         R"({"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}})"},
        {"an uploaded file", ContentPart::file("file-1"), R"({"type":"file","file":{"file_id":"file-1"}})"},
        {"a file", ContentPart::file("n.pdf", "BBBB"),
         R"({"type":"file","file":{"file_data":"BBBB","filename":"n.pdf"}})"},
        {"a refusal", ContentPart::refusal("no"), R"({"type":"refusal","refusal":"no"})"},
    };
    std::vector<ContentPart> all;
    std::string all_text;
    for (const PartRow& row : parts) {
        ROW(row.name);
        all.push_back(row.part);
        all_text += (all_text.empty() ? "" : ",") + std::string(row.text);
        const Message messages[] = {Message::of_parts(Role::user, {&row.part, 1}), Message::of_parts(Role::user, all)};
        CHECK_EQ(body_of(ChatRequest("m", messages)),
                 "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[" + std::string(row.text) +
                     "]},{\"role\":\"user\",\"content\":[" + all_text + "]}],\"stream\":true}");
    }
    Message message = Message::user("not sent");
    message.parts = all;
    CHECK(written::json_of(ChatRequest("m", {&message, 1})).at("messages").at(0).at("content").size() == all.size());
}

TEST_CASE("what an assistant's message may be") {
    struct ExtraRow {
        const char* name;
        oai::AssistantExtra extra;
        const char* text;
    };
    const ExtraRow extras[] = {
        {"nothing", {{}, {}}, R"({"role":"assistant","content":null})"},
        {"a refusal", {"no", {}}, R"({"role":"assistant","content":null,"refusal":"no"})"},
        {"an answer that was spoken", {{}, "audio_1"},
         R"({"role":"assistant","content":null,"audio":{"id":"audio_1"}})"},
        {"both", {"", "a"}, R"({"role":"assistant","content":null,"refusal":"","audio":{"id":"a"}})"},
    };
    for (const ExtraRow& row : extras) {
        ROW(row.name);
        const Message message = Message::of_parts(Role::assistant, &row.extra);
        CHECK_EQ(body_of(ChatRequest("m", {&message, 1})),
                 "{\"model\":\"m\",\"messages\":[" + std::string(row.text) + "],\"stream\":true}");
    }
}

TEST_CASE("every kind of tool, and of call to it") {
    struct ToolRow {
        const char* name;
        Tool tool;
        const char* text;
    };
    Tool strict("f", {}, "{}"), loose("f", "d", {});
    strict.strict = Tristate::yes;
    loose.strict = Tristate::no;
    const ToolRow table[] = {
        {"a strict function", strict, R"({"type":"function","function":{"name":"f","parameters":{},"strict":true}})"},
        {"one that is not", loose, R"({"type":"function","function":{"name":"f","description":"d","strict":false}})"},
        {"a custom tool", Tool::custom("c", "d"), R"({"type":"custom","custom":{"name":"c","description":"d"}})"},
        {"a custom tool of a grammar", Tool::custom("c", {}, oai::GrammarSyntax::lark, "start: \"a\""),
         R"({"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":)"
         R"({"syntax":"lark","definition":"start: \"a\""}}}})"},
        {"a custom tool of an expression", Tool::custom("c", {}, oai::GrammarSyntax::regex, "a+"),
         R"({"type":"custom","custom":{"name":"c","format":{"type":"grammar","grammar":)"
         R"({"syntax":"regex","definition":"a+"}}}})"},
    };
    for (const ToolRow& row : table) {
        ROW(row.name);
        ChatRequest request("m", "p");
        request.tools = {&row.tool, 1};
        const std::string body = body_of(request);
        CHECK_NE(body.find(",\"tools\":[" + std::string(row.text) + "]}"), std::string::npos);
        CHECK(json::parse(body, nullptr, false).at("tools").at(0) == json::parse(row.text));
    }
    const ToolCall calls[] = {{"1", "f", "{}"}, {"2", "c", "a \"b\"", oai::ToolKind::custom}};
    const Message message = Message::assistant({}, calls);
    CHECK(written::json_of(ChatRequest("m", {&message, 1})).at("messages").at(0).at("tool_calls") ==
          json::parse(R"([{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},)"
                      R"({"id":"2","type":"custom","custom":{"name":"c","input":"a \"b\""}}])"));
}
