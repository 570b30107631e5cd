// Refused: deleted
// What a filter was fed with is read by next(), when a temporary is gone.
#include "support/header.hpp"

#include <string>

std::string make();

void pair(openai_stream::FieldStream& fields) {
#if defined(MUST_NOT_COMPILE)
    fields.feed(make());
#else
    static const std::string text = make();
    fields.feed(text);
#endif
}
