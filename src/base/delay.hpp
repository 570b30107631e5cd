#pragma once
// How long a server asks to wait, in its words: Retry-After of a head, and what errors have of it.
#include "ascii.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// A number of seconds below 49 days (is_ms: milliseconds); one with a fraction is rounded up, so that nobody comes too
// early. (delay-seconds = 1*DIGIT, RFC 9110 section 10.2.3; some servers send a fraction.) Returns false, and changes
// nothing, if it does not begin as one. ResponseInfo knows fractions and dates.
inline bool to_delay_ms(const char* at, const char* end, bool is_ms, uint32_t& delay_ms) noexcept {
    constexpr uint32_t max_number = UINT32_MAX / 1000 / 10 - 1;  // to which a digit may be added
    uint32_t number = 0;
    const char* next = at;
    for (; next != end && *next != '.'; ++next) {
        const uint32_t digit = static_cast<uint32_t>(*next) - uint32_t('0');
        if (digit > 9 || number > max_number) return false;
        number = number * 10 + digit;
    }
    if (next == at) return false;
    if (next != end) ++number;
    delay_ms = is_ms ? number : number * 1000;
    return true;
}

}  // namespace detail

OPENAI_STREAM_END
