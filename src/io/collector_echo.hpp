#pragma once
// What some servers want to see again in the next request, though it is no part of the API: without it they refuse the
// second turn of a conversation with tools, and others refuse it with it. So the program says what goes back; one that
// does not links nothing of it.
#include "../dialect/extra_events.hpp"
#include "../json/writer.hpp"
#include "collector.hpp"

OPENAI_STREAM_BEGIN

// By Collector::as_message_with(). DeepSeek wants the first; Gemini the second, which has its signatures of thoughts.
enum class Echo : uint8_t {
    reasoning_content = 1,  // a member of the message: the choice's reasoning
    extra_content = 2,      // a member of each tool call, of those that had one
    both = 3,
};

// Servers send extra_content in tool calls, in answers that are streamed or not. A program names it as a field:
//
//     oai::ExtraEvents extras(oai::extra_content_fields);
//     ask.extras = &extras;
//     stream.open(server, ask);
//     while (stream.next(event)) message.add_with_extra_content(event);
//     ...
//     history[2] = message.as_message_with(oai::Echo::extra_content);
//
// One that names more fields lists these two paths among its own.
inline constexpr FieldPath extra_content_fields[] = {
    {"choices[].delta.tool_calls[].extra_content"},
    {"choices[].message.tool_calls[].extra_content"},
};

namespace detail::collected {

// The member of which this is the value.
constexpr StringView extra_content_key{"\"extra_content\":", 16};
constexpr StringView reasoning_content_key{"\"reasoning_content\":", 20};

inline bool is_extra_content(const Event& event) noexcept {
    constexpr StringView path{"tool_calls[].extra_content", 26};
    return event.kind == EventKind::custom_field && event.name.size() > path.size() &&
           event.name.drop(event.name.size() - path.size()) == path;
}

}  // namespace detail::collected

// In place of add(), for every event of the answer. The last extra_content of each call counts, if it came whole and is
// a JSON object. It is kept byte for byte, in one more Record (56 bytes), as many bytes as it has, and 16.
//
// It belongs to the call of the event before it; if that event only announced a call, to the call of the next one.
inline Error Collector::add_with_extra_content(const Event& event) noexcept {
    if (add(event) != Error::none) return error_;
    const uint16_t choice = find(EventKind::role, event.choice);
    if (choice == none) return Error::none;
    const uint16_t call = texts_[choice].item;
    if (event.kind == EventKind::tool_call || event.kind == EventKind::tool_arguments) {
        is_announced_ =
            event.kind == EventKind::tool_call && event.provisional && event.id.empty() && event.name.empty();
        if (waiting_extra_ != none) texts_[waiting_extra_].item = call;
        waiting_extra_ = none;
        return Error::none;
    }
    if (!detail::collected::is_extra_content(event)) return Error::none;
    return add_extra_content(is_announced_ ? none : call, event);
}

inline Error Collector::add_extra_content(uint16_t call, const Event& event) noexcept {
    const bool continues = open_extra_ != none;
    uint16_t index = open_extra_;
    if (!continues)
        for (index = texts_.count(); index-- != 0;)
            if (texts_[index].kind == EventKind::custom_field && texts_[index].item == call) break;
    if (index == none) {
        index = add_record(EventKind::custom_field, event.choice);
        if (index == none) return error_;
        texts_[index].item = call;
    }
    Record& extra = texts_[index];
    if (!continues) {
        detail::collected::Texts::cut(extra, 0);
        extra.clear(Flag::finished);
        extra.clear(Flag::ended);
        if (call == none) waiting_extra_ = index;
        if (!texts_.append(extra, Field::text, detail::collected::extra_content_key))
            return fail(Error::message_too_large);
    }
    if (!texts_.append(extra, Field::text, event.text)) return fail(Error::message_too_large);
    open_extra_ = event.more ? index : none;
    if (event.more) return Error::none;
    // An event does not tell a string from other JSON; one in which an object is written is taken for that object.
    const StringView value = texts_.get(extra, Field::text).drop(detail::collected::extra_content_key.size());
    if (value.take(1) == StringView("{", 1) && json::is_valid(value)) extra.set(Flag::ended);
    return Error::none;
}

// A member of the choice's message, in a record of its own. none: there is none, or error() says why.
inline uint16_t Collector::write_reasoning_content(int32_t choice) noexcept {
    if (find(EventKind::reasoning, choice) == none) return none;
    uint16_t index = find(EventKind::other, choice);
    if (index == none) index = add_record(EventKind::other, choice);
    if (index == none) return index;
    Record& member = texts_[index];
    detail::collected::Texts::cut(member, 0);
    json::Window window{nullptr, SIZE_MAX};
    size_t position = 0;
    json::write_string(reasoning(choice), position, window);
    const size_t size = detail::collected::reasoning_content_key.size() + (SIZE_MAX - window.room);
    if (!texts_.reserve(member, size)) {
        fail(Error::message_too_large);
        return none;
    }
    const StringView text = reasoning(choice);  // texts may have moved, and this moves them once more
    window = {texts_.reserve(member, size), size};
    window.put(detail::collected::reasoning_content_key.data(), detail::collected::reasoning_content_key.size());
    position = 0;
    json::write_string(text, position, window);
    detail::collected::Texts::extend(member, size);
    return index;
}

// What the answer had of that which is to go back. The reasoning is written as JSON into the Collector's memory, once
// for each choice, and needs a Record, as many bytes as its JSON string has, and 20; what was collected lies already
// there. Valid until the next call that is not const, also one that asks for another choice's. Errors:
// message_too_large and too_many_parts, then the message is without it. Once it was there, it can be asked for again
// after release_unused() and fits.
inline Message Collector::as_message_with(Echo what, int32_t choice) noexcept {
    const auto wants = [what](Echo one) { return (static_cast<unsigned>(what) & static_cast<unsigned>(one)) != 0; };
    const uint16_t member = wants(Echo::reasoning_content) ? write_reasoning_content(choice) : none;
    Message message = as_message(choice);
    if (member != none) message.extra_json = texts_.get(texts_[member], Field::text);
    if (!wants(Echo::extra_content)) return message;
    char* const calls = static_cast<char*>(const_cast<void*>(message.tool_calls.data));  // our own, see as_message()
    size_t count = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        if (!is_written_back(texts_[index], choice)) continue;
        ToolCall call;
        char* const place = calls + sizeof call * count++;
        memcpy(&call, place, sizeof call);
        for (uint16_t at = 0; at != texts_.count(); ++at)
            if (texts_[at].kind == EventKind::custom_field && texts_[at].item == index &&
                texts_[at].is(Flag::ended))
                call.extra_json = texts_.get(texts_[at], Field::text);
        memcpy(place, &call, sizeof call);
    }
    return message;
}

OPENAI_STREAM_END
