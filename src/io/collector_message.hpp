#pragma once
// What a Collector gives back: the texts of a choice in one piece, and the message that goes into the next request. It
// is written into the memory that adding parts has kept free for it, so that it cannot fail.
#include "collector.hpp"

OPENAI_STREAM_BEGIN

inline StringView Collector::joined(EventKind kind, int32_t choice) noexcept {
    uint16_t first = find(kind, choice);  // later the first that is not empty, if there is one
    if (first == none) return {};
    size_t size = texts_[first].size();
    uint16_t last = first;
    for (uint16_t index = static_cast<uint16_t>(first + 1); index < texts_.count(); ++index) {
        if (texts_[index].kind != kind || texts_[index].choice != choice || texts_[index].size() == 0) continue;
        if (size != 0) texts_.join(texts_[last], texts_[index]);
        else first = index;
        last = index;
        size += texts_[index].size();
    }
    return {texts_.get(texts_[first], Field::text).data(), size};
}

inline Message Collector::as_message(int32_t choice) noexcept {
    static_cast<void>(refusal(choice));  // to join its parts moves other texts: before any of them is named
    Message message = Message::assistant(text(choice));
    // In the room that is kept: what the refusals need, the ToolCalls, the ids. The calls of lower choices come first.
    char* const ids = texts_.kept_end() - detail::collected::generated_id_bytes * call_count_;
    char* const calls = ids - sizeof(ToolCall) * call_count_;
    size_t before = 0, count = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index)
        if (texts_[index].kind == EventKind::tool_call && texts_[index].choice < choice) ++before;
    char* const own = calls + sizeof(ToolCall) * before;
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        const Record& record = texts_[index];
        if (!is_written_back(record, choice)) continue;
        const MessagePart part = detail::collected::part_of(texts_, record);
        ToolCall call;
        call.id = part.id.empty() ? detail::collected::generated_id(texts_, record) : part.id;
        call.name = part.name.data() ? part.name : StringView("", size_t{0});
        call.kind = detail::collected::is_custom(texts_, record) ? ToolKind::custom : ToolKind::function;
        call.arguments = part.text.empty() && call.kind == ToolKind::function ? StringView("{}", 2) : part.text;
        memcpy(own + sizeof call * count++, &call, sizeof call);
    }
    if (count != 0) message.tool_calls = List<ToolCall>(reinterpret_cast<const ToolCall*>(own), count);
    const StringView refused = refusal(choice);
    if (message.content.empty() && count == 0 && !refused.empty()) {
        AssistantExtra extra;
        extra.refusal = refused;
        const Record& first = texts_[find(EventKind::refusal, choice)];
        char* const place = calls - sizeof extra * (first.number + size_t{1});
        memcpy(place, &extra, sizeof extra);
        message.parts = reinterpret_cast<const AssistantExtra*>(place);
    }
    return message;
}

OPENAI_STREAM_END
