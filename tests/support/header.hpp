#pragma once
// The library under test: the one header that ships, or with -Dheader=modular the files it is made of. What it states
// with OPENAI_STREAM_ASSERT is checked in every test.
#include <cstdio>
#include <cstdlib>

namespace support {

// While it points to a number, a false statement is counted there; else it ends the program.
inline unsigned* false_statements = nullptr;

inline void state(bool is_true, const char* what, const char* file, int line) {
    if (is_true) return;
    if (false_statements) {
        ++*false_statements;
        return;
    }
    std::fprintf(stderr, "%s:%d: this is not so: %s\n", file, line, what);
    std::abort();
}

}  // namespace support

#if !defined(OPENAI_STREAM_ASSERT)
#define OPENAI_STREAM_ASSERT(condition) ::support::state((condition), #condition, __FILE__, __LINE__)
#endif

#if defined(OPENAI_STREAM_TEST_MODULAR)
#include "../../src/all.hpp"
#else
#include "../../openai_stream.hpp"
#endif
