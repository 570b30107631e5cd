#pragma once
// How long a server asks to wait, in its words: Retry-After and retry-after-ms, of a head or of an error.
#include "ascii.hpp"

OPENAI_STREAM_BEGIN

// A number of seconds (is_ms: milliseconds) below 49 days, which may have a fraction. Returns false, and changes
// nothing, if it is none: a date needs a wall clock.
inline bool to_delay_ms(const char* at, const char* end, bool is_ms, uint32_t& delay_ms) noexcept {
    if (at == end || !ascii::is_digit(*at) || !ascii::is_digit(end[-1])) return false;
    uint32_t ms = 0;
    unsigned decimals = is_ms ? 0 : 3;  // still to come
    unsigned behind_point = 0;
    do {
        char c = '0';
        if (at == end) behind_point = 1;
        else c = *at++;
        if (c == '.' && behind_point == 0) {
            behind_point = 1;
            continue;
        }
        if (!ascii::is_digit(c) || ms >= UINT32_MAX / 10) return false;
        if (behind_point > decimals) continue;
        decimals -= behind_point;
        ms = ms * 10 + static_cast<unsigned>(c - '0');
    } while (at != end || decimals != 0);
    delay_ms = ms;
    return true;
}

OPENAI_STREAM_END
