#pragma once
// How many columns of a terminal or a display of fixed width a character takes, and where a line may be broken beside
// it. Wide: what Unicode's EastAsianWidth.txt calls W or F, by blocks; a few narrow code points within them count as
// wide. Emoji are wide from U+1F200 on; older ones (such as U+2764), which terminals draw in either way, are not.
#include "characters.hpp"

OPENAI_STREAM_BEGIN

namespace detail::text {

// In rising order.
inline constexpr Range wide[] = {
    {0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF}, {0x4E00, 0xA4CF}, {0xA960, 0xA97C},
    {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE6F}, {0xFF01, 0xFF60}, {0xFFE0, 0xFFE6},
};
// Never at the beginning of a line: closing brackets and stops. Never at the end of one: opening brackets.
inline constexpr Range closing[] = {
    {'!', '!'},       {')', ')'},       {',', ','},       {'.', '.'},       {':', ';'},       {'?', '?'},
    {']', ']'},       {'}', '}'},       {0x00BB, 0x00BB}, {0x2019, 0x2019}, {0x201D, 0x201D}, {0x2026, 0x2026},
    {0x3001, 0x3002}, {0x3009, 0x3009}, {0x300B, 0x300B}, {0x300D, 0x300D}, {0x300F, 0x300F}, {0x3011, 0x3011},
    {0x3015, 0x3015}, {0x3017, 0x3017}, {0x3019, 0x3019}, {0x301B, 0x301B}, {0xFF01, 0xFF01}, {0xFF09, 0xFF09},
    {0xFF0C, 0xFF0C}, {0xFF0E, 0xFF0E}, {0xFF1A, 0xFF1B}, {0xFF1F, 0xFF1F}, {0xFF3D, 0xFF3D}, {0xFF5D, 0xFF5D},
    {0xFF60, 0xFF61}, {0xFF63, 0xFF64},
};
inline constexpr Range opening[] = {
    {'(', '('},       {'[', '['},       {'{', '{'},       {0x00AB, 0x00AB}, {0x2018, 0x2018}, {0x201C, 0x201C},
    {0x3008, 0x3008}, {0x300A, 0x300A}, {0x300C, 0x300C}, {0x300E, 0x300E}, {0x3010, 0x3010}, {0x3014, 0x3014},
    {0x3016, 0x3016}, {0x3018, 0x3018}, {0x301A, 0x301A}, {0xFF08, 0xFF08}, {0xFF3B, 0xFF3B}, {0xFF5B, 0xFF5B},
    {0xFF5F, 0xFF5F}, {0xFF62, 0xFF62},
};

inline bool is_wide(uint32_t code_point) noexcept {
    if (code_point <= 0xFFFF) return code_point >= wide[0].first && is_in(wide, code_point);
    return (code_point >= 0x16FE0 && code_point < 0x1B300) || (code_point >= 0x1F1E6 && code_point < 0x1FB00) ||
           (code_point >= 0x20000 && code_point < 0x40000);
}
// How many columns a character takes, by its first code point.
inline unsigned columns_of(uint32_t code_point) noexcept {
    if (CharacterRule::is_control(code_point)) return 0;
    return is_wide(code_point) ? 2 : CharacterRule::is_mark(code_point) ? 0 : 1;
}
// Between two characters without a blank.
inline bool may_break(uint32_t left, uint32_t right) noexcept {
    if (is_in(closing, right) || is_in(opening, left) || CharacterRule::is_mark(right)) return false;
    return left == '-' || is_wide(left) || is_wide(right);
}

}  // namespace detail::text

OPENAI_STREAM_END
