#pragma once
// A number for a request, kept as the text that is sent.
#include "../base/ascii.hpp"
#include "../base/pieces.hpp"

OPENAI_STREAM_BEGIN

// Not there, or a JSON number of at most 23 characters, with '.' under every locale. With a constant double all of it
// happens at compile time; a program that gives none links no code for doubles.
class Decimal {
public:
    constexpr Decimal() noexcept = default;

    // Rounded to 6 decimals, which is exact for every double that was written with at most 6. A NaN, an infinity or
    // 10^9 and more cannot be sent: see is_valid().
    constexpr Decimal(double value) noexcept {
        const bool negative = value < 0;
        if (negative) value = -value;
        if (!(value < 1e9)) {
            size_ = invalid;
            return;
        }
        uint32_t whole = static_cast<uint32_t>(value);
        uint32_t millionths = static_cast<uint32_t>((value - whole) * 1e6 + 0.5);
        if (millionths == 1000000) {
            ++whole;
            millionths = 0;
        }
        if (negative && (whole | millionths) != 0) text_[size_++] = '-';
        append(whole);
        if (millionths == 0) return;
        text_[size_++] = '.';
        for (uint32_t unit = 100000; millionths != 0; unit /= 10) {
            text_[size_++] = static_cast<char>('0' + millionths / unit);
            millionths %= unit;
        }
    }

    // As it is, if it is a number by RFC 8259 section 6 and not too long; it is copied.
    template <class T, class = decltype(StringView(detail::declval<T>()))> constexpr Decimal(T&& text) noexcept {
        parse(text);
    }

    constexpr bool is_there() const noexcept { return size_ != 0; }
    constexpr bool is_valid() const noexcept { return size_ != invalid; }
    // The digits of a valid one; they live as long as this object.
    constexpr StringView text() const noexcept { return {text_, is_valid() ? size_ : size_t{0}}; }

private:
    static constexpr uint8_t invalid = 0xff;
    static constexpr size_t max_bytes = 23;

    constexpr void append(uint32_t number) noexcept {
        if (number >= 10) append(number / 10);
        text_[size_++] = static_cast<char>('0' + number % 10);
    }

    static constexpr size_t skip_digits(StringView text, size_t at) noexcept {
        while (at < text.size() && ascii::is_digit(text[at])) ++at;
        return at;
    }
    // number = [ minus ] int [ frac ] [ exp ]
    static constexpr bool is_number(StringView text) noexcept {
        size_t at = !text.empty() && text[0] == '-' ? 1 : 0, from = at;
        at = skip_digits(text, at);
        if (at == from || (text[from] == '0' && at != from + 1)) return false;
        if (at < text.size() && text[at] == '.') {
            from = ++at;
            at = skip_digits(text, at);
            if (at == from) return false;
        }
        if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
            ++at;
            if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
            from = at;
            at = skip_digits(text, at);
            if (at == from) return false;
        }
        return at == text.size();
    }
    constexpr void parse(StringView text) noexcept {
        size_ = invalid;
        if (text.size() > max_bytes || !is_number(text)) return;
        for (size_t i = 0; i < text.size(); ++i) text_[i] = text[i];
        size_ = static_cast<uint8_t>(text.size());
    }

    uint8_t size_ = 0;
    char text_[max_bytes] = {};
};

namespace detail {

inline Error refuse_decimal(const StringView&) noexcept { return Error::bad_request_field; }

// `before`, then the value, if it is there; Error::bad_request_field if it cannot be sent.
inline void put_decimal(const Decimal& value, const char* before, Fragment& piece) noexcept {
    static constexpr Checked refused = {"", refuse_decimal};
    if (!value.is_there()) return;
    piece.before = before;
    piece.text = value.text();
    if (value.is_valid()) return;
    piece.set_checked(refused);
}

}  // namespace detail

OPENAI_STREAM_END
