// Refused: conver|no viable|no matching
// A buffer is written to.
#include "support/header.hpp"

void pair() {
#if defined(MUST_NOT_COMPILE)
    static const char memory[64] = {};
#else
    static char memory[64] = {};
#endif
    const openai_stream::Buffer buffer(memory);
    static_cast<void>(buffer);
}
