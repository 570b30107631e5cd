#pragma once
// The inside of a JSON string, decoded where it lies: a decoded string is never longer than its escapes.
// The result is always valid UTF-8 (RFC 8259 section 8.1; ill-formed bytes as in base/utf8.hpp).
#include "../base/ascii.hpp"
#include "../base/bytes.hpp"
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
    bad_byte,     // an ill-formed byte was passed: the reader has to deliver one U+FFFD here; there is no room for it
    cut,          // the input ends within an escape or a code point, which was not read: go on when more is there
    high_half,    // the string ends with the first half of a surrogate pair, which was passed: `half`
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
    const char* at = nullptr;   // next byte to read
    const char* end = nullptr;  // where the input ends
    char* out = nullptr;        // next byte to write; out <= at
    uint32_t half = 0;          // after high_half: the pair's first unit; before run(): one whose second is at `at`
    bool last = true;           // the string ends at `end` (otherwise more will follow)
    bool escapes = true;        // backslashes are escapes (false: raw JSON text, only UTF-8 is looked at)
    bool was_lone = false;      // a half without the other one became U+FFFD

    constexpr Unescaper() noexcept = default;
    constexpr Unescaper(const char* from, const char* to, char* into) noexcept : at(from), end(to), out(into) {}

    Stop run() noexcept {
        Stop stop = Stop::end;
        while (stop == Stop::end) {
            const char* const plain = at;
            unsigned length = 1;  // of what stands at `at`
            while (at != end && !(escapes && *at == '\\')) {
                length = 1;
                if (static_cast<unsigned char>(*at) >= 0x80) {
                    const utf8::Sequence sequence = utf8::sequence_at(at, end);
                    length = sequence.length;
                    if (!sequence.valid) {
                        stop = sequence.incomplete && !last ? Stop::cut : Stop::bad_byte;
                        break;
                    }
                }
                at += length;
            }
            append(plain, at);
            if (at == end) break;
            if (stop == Stop::end) stop = escape();
            else if (stop == Stop::bad_byte) at += length;
        }
        return stop;
    }

private:
    void append(const char* from, const char* to) noexcept {
        const auto count = static_cast<size_t>(to - from);
        if (out != from) detail::move_bytes(out, from, count);
        out += count;
    }

    // One escape at `at`.
    OPENAI_STREAM_INLINE Stop escape() noexcept {
        const auto there = end - at;
        if (there < 2 || (at[1] == 'u' && there < 6)) return Stop::cut;
        uint32_t unit = escaped_unit(at, end);
        const char* next = at + 6;
        if (at[1] != 'u') {
            unit = static_cast<unsigned char>(control(at[1]));
            next = at + 2;
        } else if (is_high_surrogate(unit)) {
            const uint32_t low = escaped_unit(next, end);
            if (is_low_surrogate(low)) {
                half = unit;
                unit = low;
                next += 6;
            } else if (next == end && last) {
                half = unit;
                at = end;
                return Stop::high_half;
            } else if (!last && end - next < 6) {
                return Stop::cut;
            }
        }
        if (half != 0) {  // six bytes of escape or more become four of UTF-8
            unit = join_surrogates(half, unit);
            half = 0;
        }
        if (is_surrogate(unit)) {
            was_lone = true;
            unit = 0xFFFD;
        }
        out = utf8::append(out, unit);
        at = next;
        return Stop::end;
    }

    // What a backslash and c stand for. The letters that may be there are b, f, n, r and t: none are neighbours.
    static char control(char c) noexcept {
        return c < 'b' || c > 't' ? c : "\b \f   \n \r\t"[(c - 'b') / 2];
    }
};

// An id, a name, a number: decoded whole, to `into`, which has as much room (or is the same memory). An ill-formed byte
// becomes '?', a lone surrogate half U+FFFD. The bytes after the result are spoilt.
inline StringView unescape_atom(const char* begin, const char* end, char* into) noexcept {
    Unescaper decoder(begin, end, into);
    Stop stop;
    while ((stop = decoder.run()) == Stop::bad_byte) *decoder.out++ = '?';
    if (stop == Stop::high_half) decoder.out = utf8::append(decoder.out, 0xFFFD);
    return {into, static_cast<size_t>(decoder.out - into)};
}
inline StringView unescape_atom(char* begin, const char* end) noexcept { return unescape_atom(begin, end, begin); }

}  // namespace json

OPENAI_STREAM_END
