// Refused: deleted
// Two streams on one connection would both hang it up.
#include "support/header.hpp"

#include <utility>

void pair(openai_stream::Stream& first) {
#if defined(MUST_NOT_COMPILE)
    openai_stream::Stream second(first);
#else
    openai_stream::Stream second(std::move(first));
#endif
    second.close();
}
