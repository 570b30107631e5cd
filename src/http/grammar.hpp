#pragma once
// What HTTP messages are made of: tokens, blanks, lengths, and short words to be recognised.
#include "../base/ascii.hpp"
#include "../base/string_view.hpp"
#include "../base/words.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// tchar = "!" / "#" / "$" / "%" / "&" / "'" / "*" / "+" / "-" / "." / "^" / "_" / "`" / "|" / "~" / DIGIT / ALPHA
// RFC 9110 section 5.6.2
constexpr uint32_t token_chars[4] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};  // bit c of 128
constexpr bool is_token_char(char c) noexcept {
    const unsigned byte = static_cast<unsigned char>(c);
    return byte < 128 && (token_chars[byte / 32] >> byte % 32 & 1) != 0;
}

// OWS = *( SP / HTAB )   RFC 9110 section 5.6.3
constexpr bool is_ows(char c) noexcept { return c == ' ' || c == '\t'; }

// A text without the blanks at both of its ends.
constexpr StringView trim_ows(StringView text) noexcept {
    while (!text.empty() && is_ows(text[0])) text = text.drop(1);
    while (!text.empty() && is_ows(text[text.size() - 1])) text = text.take(text.size() - 1);
    return text;
}

// No digit may be appended to a length that is 2^56 or more, 72 petabytes: nobody sends one, and no digit, decimal or
// hexadecimal, overflows a smaller one. (An answer may be longer than a size_t of 32 bits can say.)
constexpr bool is_full(uint64_t length) noexcept { return length >> 56 != 0; }

// A short word gathered from bytes that come one at a time, in lower case. It keeps the beginning of a long one, which
// is longer than any word of any list and so none of them.
class Word {
public:
    constexpr void clear() noexcept { length_ = 0; }
    constexpr bool empty() const noexcept { return length_ == 0; }

    constexpr void add(char c) noexcept {
        if (length_ == max_length) return;
        text_[length_] = ascii::to_lower(c);
        ++length_;
    }

    // Which one of a list it is, counted from 1; 0: none.
    unsigned index_of(const char* list) const noexcept { return detail::words::index_of(list, text_, length_); }

private:
    static constexpr uint8_t max_length = 18;  // one more than "transfer-encoding"

    uint8_t length_ = 0;
    char text_[max_length] = {};
};

}  // namespace http

OPENAI_STREAM_END
