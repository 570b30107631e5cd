// Refused: deleted
// A sequence of elements that are gone at the end of the statement.
#include "support/header.hpp"

#include <vector>

std::vector<int> make();

void pair() {
#if defined(MUST_NOT_COMPILE)
    const openai_stream::Span<const int> span = make();
#else
    const std::vector<int> elements = make();
    const openai_stream::Span<const int> span = elements;
#endif
    static_cast<void>(span);
}
