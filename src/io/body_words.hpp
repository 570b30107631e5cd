#pragma once
// A body that is not what was asked for is often written for people: the page of a proxy, a line of plain text. What of
// it can be shown in one line is found here, in the first bytes of the body, which the Exchange keeps.
#include "../base/utf8.hpp"
#include "../base/words.hpp"

OPENAI_STREAM_BEGIN

namespace body_words {

inline bool is_blank(char c) noexcept { return static_cast<unsigned char>(c) <= ' '; }

// Makes a text safe to print, where it lies (it must be writable): each control character (C0, DEL, C1) becomes a blank
// and each ill-formed byte a '?', so that nothing moves. A code point that the end cuts off is left out.
OPENAI_STREAM_NOINLINE inline StringView make_printable(StringView text) noexcept {
    char* at = const_cast<char*>(text.begin());
    while (at != text.end()) {
        const utf8::Sequence sequence = utf8::sequence_at(at, text.end());
        if (sequence.incomplete) break;
        const bool is_c1 = sequence.length == 2 && *at == '\xC2' && static_cast<unsigned char>(at[1]) < 0xA0;
        const bool is_shown = sequence.valid && !ascii::is_control(*at) && !is_c1;
        for (unsigned left = sequence.length; left != 0; --left, ++at)
            if (!is_shown) *at = sequence.valid ? ' ' : '?';
    }
    return text.take(static_cast<size_t>(at - text.begin()));
}

// What an HTML page says in its title, or the first line of any other text; without the blanks around it. Null data()
// if there is neither.
inline StringView find(StringView text) noexcept {
    const char* at = text.begin();
    const char* const end = text.end();
    const bool is_page = at != end && *at == '<';
    constexpr unsigned tag_size = 6;
    for (unsigned matched = 0; is_page && at != end && matched <= tag_size; ++at) {
        if (matched == tag_size) matched += *at == '>';  // its attributes are passed over
        else if ((*at | 0x20) == "<title"[matched]) ++matched;
        else matched = *at == '<';
    }
    while (at != end && is_blank(*at)) ++at;
    const char* const begin = at;
    const char* last = at;
    for (; at != end && (is_page ? *at != '<' : *at != '\n' && *at != '\r'); ++at)
        if (!is_blank(*at)) last = at + 1;
    return last == begin ? StringView() : StringView(begin, static_cast<size_t>(last - begin));
}

// Whether a text begins as an event stream does: with a comment or a field that the standard knows (or llama.cpp).
// Before it there are neither blanks nor a byte order mark. One that is too short to tell counts.
inline bool begins_event_stream(StringView text) noexcept {
    size_t size = 0;
    while (size != text.size() && text[size] != ':' && text[size] != '\n' && text[size] != '\r') ++size;
    const bool is_cut = size == text.size() && size < 5;  // "OK" is none all the same
    if (is_cut && size != 0) return text[0] == 'd' || text[0] == 'e' || text[0] == 'i' || text[0] == 'r';
    return size == 0 || words::place_in("data\0event\0id\0retry\0error\0", text.data(), size) != 0;
}

}  // namespace body_words

OPENAI_STREAM_END
