#pragma once
// Letters and digits of ASCII, independent of locale and of the signedness of char.
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

namespace ascii {

constexpr bool is_digit(char c) noexcept { return static_cast<unsigned char>(c - '0') < 10; }
// Blank, tab and the four that end lines or pages. (A call would be larger than this.)
OPENAI_STREAM_INLINE constexpr bool is_space(char c) noexcept {
    return c == ' ' || static_cast<unsigned char>(c - '\t') < 5;
}
constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }
// Returns true if a text ends so, in either case; the end is in small letters.
constexpr bool ends_with(const StringView& text, const StringView& end) noexcept {
    size_t at = text.size();
    for (size_t left = end.size(); left != 0; --left)
        if (at == 0 || to_lower(text[--at]) != end[left - 1]) return false;
    return true;
}
constexpr bool is_control(char c) noexcept { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The value of a hexadecimal digit of either case, or -1.
constexpr int hex_value(char c) noexcept {
    if (is_digit(c)) return c - '0';
    const unsigned letter = static_cast<unsigned char>((c | 0x20) - 'a');
    return letter < 6 ? static_cast<int>(letter) + 10 : -1;
}

// value * 10 + digit. Returns false if that does not fit. (Written without a 64-bit division, which small
// machines do in 700 bytes of library.)
inline bool append_decimal(uint64_t& value, char digit) noexcept {
    constexpr uint64_t tenth = UINT64_MAX / 10;
    const auto number = static_cast<unsigned>(digit - '0');
    if (value > tenth || (value == tenth && number > UINT64_MAX % 10)) return false;
    value = value * 10 + number;
    return true;
}

// Divides value by ten and returns what is left.
inline unsigned divide_by_ten(uint64_t& value) noexcept {
    const uint32_t high = static_cast<uint32_t>(value >> 32), low = static_cast<uint32_t>(value);
    const uint32_t upper = high % 10 << 16 | low >> 16, lower = upper % 10 << 16 | (low & 0xFFFF);
    value = static_cast<uint64_t>(high / 10) << 32 | (upper / 10 << 16 | lower / 10);
    return lower % 10;
}

// Digits of an unsigned number, written to the end of digits[20]; returns where they begin. Valid as long as digits.
inline StringView format_decimal(uint64_t value, char (&digits)[20]) noexcept {
    char* at = digits + sizeof digits;
    do *--at = static_cast<char>('0' + divide_by_ten(value));
    while (value != 0);
    return {at, static_cast<size_t>(digits + sizeof digits - at)};
}

}  // namespace ascii

OPENAI_STREAM_END
