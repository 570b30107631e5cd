#pragma once
// What the compiler and the machine offer, decided once. Everything defined here but the version is undefined again by
// base/end.hpp, so that a program sees no macro of ours.
#include "version.hpp"

#include <stddef.h>
#include <stdint.h>
#if !defined(__has_include)
#include <string.h>
#elif __has_include(<string.h>)
#include <string.h>
#else
// Bare metal without a C library: the six functions a compiler expects to be there anyway.
extern "C" {
void* memcpy(void* into, const void* from, size_t count);
void* memmove(void* into, const void* from, size_t count);
void* memset(void* into, int value, size_t count);
int memcmp(const void* left, const void* right, size_t count);
void* memchr(const void* from, int value, size_t count);
size_t strlen(const char* text);
}
#endif

// Client has a Socket.
#if defined(OPENAI_STREAM_CLIENT) && !defined(OPENAI_STREAM_SOCKET)
#define OPENAI_STREAM_SOCKET
#define OPENAI_STREAM_SOCKET_OF_CLIENT
#endif

#if defined(__OPTIMIZE_SIZE__)
#define OPENAI_STREAM_ABI v0_small
#define OPENAI_STREAM_SCAN_PLAIN
#elif defined(OPENAI_STREAM_NO_SIMD)
#define OPENAI_STREAM_ABI v0_swar
#define OPENAI_STREAM_SCAN_SWAR
#elif defined(_M_X64) && defined(_MSC_VER) && !defined(__clang__)
#define OPENAI_STREAM_ABI v0_msvc
#define OPENAI_STREAM_SCAN_SSE2
#elif defined(__AVX2__)
#define OPENAI_STREAM_ABI v0_avx2
#define OPENAI_STREAM_SCAN_VECTOR 32  // bytes
#elif defined(__SSE2__)
#define OPENAI_STREAM_ABI v0_sse2
#define OPENAI_STREAM_SCAN_VECTOR 16
#elif defined(__AARCH64EL__) && defined(__ARM_NEON)
#define OPENAI_STREAM_ABI v0_neon
#define OPENAI_STREAM_SCAN_VECTOR 16
#elif defined(__wasm_simd128__)
#define OPENAI_STREAM_ABI v0_wasm
#define OPENAI_STREAM_SCAN_VECTOR 16
#else
#define OPENAI_STREAM_ABI v0_swar
#define OPENAI_STREAM_SCAN_SWAR
#endif

// Names in parentheses, as in (poll)(event), are those of macros with parameters: lwIP has read, write, connect, poll
// and more. tests/contract/warnings/hostile_macros.cpp lists what the header has to stand.

// OPENAI_STREAM_ASSERT(condition) is what must be true whatever a server, a transport or a caller does. A program has
// nothing of it: the condition is compiled and never evaluated. The tests define it before they include the header
// (tests/support/checked.hpp), so that each of them ends where the condition is first broken.
// Two units built with different code get two names for it: the linker cannot merge what differs.
#if defined(OPENAI_STREAM_ASSERT)
#define OPENAI_STREAM_BEGIN namespace openai_stream { inline namespace OPENAI_STREAM_ABI { inline namespace checked {
#define OPENAI_STREAM_END } } }
#else
#define OPENAI_STREAM_ASSERT(condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#define OPENAI_STREAM_BEGIN namespace openai_stream { inline namespace OPENAI_STREAM_ABI {
#define OPENAI_STREAM_END } }
#endif

OPENAI_STREAM_BEGIN
namespace detail {
// Where size counts more than speed, what only makes it faster is left out.
#if defined(__OPTIMIZE_SIZE__)
inline constexpr bool is_small_build = true;
#else
inline constexpr bool is_small_build = false;
#endif
}  // namespace detail
OPENAI_STREAM_END

// A vector, and one that lies anywhere among other bytes.
#define OPENAI_STREAM_VECTOR(bytes) __attribute__((vector_size(bytes)))
#define OPENAI_STREAM_ANYWHERE(bytes) __attribute__((vector_size(bytes), aligned(1), may_alias))

// By these clang warns where memory is gone before its view is (-Wdangling-gsl, -Wreturn-stack-address): POINTER is a
// class that does not own what it points to, BORROWED a parameter that what is made of it points into. Not for T&&:
// what is made of a view does not point into the view.
#if defined(__clang__) && defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::lifetimebound) && __has_cpp_attribute(gsl::Pointer)
#define OPENAI_STREAM_BORROWED [[clang::lifetimebound]]
#define OPENAI_STREAM_POINTER [[gsl::Pointer]]
#endif
#endif
#if !defined(OPENAI_STREAM_POINTER)
#define OPENAI_STREAM_BORROWED
#define OPENAI_STREAM_POINTER
#endif

// A function that stands in the code once where size counts.
#if defined(__OPTIMIZE_SIZE__) && defined(__GNUC__)
#define OPENAI_STREAM_OUTLINE __attribute__((noinline))
#else
#define OPENAI_STREAM_OUTLINE
#endif

#if defined(__GNUC__)
#define OPENAI_STREAM_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define OPENAI_STREAM_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define OPENAI_STREAM_NOINLINE __attribute__((noinline))
#define OPENAI_STREAM_INLINE __attribute__((always_inline)) inline
#else
#define OPENAI_STREAM_LIKELY(condition) (condition)
#define OPENAI_STREAM_UNLIKELY(condition) (condition)
#define OPENAI_STREAM_NOINLINE
#define OPENAI_STREAM_INLINE inline
#endif
