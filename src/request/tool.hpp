#pragma once
// Tools: what the model may call, what it has called, what it shall call. Views of the caller's memory, as long as the
// request.
#include "raw_json.hpp"
#include "tristate.hpp"

OPENAI_STREAM_BEGIN

// A function takes JSON, a custom tool any text.
enum class ToolKind : uint8_t { function = 1, custom };

// A call the assistant made in an earlier answer.
struct ToolCall {
    StringView id;
    StringView name;
    StringView arguments;  // JSON in a text, as it came; of a custom tool: its input
    ToolKind kind = ToolKind::function;
    // Further members of the call's JSON object, as in ChatRequest: "\"extra_content\":{...}".
    JsonMembers extra_json = {};

    static const detail::MessageDescriptor descriptor;
};

// What a grammar is written in.
enum class GrammarSyntax : uint8_t { unset, lark, regex };

// A tool the model may call.
struct Tool {
    StringView name;
    StringView description;  // null: none
    JsonValue parameters;    // a JSON Schema; empty: none. Anything but one JSON value is Error::bad_request_json
    Tristate strict = Tristate::unset;  // the arguments shall be exactly as in the schema
    ToolKind kind = ToolKind::function;
    GrammarSyntax syntax = GrammarSyntax::unset;  // of a custom tool: its input is by `grammar`
    StringView grammar;
    // Sent by the Responses API only: a chat has no such members.
    List<StringView> allowed_callers;  // "direct", "programmatic"
    Tristate defer_loading = Tristate::unset, async = Tristate::unset;
    JsonValue output_schema;           // a JSON Schema of what the function returns
    // Further members of the tool's JSON object, beside its type, as in ChatRequest.
    JsonMembers extra_json;

    constexpr Tool() noexcept = default;
    constexpr Tool(StringView function, StringView purpose, JsonValue schema) noexcept
        : name(function), description(purpose), parameters(schema) {}

    static constexpr Tool custom(StringView name, StringView purpose) noexcept {
        Tool tool(name, purpose, {});
        tool.kind = ToolKind::custom;
        return tool;
    }
    static constexpr Tool custom(StringView name, StringView purpose, GrammarSyntax syntax,
                                 StringView grammar) noexcept {
        Tool tool = custom(name, purpose);
        tool.syntax = syntax;
        tool.grammar = grammar;
        return tool;
    }

    static const detail::MessageDescriptor descriptor;
    static const detail::MessageDescriptor name_descriptor;  // only kind and name
    static const detail::MessageDescriptor flat_descriptor, flat_name_descriptor;  // the same in the Responses API
};

// Which tools the model shall call.
class ToolChoice {
public:
    constexpr ToolChoice() noexcept = default;  // the server decides what that means

    static constexpr ToolChoice automatic() noexcept { return Kind::automatic; }
    static constexpr ToolChoice none() noexcept { return Kind::none; }
    static constexpr ToolChoice required() noexcept { return Kind::required; }
    static constexpr ToolChoice function(StringView name) noexcept { return {Kind::function, name}; }
    static constexpr ToolChoice custom(StringView name) noexcept { return {Kind::custom, name}; }
    // None but these, which may be some of ChatRequest::tools; must_call: and one of them it shall.
    static constexpr ToolChoice allowed(List<Tool> tools, bool must_call = false) noexcept {
        ToolChoice choice(must_call ? Kind::allowed_required : Kind::allowed);
        choice.tools_ = {tools.data, &Tool::name_descriptor, tools.size};
        return choice;
    }

private:
    friend struct ChatOptions;
    enum class Kind : uint8_t { unset, automatic, none, required, function, custom, allowed, allowed_required };

    constexpr ToolChoice(Kind kind, StringView name = {}) noexcept : kind_(kind), name_(name) {}

    Kind kind_ = Kind::unset;
    StringView name_;
    detail::Elements tools_;
};

namespace detail::chat {

inline void tool_grammar(const void* object, Fragment& piece) noexcept {
    const Tool& tool = *static_cast<const Tool*>(object);
    if (tool.syntax == GrammarSyntax::unset) return;
    piece.text = tool.grammar;
    piece.kind = FragmentKind::string;
}

inline constexpr char kind_and_name[] = "\0function\",\"function\":{\"name\":\0custom\",\"custom\":{\"name\":\0";

inline constexpr FieldDescriptor tool_call_rows[] = {
    {"{\"id\":", FieldType::string, offsetof(ToolCall, id)},
    ",\"type\":\"",
    {kind_and_name, FieldType::enumeration, offsetof(ToolCall, kind)},
    {"", FieldType::string, offsetof(ToolCall, name)},
    {"\0,\"arguments\":\0,\"input\":\0", FieldType::enumeration, offsetof(ToolCall, kind)},
    {"", FieldType::string, offsetof(ToolCall, arguments)},
    "}",
    {",", FieldType::checked, offsetof(ToolCall, extra_json)},
    {"}", FieldType::end},
};

inline constexpr FieldDescriptor tool_rows[] = {
    "{\"type\":\"",
    {kind_and_name, FieldType::enumeration, offsetof(Tool, kind)},
    {"", FieldType::string, offsetof(Tool, name)},
    {",\"description\":", FieldType::optional_string, offsetof(Tool, description)},
    {",\"parameters\":", FieldType::checked, offsetof(Tool, parameters)},
    {",\"strict\":\0false\0true\0", FieldType::enumeration, offsetof(Tool, strict)},
    {",\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\0"
     "\"lark\",\"definition\":\0\"regex\",\"definition\":\0",
     FieldType::enumeration, offsetof(Tool, syntax)},
    tool_grammar,
    {"}}\0", FieldType::enumeration, offsetof(Tool, syntax)},
    "}",
    {",", FieldType::checked, offsetof(Tool, extra_json)},
    {"}", FieldType::end},
};

inline constexpr FieldDescriptor tool_name_rows[] = {
    "{\"type\":\"",
    {kind_and_name, FieldType::enumeration, offsetof(Tool, kind)},
    {"", FieldType::string, offsetof(Tool, name)},
    {"}}", FieldType::end},
};

}  // namespace detail::chat

inline constexpr detail::MessageDescriptor ToolCall::descriptor =
    detail::MessageDescriptor::of<ToolCall>(detail::chat::tool_call_rows, detail::ListStyle::array);
inline constexpr detail::MessageDescriptor Tool::descriptor =
    detail::MessageDescriptor::of<Tool>(detail::chat::tool_rows, detail::ListStyle::array);
inline constexpr detail::MessageDescriptor Tool::name_descriptor =
    detail::MessageDescriptor::of<Tool>(detail::chat::tool_name_rows, detail::ListStyle::items);

OPENAI_STREAM_END
