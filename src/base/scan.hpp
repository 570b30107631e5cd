#pragma once
// Find-a-byte loops: the places where almost all input bytes are only looked at. By vectors, a machine word at a time,
// or plain; all give the same answers and never read at or after `end`.
#include "config.hpp"
#if defined(OPENAI_STREAM_SCAN_SSE2)
#include <emmintrin.h>
#include <intrin.h>
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

#if defined(OPENAI_STREAM_SCAN_VECTOR)

// Vectors as the compiler has them without a header: to include that of SSE2 takes a compiler more than
// all of base/ does.
typedef unsigned char Bytes OPENAI_STREAM_VECTOR(OPENAI_STREAM_SCAN_VECTOR);
typedef unsigned char BytesAnywhere OPENAI_STREAM_ANYWHERE(OPENAI_STREAM_SCAN_VECTOR);
using Found = decltype(Bytes() == Bytes());  // of each byte: all bits, or none

// mask_bits bits for each byte that was found; the same for each byte of 0x80 or more.
#if defined(__aarch64__)
typedef uint16_t Pairs OPENAI_STREAM_VECTOR(16);
typedef uint8_t Halves OPENAI_STREAM_VECTOR(8);
using Mask = uint64_t;
constexpr unsigned mask_bits = 4;  // there is no instruction for one
inline Mask mask_of(Found found) noexcept {
    const Halves halves = __builtin_convertvector(reinterpret_cast<Pairs>(found) >> 4, Halves);
    Mask bits;
    memcpy(&bits, &halves, sizeof bits);
    return bits;
}
inline Mask high_bits_of(Bytes bytes) noexcept { return mask_of(bytes >= 0x80 - Bytes()); }
#else
typedef char Chars OPENAI_STREAM_VECTOR(OPENAI_STREAM_SCAN_VECTOR);
using Mask = unsigned;
constexpr unsigned mask_bits = 1;
inline Mask high_bits_of(Bytes bytes) noexcept {
#if defined(__wasm_simd128__)
    return static_cast<Mask>(__builtin_wasm_bitmask_i8x16(reinterpret_cast<Found>(bytes)));
#elif OPENAI_STREAM_SCAN_VECTOR == 32
    return static_cast<Mask>(__builtin_ia32_pmovmskb256(reinterpret_cast<Chars>(bytes)));
#else
    return static_cast<Mask>(__builtin_ia32_pmovmskb128(reinterpret_cast<Chars>(bytes)));
#endif
}
inline Mask mask_of(Found found) noexcept { return high_bits_of(reinterpret_cast<Bytes>(found)); }
#endif

struct Block {
    static constexpr ptrdiff_t size = sizeof(Bytes);
    Bytes bytes;

    explicit Block(const char* at) noexcept : bytes(*reinterpret_cast<const BytesAnywhere*>(at)) {}
    Found equal(unsigned char c) const noexcept { return bytes == c - Bytes(); }
    Mask matches(LineEnd) const noexcept { return mask_of(equal('\n') | equal('\r')); }
    Mask matches(StringStop) const noexcept { return mask_of(equal('"') | equal('\\') | (bytes < 0x20 - Bytes())); }
    Mask above_ascii() const noexcept { return high_bits_of(bytes); }
    static unsigned index_of_first(Mask matches) noexcept {
        return static_cast<unsigned>(__builtin_ctzll(matches)) / mask_bits;
    }
    static Mask before_first(Mask matches) noexcept { return (matches & (0u - matches)) - 1; }
};

#elif defined(OPENAI_STREAM_SCAN_SSE2)

// The same for MSVC.
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
    static unsigned index_of_first(unsigned matches) noexcept {
        unsigned long index;
        _BitScanForward(&index, matches);
        return index;
    }
    static unsigned before_first(unsigned matches) noexcept { return (matches & (0u - matches)) - 1; }

private:
    static unsigned mask(__m128i value) noexcept { return static_cast<unsigned>(_mm_movemask_epi8(value)); }
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
