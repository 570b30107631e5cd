#pragma once
// Which tool call a fragment belongs to, and what it adds to it. Servers leave out the index or the id, repeat them, or
// count all calls as 0; the rules:
//
//   M1  an index names the call
//   M2  without one, an id names it, or begins a new one; without either, it is the call that was touched last
//   M3  another id at the same index is another call (Ollama counts all of them as 0)
//   M4  the place in an array is no index
//   M5  of ids the first that is not empty counts; a call that never got one is given "call_<n>"
//   M6  a name that is repeated, or comes behind arguments or an id again, says nothing new; others are its next piece
//   M7  arguments are pieces of a text; a complete repeat of complete ones as the last fragment is passed over, once
//
// What is not certain by an index, an item or an id is a guess, and the call says so.
#include "../json/validator.hpp"
#include "collected_texts.hpp"

OPENAI_STREAM_BEGIN

namespace collected {

inline bool is_custom(const Texts& texts, const Record& call) noexcept {
    return texts.get(call, Field::type) == StringView("custom", 6);
}

// The call an event is about; none: it begins a new one. choice.item is the call that was touched last. `guess` becomes
// true when that is not certain.
inline uint16_t find_call(Texts& texts, const Record& choice, uint16_t item, const Event& event, bool& guess) noexcept {
    const bool has_key = item != none || event.tool_index >= 0;
    uint16_t found = none, keyless = none;
    unsigned calls = 0, candidates = 0;
    const auto has_this_key = [&](const Record& call) {
        return item != none ? call.item == item : call.item == none && call.index == event.tool_index;
    };
    for (uint16_t index = 0; index != texts.count(); ++index) {
        const Record& call = texts[index];
        if (call.kind != EventKind::tool_call || call.choice != choice.choice) continue;
        ++calls;
        const bool has_this_id = !event.id.empty() && texts.get(call, Field::id) == event.id;
        if (has_key && has_this_key(call)) {
            if (has_this_id) return index;
            found = index;
            ++candidates;
        } else if (has_this_id && (!has_key || (call.item == none && call.index < 0))) {
            keyless = index;
        }
    }
    const uint16_t last = choice.item;
    if (has_key && found != none) {
        if (last != none && has_this_key(texts[last])) found = last;
        if (!event.id.empty() && texts[found].sizes[0] != 0) return none;  // M3
        if (candidates > 1) guess = true;
        return found;
    }
    if (has_key || !event.id.empty()) return keyless;
    if (last == none) return none;
    // A name behind complete arguments is that of another call (Gemini sends neither index nor id).
    const bool is_next = texts[last].nesting == Nesting::closed && texts[last].sizes[1] != 0 &&
                         event.kind == EventKind::tool_call && !event.name.empty();
    if (is_next) texts[last].set(guessed);
    if (is_next || calls > 1) guess = true;
    return is_next ? none : last;
}

// False from here on: there is no memory left.

// M5, and the same for a type.
inline bool set_once(Texts& texts, Record& record, Field field, StringView value) noexcept {
    return record.sizes[static_cast<unsigned>(field)] != 0 || texts.append(record, field, value);
}

// M6. To be called before the event's id is taken over.
inline bool add_name(Texts& texts, Record& call, const Event& event) noexcept {
    const StringView name = texts.get(call, Field::name);
    if (event.name == name) return true;
    const bool has_id_again = !event.id.empty() && event.id == texts.get(call, Field::id);
    const bool has_arguments = call.sizes[3] != 0 || call.is(repeating);
    if (!name.empty() && (has_id_again || has_arguments)) return true;
    return texts.append(call, Field::name, event.name);
}

inline void follow_nesting(Record& call, StringView piece) noexcept {
    const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
    for (const char c : piece) {
        const bool opens = c == '{' || c == '[', closes = c == '}' || c == ']';
        switch (call.nesting) {
            case Nesting::outside:
                if (is_space(c)) break;
                call.nesting = opens ? Nesting::inside : Nesting::unknown;
                call.depth = 1;
                break;
            case Nesting::inside:
                if (c == '"') call.nesting = Nesting::in_string;
                if (opens && ++call.depth == UINT16_MAX) call.nesting = Nesting::unknown;
                if (closes && --call.depth == 0) call.nesting = Nesting::closed;
                break;
            case Nesting::in_string:
                if (c == '\\') call.nesting = Nesting::in_escape;
                if (c == '"') call.nesting = Nesting::inside;
                break;
            case Nesting::in_escape:
                call.nesting = Nesting::in_string;
                break;
            case Nesting::closed:
                if (!is_space(c)) call.nesting = Nesting::unknown;
                break;
            case Nesting::unknown:
                return;
        }
    }
}

// What looked like a repeat was none: it is added after all, and the piece behind it.
inline bool add_matched(Texts& texts, Record& call, StringView piece) noexcept {
    const uint32_t size = call.sizes[3], matched = call.matched;
    if (!texts.append_again(call, matched, piece)) return false;
    call.clear(repeating);
    call.matched = 0;
    follow_nesting(call, texts.get(call, Field::text).drop(size));
    return true;
}

// M7. begins: the piece is the first of a fragment; more: it is not the last one.
inline bool add_arguments(Texts& texts, Record& call, StringView piece, bool begins, bool more) noexcept {
    const bool may_repeat = call.nesting == Nesting::closed && !call.is(repeated) && !is_custom(texts, call);
    if (begins && may_repeat) call.set(repeating);
    if (!call.is(repeating)) {
        if (!texts.append(call, Field::text, piece)) return false;
        follow_nesting(call, piece);
        return true;
    }
    const StringView expected = texts.get(call, Field::text).drop(call.matched);
    if (piece.size() > expected.size() || expected.take(piece.size()) != piece) return add_matched(texts, call, piece);
    call.matched += static_cast<uint32_t>(piece.size());
    return more || call.matched == call.sizes[3] || add_matched(texts, call, {});
}

// The call has come to its end.
inline bool settle(Texts& texts, Record& call) noexcept {
    if (is_custom(texts, call)) return true;
    json::Validator validator;
    const bool is_json = validator.feed(texts.get(call, Field::text)) && validator.finish();
    if (call.is(repeating)) {
        if (!is_json && !add_matched(texts, call, {})) return false;
        if (is_json) call.set(repeated);
        call.clear(repeating);
        call.matched = 0;
    }
    if (!is_json && call.sizes[3] != 0) call.set(broken);
    return true;
}

}  // namespace collected

OPENAI_STREAM_END
