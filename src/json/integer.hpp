#pragma once
// A JSON number as a 64-bit integer, without a floating-point unit, library or division.
#include "../base/ascii.hpp"

OPENAI_STREAM_BEGIN

namespace json {

// The value of the number that is the text [at, end) (checked by the scanner), or its beginning, without its fraction:
// 12, 12.0, 1.2e1 and 12.9 are 12. shift: times ten to that power, so that thousandths are not lost. Returns false if
// it does not fit.
OPENAI_STREAM_INLINE bool to_integer(const char* at, const char* end, int64_t& value,
                                     int shift = 0) noexcept {
    if (!detail::is_small_build && end - at <= 18) {  // mostly it is a few digits
        int64_t number = 0;
        const char* digit = at;
        while (digit != end && ascii::is_digit(*digit)) number = number * 10 + (*digit++ - '0');
        if (digit == end && shift == 0) {
            value = number;
            return true;
        }
    }
    int scale = 0;
    const char* exponent = at;
    while (exponent != end && *exponent < 'E') ++exponent;  // 'e', 'E': all else in a number is less
    if (end - exponent > 1) {  // it may be the last byte: of a text that was cut
        const char* digit = exponent + 1;
        const bool is_below_one = *digit == '-';
        if (*digit < '0') ++digit;  // a sign
        for (; digit != end; ++digit)
            if (scale < 1000) scale = scale * 10 + (*digit - '0');
        if (is_below_one) scale = -scale;
    }
    scale += shift;
    const bool is_negative = *at == '-';
    if (is_negative) ++at;
    const char* point = at;
    while (point != exponent && *point != '.') ++point;

    // So many digits stand before the point when it has been moved by scale; where there are none, zeros.
    ptrdiff_t digits = point - at + scale;
    uint64_t magnitude = 0;
    for (; digits > 0; --digits) {
        if (at == point && at != exponent) ++at;
        unsigned digit = 0;
        if (at != exponent) digit = static_cast<unsigned>(*at++ - '0');
        else if (magnitude == 0) break;
        if (magnitude >> 60 != 0) return false;  // times ten it is above INT64_MAX; what is not has room for a digit
        magnitude = magnitude * 10 + digit;
    }
    if (magnitude >> 63 != 0) return false;
    value = is_negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
    return true;
}

}  // namespace json

OPENAI_STREAM_END
