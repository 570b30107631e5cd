#pragma once
// JSON written into windows of any size: strings by RFC 8259 section 7, integers.
#include "../base/ascii.hpp"
#include "../base/bytes.hpp"
#include "../base/scan.hpp"
#include "../base/utf8.hpp"

OPENAI_STREAM_BEGIN

namespace json {

// Where the next bytes go, and for how many there is room. at null: they are only counted.
struct Window {
    char* at;
    size_t room;

    // As much as fits; returns how many bytes that are.
    size_t put(const char* from, size_t count) noexcept {
        if (count > room) count = room;
        room -= count;
        if (at) {
            detail::move_bytes(at, from, count);
            at += count;
        }
        return count;
    }
};

// A window with this much room always gets some more of a string: an escape is written whole or not at all.
constexpr size_t max_atom_bytes = 6;

// The position of a text that has been written to its end.
constexpr size_t at_end = SIZE_MAX;

// How c, one that scan::string_stop() stops at, is written inside a string; returns the count of bytes.
// escape = "\" ( %x22 / %x5C / %x62 / %x66 / %x6E / %x72 / %x74 / %x75 4HEXDIG )
inline size_t escape(char c, char (&into)[max_atom_bytes]) noexcept {
    const auto place = static_cast<unsigned>(c - '\b');
    const char letter = c == '"' || c == '\\' ? c : place < 6 ? "btn\0fr"[place] : '\0';
    memcpy(into, "\\u00", 4);
    const int low = c & 15;
    into[4] = static_cast<char>('0' + (c >> 4));
    into[5] = static_cast<char>(low < 10 ? '0' + low : 'a' - 10 + low);
    if (letter == '\0') return max_atom_bytes;
    into[1] = letter;
    return 2;
}

// How many bytes at the front of [at, end) a JSON string holds as they are: well-formed UTF-8, nothing to be escaped,
// not more than room. May be fewer than possible, but is 0 only for a byte that cannot stay or a character without
// room.
inline size_t count_verbatim(const char* at, const char* end, size_t room) noexcept {
    constexpr size_t stride = 32;  // of looking ahead: what is after an ill-formed byte is looked at again
    if (room > stride) room = stride;
    if (room > static_cast<size_t>(end - at)) room = static_cast<size_t>(end - at);
    if (detail::scan::StringStop::is(static_cast<unsigned char>(*at))) return 0;
    bool above_ascii = false;
    const char* const limit = detail::scan::string_stop(at, at + room, above_ascii);
    if (!above_ascii) return static_cast<size_t>(limit - at);
    const char* stop = at;
    while (stop != limit) {
        if ((*stop & 0x80) == 0) {
            ++stop;
            continue;
        }
        const utf8::Sequence sequence = utf8::sequence_at(stop, end);
        if (!sequence.valid || sequence.length > limit - stop) break;
        stop += sequence.length;
    }
    return static_cast<size_t>(stop - at);
}

// Writes text as a JSON string from position on, as much as fits. position is 0 at first and at_end when the closing
// quote is written; between, it is the caller's to keep. Ill-formed UTF-8 becomes U+FFFD, so that what is written is
// always valid. Linear in text for windows of at least max_atom_bytes.
OPENAI_STREAM_NOINLINE inline void write_string(const StringView& text, size_t& position, Window& into) noexcept {
    const char* const begin = text.begin();
    const size_t size = text.size();
    size_t here = position;
    while (here != at_end) {
        char atom[max_atom_bytes];
        atom[0] = '"';  // the opening one at 0, the closing one after the text
        const char* from = atom;
        size_t length = 1, count = 1;  // of the text, and of what is written for it
        if (here - 1 < size) {
            const char* const at = begin + (here - 1);
            const size_t verbatim = detail::is_small_build ? 0 : count_verbatim(at, begin + size, into.room);
            if (verbatim != 0) {
                from = at;
                length = count = verbatim;
            } else if (detail::scan::StringStop::is(static_cast<unsigned char>(*at))) {
                count = escape(*at, atom);
            } else {
                const utf8::Sequence sequence = utf8::sequence_at(at, begin + size);
                length = sequence.length;
                from = sequence.valid ? at : utf8::replacement.data();
                count = sequence.valid ? length : utf8::replacement.size();
            }
        }
        if (count > into.room) break;
        into.put(from, count);
        here = here > size ? at_end : here + length;
    }
    position = here;
}

// value in decimal, at the end of digits; valid as long as they.
inline StringView format_integer(int64_t value, char (&digits)[20]) noexcept {
    const bool negative = value < 0;
    const StringView text = ascii::format_decimal(negative ? 0 - static_cast<uint64_t>(value)
                                                           : static_cast<uint64_t>(value), digits);
    char* begin = digits + (text.begin() - digits);
    if (negative) *--begin = '-';  // before 19 digits at most
    return {begin, static_cast<size_t>(digits + sizeof digits - begin)};
}

}  // namespace json

OPENAI_STREAM_END
