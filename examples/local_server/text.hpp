// Characters without a locale: HTTP and JSON mean ASCII and UTF-8 wherever the server runs.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace local_server {

inline bool is_ascii(char c) { return (c & 0x80) == 0; }
inline bool is_control(char c) { return (c & 0xE0) == 0 || c == '\x7F'; }
inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
std::string lower(std::string text);

// The part of a text before the first of some characters, or all of it.
std::string before(const std::string& text, const char* ends);

// The value of a hexadecimal digit, 16 for anything else.
unsigned hex_value(char c);

struct CodePoint {
    char32_t value;
    size_t size;  // in bytes; 0 = not UTF-8
};

// The first code point of a text that is not empty (RFC 3629: nothing overlong, no surrogates, at most U+10FFFF).
CodePoint decode_utf8(std::string_view text);
void append_utf8(std::string& out, char32_t value);

// A token here is a word with the white space before it. Returns where the one at `start` ends.
size_t end_of_token(const std::string& text, size_t start);
size_t count_tokens(const std::string& text);
std::vector<std::string> tokens_of(const std::string& text);

}  // namespace local_server
