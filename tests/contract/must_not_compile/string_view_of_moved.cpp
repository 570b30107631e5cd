// Refused: deleted
// A view of a string that is given away.
#include "support/header.hpp"

#include <string>
#include <utility>

void pair(std::string text) {
#if defined(MUST_NOT_COMPILE)
    const openai_stream::StringView view(std::move(text));
#else
    const openai_stream::StringView view(text);
#endif
    static_cast<void>(view);
}
