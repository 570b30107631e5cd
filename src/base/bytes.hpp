#pragma once
// Why: a C library's memmove is made for speed and has 252 bytes on a Cortex-M3, a sixtieth of all there is. What is
// moved here is short, or moved seldom, so that programs built for size go byte by byte.
#include "config.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// Copies bytes; both places may overlap.
OPENAI_STREAM_OUTLINE inline void move_each_byte(char* to, const char* from, size_t count) noexcept {
    if (to <= from)
        for (; count != 0; --count) *to++ = *from++;
    else
        while (count-- != 0) to[count] = from[count];
}
// The same; null is allowed where the count is 0.
inline void move_bytes(char* to, const char* from, size_t count) noexcept {
    if (is_small_build) move_each_byte(to, from, count);
    else if (count != 0) memmove(to, from, count);
}

}  // namespace detail

OPENAI_STREAM_END
