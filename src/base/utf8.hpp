#pragma once
// UTF-8 by the Unicode Standard, table 3-7; ill-formed input is cut as the WHATWG Encoding Standard cuts it (one U+FFFD
// for each maximal subpart).
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

namespace utf8 {

// U+FFFD; static.
constexpr StringView replacement("\xEF\xBF\xBD", 3);

// One sequence at the front of a text.
struct Sequence {
    unsigned length : 8;      // bytes: the sequence, or the ill-formed part that one U+FFFD stands for
    unsigned valid : 8;
    unsigned incomplete : 8;  // not valid, but might be the beginning of a valid one: the text ended too early
};

// What stands at `at`; at < end.
inline Sequence sequence_at(const char* at, const char* end) noexcept {
    const unsigned lead = static_cast<unsigned char>(*at);
    unsigned length = lead < 0x80 ? 1 : lead < 0xC2 || lead > 0xF4 ? 0 : 2u + (lead >= 0xE0) + (lead >= 0xF0);
    unsigned good = 1;  // bytes
    for (; good < length && at + good != end; ++good) {
        const unsigned byte = static_cast<unsigned char>(at[good]);
        // After the lead: no overlong forms, no surrogates, nothing above U+10FFFF.
        const unsigned lowest = good != 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned highest = good != 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (byte < lowest || byte > highest) {
            length = 0;
            break;
        }
    }
    return {static_cast<uint8_t>(good), good == length, good < length};
}

// A text up to its first ill-formed byte.
inline StringView valid_beginning(StringView text) noexcept {
    size_t size = 0;
    while (size != text.size()) {
        const Sequence sequence = sequence_at(text.data() + size, text.end());
        if (!sequence.valid) break;
        size += sequence.length;
    }
    return text.take(size);
}

// Writes one code point (not a surrogate, at most U+10FFFF) as 1 to 4 bytes; returns the end of what it wrote.
inline char* append(char* into, uint32_t code_point) noexcept {
    unsigned shift = code_point < 0x80 ? 0 : code_point < 0x800 ? 6 : code_point < 0x10000 ? 12 : 18;
    const unsigned lead = shift == 0 ? 0x00 : shift == 6 ? 0xC0 : shift == 12 ? 0xE0 : 0xF0;
    *into++ = static_cast<char>(lead | (code_point >> shift));
    while (shift != 0) {
        shift -= 6;
        *into++ = static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
    }
    return into;
}

}  // namespace utf8

OPENAI_STREAM_END
