#include "text.hpp"

#include <algorithm>

namespace local_server {

std::string lower(std::string text) {
    for (char& c : text) c = lower(c);
    return text;
}

std::string before(const std::string& text, const char* ends) { return text.substr(0, text.find_first_of(ends)); }

unsigned hex_value(char c) {
    constexpr std::string_view digits = "0123456789abcdef";
    return static_cast<unsigned>(std::min(digits.find(lower(c)), digits.size()));
}

CodePoint decode_utf8(std::string_view text) {
    const auto byte = [text](size_t at) -> char32_t { return at < text.size() ? text[at] & 0xFF : 0; };
    if (byte(0) < 0x80) return {byte(0), 1};
    if (byte(0) < 0xC2 || byte(0) > 0xF4) return {0, 0};
    const size_t size = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
    char32_t value = byte(0) & (0x7Fu >> size);
    for (size_t at = 1; at < size; ++at) {
        if ((byte(at) & 0xC0) != 0x80) return {0, 0};
        value = value << 6 | (byte(at) & 0x3F);
    }
    const bool overlong = value < (size == 4 ? 0x10000u : size == 3 ? 0x800u : 0x80u);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {0, 0};
    return {value, size};
}

void append_utf8(std::string& out, char32_t value) {
    constexpr char32_t leads[] = {0, 0xC0, 0xE0, 0xF0};
    int tails = value < 0x80 ? 0 : value < 0x800 ? 1 : value < 0x10000 ? 2 : 3;
    out += static_cast<char>(leads[tails] | value >> (6 * tails));
    while (tails-- > 0) out += static_cast<char>(0x80 | (value >> (6 * tails) & 0x3F));
}

size_t end_of_token(const std::string& text, size_t start) {
    return std::min(text.find_first_of(" \n", text.find_first_not_of(" \n", start)), text.size());
}

size_t count_tokens(const std::string& text) {
    size_t count = 0;
    for (size_t at = 0; at < text.size(); at = end_of_token(text, at)) ++count;
    return count;
}

std::vector<std::string> tokens_of(const std::string& text) {
    std::vector<std::string> tokens;
    for (size_t start = 0, end; start < text.size(); start = end) {
        end = end_of_token(text, start);
        tokens.push_back(text.substr(start, end - start));
    }
    return tokens;
}

}  // namespace local_server
