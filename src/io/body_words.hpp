#pragma once
// A body that is not what was asked for is often written for people: the page of a proxy, a line of plain text. What of
// it can be shown in one line is found here, in the first bytes of the body, which the Exchange keeps.
#include "../base/ascii.hpp"
#include "../base/utf8.hpp"
#include "../base/words.hpp"

OPENAI_STREAM_BEGIN

namespace detail::body_words {

// Where the part of [at, end) ends that is safe to print, without blanks at its end: before `stop`, before the first
// byte that is no UTF-8, and before a control character (C0, DEL, C1) that is neither a tab nor a line end. Where a
// line feed stops, a carriage return does, too.
OPENAI_STREAM_NOINLINE inline const char* printable_end(const char* at, const char* end, char stop) noexcept {
    const char* last = at;
    while (at != end && *at != stop) {
        const utf8::Sequence sequence = utf8::sequence_at(at, end);
        if (!sequence.valid || (*at == '\xC2' && static_cast<unsigned char>(at[1]) < 0xA0)) break;
        const bool is_shown = !ascii::is_space(*at);
        if (is_shown ? ascii::is_control(*at) : *at > '\n' && (*at < '\r' || (*at == '\r' && stop == '\n'))) break;
        at += sequence.length;
        if (is_shown) last = at;
    }
    return last;
}
inline StringView printable(StringView text) noexcept {
    const char* const end = printable_end(text.begin(), text.end(), '\0');
    return {text.begin(), static_cast<size_t>(end - text.begin())};
}

// What an HTML page says in its title, or the first line of any other text, as far as it can be printed; a part of the
// text, empty if there is neither.
OPENAI_STREAM_OUTLINE inline StringView find(const StringView& text) noexcept {
    const char* at = text.begin();
    const char* const end = text.end();
    char stop = '\n';  // one line: it ends as those of an event stream do
    if (at != end && *at == '<') {
        stop = '<';
        constexpr unsigned tag_size = 6;
        for (unsigned matched = 0; at != end && matched != tag_size; ++at)
            matched = (*at | 0x20) == "<title"[matched] ? matched + 1 : *at == '<';
        while (at != end && *at++ != '>') {}  // its attributes are passed over
    }
    while (at != end && ascii::is_space(*at)) ++at;
    return {at, static_cast<size_t>(printable_end(at, end, stop) - at)};
}

}  // namespace detail::body_words

OPENAI_STREAM_END
