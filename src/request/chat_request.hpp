#pragma once
// A request for a chat completion: POST /chat/completions. Views of the caller's memory, which must live until the
// first event has come (a retry reads it again) or the stream has ended, unless Stream::is_detached().
#include "../base/error.hpp"
#include "chat_options.hpp"
#include "content_part.hpp"

OPENAI_STREAM_BEGIN

class ExtraEvents;
template <size_t message_count, size_t tool_count> struct Chat;

enum class Role : uint8_t { system = 1, developer, user, assistant, tool };

// What an assistant's message is when it is not a text.
struct AssistantExtra {
    StringView refusal;   // null: none
    StringView audio_id;  // of an answer that was spoken; null: none

    static const detail::MessageDescriptor descriptor;
};

namespace detail {
// What a message is in place of a text. Owns nothing: parts, or what the pointer points to, must outlive it.
struct Parts : Elements {
    constexpr Parts() noexcept = default;
    constexpr Parts(List<ContentPart> parts) noexcept : Elements(parts) {}
    constexpr Parts(const ContentPart* parts, size_t count) noexcept : Elements(List<ContentPart>(parts, count)) {}
    constexpr Parts(const AssistantExtra* extra) noexcept
        : Elements{extra, descriptor_of(extra), extra ? size_t{1} : 0} {}
    template <class C, class = decltype(List<ContentPart>(declval<C>()))>
    constexpr Parts(C&& elements) noexcept : Elements(List<ContentPart>(elements)) {}
};
}  // namespace detail

struct Message {
    Role role = Role::user;
    StringView content;
    StringView name;            // of the speaker; null: none
    StringView tool_call_id;    // Role::tool: the call this is the result of
    detail::Parts parts;        // in place of content
    List<ToolCall> tool_calls;  // Role::assistant
    // Further members of the message's JSON object, as in ChatRequest: "\"reasoning_content\":\"...\"".
    JsonMembers extra_json;

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
    // Texts, images, audio, files.
    static constexpr Message of_parts(Role who, detail::Parts parts) noexcept {
        Message message(who, {});
        message.parts = parts;
        return message;
    }
    // What a tool answered.
    static constexpr Message tool(StringView call_id, StringView content) noexcept {
        Message message(Role::tool, content);
        message.tool_call_id = call_id;
        return message;
    }

    static const detail::MessageDescriptor descriptor;
};

struct ChatRequest {
    StringView model;
    List<Message> messages;
    StringView prompt;  // a message of the user after the others; null: none
    List<Tool> tools;
    // Whether the answer shall end with its token counts. Not every server knows the question: unset does not ask it.
    Tristate include_usage = Tristate::unset;
    detail::Borrowed<ChatOptions> options;  // an object, or a pointer to one; not copied
    // Further members of the request's JSON object, without braces: "\"temperature\":0.2,\"seed\":7". Anything that
    // does not fit there is Error::bad_request_json. A member that repeats one written by us ("stream" ...) is sent
    // twice, and the server decides which one counts.
    JsonMembers extra_json;
    // What the answer is read for, besides. Must outlive the conversation; serves one at a time. Null: nothing.
    ExtraEvents* extras = nullptr;

    static constexpr const char* path = "/chat/completions";

    constexpr ChatRequest() noexcept = default;
    constexpr ChatRequest(StringView model_name OPENAI_STREAM_BORROWED,
                          StringView user_prompt OPENAI_STREAM_BORROWED) noexcept
        : model(model_name), prompt(user_prompt) {}
    constexpr ChatRequest(StringView model_name, List<Message> conversation) noexcept
        : model(model_name), messages(conversation) {}
    // A Chat has its messages in itself: of a temporary one nothing would be left.
    template <size_t m, size_t t> ChatRequest(const Chat<m, t>&&) = delete;
    template <size_t m, size_t t> ChatRequest& operator=(const Chat<m, t>&&) = delete;

    // Error::bad_request_field without a model, with neither messages nor a prompt, or with stream options said twice.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        return model.empty()                          ? "model"
               : messages.empty() && !prompt.data() ? "messages"
               : has_two_stream_options()           ? "include_usage"
                                                    : nullptr;
    }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;

private:
    constexpr bool has_two_stream_options() const noexcept {
        const ChatOptions* const more = options;
        return more && include_usage != Tristate::unset &&
               (more->include_usage != Tristate::unset || more->include_obfuscation != Tristate::unset);
    }
};

namespace detail::chat {

inline void content(const void* object, Fragment& piece) noexcept {
    const Message& message = *static_cast<const Message*>(object);
    if (message.parts.size != 0) return;
    if (message.content.empty() && !message.tool_calls.empty()) {
        piece.before = "null";
        return;
    }
    piece.text = message.content;
    piece.kind = FragmentKind::string;
}

inline void before_prompt(const void* object, Fragment& piece) noexcept {
    const ChatRequest& request = *static_cast<const ChatRequest*>(object);
    if (request.prompt.data())
        piece.before = &",{\"role\":\"user\",\"content\":"[request.messages.empty() ? 1 : 0];
}

inline void after_prompt(const void* object, Fragment& piece) noexcept {
    piece.before = &"}],\"stream\":true"[static_cast<const ChatRequest*>(object)->prompt.data() ? 0 : 1];
}

inline void end_audio(const void* object, Fragment& piece) noexcept {
    if (static_cast<const AssistantExtra*>(object)->audio_id.data()) piece.before = "}";
}

inline constexpr FieldDescriptor assistant_extra_rows[] = {
    "null",
    {",\"refusal\":", FieldType::optional_string, offsetof(AssistantExtra, refusal)},
    {",\"audio\":{\"id\":", FieldType::optional_string, offsetof(AssistantExtra, audio_id)},
    end_audio,
    {"", FieldType::end},
};

inline constexpr FieldDescriptor message_rows[] = {
    "{\"role\":\"",
    {"\0system\0developer\0user\0assistant\0tool\0", FieldType::enumeration, offsetof(Message, role)},
    "\",\"content\":",
    content,
    {"", FieldType::list, offsetof(Message, parts)},
    {",\"name\":", FieldType::optional_string, offsetof(Message, name)},
    {",\"tool_call_id\":", FieldType::optional_string, offsetof(Message, tool_call_id)},
    {",\"tool_calls\":", FieldType::list, offsetof(Message, tool_calls)},
    {",", FieldType::checked, offsetof(Message, extra_json)},
    {"}", FieldType::end},
};

inline constexpr FieldDescriptor request_rows[] = {
    {"{\"model\":", FieldType::string, offsetof(ChatRequest, model)},
    ",\"messages\":[",
    {"", FieldType::list, offsetof(ChatRequest, messages)},
    before_prompt,
    {"", FieldType::optional_string, offsetof(ChatRequest, prompt)},
    after_prompt,
    {",\"stream_options\":{\"include_usage\":\0false}\0true}\0", FieldType::enumeration,
     offsetof(ChatRequest, include_usage)},
    {",\"tools\":", FieldType::list, offsetof(ChatRequest, tools)},
    {"", FieldType::object, offsetof(ChatRequest, options)},
    {",", FieldType::checked, offsetof(ChatRequest, extra_json)},
    {"}", FieldType::end},
};

}  // namespace detail::chat

inline constexpr detail::MessageDescriptor AssistantExtra::descriptor =
    detail::MessageDescriptor::of<AssistantExtra>(detail::chat::assistant_extra_rows, detail::ListStyle::lines);
inline constexpr detail::MessageDescriptor Message::descriptor =
    detail::MessageDescriptor::of<Message>(detail::chat::message_rows, detail::ListStyle::items);

inline detail::BodySource ChatRequest::body() const noexcept {
    return {this, detail::next, detail::chat::request_rows};
}

OPENAI_STREAM_END
