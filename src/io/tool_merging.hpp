#pragma once
// Which tool call a fragment belongs to, and what it adds to it. Servers leave out the index or the id, repeat them, or
// count all calls as 0; the rules:
//
//   M1  an index names the call
//   M2  without one, an id names it, or begins a new one; without either, it is the call that was touched last
//   M3  another id at the same index is another call (Ollama counts all of them as 0)
//   M4  the place in an array is no index
//   M5  of ids the first that is not empty counts; a call that never got one is given "call_<n>"
//   M6  a name that is repeated, or comes after arguments or an id again, says nothing new; others are its next piece
//   M7  arguments are pieces of a text; a complete repeat of complete ones as the last fragment is passed over, once
//   M8  a JSON text that begins after a complete one is, with a name, that of the next call, which is a guess. Without
//       one it replaces the first, if that was {} (a placeholder), and the call says that they came twice
//   M9  a finish reason after arguments that are not complete is none of theirs: some servers send one in every chunk.
//       Calls without arguments or with {}, and those of custom tools, end with the answer
//
// What is not certain by an index, an item or an id is a guess, and the call says so.
#include "../json/validator.hpp"
#include "collected_texts.hpp"

OPENAI_STREAM_BEGIN

namespace detail::collected {

inline bool is_custom(const Texts& texts, const Record& call) noexcept {
    return texts.get(call, Field::type) == StringView("custom", 6);
}

inline bool has_complete_arguments(const Record& call) noexcept { return call.nesting == Nesting::closed; }

// M8: another name after complete arguments. (Of the same name only the arguments that come tell: they may be the
// same.)
inline bool is_next(const Texts& texts, Record& call, const Event& event, bool& guess) noexcept {
    if (event.kind != EventKind::tool_call || event.name.empty() || call.sizes[1] == 0) return false;
    if (!has_complete_arguments(call) || texts.get(call, Field::name) == event.name) return false;
    call.set(guessed);
    guess = true;
    return true;
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
            if (has_this_id) return index;  // whatever it is called now
            found = index;
            ++candidates;
        } else if (has_this_id && (!has_key || (call.item == none && call.index < 0))) {
            keyless = index;
        }
    }
    const uint16_t last = choice.item;
    if (has_key && found != none) {
        OPENAI_STREAM_ASSERT(last != none);  // who makes a call touches it
        if (has_this_key(texts[last])) found = last;
        if (!event.id.empty() && texts[found].sizes[0] != 0) return none;  // M3
        if (item == none && is_next(texts, texts[found], event, guess)) return none;
        if (candidates > 1) guess = true;
        return found;
    }
    if (has_key || !event.id.empty())
        return keyless != none && !has_key && is_next(texts, texts[keyless], event, guess) ? none : keyless;
    if (last == none) return none;
    // Gemini sends neither index nor id: there the same name, too, is that of another call.
    const bool is_next = has_complete_arguments(texts[last]) && texts[last].sizes[1] != 0 &&
                         event.kind == EventKind::tool_call && !event.name.empty();
    if (is_next) texts[last].set(guessed);
    if (is_next || calls > 1) guess = true;
    return is_next ? none : last;
}

inline bool is_empty_object(StringView text) noexcept {
    unsigned depth = 0;
    for (const char c : text) {
        if (c == '{' || c == '}') ++depth;
        else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return false;
    }
    return depth == 2;
}

// M9: whether more may come after a finish reason. (The Responses API ends its calls one by one.)
inline bool may_go_on(const Texts& texts, const Record& call) noexcept {
    if (call.kind != EventKind::tool_call || call.item != none) return false;
    return call.sizes[3] == 0 || is_custom(texts, call) || is_empty_object(texts.get(call, Field::text));
}

// What follows returns false if there is no memory left.

// M5, and the same for a type.
inline bool set_once(Texts& texts, Record& record, Field field, StringView value) noexcept {
    return record.sizes[static_cast<unsigned>(field)] != 0 || texts.append(record, field, value);
}

// M6. To be called before the event's id is taken over.
inline bool add_name(Texts& texts, Record& call, const Event& event) noexcept {
    const StringView name = texts.get(call, Field::name);
    if (event.name == name) return true;
    const bool has_id_again = !event.id.empty() && event.id == texts.get(call, Field::id);
    if (!name.empty() && (has_id_again || call.sizes[3] != 0)) return true;
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

// What looked like a repeat was none: it is added after all, and so is the piece after it.
inline bool add_matched(Texts& texts, Record& call, StringView piece) noexcept {
    const uint32_t size = call.sizes[3], repeat_matched = call.repeat_matched;
    if (!texts.append_again(call, repeat_matched, piece)) return false;
    call.clear(repeating);
    call.repeat_matched = 0;
    follow_nesting(call, texts.get(call, Field::text).drop(size));
    return true;
}

inline bool begins_json(StringView text) noexcept {
    for (const char c : text)
        if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return c == '{' || c == '[';
    return false;
}

enum class Added : uint8_t {
    yes,
    no_room,
    // nothing was added: it is of another call, after the first `repeat_matched` bytes, which both begin with
    next_call,
};

// The piece, and the `repeat_matched` bytes before it, are no repeat: M8, or more of the same text.
inline Added add_other(Texts& texts, Record& call, StringView piece) noexcept {
    const StringView text = texts.get(call, Field::text);
    const bool is_another = begins_json(call.repeat_matched != 0 ? text.take(call.repeat_matched) : piece);
    if (is_another && call.is(named_again)) return Added::next_call;
    if (!is_another || call.repeat_matched == call.sizes[3] || !is_empty_object(text))
        return add_matched(texts, call, piece) ? Added::yes : Added::no_room;
    Texts::cut(call, call.repeat_matched);
    if (!texts.append(call, Field::text, piece)) return Added::no_room;
    call.clear(repeating);
    call.set(repeated);
    call.repeat_matched = 0;
    call.nesting = Nesting::outside;
    follow_nesting(call, texts.get(call, Field::text));
    return Added::yes;
}

// M7. begins: the piece is the first of a fragment; more: it is not the last one.
inline Added add_arguments(Texts& texts, Record& call, StringView piece, bool begins, bool more) noexcept {
    const bool is_closed = has_complete_arguments(call) && !is_custom(texts, call);
    const bool has_come_twice = call.is(repeated) || (call.is(repeating) && call.repeat_matched == call.sizes[3]);
    if (begins && is_closed && has_come_twice && call.is(named_again) && begins_json(piece)) {
        call.set(repeated);
        call.repeat_matched = 0;
        return Added::next_call;
    }
    if (begins && is_closed && !call.is(repeated)) call.set(repeating);
    if (!call.is(repeating)) {
        if (!texts.append(call, Field::text, piece)) return Added::no_room;
        follow_nesting(call, piece);
        return Added::yes;
    }
    const StringView expected = texts.get(call, Field::text).drop(call.repeat_matched);
    if (piece.size() > expected.size() || expected.take(piece.size()) != piece) return add_other(texts, call, piece);
    call.repeat_matched += static_cast<uint32_t>(piece.size());
    if (more || call.repeat_matched == call.sizes[3]) return Added::yes;
    const Added added = add_other(texts, call, {});
    if (added == Added::next_call) call.repeat_matched -= static_cast<uint32_t>(piece.size());
    return added;
}

// M9: what comes now continues it, though it was said to have ended.
inline void reopen(Record& call) noexcept {
    call.clear(finished);
    call.clear(ended);
    call.clear(broken);
}

// The call has come to its end.
inline bool finalize(Texts& texts, Record& call) noexcept {
    if (is_custom(texts, call)) return true;
    const bool is_json = json::is_valid(texts.get(call, Field::text));
    if (call.is(repeating)) {
        if (!is_json && !add_matched(texts, call, {})) return false;
        if (is_json) call.set(repeated);
        call.clear(repeating);
        call.repeat_matched = 0;
    }
    if (!is_json && call.sizes[3] != 0) call.set(broken);
    return true;
}

}  // namespace detail::collected

OPENAI_STREAM_END
