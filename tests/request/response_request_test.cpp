// The body of a request for a response: each field arrives under its own name, in the shape the Responses API has for
// it, and nothing else changes. Read back by another JSON parser.
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
using oai::ContentPart;
using oai::Error;
using oai::ImageDetail;
using oai::InputItem;
using oai::JsonValue;
using oai::ResponseFormat;
using oai::ResponseOptions;
using oai::ResponseRequest;
using oai::Role;
using oai::StringView;
using oai::Tool;
using oai::ToolCall;
using oai::ToolKind;
using oai::Tristate;
using Choice = oai::ResponseToolChoice;

static constexpr InputItem constant_items[] = {InputItem::system("s"), InputItem::user("u")};
static constexpr ResponseRequest constant_request("m", constant_items);
static_assert(constant_request.validate() == Error::none, "a request is a constant expression");
[[maybe_unused]] static constexpr ResponseOptions constant_options;
static_assert(std::is_trivially_copyable_v<ResponseRequest> && std::is_trivially_copyable_v<ResponseOptions>, "views");
static_assert(std::is_standard_layout_v<ResponseRequest> && std::is_standard_layout_v<ResponseOptions> &&
                  std::is_standard_layout_v<InputItem> && std::is_standard_layout_v<Choice>,
              "offsets");
static_assert(!std::is_assignable_v<oai::FlatTools&, std::vector<Tool>>, "a temporary would be gone");
static_assert(!std::is_assignable_v<const ResponseOptions*&, ResponseOptions>, "and so would options");
static_assert(!std::is_assignable_v<oai::List<JsonValue>&, std::vector<JsonValue>>, "and raw tools");

namespace {

const Tool tools[] = {{"weather", "Tells the weather.", "{}"}, Tool::custom("sql", "Runs a query.")};
const oai::MetadataEntry metadata[] = {{"a", "1"}, {"\"b\"", ""}};
const StringView include[] = {"reasoning.encrypted_content", "message.output_text.logprobs"};

struct Row {
    const char* name;
    void (*change)(ResponseOptions& options);
    const char* member;  // of the request's object; null: none
    const char* text;    // its value, byte for byte
};

const Row rows[] = {
    {"nothing", [](ResponseOptions&) {}, nullptr, ""},
    {"temperature", [](ResponseOptions& o) { o.temperature = 0.2; }, "temperature", "0.2"},
    {"top_p", [](ResponseOptions& o) { o.top_p = 0.0; }, "top_p", "0"},
    {"max_output_tokens", [](ResponseOptions& o) { o.max_output_tokens = 64; }, "max_output_tokens", "64"},
    {"max_tool_calls", [](ResponseOptions& o) { o.max_tool_calls = 0; }, "max_tool_calls", "0"},
    {"truncation", [](ResponseOptions& o) { o.truncation = "auto"; }, "truncation", R"("auto")"},
    {"context_management", [](ResponseOptions& o) { o.context_management = "[{\"type\":\"compaction\"}]"; },
     "context_management", R"([{"type":"compaction"}])"},
    {"format text", [](ResponseOptions& o) { o.text_format = ResponseFormat::text(); }, "text",
     R"({"format":{"type":"text"}})"},
    {"format json_object", [](ResponseOptions& o) { o.text_format = ResponseFormat::json_object(); }, "text",
     R"({"format":{"type":"json_object"}})"},
    {"format json_schema",
     [](ResponseOptions& o) { o.text_format = ResponseFormat::json_schema("s", "{\"type\":\"object\"}"); }, "text",
     R"({"format":{"type":"json_schema","name":"s","schema":{"type":"object"}}})"},
    {"format json_schema with everything",
     [](ResponseOptions& o) { o.text_format = ResponseFormat::json_schema("s", "{}", Tristate::yes, "what \"for\""); },
     "text", R"({"format":{"type":"json_schema","name":"s","description":"what \"for\"","schema":{},"strict":true}})"},
    {"verbosity", [](ResponseOptions& o) { o.verbosity = oai::Verbosity::low; }, "text", R"({"verbosity":"low"})"},
    {"verbosity medium", [](ResponseOptions& o) { o.verbosity = oai::Verbosity::medium; }, "text",
     R"({"verbosity":"medium"})"},
    {"format and verbosity",
     [](ResponseOptions& o) {
         o.text_format = ResponseFormat::json_schema("s", "{}");
         o.verbosity = oai::Verbosity::high;
     },
     "text", R"({"format":{"type":"json_schema","name":"s","schema":{}},"verbosity":"high"})"},
    {"reasoning effort", [](ResponseOptions& o) { o.reasoning_effort = "low"; }, "reasoning", R"({"effort":"low"})"},
    {"reasoning summary", [](ResponseOptions& o) { o.reasoning_summary = "auto"; }, "reasoning",
     R"({"summary":"auto"})"},
    {"reasoning context", [](ResponseOptions& o) { o.reasoning_context = "all_turns"; }, "reasoning",
     R"({"context":"all_turns"})"},
    {"reasoning mode", [](ResponseOptions& o) { o.reasoning_mode = "pro"; }, "reasoning", R"({"mode":"pro"})"},
    {"reasoning effort and summary",
     [](ResponseOptions& o) {
         o.reasoning_effort = "high";
         o.reasoning_summary = "detailed";
     },
     "reasoning", R"({"effort":"high","summary":"detailed"})"},
    {"all of reasoning",
     [](ResponseOptions& o) {
         o.reasoning_effort = o.reasoning_mode = "a";
         o.reasoning_summary = o.reasoning_context = "b";
     },
     "reasoning", R"({"effort":"a","summary":"b","context":"b","mode":"a"})"},
    {"include", [](ResponseOptions& o) { o.include = include; }, "include",
     R"(["reasoning.encrypted_content","message.output_text.logprobs"])"},
    {"top_logprobs", [](ResponseOptions& o) { o.top_logprobs = 20; }, "top_logprobs", "20"},
    {"include_obfuscation", [](ResponseOptions& o) { o.include_obfuscation = Tristate::yes; }, "stream_options",
     R"({"include_obfuscation":true})"},
    {"include_obfuscation, not", [](ResponseOptions& o) { o.include_obfuscation = Tristate::no; }, "stream_options",
     R"({"include_obfuscation":false})"},
    {"tool_choice automatic", [](ResponseOptions& o) { o.tool_choice = Choice::automatic(); }, "tool_choice",
     R"("auto")"},
    {"tool_choice none", [](ResponseOptions& o) { o.tool_choice = Choice::none(); }, "tool_choice", R"("none")"},
    {"tool_choice required", [](ResponseOptions& o) { o.tool_choice = Choice::required(); }, "tool_choice",
     R"("required")"},
    {"tool_choice a function", [](ResponseOptions& o) { o.tool_choice = Choice::function("f\"g"); }, "tool_choice",
     R"({"type":"function","name":"f\"g"})"},
    {"tool_choice a custom tool", [](ResponseOptions& o) { o.tool_choice = Choice::custom("c"); }, "tool_choice",
     R"({"type":"custom","name":"c"})"},
    {"tool_choice a hosted tool", [](ResponseOptions& o) { o.tool_choice = Choice::hosted("file_search"); },
     "tool_choice", R"({"type":"file_search"})"},
    {"tool_choice a server of tools", [](ResponseOptions& o) { o.tool_choice = Choice::mcp("wiki"); }, "tool_choice",
     R"({"type":"mcp","server_label":"wiki"})"},
    {"tool_choice one of its tools", [](ResponseOptions& o) { o.tool_choice = Choice::mcp("wiki", "ask"); },
     "tool_choice", R"({"type":"mcp","server_label":"wiki","name":"ask"})"},
    {"tool_choice among some", [](ResponseOptions& o) { o.tool_choice = Choice::allowed(tools); }, "tool_choice",
     R"({"type":"allowed_tools","mode":"auto","tools":[{"type":"function","name":"weather"},)"
     R"({"type":"custom","name":"sql"}]})"},
    {"tool_choice one of some", [](ResponseOptions& o) { o.tool_choice = Choice::allowed({tools, 1}, true); },
     "tool_choice",
     R"({"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"weather"}]})"},
    {"tool_choice in other words", [](ResponseOptions& o) { o.tool_choice = Choice::json("{\"type\":\"shell\"}"); },
     "tool_choice", R"({"type":"shell"})"},
    {"tool_choice in no words", [](ResponseOptions& o) { o.tool_choice = Choice::json(""); }, nullptr, ""},
    {"parallel_tool_calls", [](ResponseOptions& o) { o.parallel_tool_calls = Tristate::no; }, "parallel_tool_calls",
     "false"},
    {"background", [](ResponseOptions& o) { o.background = Tristate::yes; }, "background", "true"},
    {"store", [](ResponseOptions& o) { o.store = Tristate::no; }, "store", "false"},
    {"conversation", [](ResponseOptions& o) { o.conversation = "conv_1"; }, "conversation", R"("conv_1")"},
    {"prompt", [](ResponseOptions& o) { o.prompt_id = "pmpt_1"; }, "prompt", R"({"id":"pmpt_1"})"},
    {"prompt, version", [](ResponseOptions& o) { o.prompt_id = "p", o.prompt_version = "2"; }, "prompt",
     R"({"id":"p","version":"2"})"},
    {"prompt, variables", [](ResponseOptions& o) { o.prompt_id = "p", o.prompt_variables = "{\"city\":\"Brest\"}"; },
     "prompt", R"({"id":"p","variables":{"city":"Brest"}})"},
    {"prompt without an id", [](ResponseOptions& o) { o.prompt_version = "2", o.prompt_variables = "{}"; }, nullptr,
     ""},
    {"metadata", [](ResponseOptions& o) { o.metadata = metadata; }, "metadata", R"({"a":"1","\"b\"":""})"},
    {"service_tier", [](ResponseOptions& o) { o.service_tier = "flex"; }, "service_tier", R"("flex")"},
    {"prompt_cache_key", [](ResponseOptions& o) { o.prompt_cache_key = "k"; }, "prompt_cache_key", R"("k")"},
    {"prompt_cache_retention", [](ResponseOptions& o) { o.prompt_cache_retention = "24h"; }, "prompt_cache_retention",
     R"("24h")"},
    {"prompt_cache_options", [](ResponseOptions& o) { o.prompt_cache_options = "{\"mode\":\"explicit\"}"; },
     "prompt_cache_options", R"({"mode":"explicit"})"},
    {"moderation", [](ResponseOptions& o) { o.moderation = "{\"model\":\"omni\"}"; }, "moderation",
     R"({"model":"omni"})"},
    {"background_options", [](ResponseOptions& o) { o.background_options = "{}"; }, "background_options", "{}"},
    {"access_programs", [](ResponseOptions& o) { o.access_programs = "{}"; }, "access_programs", "{}"},
    {"image", [](ResponseOptions& o) { o.image = "{}"; }, "image", "{}"},
    {"safety_identifier", [](ResponseOptions& o) { o.safety_identifier = "s"; }, "safety_identifier", R"("s")"},
    {"user", [](ResponseOptions& o) { o.user = "u"; }, "user", R"("u")"},
};

std::string body_of(const ResponseRequest& request, size_t window = 4096) {
    const oai::Endpoint endpoint("http://localhost");
    return written::split(written::whole(endpoint, request, window)).body;
}

void set_all(ResponseOptions& options) {
    for (const Row& row : rows)
        if (row.member) row.change(options);
    options.tool_choice = Choice::allowed(tools);
}

}  // namespace

TEST_CASE("each option of a response is sent under its own name and changes nothing else") {
    const std::string before = body_of(ResponseRequest("m", "p"));
    CHECK_EQ(before, R"({"stream":true,"model":"m","input":"p"})");
    for (const Row& row : rows) {
        ROW(row.name);
        ResponseOptions options;
        row.change(options);
        ResponseRequest request("m", "p");
        request.options = &options;
        std::string expected = before;
        if (row.member) expected.insert(expected.size() - 1, ",\"" + std::string(row.member) + "\":" + row.text);
        CHECK_EQ(body_of(request), expected);
        const json parsed = json::parse(expected, nullptr, false);
        REQUIRE(parsed.is_object());
        CHECK_EQ(parsed.size(), row.member ? 4 : 3);
        request.extra_json = "\"x\":1";  // members after the options
        expected.insert(expected.size() - 1, ",\"x\":1");
        CHECK_EQ(body_of(request), expected);
    }
}

TEST_CASE("every member of the Responses API's request object can be said") {
    // Of CreateResponse.
    const std::set<std::string> api = {
        "access_programs", "background", "background_options", "context_management", "conversation", "image", "include", "input",
        "instructions", "max_output_tokens",
        "max_tool_calls", "metadata", "model", "moderation", "parallel_tool_calls", "previous_response_id", "prompt",
        "prompt_cache_key", "prompt_cache_options", "prompt_cache_retention", "reasoning", "safety_identifier",
        "service_tier", "store", "stream", "stream_options", "temperature", "text", "tool_choice", "tools",
        "top_logprobs", "top_p", "truncation", "user"};
    std::set<std::string> ours = {"model", "input", "stream", "tools", "instructions", "previous_response_id"};
    for (const Row& row : rows)
        if (row.member) ours.insert(row.member);
    CHECK(ours == api);
}

TEST_CASE("what the input may be") {
    struct InputRow {
        const char* name;
        InputItem item;
        const char* text;
    };
    const ContentPart parts[] = {ContentPart::text("t\"\n"), ContentPart::image("http://i", ImageDetail::high),
                                 ContentPart::image("u", ImageDetail::original),
                                 ContentPart::image_file("file-1", ImageDetail::low), ContentPart::audio("AAAA", "wav"),
                                 ContentPart::file("file-2"), ContentPart::file("n.pdf", "BBBB"),
                                 ContentPart::file_at("http://f")};
    const ContentPart answer[] = {ContentPart::text("a"), ContentPart::refusal("no"), ContentPart::image("not one")};
    const ToolCall call = {"c1", "weather", "{\"city\":\"Paris\"}"}, custom = {"c2", "sql", "q", ToolKind::custom};
    const oai::CommandOutput commands[] = {{"\"a\"\n", "", -1}, {"", "slow"}};
    const InputRow inputs[] = {
        {"system", InputItem::system("t"), R"({"type":"message","role":"system","content":"t"})"},
        {"developer", InputItem::developer("t"), R"({"type":"message","role":"developer","content":"t"})"},
        {"user", InputItem::user("\"t\""), R"({"type":"message","role":"user","content":"\"t\""})"},
        {"assistant", InputItem::assistant("t"), R"({"type":"message","role":"assistant","content":"t"})"},
        {"assistant in a phase", InputItem::assistant("t", "commentary"),
         R"({"type":"message","role":"assistant","phase":"commentary","content":"t"})"},
        {"nothing said", InputItem(), R"({"type":"message","role":"user","content":""})"},
        {"parts", InputItem::of_parts(Role::user, parts),
         R"({"type":"message","role":"user","content":[{"type":"input_text","text":"t\"\n"},)"
         R"({"type":"input_image","image_url":"http://i","detail":"high"},)"
         R"({"type":"input_image","image_url":"u","detail":"original"},)"
         R"({"type":"input_image","file_id":"file-1","detail":"low"},)"
         R"({"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}},)"
         R"({"type":"input_file","file_id":"file-2"},)"
         R"({"type":"input_file","file_data":"BBBB","filename":"n.pdf"},)"
         R"({"type":"input_file","file_url":"http://f"}]})"},
        {"parts of an answer", InputItem::of_parts(Role::assistant, answer),
         R"({"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"},)"
         R"({"type":"refusal","refusal":"no"},{"type":"output_text","text":"not one"}]})"},
        {"a call of a function", InputItem::call(call),
         R"({"type":"function_call","call_id":"c1","name":"weather","arguments":"{\"city\":\"Paris\"}"})"},
        {"a call of a custom tool", InputItem::call(custom),
         R"({"type":"custom_tool_call","call_id":"c2","name":"sql","input":"q"})"},
        {"a call that is not there", InputItem::call({}), R"({"type":"function_call","call_id":"","arguments":""})"},
        {"a function's result", InputItem::function_call_output("c1", "21 \"C\""),
         R"({"type":"function_call_output","call_id":"c1","output":"21 \"C\""})"},
        {"a custom tool's result", InputItem::function_call_output("c2", "r", ToolKind::custom),
         R"({"type":"custom_tool_call_output","call_id":"c2","output":"r"})"},
        {"a result of parts", InputItem::function_call_output_of_parts("c1", {parts, 1}),
         R"({"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"t\"\n"}]})"},
        {"a shell's result", InputItem::shell_call_output("c3", commands),
         R"({"call_id":"c3","type":"shell_call_output","output":[)"
         R"({"stdout":"\"a\"\n","stderr":"","outcome":{"type":"exit","exit_code":-1}},)"
         R"({"stdout":"","stderr":"slow","outcome":{"type":"timeout"}}]})"},
        {"a result of another tool, with more",
         InputItem::call_output("apply_patch_call_output", "c4", "\"done\"").with_extra_json("\"status\":\"completed\""),
         R"({"call_id":"c4","type":"apply_patch_call_output","output":"\"done\"","status":"completed"})"},
        {"an MCP tool may be called", InputItem::mcp_approval_response("mcpr_1", true),
         R"({"type":"mcp_approval_response","approval_request_id":"mcpr_1","approve":true})"},
        {"an MCP tool may not be called, and why",
         InputItem::mcp_approval_response("mcpr_1", false, "not \"now\"").with_extra_json("\"approve\":true"),
         R"({"type":"mcp_approval_response","approval_request_id":"mcpr_1","reason":"not \"now\"","approve":false})"},
        {"a reference", InputItem::reference("msg_1"), R"({"type":"item_reference","id":"msg_1"})"},
        {"any other item", InputItem::json(R"({"type":"reasoning","id":"rs_1","summary":[]})"),
         R"({"type":"reasoning","id":"rs_1","summary":[]})"},
        {"an item of no words", InputItem::json(""), "null"},
    };
    std::vector<InputItem> all;
    std::string all_text;
    for (const InputRow& row : inputs) {
        ROW(row.name);
        REQUIRE(json::accept(row.text));
        all.push_back(row.item);
        all_text += (all_text.empty() ? "" : ",") + std::string(row.text);
        CHECK_EQ(body_of(ResponseRequest("m", {&row.item, 1})),
                 "{\"stream\":true,\"model\":\"m\",\"input\":[" + std::string(row.text) + "]}");
        ResponseRequest request("m", all);
        CHECK_EQ(body_of(request), "{\"stream\":true,\"model\":\"m\",\"input\":[" + all_text + "]}");
        request.input = "and";
        CHECK_EQ(body_of(request), "{\"stream\":true,\"model\":\"m\",\"input\":[" + all_text +
                                       R"(,{"type":"message","role":"user","content":"and"}]})");
    }
}

TEST_CASE("an item's JSON text is what json() was given") {
    ROW("and of no other item");
    CHECK_EQ(InputItem::json("{}").with_extra_json("\"a\":1").json_text(), "{}");
    CHECK(InputItem::user("t").with_extra_json("\"a\":1").json_text().data() == nullptr);
    CHECK(InputItem::mcp_approval_response("r", true).json_text().data() == nullptr);
}

TEST_CASE("tools of every kind, and what else a request has") {
    Tool strict("f", {}, "{\"type\":\"object\"}"), loose("f", "d", {});
    strict.strict = Tristate::yes;
    loose.strict = Tristate::no;
    const Tool all[] = {strict, loose, Tool::custom("c", "d"),
                        Tool::custom("c", {}, oai::GrammarSyntax::lark, "start: \"a\""),
                        Tool::custom("c", {}, oai::GrammarSyntax::regex, "a+")};
    const JsonValue hosted[] = {R"({"type":"web_search"})", R"({"type":"file_search","vector_store_ids":["vs_1"]})", ""};
    const std::string ours = R"({"type":"function","name":"f","parameters":{"type":"object"},"strict":true},)"
                             R"({"type":"function","name":"f","description":"d","strict":false},)"
                             R"({"type":"custom","name":"c","description":"d"},)"
                             R"({"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark",)"
                             R"("definition":"start: \"a\""}},)"
                             R"({"type":"custom","name":"c","format":{"type":"grammar","syntax":"regex",)"
                             R"("definition":"a+"}})";
    const std::string theirs = R"({"type":"web_search"},{"type":"file_search","vector_store_ids":["vs_1"]},null)";
    const std::string before = R"({"stream":true,"model":"m","input":"p","tools":[)";
    ResponseRequest request("m", "p");
    request.tools = all;
    CHECK_EQ(body_of(request), before + ours + "]}");
    request.built_in_tools = hosted;
    CHECK_EQ(body_of(request), before + ours + "," + theirs + "]}");
    request.tools = {};
    CHECK_EQ(body_of(request), before + theirs + "]}");
    REQUIRE(json::accept(body_of(request)));

    ResponseRequest next;
    next.model = "m";
    next.previous_response_id = "resp_\"1";
    CHECK_EQ(body_of(next), R"({"stream":true,"model":"m","previous_response_id":"resp_\"1"})");
    next.instructions = "Be brief.";
    next.input = "p";
    CHECK_EQ(body_of(next),
             R"({"stream":true,"model":"m","input":"p","instructions":"Be brief.","previous_response_id":"resp_\"1"})");
}

TEST_CASE("a response's request with everything, in windows of every size") {
    ResponseOptions options;
    set_all(options);
    options.conversation = {};
    const ContentPart parts[] = {ContentPart::text("t\"\n"), ContentPart::image("http://i", ImageDetail::high)};
    const InputItem items[] = {InputItem::of_parts(Role::user, parts), InputItem::call({"c", "sql", "select 1"}),
                               InputItem::function_call_output_of_parts("c", parts),
                               InputItem::json("{\"type\":\"reasoning\"}")};
    const JsonValue hosted[] = {"{\"type\":\"mcp\"}"};
    ResponseRequest request("m", items);
    request.input = "p";
    request.instructions = "i";
    request.previous_response_id = "resp_1";
    request.tools = tools;
    request.built_in_tools = hosted;
    request.options = &options;
    request.extra_json = "\"x\":[]";
    const std::string whole = body_of(request);
    const json parsed = json::parse(whole, nullptr, false);
    REQUIRE(parsed.is_object());
    CHECK_EQ(parsed.size(), 34);  // the API's without conversation, and x
    for (size_t window = oai::RequestWriter::min_window_bytes; window <= 200; ++window) {
        ROW("windows of " + std::to_string(window) + " bytes");
        CHECK_EQ(body_of(request, window), whole);
    }
}

TEST_CASE("requests for responses that cannot be sent") {
    struct BadRow {
        const char* name;
        void (*change)(ResponseOptions& options, ResponseRequest& request);
        Error error;
    };
    static const JsonValue wrong_tool[] = {"{\"type\":"};
    static const InputItem wrong_item[] = {InputItem::json("{type:1}")};
    const BadRow bad[] = {
        {"nothing wrong", [](ResponseOptions&, ResponseRequest&) {}, Error::none},
        {"no model", [](ResponseOptions&, ResponseRequest& r) { r.model = {}; }, Error::bad_request_field},
        {"an empty model", [](ResponseOptions&, ResponseRequest& r) { r.model = ""; }, Error::bad_request_field},
        {"no model, but a prompt", [](ResponseOptions& o, ResponseRequest& r) { r.model = {}, o.prompt_id = "p"; },
         Error::none},
        {"no input", [](ResponseOptions&, ResponseRequest& r) { r.input = {}; }, Error::bad_request_field},
        {"an empty input", [](ResponseOptions&, ResponseRequest& r) { r.input = ""; }, Error::none},
        {"no input, but an earlier response",
         [](ResponseOptions&, ResponseRequest& r) { r.input = {}, r.previous_response_id = "r"; }, Error::none},
        {"no input, but a conversation",
         [](ResponseOptions& o, ResponseRequest& r) { r.input = {}, o.conversation = "c"; }, Error::none},
        {"an earlier response and a conversation",
         [](ResponseOptions& o, ResponseRequest& r) { o.conversation = "c", r.previous_response_id = "r"; },
         Error::bad_request_field},
        {"a NaN",
         [](ResponseOptions& o, ResponseRequest&) { o.temperature = std::numeric_limits<double>::quiet_NaN(); },
         Error::bad_request_field},
        {"a text that is no number", [](ResponseOptions& o, ResponseRequest&) { o.top_p = "1,5"; },
         Error::bad_request_field},
        {"variables that are no JSON",
         [](ResponseOptions& o, ResponseRequest&) { o.prompt_id = "p", o.prompt_variables = "{city}"; },
         Error::bad_request_json},
        {"a schema that is no JSON",
         [](ResponseOptions& o, ResponseRequest&) { o.text_format = ResponseFormat::json_schema("s", "{"); },
         Error::bad_request_json},
        {"a choice that is no JSON", [](ResponseOptions& o, ResponseRequest&) { o.tool_choice = Choice::json("auto"); },
         Error::bad_request_json},
        {"a hosted tool that is no JSON", [](ResponseOptions&, ResponseRequest& r) { r.built_in_tools = wrong_tool; },
         Error::bad_request_json},
        {"an item that is no JSON", [](ResponseOptions&, ResponseRequest& r) { r.items = wrong_item; },
         Error::bad_request_json},
        {"extra members that are none", [](ResponseOptions&, ResponseRequest& r) { r.extra_json = "{}"; },
         Error::bad_request_json},
    };
    const oai::Endpoint endpoint("http://localhost");
    for (const BadRow& row : bad) {
        ROW(row.name);
        ResponseOptions options;
        ResponseRequest request("m", "p");
        request.options = &options;
        row.change(options, request);
        oai::RequestWriter writer;
        CHECK(writer.begin(endpoint, request) == row.error);
        char window[64];
        CHECK_EQ(writer.write(window, sizeof window) != 0, row.error == Error::none);
    }
}

TEST_CASE("legacy completions") {
    const StringView stops[] = {"\n"};
    oai::ChatOptions options;
    options.max_tokens = 16;
    options.temperature = 0.5;
    options.stop = stops;
    options.include_usage = Tristate::yes;
    oai::CompletionRequest request("m", "Once upon \"a\" time");
    CHECK_EQ(written::split(written::whole(oai::Endpoint("http://h/v1"), request)).head.substr(0, 32),
             "POST /v1/completions HTTP/1.1\r\nH");
    CHECK(written::json_of(request) == json{{"model", "m"}, {"prompt", "Once upon \"a\" time"}, {"stream", true}});
    request.suffix = "s";
    request.echo = Tristate::yes;
    request.logprobs = 3;
    request.best_of = 2;
    request.options = &options;
    request.extra_json = "\"x\":null";
    CHECK(written::json_of(request) ==
          json::parse(R"({"model":"m","prompt":"Once upon \"a\" time","stream":true,"suffix":"s","echo":true,)"
                      R"("logprobs":3,"best_of":2,"temperature":0.5,"max_tokens":16,"stop":["\n"],)"
                      R"("stream_options":{"include_usage":true},"x":null})"));
    request.model = {};
    CHECK(request.validate() == Error::bad_request_field);
}

TEST_CASE("a request in the user's own words") {
    const oai::Endpoint endpoint("http://h/v1");
    const std::string body = R"({"model":"m","messages":[],"stream":true})";
    const std::string path = "/v2/chat";
    const oai::RawRequest request(path, body);
    const written::Message message = written::split(written::whole(endpoint, request, 16));
    CHECK_EQ(message.body, body);
    CHECK_EQ(message.head.substr(0, 26), "POST /v1/v2/chat HTTP/1.1\r");
    oai::RequestWriter writer;
    const oai::RawRequest broken("/x", "{"), empty("/x", ""), nowhere("", "{}"), split_up("/x y", "{}");
    CHECK(writer.begin(endpoint, broken) == Error::bad_request_json);
    CHECK(writer.begin(endpoint, empty) == Error::bad_request_field);
    CHECK(writer.begin(endpoint, nowhere) == Error::bad_header_value);
    CHECK(writer.begin(endpoint, split_up) == Error::bad_header_value);
}

TEST_CASE("a request without a body, in the user's own words, has a path and nothing else") {
    const oai::Endpoint endpoint("http://h/v1");
    const oai::RawRequest request = oai::RawRequest::get("/batches?limit=3");
    CHECK(request.validate() == Error::none);
    oai::RequestWriter writer;
    REQUIRE(writer.begin(endpoint, request) == Error::none);
    const std::string all = written::rest_of(writer);
    CHECK_EQ(all.substr(0, all.find('\r')), "GET /v1/batches?limit=3 HTTP/1.1");
    CHECK_EQ(all.find("\r\n\r\n"), all.size() - 4);
    CHECK_EQ(all.find("Content-Length"), std::string::npos);
    oai::RawRequest with_body = oai::RawRequest::get("/batches");
    with_body.json = "{}";
    CHECK_EQ(std::string(with_body.invalid_field()), "json");
    CHECK(with_body.validate() == Error::bad_request_field);
    const oai::RawRequest nowhere = oai::RawRequest::get("batches");
    CHECK_EQ(std::string(nowhere.invalid_field()), "path");
    CHECK(request.invalid_field() == nullptr);
    CHECK(oai::CompletionRequest("m", "p").validate() == Error::none);
    CHECK(oai::CompletionRequest("", "p").validate() == Error::bad_request_field);
}
