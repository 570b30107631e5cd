#pragma once
// A request for a chat completion: POST /chat/completions. Views of the caller's memory, which must live until the
// first event has come (a retry reads it again) or the stream has ended.
#include "../base/error.hpp"
#include "raw_json.hpp"

OPENAI_STREAM_BEGIN

enum class Role : uint8_t { system = 1, developer, user, assistant, tool };

// A call the assistant made in an earlier answer.
struct ToolCall {
    StringView id;
    StringView name;
    StringView arguments;  // JSON in a text, as it came

    static const pieces::Shape shape;
};

struct Message {
    Role role = Role::user;
    StringView content;
    StringView name;                    // of the speaker; null: none
    StringView tool_call_id;            // Role::tool: the call this is the result of
    List<ToolCall> tool_calls;    // Role::assistant

    constexpr Message() noexcept = default;
    constexpr Message(Role who, StringView text) noexcept : role(who), content(text) {}

    static constexpr Message system(StringView content) noexcept { return {Role::system, content}; }
    static constexpr Message developer(StringView content) noexcept { return {Role::developer, content}; }
    static constexpr Message user(StringView content) noexcept { return {Role::user, content}; }
    static constexpr Message assistant(StringView content) noexcept { return {Role::assistant, content}; }
    // What the assistant said (mostly nothing) and the tools it called.
    static constexpr Message assistant(StringView content, List<ToolCall> calls) noexcept {
        Message message(Role::assistant, content);
        message.tool_calls = calls;
        return message;
    }
    // What a tool answered.
    static constexpr Message tool(StringView call_id, StringView content) noexcept {
        Message message(Role::tool, content);
        message.tool_call_id = call_id;
        return message;
    }

    static const pieces::Shape shape;
};

// A function the model may call.
struct Tool {
    StringView name;
    StringView description;  // null: none
    JsonValue parameters;   // a JSON Schema; empty: none. Anything but one JSON value is Error::bad_request_json

    constexpr Tool() noexcept = default;
    constexpr Tool(StringView function, StringView purpose, JsonValue schema) noexcept
        : name(function), description(purpose), parameters(schema) {}

    static const pieces::Shape shape;
};

// Whether the answer shall end with its token counts. Not every server knows the question: unset does not ask it.
enum class IncludeUsage : uint8_t { unset, no, yes };

struct ChatRequest {
    StringView model;
    List<Message> messages;
    StringView prompt;  // a message of the user after the others; null: none
    List<Tool> tools;
    IncludeUsage include_usage = IncludeUsage::unset;
    // Further members of the request's JSON object, without braces: "\"temperature\":0.2,\"seed\":7". Anything that
    // does not fit there is Error::bad_request_json. A member that repeats one written by us ("stream" ...) is sent
    // twice, and the server decides which one counts.
    JsonMembers extra_json;

    static constexpr const char* path = "/chat/completions";

    constexpr ChatRequest() noexcept = default;
    constexpr ChatRequest(StringView model_name, StringView user_prompt) noexcept
        : model(model_name), prompt(user_prompt) {}
    constexpr ChatRequest(StringView model_name, List<Message> conversation) noexcept
        : model(model_name), messages(conversation) {}

    // Error::bad_request_field without a model, or with neither messages nor a prompt.
    constexpr Error check() const noexcept {
        return model.empty() || (messages.empty() && !prompt.data()) ? Error::bad_request_field : Error::none;
    }
    // The JSON text of this request, which must outlive the producer.
    Producer body() const noexcept { return {this, next}; }

private:
    static inline bool next(const void* request, Cursor& at, Piece& piece) noexcept;
};

namespace chat {

inline void content(const void* object, Piece& piece) noexcept {
    const Message& message = *static_cast<const Message*>(object);
    const bool null = message.content.empty() && !message.tool_calls.empty();
    piece.text = null ? StringView("null", 4) : message.content;
    piece.kind = null ? PieceKind::plain : PieceKind::string;
}

// The text, without its first byte if that is not wanted.
template <size_t size> constexpr StringView text_from(const char (&text)[size], bool first) noexcept {
    return {text + !first, size - 1 - !first};
}
inline void before_prompt(const void* object, Piece& piece) noexcept {
    const ChatRequest& request = *static_cast<const ChatRequest*>(object);
    if (request.prompt.data()) piece.text = text_from(",{\"role\":\"user\",\"content\":", !request.messages.empty());
}
inline void after_prompt(const void* object, Piece& piece) noexcept {
    piece.text = text_from("}],\"stream\":true", static_cast<const ChatRequest*>(object)->prompt.data() != nullptr);
}

inline constexpr pieces::Row tool_call_rows[] = {
    {"{\"id\":", pieces::RowKind::string, offsetof(ToolCall, id)},
    {",\"type\":\"function\",\"function\":{\"name\":", pieces::RowKind::string, offsetof(ToolCall, name)},
    {",\"arguments\":", pieces::RowKind::string, offsetof(ToolCall, arguments)},
    {"}}", pieces::RowKind::end},
};

inline constexpr pieces::Row message_rows[] = {
    "{\"role\":\"",
    {"\0system\0developer\0user\0assistant\0tool\0", pieces::RowKind::word, offsetof(Message, role)},
    "\",\"content\":",
    content,
    {",\"name\":", pieces::RowKind::optional_string, offsetof(Message, name)},
    {",\"tool_call_id\":", pieces::RowKind::optional_string, offsetof(Message, tool_call_id)},
    {",\"tool_calls\":[", pieces::RowKind::array, offsetof(Message, tool_calls)},
    {"}", pieces::RowKind::end},
};

inline constexpr pieces::Row tool_rows[] = {
    {"{\"type\":\"function\",\"function\":{\"name\":", pieces::RowKind::string, offsetof(Tool, name)},
    {",\"description\":", pieces::RowKind::optional_string, offsetof(Tool, description)},
    {",\"parameters\":", pieces::RowKind::checked, offsetof(Tool, parameters)},
    {"}}", pieces::RowKind::end},
};

inline constexpr pieces::Row request_rows[] = {
    {"{\"model\":", pieces::RowKind::string, offsetof(ChatRequest, model)},
    ",\"messages\":[",
    {"", pieces::RowKind::items, offsetof(ChatRequest, messages)},
    before_prompt,
    {"", pieces::RowKind::optional_string, offsetof(ChatRequest, prompt)},
    after_prompt,
    {",\"stream_options\":{\"include_usage\":\0false}\0true}\0", pieces::RowKind::word,
     offsetof(ChatRequest, include_usage)},
    {",\"tools\":[", pieces::RowKind::array, offsetof(ChatRequest, tools)},
    {",", pieces::RowKind::checked, offsetof(ChatRequest, extra_json)},
    {"}", pieces::RowKind::end},
};

}  // namespace chat

inline constexpr pieces::Shape ToolCall::shape = {chat::tool_call_rows, sizeof(ToolCall)};
inline constexpr pieces::Shape Message::shape = {chat::message_rows, sizeof(Message)};
inline constexpr pieces::Shape Tool::shape = {chat::tool_rows, sizeof(Tool)};

inline bool ChatRequest::next(const void* request, Cursor& at, Piece& piece) noexcept {
    return pieces::next(chat::request_rows, request, at, piece);
}

OPENAI_STREAM_END
