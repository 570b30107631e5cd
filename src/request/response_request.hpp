#pragma once
// A request for a response: POST /responses. Views of the caller's memory, which must live until the first event has
// come (a retry reads it again) or the stream has ended.
#include "response_input.hpp"
#include "response_options.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {
struct ResponseDialect;
}

struct ResponseRequest {
    StringView model;        // null: that of the server's prompt, see ResponseOptions
    List<InputItem> items;
    StringView input;        // alone, or a message of the user after the items; null: none
    StringView instructions;          // for this response only; null: none
    StringView previous_response_id;  // the conversation goes on after that response; null: it begins here
    detail::FlatTools tools;          // an array of Tool, as in a chat
    List<JsonValue> built_in_tools;   // the server's own, as JSON texts: {"type":"web_search"} ...
    detail::Borrowed<ResponseOptions> options;  // an object, or a pointer to one; not copied
    // Further members, as in ChatRequest.
    JsonMembers extra_json;
    // What the answer is read for, besides: &whole_items, or a ResponseExtras, which serves one conversation at a time.
    // Static, or outlives the conversation. Null: nothing.
    const dialect::ResponseDialect* extras = nullptr;

    static constexpr const char* path = "/responses";

    constexpr ResponseRequest() noexcept = default;
    constexpr ResponseRequest(StringView model_name, StringView text) noexcept : model(model_name), input(text) {}
    constexpr ResponseRequest(StringView model_name, List<InputItem> conversation) noexcept
        : model(model_name), items(conversation) {}

    // Error::bad_request_field without a model or without any input (a prompt of the server's stands in for both, an
    // earlier response for input), or with both an earlier response and a conversation.
    constexpr Error validate() const noexcept { return invalid_field() ? Error::bad_request_field : Error::none; }
    // The field that is missing or cannot be sent; null: none.
    constexpr const char* invalid_field() const noexcept {
        const bool has_prompt = options && options->prompt_id.data();
        const bool has_conversation = options && options->conversation.data();
        const bool is_empty = items.empty() && !input.data() && !previous_response_id.data() && !has_conversation;
        return !has_prompt && model.empty()                         ? "model"
               : !has_prompt && is_empty                            ? "input"
               : has_conversation && previous_response_id.data() ? "conversation"
                                                                 : nullptr;
    }
    // The JSON text of this request, which must outlive the BodySource.
    inline detail::BodySource body() const noexcept;
};

namespace detail::responses {

inline void before_input(const void* object, Fragment& piece) noexcept {
    const ResponseRequest& request = *static_cast<const ResponseRequest*>(object);
    if (!request.input.data()) return;
    piece.before = request.items.empty() ? ",\"input\":" : ",{\"type\":\"message\",\"role\":\"user\",\"content\":";
}
inline void after_input(const void* object, Fragment& piece) noexcept {
    const ResponseRequest& request = *static_cast<const ResponseRequest*>(object);
    if (!request.items.empty()) piece.before = request.input.data() ? "}]" : "]";
}
inline void before_hosted(const void* object, Fragment& piece) noexcept {
    const ResponseRequest& request = *static_cast<const ResponseRequest*>(object);
    if (!request.built_in_tools.empty()) piece.before = request.tools.size == 0 ? ",\"tools\":[" : ",";
}
inline void after_tools(const void* object, Fragment& piece) noexcept {
    const ResponseRequest& request = *static_cast<const ResponseRequest*>(object);
    if (request.tools.size != 0 || !request.built_in_tools.empty()) piece.before = "]";
}

inline constexpr FieldDescriptor request_rows[] = {
    "{\"stream\":true",
    {",\"model\":", FieldType::optional_string, offsetof(ResponseRequest, model)},
    {",\"input\":[", FieldType::list, offsetof(ResponseRequest, items)},
    before_input,
    {"", FieldType::optional_string, offsetof(ResponseRequest, input)},
    after_input,
    {",\"instructions\":", FieldType::optional_string, offsetof(ResponseRequest, instructions)},
    {",\"previous_response_id\":", FieldType::optional_string, offsetof(ResponseRequest, previous_response_id)},
    {",\"tools\":[", FieldType::list, offsetof(ResponseRequest, tools)},
    before_hosted,
    {"", FieldType::list, offsetof(ResponseRequest, built_in_tools)},
    after_tools,
    {"", FieldType::object, offsetof(ResponseRequest, options)},
    {",", FieldType::checked, offsetof(ResponseRequest, extra_json)},
    {"}", FieldType::end},
};

}  // namespace detail::responses

inline detail::BodySource ResponseRequest::body() const noexcept {
    return {this, detail::next, detail::responses::request_rows};
}

OPENAI_STREAM_END
