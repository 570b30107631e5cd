#pragma once
// What the library takes for true of itself is checked in every test: the first condition that is broken ends the
// program, with the condition and its line. To be included before the library.
#include <cstdio>
#include <cstdlib>

namespace support {

// While it points to a number, broken conditions are counted there and the program goes on.
inline unsigned* broken_assertions = nullptr;

inline void broken_assertion(const char* condition, const char* file, int line) {
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
    ((condition) ? static_cast<void>(0) : ::support::broken_assertion(#condition, __FILE__, __LINE__))
