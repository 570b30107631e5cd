#pragma once
// What C sends: a Message, a ToolCall and a Tool in storage of constant size, and the tables that step over it.
#include "../request/body.hpp"
#include "../request/chat_request.hpp"
#include "objects.hpp"

#if defined(OPENAI_STREAM_C_API)
OPENAI_STREAM_BEGIN
namespace detail::c {

// T in the storage of a Slot, from its first byte on. It is made anew each time, and nothing of it has to be ended.
template <class T, class Slot> struct Stored {
    static_assert(sizeof(T) <= sizeof(Slot) && alignof(T) <= alignof(Slot), "make the storage in c/api.hpp larger");

    static void put(Slot* slot, const T& value) noexcept {
        if (!slot) return;
        memset(slot, 0, sizeof *slot);
        memcpy(static_cast<void*>(slot), static_cast<const void*>(&value), sizeof value);
    }
    static T get(const Slot* slot) noexcept {
        T value;
        memcpy(static_cast<void*>(&value), static_cast<const void*>(slot), sizeof value);
        return value;
    }
    // What of() makes of slots is read as by T's own table, but for the bytes from one to the next.
    static List<T> list(const Slot* slots, size_t count, const MessageDescriptor& descriptor) noexcept {
        List<T> list;
        list.data = slots;
        list.descriptor = &descriptor;
        list.size = slots ? count : 0;
        return list;
    }
};
using Messages = Stored<Message, oai_message>;
using ToolCalls = Stored<ToolCall, oai_tool_call>;
using Tools = Stored<Tool, oai_tool>;

inline constexpr MessageDescriptor message_slots =
    MessageDescriptor::of<oai_message>(chat::message_rows, ListStyle::items);
inline constexpr MessageDescriptor tool_call_slots =
    MessageDescriptor::of<oai_tool_call>(chat::tool_call_rows, ListStyle::array);
inline constexpr MessageDescriptor tool_slots = MessageDescriptor::of<oai_tool>(chat::tool_rows, ListStyle::array);

inline ChatRequest request(const oai_chat* chat) noexcept {
    ChatRequest request;
    if (!chat) return request;
    request.model = view(chat->model);
    request.messages = Messages::list(chat->messages, chat->message_count, message_slots);
    request.prompt = view(chat->prompt);
    request.tools = Tools::list(chat->tools, chat->tool_count, tool_slots);
    if (chat->extra_json.data) request.extra_json = view(chat->extra_json);
    if (chat->include_usage == 1) request.include_usage = Tristate::yes;
    return request;
}

}  // namespace detail::c
OPENAI_STREAM_END

extern "C" {

void oai_message_init(oai_message* message, int32_t role, oai_text content) {
    namespace c = openai_stream::detail::c;
    using openai_stream::Role;
    const bool is_role = role >= OAI_ROLE_SYSTEM && role <= OAI_ROLE_TOOL;
    c::Messages::put(message, {is_role ? static_cast<Role>(role) : Role::user, c::view(content)});
}
void oai_message_init_result(oai_message* message, oai_text call_id, oai_text content) {
    namespace c = openai_stream::detail::c;
    c::Messages::put(message, openai_stream::Message::tool(c::view(call_id), c::view(content)));
}
void oai_message_init_calls(oai_message* message, oai_text content, const oai_tool_call* calls, size_t count) {
    namespace c = openai_stream::detail::c;
    c::Messages::put(message, openai_stream::Message::assistant(
                                  c::view(content), c::ToolCalls::list(calls, count, c::tool_call_slots)));
}
void oai_message_set_extra_json(oai_message* message, oai_text members) {
    namespace c = openai_stream::detail::c;
    if (!message) return;
    openai_stream::Message changed = c::Messages::get(message);
    changed.extra_json = c::view(members);
    c::Messages::put(message, changed);
}
void oai_tool_call_init(oai_tool_call* call, oai_text id, oai_text name, oai_text arguments) {
    namespace c = openai_stream::detail::c;
    openai_stream::ToolCall made;
    made.id = c::view(id);
    made.name = c::view(name);
    made.arguments = c::view(arguments);
    c::ToolCalls::put(call, made);
}
void oai_tool_init(oai_tool* tool, oai_text name, oai_text description, oai_text json_schema) {
    namespace c = openai_stream::detail::c;
    c::Tools::put(tool, openai_stream::Tool(c::view(name), c::view(description), c::view(json_schema)));
}

size_t oai_chat_write_json(const oai_chat* chat, char* into, size_t room) {
    const openai_stream::ChatRequest request = openai_stream::detail::c::request(chat);
    openai_stream::RequestWriter writer;
    if (writer.begin_body(request) != openai_stream::Error::none) return 0;
    char window[64];
    size_t written = 0;
    while (const size_t count = writer.write(window, sizeof window)) {
        const size_t left = into && written < room ? room - written : 0;
        if (left != 0) memcpy(into + written, window, count < left ? count : left);
        written += count;
    }
    return written;
}

}
#endif
