#pragma once
// A byte that one thread (or signal handler, or interrupt) writes and another reads. Only load and store: a Cortex-M0
// has nothing more.
#include "config.hpp"
#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
#endif

OPENAI_STREAM_BEGIN

namespace detail {

class AtomicFlag {
public:
    constexpr AtomicFlag() noexcept = default;

#if defined(_MSC_VER) && !defined(__clang__)
    bool get() const noexcept { return _InterlockedOr8(const_cast<char*>(&value_), 0) != 0; }
    void set() noexcept { _InterlockedExchange8(&value_, 1); }
    void clear() noexcept { _InterlockedExchange8(&value_, 0); }
#else
    bool get() const noexcept { return __atomic_load_n(&value_, __ATOMIC_ACQUIRE) != 0; }
    void set() noexcept { __atomic_store_n(&value_, static_cast<char>(1), __ATOMIC_RELEASE); }
    // By the thread that reads it, which publishes nothing by that.
    void clear() noexcept { __atomic_store_n(&value_, static_cast<char>(0), __ATOMIC_RELAXED); }
#endif

private:
    char value_ = 0;
};

}  // namespace detail

OPENAI_STREAM_END
