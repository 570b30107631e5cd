#pragma once
// The inside of a JSON string, decoded where it lies: a decoded string is never longer than its escapes.
// The result is always valid UTF-8 (RFC 8259 section 8.1; ill-formed bytes as in base/utf8.hpp).
#include "../base/ascii.hpp"
#include "../base/utf8.hpp"

OPENAI_STREAM_BEGIN

namespace json {

constexpr bool is_high_surrogate(uint32_t unit) noexcept { return (unit & 0xFC00) == 0xD800; }
constexpr bool is_surrogate(uint32_t unit) noexcept { return (unit & ~0x7FFu) == 0xD800; }
constexpr bool is_low_surrogate(uint32_t unit) noexcept { return (unit & 0xFC00) == 0xDC00; }
constexpr uint32_t join_surrogates(uint32_t high, uint32_t low) noexcept {
    return 0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF);
}

// Why unescape() stopped.
enum class Stop : uint8_t {
    end,          // everything was decoded
    bad_byte,     // an ill-formed byte was passed: the reader owes one U+FFFD here, where there is no room for it
    cut,          // the input ends within an escape or a code point, which was not read: go on when more is there
    high_half,    // the string ends with the high half of a surrogate pair, which was passed: `half`
};

// The code unit of an escape \uXXXX at `at` (6 bytes, checked by the scanner), or 0 for anything else. A null
// character gives 0 as well, which is no surrogate.
inline uint32_t escaped_unit(const char* at, const char* end) noexcept {
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return 0;
    uint32_t unit = 0;
    for (int index = 2; index < 6; ++index) unit = unit << 4 | static_cast<uint32_t>(ascii::hex_value(at[index]));
    return unit;
}

// The decoder. `out` follows `at` in the same memory (or is it); both move.
struct Unescaper {
    const char* at;    // next byte to read
    const char* end;   // where the input ends
    char* out;         // next byte to write; out <= at
    bool last;         // the string ends at `end` (otherwise more will follow)
    bool escapes;      // backslashes are escapes (false: raw JSON text, only UTF-8 is looked at)
    uint16_t half = 0;      // after high_half: the pair's first unit
    bool was_lone = false;  // a half without the other one became U+FFFD

    Stop run() noexcept {
        while (true) {
            const char* const plain = at;
            utf8::Sequence sequence{1, true, false};
            for (; at != end && !(escapes && *at == '\\'); at += sequence.length) {
                sequence = static_cast<unsigned char>(*at) < 0x80 ? utf8::Sequence{1, true, false}
                                                                  : utf8::sequence_at(at, end);
                if (!sequence.valid) break;
            }
            append(plain, at);
            if (at == end) return Stop::end;
            if (!sequence.valid) {
                if (sequence.incomplete && !last) return Stop::cut;
                at += sequence.length;
                return Stop::bad_byte;
            }
            const Stop stop = escape();
            if (stop != Stop::end) return stop;
        }
    }

private:
    void append(const char* from, const char* to) noexcept {
        const auto count = static_cast<size_t>(to - from);
        if (out != from) memmove(out, from, count);
        out += count;
    }

    // One escape at `at`.
    Stop escape() noexcept {
        if (end - at < 2) return Stop::cut;
        if (at[1] != 'u') {
            *out++ = control(at[1]);
            at += 2;
            return Stop::end;
        }
        if (end - at < 6) return Stop::cut;
        uint32_t unit = escaped_unit(at, end);
        const char* next = at + 6;
        if (is_high_surrogate(unit)) {
            const uint32_t low = escaped_unit(next, end);
            if (is_low_surrogate(low)) {
                unit = join_surrogates(unit, low);
                next += 6;
            } else if (!last && end - next < 6) {
                return Stop::cut;
            } else if (next == end) {
                half = static_cast<uint16_t>(unit);
                at = end;
                return Stop::high_half;
            }
        }
        if (is_surrogate(unit)) {
            was_lone = true;
            unit = 0xFFFD;
        }
        out = utf8::append(out, unit);
        at = next;
        return Stop::end;
    }

    static char control(char c) noexcept {
        return c == 'b' ? '\b' : c == 'f' ? '\f' : c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
    }
};

// An id, a name, a number: decoded where it lies, whole. An ill-formed byte becomes '?', a lone surrogate half U+FFFD.
// The bytes behind the result are spoilt.
inline StringView unescape_atom(char* begin, const char* end) noexcept {
    Unescaper decoder{begin, end, begin, true, true};
    while (true) {
        const Stop stop = decoder.run();
        if (stop == Stop::bad_byte) *decoder.out++ = '?';
        if (stop == Stop::high_half) decoder.out = utf8::append(decoder.out, 0xFFFD);
        if (stop == Stop::end || stop == Stop::high_half || stop == Stop::cut) break;
    }
    return {begin, static_cast<size_t>(decoder.out - begin)};
}

}  // namespace json

OPENAI_STREAM_END
