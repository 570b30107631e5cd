#pragma once
// A sentence put together of pieces, in memory of fixed size: what does not fit is left out.
#include "../base/ascii.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

constexpr int64_t seconds_per_day = 86400;

// Seconds from 1970 to a date of the Gregorian calendar in UTC. (Howard Hinnant's days_from_civil.)
constexpr int64_t unix_time_of(int year, int month, int day, int hour, int minute, int second) noexcept {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (era * 146097 + day_of_era - 719468) * seconds_per_day + hour * 3600 + minute * 60 + second;
}

class MessageBuffer {
public:
    static constexpr size_t max_bytes = 320;  // two host names of common length, a date and the words around them

    void clear() noexcept { text_[size_ = 0] = '\0'; }
    StringView text() const noexcept { return {text_, size_}; }
    const char* c_str() const noexcept { return text_; }

    MessageBuffer& operator<<(StringView piece) noexcept {
        for (const char c : piece) put(c);
        return *this;
    }
    MessageBuffer& operator<<(const char* piece) noexcept { return *this << StringView(piece); }
    MessageBuffer& number(uint64_t value, size_t least_digits = 1) noexcept {
        char digits[20];
        const StringView text = ascii::format_decimal(value, digits);
        for (size_t count = text.size(); count < least_digits; ++count) put('0');
        return *this << text;
    }
    // Text that the server chose: anything but printable ASCII becomes a question mark.
    MessageBuffer& foreign(const unsigned char* bytes, size_t count) noexcept {
        for (size_t i = 0; i < count; ++i) put(bytes[i] < 0x20 || bytes[i] > 0x7e ? '?' : static_cast<char>(bytes[i]));
        return *this;
    }
    // As mbedTLS writes its errors: -0x2700.
    MessageBuffer& code(int value) noexcept {
        const uint32_t size = static_cast<uint32_t>(value < 0 ? -static_cast<int64_t>(value) : value);
        *this << (value < 0 ? "-0x" : "0x");
        int shift = size > 0xFFFF ? 28 : 12;
        for (; shift >= 0; shift -= 4) put("0123456789ABCDEF"[size >> shift & 15]);
        return *this;
    }
    // 2026-01-31 23:59:59 UTC
    MessageBuffer& date(int year, int month, int day, int hour, int minute, int second) noexcept {
        const int parts[] = {year, month, day, hour, minute, second};
        const char* const after[] = {"-", "-", " ", ":", ":", " UTC"};
        for (size_t i = 0; i < 6; ++i) number(static_cast<uint64_t>(parts[i]), i == 0 ? 4 : 2) << after[i];
        return *this;
    }
    MessageBuffer& days(int64_t seconds) noexcept {
        const auto count = static_cast<uint64_t>(seconds / seconds_per_day);
        if (count == 0) return *this << "less than a day";
        return number(count) << (count == 1 ? " day" : " days");
    }

private:
    void put(char c) noexcept {
        if (size_ < max_bytes) text_[size_++] = c;
        text_[size_] = '\0';
    }
    char text_[max_bytes + 1] = {};  // and a NUL
    size_t size_ = 0;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
