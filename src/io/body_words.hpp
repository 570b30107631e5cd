#pragma once
// A body that is not what was asked for is often written for people: the page of a proxy, a line of plain text. What of
// it can be shown in one line is found here, in the first bytes of the body, which the Exchange keeps.
#include "../base/ascii.hpp"
#include "../base/buffer.hpp"
#include "../base/utf8.hpp"

OPENAI_STREAM_BEGIN

namespace body_words {

// Makes [begin, end) safe to print, where it lies: each control character (C0, DEL, C1) becomes a blank and each
// ill-formed byte a '?', so that nothing moves. A code point that the end cuts off is left out. Returns the new end.
inline char* make_printable(char* begin, char* end) noexcept {
    for (char* at = begin; at != end;) {
        const unsigned lead = static_cast<unsigned char>(*at);
        const utf8::Sequence sequence = utf8::sequence_at(at, end);
        if (sequence.incomplete) return at;
        const bool is_c1 = lead == 0xC2 && static_cast<unsigned char>(at[sequence.length - 1]) < 0xA0;
        if (!sequence.valid || lead < ' ' || lead == 0x7F || is_c1) {
            for (unsigned left = sequence.length; left != 0; --left) at[left - 1] = sequence.valid ? ' ' : '?';
        }
        at += sequence.length;
    }
    return end;
}

// The first `size` bytes, or fewer: no code point is cut.
inline StringView cut(StringView text, size_t size) noexcept {
    if (size >= text.size()) return text;
    while (size != 0 && (text[size] & 0xC0) == 0x80) --size;
    return text.take(size);
}

inline bool is_blank(char c) noexcept { return static_cast<unsigned char>(c) <= ' '; }
inline StringView trimmed(StringView text) noexcept {
    while (!text.empty() && is_blank(text[0])) text = text.drop(1);
    while (!text.empty() && is_blank(text[text.size() - 1])) text = text.take(text.size() - 1);
    return text;
}

// Up to the first of two characters, or all of it.
inline StringView before(StringView text, char one, char other) noexcept {
    size_t size = 0;
    while (size != text.size() && text[size] != one && text[size] != other) ++size;
    return text.take(size);
}

inline bool begins_title(StringView text) noexcept {
    size_t size = 0;
    while (size != text.size() && size != 6 && (text[size] | 0x20) == "<title"[size]) ++size;
    return size == 6;
}

// What an HTML page says in its title, or the first line of any other text. Null data() if there is neither.
inline StringView find(StringView text) noexcept {
    if (!text.empty() && text[0] == '<') {
        while (!begins_title(text)) {
            if (text.empty()) return {};
            text = text.drop(1);
        }
        text = text.drop(before(text, '>', '>').size()).drop(1);
        text = before(text, '<', '<');
    } else {
        text = before(text, '\n', '\r');
    }
    text = trimmed(text);
    return text.empty() ? StringView() : text;
}

// Whether a text begins as an event stream does: with a comment or a field that the standard knows. (One that is too
// short to tell counts.) `text` has neither blanks nor a byte order mark before it.
inline bool begins_event_stream(StringView text) noexcept {
    for (const char* name = "data\0event\0id\0retry\0error\0"; *name != '\0'; name += strlen(name) + 1) {
        size_t size = 0;
        while (size != text.size() && name[size] != '\0' && text[size] == name[size]) ++size;
        if (size == text.size()) return true;
        if (name[size] == '\0' && (text[size] == ':' || text[size] == '\n' || text[size] == '\r')) return true;
    }
    return text[0] == ':';
}

}  // namespace body_words

OPENAI_STREAM_END
