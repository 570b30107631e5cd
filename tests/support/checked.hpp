#pragma once
// What the library takes for true of itself is checked in every test: the first condition that is broken ends the
// program, with the condition and its line. To be included before the library.
#include <cstdio>
#include <cstdlib>

namespace support {

// For a test that breaks a condition on purpose: where broken ones are counted. Null: they end the program.
inline unsigned* broken_assertions = nullptr;

inline void assertion_is_broken(const char* condition, const char* file, int line) {
    if (broken_assertions) {
        ++*broken_assertions;
        return;
    }
    std::fprintf(stderr, "%s:%d: OPENAI_STREAM_ASSERT(%s) does not hold\n", file, line, condition);
    std::fflush(nullptr);
    std::abort();
}

}  // namespace support

#define OPENAI_STREAM_ASSERT(condition) \
    ((condition) ? static_cast<void>(0) : ::support::assertion_is_broken(#condition, __FILE__, __LINE__))
