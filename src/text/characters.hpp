#pragma once
// What a reader takes for one character: a code point and what belongs to it (Unicode's "extended grapheme cluster",
// UAX 29). A name drawn as e + accent, a flag made of two letters or a family joined of four people must not be cut, or
// the screen shows its parts for a moment.
//
// Covered: combining marks of the scripts in the table below, variation selectors, zero width joiners, skin tones, tags
// (flags of regions), pairs of regional indicators, conjuncts of India's scripts, Hangul written in parts, CR LF.
// Not covered, so that the table stays small: marks of rarer scripts (Syriac, Thaana, NKo, Samaritan, Mongolian,
// Balinese and other scripts of South East Asia, all beyond U+FFFF but the above), and prepended marks (U+0600 to
// U+0605). Such a mark counts as a character of its own.
#include "../base/utf8.hpp"

OPENAI_STREAM_BEGIN

// What is never cut in two.
enum class TextUnit : uint8_t {
    code_point,
    character,  // what a reader takes for one: it is known to be over when the next one has begun, or at the end
};

namespace detail::text {

struct Range {
    uint16_t first, last;
};
template <size_t count> inline bool is_in(const Range (&ranges)[count], uint32_t code_point) noexcept {
    for (const Range& range : ranges)
        if (code_point <= range.last) return code_point >= range.first;
    return false;
}

// In rising order; unassigned code points between two marks count as marks. From UnicodeData.txt 14.0: Mn, Mc and Me.
inline constexpr Range marks[] = {
    {0x0300, 0x036F}, {0x0483, 0x0489}, {0x0591, 0x05BD}, {0x05BF, 0x05BF}, {0x05C1, 0x05C2}, {0x05C4, 0x05C5},
    {0x05C7, 0x05C7}, {0x0610, 0x061A}, {0x064B, 0x065F}, {0x0670, 0x0670}, {0x06D6, 0x06DC}, {0x06DF, 0x06E4},
    {0x06E7, 0x06E8}, {0x06EA, 0x06ED}, {0x0900, 0x0903}, {0x093A, 0x093C}, {0x093E, 0x094F}, {0x0951, 0x0957},
    {0x0962, 0x0963}, {0x0981, 0x0983}, {0x09BC, 0x09BC}, {0x09BE, 0x09CD}, {0x09D7, 0x09D7}, {0x09E2, 0x09E3},
    {0x09FE, 0x0A03}, {0x0A3C, 0x0A51}, {0x0A70, 0x0A71}, {0x0A75, 0x0A75}, {0x0A81, 0x0A83}, {0x0ABC, 0x0ABC},
    {0x0ABE, 0x0ACD}, {0x0AE2, 0x0AE3}, {0x0AFA, 0x0B03}, {0x0B3C, 0x0B3C}, {0x0B3E, 0x0B57}, {0x0B62, 0x0B63},
    {0x0B82, 0x0B82}, {0x0BBE, 0x0BCD}, {0x0BD7, 0x0BD7}, {0x0C00, 0x0C04}, {0x0C3C, 0x0C3C}, {0x0C3E, 0x0C56},
    {0x0C62, 0x0C63}, {0x0C81, 0x0C83}, {0x0CBC, 0x0CBC}, {0x0CBE, 0x0CD6}, {0x0CE2, 0x0CE3}, {0x0D00, 0x0D03},
    {0x0D3B, 0x0D3C}, {0x0D3E, 0x0D4D}, {0x0D57, 0x0D57}, {0x0D62, 0x0D63}, {0x0D81, 0x0D83}, {0x0DCA, 0x0DDF},
    {0x0DF2, 0x0DF3}, {0x0E31, 0x0E31}, {0x0E34, 0x0E3A}, {0x0E47, 0x0E4E}, {0x0EB1, 0x0EB1}, {0x0EB4, 0x0EBC},
    {0x0EC8, 0x0ECD}, {0x0F18, 0x0F19}, {0x0F35, 0x0F35}, {0x0F37, 0x0F37}, {0x0F39, 0x0F39}, {0x0F3E, 0x0F3F},
    {0x0F71, 0x0F84}, {0x0F86, 0x0F87}, {0x0F8D, 0x0FBC}, {0x0FC6, 0x0FC6}, {0x102B, 0x103E}, {0x1056, 0x1059},
    {0x105E, 0x1060}, {0x1062, 0x1064}, {0x1067, 0x106D}, {0x1071, 0x1074}, {0x1082, 0x108D}, {0x108F, 0x108F},
    {0x109A, 0x109D}, {0x1160, 0x11FF}, {0x135D, 0x135F}, {0x17B4, 0x17D3}, {0x17DD, 0x17DD}, {0x1AB0, 0x1ACE},
    {0x1DC0, 0x1DFF}, {0x200C, 0x200D}, {0x20D0, 0x20F0}, {0x2DE0, 0x2DFF}, {0x302A, 0x302F}, {0x3099, 0x309A},
    {0xA66F, 0xA672}, {0xA674, 0xA67D}, {0xA69E, 0xA69F}, {0xA8E0, 0xA8F1}, {0xFB1E, 0xFB1E}, {0xFE00, 0xFE0F},
    {0xFE20, 0xFE2F}, {0xFF9E, 0xFF9F},
};

// The code point at the front of well-formed UTF-8 of this length.
inline uint32_t decode(const char* at, unsigned length) noexcept {
    const unsigned lead = static_cast<unsigned char>(*at);
    uint32_t code_point = length == 1 ? lead : lead & (0x7Fu >> length);
    for (unsigned index = 1; index != length; ++index)
        code_point = code_point << 6 | (static_cast<unsigned char>(at[index]) & 0x3F);
    return code_point;
}

// Tells where one character ends, given code point after code point.
class CharacterRule {
public:
    // Returns true if this code point belongs to the same character as the one before it.
    bool joins(uint32_t next) noexcept {
        const bool result = belongs(next);
        const bool is_flag = is_regional(next);
        is_half_flag_ = is_flag && !(result && is_half_flag_);
        last_ = next;
        return result;
    }
    static bool is_mark(uint32_t code_point) noexcept {
        if (code_point <= 0xFFFF) return code_point >= marks[0].first && is_in(marks, code_point);
        return (code_point >= 0x1F3FB && code_point <= 0x1F3FF) || (code_point >= 0xE0020 && code_point <= 0xE01EF);
    }

    static bool is_control(uint32_t code_point) noexcept {
        return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
    }

private:
    static bool is_regional(uint32_t code_point) noexcept { return code_point >= 0x1F1E6 && code_point <= 0x1F1FF; }
    static bool is_indic(uint32_t code_point) noexcept { return code_point >= 0x0900 && code_point < 0x0D80; }
    bool belongs(uint32_t next) const noexcept {
        if (last_ == '\r' && next == '\n') return true;
        if (is_control(last_) || is_control(next)) return false;
        if (is_mark(next)) return true;
        if (last_ == 0x200D) return next >= 0x80;                       // a zero width joiner
        if (is_indic(last_) && (last_ & 0x7F) == 0x4D) return is_indic(next);  // a virama
        return is_half_flag_ && is_regional(next);
    }

    uint32_t last_ = 0;
    bool is_half_flag_ = false;  // one of two regional indicators
};

// A character is not longer than this, or it is cut: somebody may send a letter with a million marks.
inline constexpr size_t max_character_bytes = 64;

// The first unit of a text, as far as the text tells. is_last: nothing follows the text, so that a code point which it
// does not complete is ill-formed.
struct Unit {
    size_t size = 0;          // bytes of it, whole code points
    bool is_over = false;     // nothing more can belong to it
    uint32_t code_point = 0;  // its first one, U+FFFD for an ill-formed byte
};
inline Unit unit_at(const char* at, const char* end, TextUnit kind, bool is_last = false) noexcept {
    CharacterRule rule;
    Unit unit;
    while (at != end && !unit.is_over) {
        const utf8::Sequence sequence = utf8::sequence_at(at, end);
        if (sequence.incomplete && !is_last) break;
        const uint32_t code_point = sequence.valid ? decode(at, sequence.length) : 0xFFFD;
        if (!rule.joins(code_point) && unit.size != 0) {
            unit.is_over = true;
            break;
        }
        if (unit.size == 0) unit.code_point = code_point;
        unit.size += sequence.length;
        at += sequence.length;
        unit.is_over = kind == TextUnit::code_point || unit.size >= max_character_bytes;
    }
    return unit;
}

}  // namespace detail::text

OPENAI_STREAM_END
