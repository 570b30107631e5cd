// Refused: no matching (function|constructor)
// A tool keeps a view of its parameters' schema.
#include "support/header.hpp"

#include <string>

std::string make();

void pair() {
#if defined(MUST_NOT_COMPILE)
    const openai_stream::Tool tool("name", "what it is for", make());
#else
    static const std::string schema = make();
    const openai_stream::Tool tool("name", "what it is for", schema);
#endif
    static_cast<void>(tool);
}
