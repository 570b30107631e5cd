// Refused: deleted
// A view of a string that is gone at the end of the statement.
#include "support/header.hpp"

#include <string>

std::string make();

void pair() {
#if defined(MUST_NOT_COMPILE)
    const openai_stream::StringView view = make();
#else
    const std::string text = make();
    const openai_stream::StringView view = text;
#endif
    static_cast<void>(view);
}
