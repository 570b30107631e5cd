// Refused: deleted
// Two streams on one connection would both hang it up.
#include "support/header.hpp"

#include <utility>

void pair(openai_stream::Stream& first, openai_stream::Stream& second) {
#if defined(MUST_NOT_COMPILE)
    second = first;
#else
    second = std::move(first);
#endif
}
