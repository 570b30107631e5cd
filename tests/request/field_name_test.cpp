// An error of the caller names the field: by its path in the request, or by its name in the Endpoint.
#include "support/guard_page.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <limits>
#include <string>

namespace oai = openai_stream;
using oai::ChatOptions;
using oai::ChatRequest;
using oai::ContentPart;
using oai::Endpoint;
using oai::Error;
using oai::InputItem;
using oai::JsonValue;
using oai::Message;
using oai::ResponseOptions;
using oai::ResponseRequest;
using oai::Role;
using oai::Tool;
using oai::ToolCall;

namespace {

const double nan = std::numeric_limits<double>::quiet_NaN();

// The error and the name of the field; also that any memory is enough, and what has no room is left out.
template <class Request> std::string refusal_of(const Request& request, const Endpoint& endpoint) {
    oai::RequestWriter writer;
    const Error error = writer.begin(endpoint, request);
    if (error == Error::none) return "none";
    char memory[100];
    const std::string whole(writer.refused_field(memory));
    for (size_t size = 0; size <= whole.size(); ++size) {
        support::GuardedBuffer room(size + 1);
        const std::string cut(writer.refused_field({room.data() + 1, size}));
        if (cut != whole) CHECK_EQ(cut, whole.substr(0, size));  // a static name is never cut
    }
    char exchange_memory[512];
    oai::Exchange exchange(exchange_memory);
    CHECK(exchange.begin(endpoint, request) == error);
    CHECK_EQ(std::string(exchange.refused_field(memory)), whole);
    const char* const kind = error == Error::bad_request_json    ? "json "
                             : error == Error::bad_request_field ? "field "
                             : error == Error::bad_header_value  ? "header "
                                                                 : "";
    return kind + whole;
}
template <class Request> std::string refusal_of(const Request& request) {
    const Endpoint endpoint("http://h/v1");
    return refusal_of(request, endpoint);
}
std::string chat_with(const ChatOptions& options) {
    ChatRequest request("m", "p");
    request.options = &options;
    return refusal_of(request);
}
std::string response_with(const ResponseOptions& options) {
    ResponseRequest request("m", "p");
    request.options = &options;
    return refusal_of(request);
}
std::string response_with(const InputItem& third) {
    const InputItem items[] = {InputItem::user("a"), InputItem::assistant("b"), third};
    return refusal_of(ResponseRequest("m", items));
}

struct Row {
    const char* name;
    std::string (*refusal)();
    const char* expected;
};
const Row rows[] = {
    {"no model", [] { return refusal_of(ChatRequest({}, "p")); }, "field model"},
    {"no messages", [] { return refusal_of(ChatRequest("m", oai::StringView())); }, "field messages"},
    {"stream options said twice",
     [] {
         ChatOptions options;
         options.include_usage = oai::Tristate::yes;
         ChatRequest request("m", "p");
         request.include_usage = oai::Tristate::yes;
         request.options = &options;
         return refusal_of(request);
     },
     "field include_usage"},
    {"members that are none",
     [] {
         ChatRequest request("m", "p");
         request.extra_json = "x";
         return refusal_of(request);
     },
     "json extra_json"},
    {"the first tool's parameters",
     [] {
         const Tool tools[] = {{"f", {}, "{"}};
         ChatRequest request("m", "p");
         request.tools = tools;
         return refusal_of(request);
     },
     "json tools[0].parameters"},
    {"the twelfth tool's members",
     [] {
         Tool tools[12];
         tools[11].extra_json = "{}";
         ChatRequest request("m", "p");
         request.tools = tools;
         return refusal_of(request);
     },
     "json tools[11].extra_json"},
    {"the second message's members",
     [] {
         Message messages[] = {Message::user("a"), Message::user("b")};
         messages[1].extra_json = ",";
         return refusal_of(ChatRequest("m", messages));
     },
     "json messages[1].extra_json"},
    {"a call's members",
     [] {
         ToolCall calls[] = {{"1", "f", "{}"}, {"2", "g", "{}"}};
         calls[1].extra_json = "x";
         const Message message = Message::assistant({}, calls);
         return refusal_of(ChatRequest("m", {&message, 1}));
     },
     "json messages[0].tool_calls[1].extra_json"},
    {"a part's members",
     [] {
         const ContentPart parts[] = {ContentPart::image("u"), ContentPart::text("t").with_extra_json("x")};
         const Message message = Message::of_parts(Role::user, parts);
         return refusal_of(ChatRequest("m", {&message, 1}));
     },
     "json messages[0].content[1].extra_json"},
    {"a part's breakpoint",
     [] {
         const ContentPart part = ContentPart::image("u").with_prompt_cache_breakpoint("x");
         const Message message = Message::of_parts(Role::user, {&part, 1});
         return refusal_of(ChatRequest("m", {&message, 1}));
     },
     "json messages[0].content[0].prompt_cache_breakpoint"},
    {"an option that is no number",
     [] {
         ChatOptions options;
         options.top_p = nan;
         return chat_with(options);
     },
     "field top_p"},
    {"an option after tools",
     [] {
         const Tool tools[] = {{"f", {}, "{}"}};
         ChatOptions options;
         options.temperature = "hot";
         ChatRequest request("m", "p");
         request.tools = tools;
         request.options = &options;
         return refusal_of(request);
     },
     "field temperature"},
    {"an option in JSON",
     [] {
         ChatOptions options;
         options.logit_bias = "{";
         return chat_with(options);
     },
     "json logit_bias"},
    {"a schema",
     [] {
         ChatOptions options;
         options.response_format = oai::ResponseFormat::json_schema("s", "{");
         return chat_with(options);
     },
     "json schema"},
    {"a legacy completion's model", [] { return refusal_of(oai::CompletionRequest()); }, "field model"},
    {"a legacy completion's members",
     [] {
         oai::CompletionRequest request("m", "p");
         request.extra_json = "x";
         return refusal_of(request);
     },
     "json extra_json"},
    {"a response's model", [] { return refusal_of(ResponseRequest({}, "p")); }, "field model"},
    {"a response's input", [] { return refusal_of(ResponseRequest("m", oai::StringView())); }, "field input"},
    {"a response after two",
     [] {
         ResponseOptions options;
         options.conversation = "c";
         ResponseRequest request("m", "p");
         request.previous_response_id = "r";
         request.options = &options;
         return refusal_of(request);
     },
     "field conversation"},
    {"a response's option",
     [] {
         ResponseOptions options;
         options.moderation = "x";
         return response_with(options);
     },
     "json moderation"},
    {"a prompt's variables",
     [] {
         ResponseOptions options;
         options.prompt_id = "p";
         options.prompt_variables = "x";
         return response_with(options);
     },
     "json variables"},
    {"an item that is JSON", [] { return response_with(InputItem::json("{")); }, "json input[2]"},
    {"an item's members", [] { return response_with(InputItem::function_call_output("c", "r").with_extra_json("{")); },
     "json input[2].extra_json"},
    {"a part of an item",
     [] {
         const ContentPart parts[] = {ContentPart::text("a"), ContentPart::text("b").with_extra_json("{")};
         return response_with(InputItem::of_parts(Role::user, parts));
     },
     "json input[2].content[1].extra_json"},
    {"a part of a result",
     [] {
         const ContentPart part = ContentPart::text("b").with_extra_json("{");
         return response_with(InputItem::function_call_output_of_parts("c", {&part, 1}));
     },
     "json input[2].content[0].extra_json"},
    {"a function's results",
     [] {
         Tool tools[] = {{"f", {}, "{}"}, {"g", {}, "{}"}};
         tools[1].output_schema = "{";
         ResponseRequest request("m", "p");
         request.tools = tools;
         return refusal_of(request);
     },
     "json tools[1].output_schema"},
    {"a tool of the server's own",
     [] {
         const JsonValue hosted[] = {"{}", "{"};
         ResponseRequest request("m", "p");
         request.built_in_tools = hosted;
         return refusal_of(request);
     },
     "json tools[1]"},
    {"a body of no words", [] { return refusal_of(oai::RawRequest("/x", {})); }, "field json"},
    {"a body that is no JSON", [] { return refusal_of(oai::RawRequest("/x", "{")); }, "json "},
    {"a path without its slash", [] { return refusal_of(oai::RawRequest("x", "{}")); }, "header path"},
    {"an id", [] { return refusal_of(oai::RetrieveRequest("..")); }, "field id"},
    {"what to include",
     [] {
         const oai::StringView names[] = {"a&b"};
         oai::RetrieveRequest request("r");
         request.include = names;
         return refusal_of(request);
     },
     "field include"},
    {"an id to cancel", [] { return refusal_of(oai::CancelRequest("")); }, "field id"},
};

}  // namespace

TEST_CASE("what cannot be sent of a request is named") {
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(row.refusal(), row.expected);
    }
}

TEST_CASE("what cannot be sent of an Endpoint is named") {
    struct Field {
        const char* name;
        void (*change)(Endpoint& endpoint);
    };
    static const oai::http::HeaderField wrong[] = {{"X-A", "b"}, {"X-B", "\n"}};
    const Field fields[] = {
        {"prefix", [](Endpoint& e) { e.prefix = "/v1\n"; }},
        {"query", [](Endpoint& e) { e.query = "a b"; }},
        {"api_version", [](Endpoint& e) { e = oai::AzureEndpoint("http://h", "K", "gpt", "a b"); }},
        {"host", [](Endpoint& e) { e.host = "h\r\nX: y"; }},
        {"key", [](Endpoint& e) { e.key = "sk-1\n"; }},
        {"key", [](Endpoint& e) { e = oai::AzureEndpoint("http://h", "sk-1\n"); }},
        {"organization", [](Endpoint& e) { e.organization = "\r"; }},
        {"project", [](Endpoint& e) { e.project = "\x7F"; }},
        {"headers", [](Endpoint& e) { e.headers = wrong; }},
    };
    const ChatRequest ask("m", "p");
    const oai::RetrieveRequest retrieve("r");
    for (const Field& field : fields) {
        ROW(field.name);
        Endpoint endpoint("http://h/v1");
        field.change(endpoint);
        CHECK_EQ(refusal_of(ask, endpoint), std::string("header ") + field.name);
        CHECK_EQ(refusal_of(retrieve, endpoint), std::string("header ") + field.name);
    }
}

TEST_CASE("a writer that was refused once names nothing later") {
    oai::RequestWriter writer;
    char memory[64];
    const Endpoint endpoint("http://h"), nowhere("nonsense");
    ChatRequest request("m", "p");
    request.extra_json = "x";
    REQUIRE(writer.begin(endpoint, request) == Error::bad_request_json);
    request.extra_json = {};
    CHECK(writer.begin(nowhere, request) == Error::bad_url);
    CHECK(writer.refused_field(memory).empty());
    request.model = {};
    CHECK(writer.begin(endpoint, request) == Error::bad_request_field);
    request.model = "m";
    CHECK(writer.begin_body(request) == Error::none);
    CHECK(writer.refused_field(memory).empty());
    CHECK(writer.begin(endpoint, request) == Error::none);
    CHECK(writer.refused_field(memory).empty());
}

namespace {

using oai::detail::FieldDescriptor;
using oai::detail::FieldType;

const oai::Checked refused = {"x", [](const oai::StringView&) noexcept { return Error::bad_request_json; }};

// A list of one element, which is refused, and what may stand in a table before it.
struct Own {
    oai::Checked checked;
    uint8_t word = 0;
    oai::detail::Elements list;
};
constexpr FieldDescriptor element_rows[] = {{",\"element\":", FieldType::checked}, {"", FieldType::end}};
const oai::detail::MessageDescriptor element_descriptor =
    oai::detail::MessageDescriptor::of<oai::Checked>(element_rows, oai::detail::ListStyle::items);
constexpr FieldDescriptor list("[", FieldType::list, offsetof(Own, list)), end("]", FieldType::end);
constexpr FieldDescriptor first[] = {{"{\"first\":", FieldType::checked, offsetof(Own, checked)}, end};
constexpr FieldDescriptor half_quoted[] = {{",first\":", FieldType::checked, offsetof(Own, checked)}, end};
constexpr FieldDescriptor keyless[] = {"{", list, end};
constexpr FieldDescriptor word(",\"word\":\0\"a\"\0", FieldType::enumeration, offsetof(Own, word));
constexpr FieldDescriptor words("\0,\"a\":\0,\"b\":\0", FieldType::enumeration, offsetof(Own, word));
constexpr FieldDescriptor after_word[] = {word, list, end}, after_words[] = {words, list, end};

}  // namespace

TEST_CASE("what cannot be sent of a body in pieces of the program's own is named by its table, if it has one") {
    const struct {
        const char* name;
        const FieldDescriptor* table;
        const char* expected;
    } tables[] = {
        {"the first member", first, "first"},
        {"a key without its first quote", half_quoted, ",first"},
        {"a list without a key", keyless, "[0].element"},
        {"a list after a member with a word", after_word, "word[0].element"},
        {"a list after a word that is its key", after_words, "a[0].element"},
    };
    char memory[64];
    const Endpoint endpoint("http://h");
    for (const auto& row : tables) {
        ROW(row.name);
        Own own;
        if (row.table == first || row.table == half_quoted) own.checked = refused;
        own.word = 1;
        own.list = {&refused, &element_descriptor, 1};
        oai::RequestWriter writer;
        CHECK(writer.begin(endpoint, "/x", {&own, oai::detail::next, row.table}) == Error::bad_request_json);
        CHECK_EQ(std::string(writer.refused_field(memory)), row.expected);
    }
    ROW("no table, of an element in a list");
    const auto next = [](const void*, oai::Cursor& at, oai::Fragment& piece, const FieldDescriptor*) {
        piece = oai::Fragment();
        piece.before = ",\"element\":";
        if (at.level == 1) piece.set_checked(refused);
        return at.level++ != 2;
    };
    oai::RequestWriter writer;
    CHECK(writer.begin(endpoint, "/x", {nullptr, next}) == Error::bad_request_json);
    CHECK(writer.refused_field(memory).empty());
}
