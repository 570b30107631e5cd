#pragma once
// One part of a collected message, and going through them.
#include "tool_merging.hpp"

OPENAI_STREAM_BEGIN

// A text, a reasoning, a refusal or a tool call. Views point into the Collector's memory and die at the next call on it
// that is not const.
struct MessagePart {
    EventKind kind = EventKind::text;  // text, reasoning, refusal or tool_call
    int32_t choice = 0;
    StringView text;                   // so far; of a tool call its arguments
    // For a tool call.
    StringView id;                     // "call_<n>" once it is finished, if the server gave it none
    StringView name;
    StringView type;                   // "function", "custom", "mcp" or what else the server says; null: function
    // For the Responses API; -1 and null: the server did not say.
    StringView item_id;
    int32_t output_index = -1;
    int32_t content_index = -1;
    bool is_summary = false;           // of a reasoning

    bool is_finished = false;          // nothing is to come: its item or its choice has ended
    bool is_ended = false;             // and the server has said that it is complete
    // What an agent may want to refuse of a tool call.
    bool is_guessed = false;           // what belongs to which call could not be told from what the server said
    bool has_invalid_json = false;     // the arguments are not JSON (they may be none at all)
    bool was_repeated = false;         // the arguments came twice and were taken once
    bool has_generated_id = false;

    // A tool call that can be run as it is: it is complete, has a name and a JSON object for arguments (a custom tool:
    // any text), nothing was guessed, and it is not one that the server runs itself. One without arguments, or of a
    // custom tool, can be run if the server itself has ended it: else some may have been lost, which no text tells.
    bool can_run() const noexcept {
        return kind == EventKind::tool_call && is_finished && !is_guessed && !has_invalid_json && !name.empty() &&
               type != StringView("mcp", 3) && has_arguments();
    }

private:
    bool has_arguments() const noexcept {
        if (text.empty() || type == StringView("custom", 6)) return is_ended;
        size_t at = 0;
        while (at != text.size() && static_cast<unsigned char>(text[at]) <= ' ') ++at;
        return at != text.size() && text[at] == '{';
    }
};

namespace detail::collected {

// For each call room is kept for writing it back, whatever else finds no room: a ToolCall, and an id.
constexpr size_t generated_id_bytes = 16;
constexpr size_t room_of_call = sizeof(ToolCall) + generated_id_bytes;

// "call_<n>", in the room that is kept. No other call of the message has it.
inline StringView generated_id(const Texts& texts, const Record& call) noexcept {
    char* const into = texts.kept_end() - generated_id_bytes * (call.number + 1u);
    memcpy(into, "call_", 5);
    for (uint32_t number = call.number;; number += Texts::max_records) {
        char digits[20];
        const StringView text = ascii::format_decimal(number, digits);
        move_bytes(into + 5, text.data(), text.size());
        const StringView id(into, 5 + text.size());
        uint16_t index = 0;
        while (index != texts.count() &&
               (texts[index].kind != EventKind::tool_call || texts.get(texts[index], Field::id) != id))
            ++index;
        if (index == texts.count()) return id;
    }
}

inline MessagePart part_of(const Texts& texts, const Record& record) noexcept {
    MessagePart part;
    part.kind = record.kind;
    part.choice = record.choice;
    part.text = texts.get(record, Field::text);
    part.id = texts.get(record, Field::id);
    part.name = texts.get(record, Field::name);
    part.type = texts.get(record, Field::type);
    if (record.item != none) {
        part.item_id = texts.get(texts[record.item], Field::id);
        part.output_index = texts[record.item].index;
    }
    part.content_index = record.content_index;
    part.is_summary = record.is(summary);
    part.is_finished = record.is(finished);
    part.is_ended = record.is(ended);
    part.is_guessed = record.is(guessed);
    part.has_invalid_json = record.is(broken);
    part.was_repeated = record.is(repeated);
    part.has_generated_id = record.kind == EventKind::tool_call && part.id.empty() && part.is_finished;
    if (part.has_generated_id) part.id = generated_id(texts, record);
    return part;
}

}  // namespace detail::collected

// Parts of a message, in the order in which they began. For range-based for; valid until the next call on the Collector
// that is not const.
class MessageParts {
public:
    class Iterator;
    inline Iterator begin() const noexcept;
    inline Iterator end() const noexcept;
    bool empty() const noexcept { return next_of(0) == texts_->count(); }
    size_t size() const noexcept {
        size_t count = 0;
        for (uint16_t at = next_of(0); at != texts_->count(); at = next_of(static_cast<uint16_t>(at + 1))) ++count;
        return count;
    }

private:
    friend class Collector;
    MessageParts(const detail::collected::Texts& texts, EventKind first, EventKind last, int32_t choice,
                 uint8_t flags) noexcept
        : texts_(&texts), choice_(choice), first_(first), last_(last), flags_(flags) {}
    // The first of these from there on.
    uint16_t next_of(uint16_t index) const noexcept {
        while (index != texts_->count() && !has((*texts_)[index])) ++index;
        return index;
    }
    bool has(const detail::collected::Record& record) const noexcept {
        return record.kind >= first_ && record.kind <= last_ && (choice_ < 0 || record.choice == choice_) &&
               (record.flags & flags_) == flags_;
    }

    const detail::collected::Texts* texts_;
    int32_t choice_;  // -1: of any
    EventKind first_, last_;
    uint8_t flags_;
};

class MessageParts::Iterator {
public:
    // Lives in the iterator, until it moves on.
    const MessagePart& operator*() const noexcept {
        part_ = detail::collected::part_of(*parts_.texts_, (*parts_.texts_)[index_]);
        return part_;
    }
    const MessagePart* operator->() const noexcept { return &**this; }
    Iterator& operator++() noexcept {
        index_ = parts_.next_of(static_cast<uint16_t>(index_ + 1));
        return *this;
    }
    bool operator!=(const Iterator& other) const noexcept { return index_ != other.index_; }

private:
    friend class MessageParts;
    Iterator(const MessageParts& parts, uint16_t index) noexcept : parts_(parts), index_(index) {}

    MessageParts parts_;
    uint16_t index_;
    mutable MessagePart part_;
};

inline MessageParts::Iterator MessageParts::begin() const noexcept { return {*this, next_of(0)}; }
inline MessageParts::Iterator MessageParts::end() const noexcept { return {*this, texts_->count()}; }

OPENAI_STREAM_END
