#pragma once
// Why: a ChatRequest is views, so that messages or tools in braces would be gone before they are sent. A Chat is a
// request that has them in itself.
#include "chat_request.hpp"

OPENAI_STREAM_BEGIN

namespace detail {
template <class T, size_t count> struct Kept {
    T elements[count];

    constexpr explicit Kept(const T (&list)[count]) noexcept : elements() {
        for (size_t i = 0; i != count; ++i) elements[i] = list[i];
    }
    constexpr List<T> list() const noexcept { return {elements, count}; }
};
template <class T> struct Kept<T, 0> {};
}  // namespace detail

// A ChatRequest with its messages, and its tools, in braces:
//
//   oai::Chat ask("local", {oai::Message::system("Be brief."), oai::Message::user(question)});
//   oai::Chat ask("local", {oai::Message::user(question)}, {{"get_weather", "Says the weather.", schema}});
//
// The texts are views, as in every request. Neither copied nor moved, because `messages` and `tools` point into it.
template <size_t message_count, size_t tool_count>
struct Chat : ChatRequest, private detail::Kept<Message, message_count>, private detail::Kept<Tool, tool_count> {
    constexpr Chat(StringView model_name OPENAI_STREAM_BORROWED, const Message (&list)[message_count]) noexcept
        : detail::Kept<Message, message_count>(list) {
        model = model_name;
        messages = detail::Kept<Message, message_count>::list();
    }
    template <size_t count>
    constexpr Chat(StringView model_name OPENAI_STREAM_BORROWED, const Message (&list)[message_count],
                   const Tool (&tool_list)[count]) noexcept
        : detail::Kept<Message, message_count>(list), detail::Kept<Tool, count>(tool_list) {
        model = model_name;
        messages = detail::Kept<Message, message_count>::list();
        tools = detail::Kept<Tool, count>::list();
    }
    Chat(const Chat&) = delete;
    Chat& operator=(const Chat&) = delete;
};
template <size_t message_count> Chat(StringView, const Message (&)[message_count]) -> Chat<message_count, 0>;
template <size_t message_count, size_t tool_count>
Chat(StringView, const Message (&)[message_count], const Tool (&)[tool_count]) -> Chat<message_count, tool_count>;

OPENAI_STREAM_END
