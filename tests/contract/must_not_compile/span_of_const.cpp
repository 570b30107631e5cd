// Refused: conver|no viable
// Writable elements out of constant ones.
#include "support/header.hpp"

#include <vector>

void pair(const std::vector<int>& elements) {
#if defined(MUST_NOT_COMPILE)
    const openai_stream::Span<int> span = elements;
#else
    const openai_stream::Span<const int> span = elements;
#endif
    static_cast<void>(span);
}
