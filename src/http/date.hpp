#pragma once
// Dates as servers write them: RFC 9110 section 5.6.7. Not linked unless used.
#include "../base/ascii.hpp"
#include "../base/string_view.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// The number at the beginning of a text, which is taken off it with all its digits; -1: none, or one of more than 10.
inline int64_t take_number(StringView& text) noexcept {
    constexpr int64_t too_large = 10000000000;
    int64_t number = -1;
    for (; !text.empty() && ascii::is_digit(text[0]); text = text.drop(1))
        number = number >= too_large / 10 ? too_large : (number < 0 ? 0 : number) * 10 + (text[0] - '0');
    return number == too_large ? -1 : number;
}

// One byte of punctuation, taken off the text if it is there.
inline bool take_mark(StringView& text, char mark) noexcept {
    if (text.empty() || text[0] != mark) return false;
    text = text.drop(1);
    return true;
}

// 1 to 12 for a text that begins with the first three letters of a month's name; else 0.
inline int64_t month_at(StringView text) noexcept {
    const char* const names = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int month = 0; month != 12 && text.size() >= 3; ++month) {
        const char* const name = names + 3 * month;
        if (ascii::to_lower(text[0]) == name[0] && ascii::to_lower(text[1]) == name[1] &&
            ascii::to_lower(text[2]) == name[2])
            return month + 1;
    }
    return 0;
}

// Days from 1970-01-01 to a day. Years are taken to begin in March, so that a leap day is their last.
constexpr int64_t days_to(int64_t year, int64_t month, int64_t day) noexcept {
    const int64_t past_march = month > 2 ? month - 3 : month + 9;
    const int64_t y = month > 2 ? year : year - 1;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * past_march + 2) / 5 + day - 719469;
}

// Seconds from 1970 to a date in any of the three forms a recipient must understand; -1: it is none.
//   IMF-fixdate  Sun, 06 Nov 1994 08:49:37 GMT
//   rfc850-date  Sunday, 06-Nov-94 08:49:37 GMT      (a year below 70 is after 2000)
//   asctime-date Sun Nov  6 08:49:37 1994
inline int64_t to_unix_seconds(StringView text) noexcept {
    int64_t year = -1, month = 0, day = -1, seconds = -1;
    while (!text.empty()) {
        if (month == 0) month = month_at(text);
        if (!ascii::is_digit(text[0])) {
            text = text.drop(1);
            continue;
        }
        const size_t left = text.size();
        const int64_t number = take_number(text);
        const bool is_short = left - text.size() <= 2;
        if (take_mark(text, ':')) {
            const int64_t minutes = take_number(text);
            if (!take_mark(text, ':')) return -1;
            const int64_t last = take_number(text);
            if (number > 23 || minutes < 0 || minutes > 59 || last < 0 || last > 60) return -1;
            seconds = number * 3600 + minutes * 60 + last;
        } else if (day < 0) {
            day = number;
        } else {
            year = !is_short ? number : number < 70 ? number + 2000 : number + 1900;
        }
    }
    if (month == 0 || day < 1 || day > 31 || year < 1970 || year > 9999 || seconds < 0) return -1;
    return days_to(year, month, day) * 86400 + seconds;
}

}  // namespace http

OPENAI_STREAM_END
