#pragma once
// Find-a-byte loops: the places where almost all input bytes are only looked at. SSE2, NEON, a machine word at a time,
// or plain; all give the same answers and never read at or after `end`.
#include "config.hpp"
#if defined(OPENAI_STREAM_SCAN_SSE2)
#include <emmintrin.h>
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif
#elif defined(OPENAI_STREAM_SCAN_NEON)
#include <arm_neon.h>
#endif

OPENAI_STREAM_BEGIN

namespace detail::scan {

// What a set of bytes must offer: is(c), and the same for a block.
struct LineEnd {  // CR or LF
    static bool is(unsigned char c) noexcept { return c == '\n' || c == '\r'; }
};
struct StringStop {  // what interrupts the inside of a JSON string: '"', '\\', a control byte (RFC 8259 section 7)
    static bool is(unsigned char c) noexcept { return c == '"' || c == '\\' || c < 0x20; }
};

#if defined(OPENAI_STREAM_SCAN_SSE2)

inline unsigned lowest_bit(unsigned mask) noexcept {
#if defined(_MSC_VER) && !defined(__clang__)
    unsigned long index;
    _BitScanForward(&index, mask);
    return index;
#else
    return static_cast<unsigned>(__builtin_ctz(mask));
#endif
}

struct Block {
    static constexpr ptrdiff_t size = 16;
    __m128i bytes;

    explicit Block(const char* at) noexcept : bytes(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) {}
    __m128i equal(char c) const noexcept { return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)); }
    unsigned matches(LineEnd) const noexcept { return mask(_mm_or_si128(equal('\n'), equal('\r'))); }
    unsigned matches(StringStop) const noexcept {
        const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1F)), bytes);
        return mask(_mm_or_si128(_mm_or_si128(equal('"'), equal('\\')), control));
    }
    unsigned above_ascii() const noexcept { return mask(bytes); }
    static unsigned index_of_first(unsigned matches) noexcept { return lowest_bit(matches); }
    static unsigned before_first(unsigned matches) noexcept { return (matches & (0u - matches)) - 1; }

private:
    static unsigned mask(__m128i value) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(value)); }
};

#elif defined(OPENAI_STREAM_SCAN_NEON)

struct Block {
    static constexpr ptrdiff_t size = 16;
    uint8x16_t bytes;

    explicit Block(const char* at) noexcept : bytes(vld1q_u8(reinterpret_cast<const uint8_t*>(at))) {}
    uint8x16_t equal(uint8_t c) const noexcept { return vceqq_u8(bytes, vdupq_n_u8(c)); }
    uint64_t matches(LineEnd) const noexcept { return mask(vorrq_u8(equal('\n'), equal('\r'))); }
    uint64_t matches(StringStop) const noexcept {
        return mask(vorrq_u8(vorrq_u8(equal('"'), equal('\\')), vcltq_u8(bytes, vdupq_n_u8(0x20))));
    }
    uint64_t above_ascii() const noexcept { return mask(vcgeq_u8(bytes, vdupq_n_u8(0x80))); }
    static unsigned index_of_first(uint64_t matches) noexcept {
        return static_cast<unsigned>(__builtin_ctzll(matches)) >> 2;
    }
    static uint64_t before_first(uint64_t matches) noexcept { return (matches & (0u - matches)) - 1; }

private:
    // Four bits for each byte.
    static uint64_t mask(uint8x16_t value) noexcept {
        return vget_lane_u64(vreinterpret_u64_u8(vshrn_n_u16(vreinterpretq_u16_u8(value), 4)), 0);
    }
};

#elif defined(OPENAI_STREAM_SCAN_SWAR)

// One machine word. A match may also mark bytes of higher significance after a true one, never bytes before the first
// in memory on a little-endian machine; the plain loop that follows a match decides.
struct Block {
    using Word = size_t;
    static constexpr ptrdiff_t size = sizeof(Word);
    static constexpr Word ones = static_cast<Word>(-1) / 0xFF, highs = ones * 0x80;
    Word bytes;

    explicit Block(const char* at) noexcept { memcpy(&bytes, at, sizeof bytes); }
    static constexpr Word zeros_in(Word word) noexcept { return (word - ones) & ~word; }
    Word equal(char c) const noexcept { return zeros_in(bytes ^ (ones * static_cast<unsigned char>(c))); }
    Word matches(LineEnd) const noexcept { return (equal('\n') | equal('\r')) & highs; }
    Word matches(StringStop) const noexcept {
        return (equal('"') | equal('\\') | ((bytes - ones * 0x20) & ~bytes)) & highs;
    }
    Word above_ascii() const noexcept { return bytes & highs; }
};

#endif

// The first byte of Set in [at, end), or end. With `above` given, *above becomes true when a byte of 0x80 or more was
// passed on the way (and stays what it was otherwise).
template <class Set> inline const char* find(const char* at, const char* end, bool* above) noexcept {
#if !defined(OPENAI_STREAM_SCAN_PLAIN)
    for (; end - at >= Block::size; at += Block::size) {
        const Block block(at);
        const auto matches = block.matches(Set());
#if defined(OPENAI_STREAM_SCAN_SWAR)
        if (matches != 0) break;
        if (above && block.above_ascii() != 0) *above = true;
#else
        if (matches != 0) {
            if (above && (block.above_ascii() & Block::before_first(matches)) != 0) *above = true;
            return at + Block::index_of_first(matches);
        }
        if (above && block.above_ascii() != 0) *above = true;
#endif
    }
#endif
    for (; at != end && !Set::is(static_cast<unsigned char>(*at)); ++at)
        if (above && (static_cast<unsigned char>(*at) & 0x80) != 0) *above = true;
    return at;
}

// The first CR or LF, or end.
inline const char* line_end(const char* at, const char* end) noexcept { return find<LineEnd>(at, end, nullptr); }

// The first byte that interrupts the inside of a JSON string, or end.
inline const char* string_stop(const char* at, const char* end, bool& above_ascii) noexcept {
    return find<StringStop>(at, end, &above_ascii);
}

}  // namespace detail::scan

OPENAI_STREAM_END
