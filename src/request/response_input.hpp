#pragma once
// What a request for a response is about: the items of the conversation, and the tools, as the Responses API wants
// them. Views of the caller's memory, as long as the request.
#include "chat_request.hpp"

OPENAI_STREAM_BEGIN

// What one command of a shell_call has said.
struct CommandOutput {
    StringView standard_output, standard_error;
    int64_t exit_code = unset_number;  // unset: it was stopped, because it took too long

    static const detail::MessageDescriptor descriptor;
};

// One item: something said, a tool call, its result.
class InputItem {
public:
    constexpr InputItem() noexcept = default;  // an empty message of the user

    static constexpr InputItem system(StringView text) noexcept { return {Role::system, text}; }
    static constexpr InputItem developer(StringView text) noexcept { return {Role::developer, text}; }
    static constexpr InputItem user(StringView text) noexcept { return {Role::user, text}; }
    // phase: of a longer work, as it came ("commentary", "final_answer"); null: none.
    static constexpr InputItem assistant(StringView text, StringView phase = {}) noexcept {
        InputItem item(Role::assistant, text);
        item.note_ = phase;
        return item;
    }
    // Texts, images, files, audio; of the assistant: texts and refusals.
    static constexpr InputItem of_parts(Role who, List<ContentPart> parts) noexcept {
        InputItem item(who, {});
        const bool is_output = who == Role::assistant;
        item.parts_ = {parts.data, is_output ? &ContentPart::output_descriptor : &ContentPart::input_descriptor,
                       parts.size};
        return item;
    }
    // A call the model made in an earlier answer.
    static constexpr InputItem call(const ToolCall& call) noexcept {
        InputItem item(call.kind == ToolKind::custom ? Kind::custom_call : Kind::function_call, call.id);
        item.name_ = call.name;
        item.text_ = call.arguments;
        item.json_ = call.extra_json;
        return item;
    }
    // What the tool answered: a text, or parts.
    static constexpr InputItem function_call_output(StringView call_id, StringView output,
                                      ToolKind kind = ToolKind::function) noexcept {
        InputItem item(kind == ToolKind::custom ? Kind::custom_result : Kind::function_result, call_id);
        item.text_ = output;
        return item;
    }
    static constexpr InputItem function_call_output_of_parts(StringView call_id, List<ContentPart> parts,
                                               ToolKind kind = ToolKind::function) noexcept {
        InputItem item = function_call_output(call_id, {}, kind);
        item.parts_ = {parts.data, &ContentPart::input_descriptor, parts.size};
        return item;
    }
    // What a tool that is none of a function has said: "shell_call_output", "apply_patch_call_output" ...
    static constexpr InputItem call_output(StringView type, StringView call_id, StringView output) noexcept {
        InputItem item(Kind::other_result, call_id);
        item.note_ = type;
        item.text_ = output;
        return item;
    }
    // Of a shell: of each command of the call, in their order.
    static constexpr InputItem shell_call_output(StringView call_id, List<CommandOutput> commands) noexcept {
        InputItem item = call_output(StringView("shell_call_output", 17), call_id, {});
        item.parts_ = commands;
        return item;
    }
    // What somebody says to an mcp_approval_request, by its id: whether the tool may be called.
    static constexpr InputItem mcp_approval_response(StringView request_id, bool approve,
                                                     StringView reason = {}) noexcept {
        InputItem item(Kind::approval, request_id);
        item.note_ = reason;
        item.json_.text = approve ? StringView("\"approve\":true", 14) : StringView("\"approve\":false", 15);
        return item;
    }
    // An item that the server has kept.
    static constexpr InputItem reference(StringView item_id) noexcept { return {Kind::reference, item_id}; }
    // Any other kind (reasoning, what a computer shows ...), as its JSON text.
    static constexpr InputItem json(JsonValue item) noexcept {
        InputItem raw(Kind::json, {});
        raw.json_ = item;
        return raw;
    }

    // The same item with further members of its JSON object, as in ChatRequest: "\"status\":\"completed\"". For an item
    // made by json() or mcp_approval_response() nothing changes.
    constexpr InputItem with_extra_json(JsonMembers members) const noexcept {
        InputItem item = *this;
        if (kind_ < Kind::approval) item.json_ = members;
        return item;
    }
    // What json() was given, or Collector::as_items() has made of an answer: where json_find() looks for what an item
    // says. Null: made in another way.
    constexpr StringView json_text() const noexcept { return kind_ == Kind::json ? json_.text : StringView(); }

    static const detail::MessageDescriptor descriptor;

private:
    enum class Kind : uint8_t {
        message = 1, function_call, custom_call, function_result, custom_result, other_result, reference, approval, json
    };

    constexpr InputItem(Role who, StringView text) noexcept : role_(who), text_(text) {}
    constexpr InputItem(Kind kind, StringView id) noexcept : kind_(kind), role_(), id_(id) {}

    static const InputItem& of(const void* object) noexcept { return *static_cast<const InputItem*>(object); }
    static void string(StringView text, detail::Fragment& piece) noexcept {
        piece.text = text;
        piece.kind = detail::FragmentKind::string;
    }
    static void put_id(const void* object, detail::Fragment& piece) noexcept {
        const InputItem& item = of(object);
        if (item.role_ == Role() && item.kind_ != Kind::json) string(item.id_, piece);
    }
    static void put_note(const void* object, detail::Fragment& piece) noexcept {
        const InputItem& item = of(object);
        if (!item.note_.data()) return;
        string(item.note_, piece);
        piece.before = item.kind_ == Kind::message    ? ",\"phase\":"
                       : item.kind_ == Kind::approval ? ",\"reason\":"
                                                      : ",\"type\":";
    }
    static void put_text(const void* object, detail::Fragment& piece) noexcept {
        const InputItem& item = of(object);
        if (item.kind_ <= Kind::other_result && item.parts_.size == 0) string(item.text_, piece);
    }
    static void put_json(const void* object, detail::Fragment& piece) noexcept {
        const InputItem& item = of(object);
        if (item.json_.text.empty()) return;
        if (item.kind_ != Kind::json) piece.before = ",";
        piece.set_checked(item.json_);
    }
    static void end(const void* object, detail::Fragment& piece) noexcept {
        const InputItem& item = of(object);
        piece.before = item.kind_ != Kind::json ? "}" : item.json_.text.empty() ? "null" : "";
    }
    static const detail::FieldDescriptor rows[];

    Kind kind_ = Kind::message;
    Role role_ = Role::user;  // of a message, else 0
    StringView id_;           // of the call, or of the item
    StringView name_;
    StringView note_;         // a message's phase, the type of another result, the reason of an approval; null: none
    StringView text_;
    detail::Elements parts_;  // in place of the text
    detail::Checked json_;    // further members, of an approval whether; of Kind::json the whole item
};

namespace detail::responses {

// Of a command that has not ended by itself.
inline void put_timeout(const void* object, Fragment& piece) noexcept {
    if (static_cast<const CommandOutput*>(object)->exit_code == unset_number)
        piece.before = ",\"outcome\":{\"type\":\"timeout\"";
}
inline constexpr FieldDescriptor command_rows[] = {
    {"{\"stdout\":", FieldType::string, offsetof(CommandOutput, standard_output)},
    {",\"stderr\":", FieldType::string, offsetof(CommandOutput, standard_error)},
    {",\"outcome\":{\"type\":\"exit\",\"exit_code\":", FieldType::integer, offsetof(CommandOutput, exit_code)},
    put_timeout,
    {"}}", FieldType::end},
};

}  // namespace detail::responses

inline constexpr detail::MessageDescriptor CommandOutput::descriptor =
    detail::MessageDescriptor::of<CommandOutput>(detail::responses::command_rows, detail::ListStyle::array);

inline constexpr detail::FieldDescriptor InputItem::rows[] = {
    {"\0{\"type\":\"message\",\"role\":\"\0{\"type\":\"function_call\",\"call_id\":\0"
     "{\"type\":\"custom_tool_call\",\"call_id\":\0{\"type\":\"function_call_output\",\"call_id\":\0"
     "{\"type\":\"custom_tool_call_output\",\"call_id\":\0{\"call_id\":\0{\"type\":\"item_reference\",\"id\":\0"
     "{\"type\":\"mcp_approval_response\",\"approval_request_id\":\0",
     detail::FieldType::enumeration, offsetof(InputItem, kind_)},
    {"\0system\"\0developer\"\0user\"\0assistant\"\0tool\"\0", detail::FieldType::enumeration,
     offsetof(InputItem, role_)},
    put_id,
    put_note,
    {",\"name\":", detail::FieldType::optional_string, offsetof(InputItem, name_)},
    {"\0,\"content\":\0,\"arguments\":\0,\"input\":\0,\"output\":\0,\"output\":\0,\"output\":\0",
     detail::FieldType::enumeration, offsetof(InputItem, kind_)},
    put_text,
    {"", detail::FieldType::list, offsetof(InputItem, parts_)},
    put_json,
    end,
    {"", detail::FieldType::end},
};
inline constexpr detail::MessageDescriptor InputItem::descriptor =
    detail::MessageDescriptor::of<InputItem>(rows, detail::ListStyle::items);

inline constexpr detail::FieldDescriptor ContentPart::input_rows[] = {
    {"{\"type\":\"\0input_text\",\"text\":\0refusal\",\"refusal\":\0input_image\",\"image_url\":\0"
     "input_audio\",\"input_audio\":{\"data\":\0input_file\",\"file_id\":\0input_file\",\"file_data\":\0"
     "input_image\",\"file_id\":\0input_file\",\"file_url\":\0",
     detail::FieldType::enumeration, offsetof(ContentPart, kind_)},
    put_value,
    {",\"detail\":\0\"auto\"\0\"low\"\0\"high\"\0\"original\"\0", detail::FieldType::enumeration,
     offsetof(ContentPart, detail_)},
    {",\"format\":", detail::FieldType::optional_string, offsetof(ContentPart, format_)},
    {",\"filename\":", detail::FieldType::optional_string, offsetof(ContentPart, filename_)},
    end_flat_value,
    {",\"prompt_cache_breakpoint\":", detail::FieldType::checked, offsetof(ContentPart, prompt_cache_breakpoint_)},
    {",", detail::FieldType::checked, offsetof(ContentPart, extra_json_)},
    {"}", detail::FieldType::end},
};
// Anything but a text or a refusal is a text there.
inline constexpr detail::FieldDescriptor ContentPart::output_rows[] = {
    put_output_type,
    put_value,
    {",", detail::FieldType::checked, offsetof(ContentPart, extra_json_)},
    {"}", detail::FieldType::end},
};
inline constexpr detail::MessageDescriptor ContentPart::input_descriptor =
    detail::MessageDescriptor::of<ContentPart>(input_rows, detail::ListStyle::array);
inline constexpr detail::MessageDescriptor ContentPart::output_descriptor =
    detail::MessageDescriptor::of<ContentPart>(output_rows, detail::ListStyle::array);

namespace detail {
// Functions and custom tools: the same as in a chat.
struct FlatTools : Elements {
    constexpr FlatTools() noexcept = default;
    constexpr FlatTools(const Tool* tools, size_t count) noexcept : Elements{tools, &Tool::flat_descriptor, count} {}
    constexpr FlatTools(List<Tool> tools) noexcept : Elements{tools.data, &Tool::flat_descriptor, tools.size} {}
    template <class C, class = decltype(List<Tool>(declval<C>()))>
    constexpr FlatTools(C&& elements) noexcept : FlatTools(List<Tool>(elements)) {}
};
}  // namespace detail

namespace detail::responses {

inline constexpr char kind_and_name[] = "\0function\",\"name\":\0custom\",\"name\":\0";

inline constexpr FieldDescriptor tool_rows[] = {
    "{\"type\":\"",
    {kind_and_name, FieldType::enumeration, offsetof(Tool, kind)},
    {"", FieldType::string, offsetof(Tool, name)},
    {",\"description\":", FieldType::optional_string, offsetof(Tool, description)},
    {",\"parameters\":", FieldType::checked, offsetof(Tool, parameters)},
    {",\"strict\":\0false\0true\0", FieldType::enumeration, offsetof(Tool, strict)},
    {",\"format\":{\"type\":\"grammar\",\"syntax\":\0\"lark\",\"definition\":\0\"regex\",\"definition\":\0",
     FieldType::enumeration, offsetof(Tool, syntax)},
    chat::tool_grammar,
    {"}\0", FieldType::enumeration, offsetof(Tool, syntax)},
    {",\"allowed_callers\":", FieldType::list, offsetof(Tool, allowed_callers)},
    {",\"defer_loading\":\0false\0true\0", FieldType::enumeration, offsetof(Tool, defer_loading)},
    {",\"async\":\0false\0true\0", FieldType::enumeration, offsetof(Tool, async)},
    {",\"output_schema\":", FieldType::checked, offsetof(Tool, output_schema)},
    {",", FieldType::checked, offsetof(Tool, extra_json)},
    {"}", FieldType::end},
};

inline constexpr FieldDescriptor tool_name_rows[] = {
    "{\"type\":\"",
    {kind_and_name, FieldType::enumeration, offsetof(Tool, kind)},
    {"", FieldType::string, offsetof(Tool, name)},
    {"}", FieldType::end},
};

}  // namespace detail::responses

inline constexpr detail::MessageDescriptor Tool::flat_descriptor =
    detail::MessageDescriptor::of<Tool>(detail::responses::tool_rows, detail::ListStyle::items);
inline constexpr detail::MessageDescriptor Tool::flat_name_descriptor =
    detail::MessageDescriptor::of<Tool>(detail::responses::tool_name_rows, detail::ListStyle::items);

OPENAI_STREAM_END
