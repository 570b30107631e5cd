// Refused: deleted
// A message keeps a view of its text.
#include "support/header.hpp"

#include <string>

std::string make();

openai_stream::Message pair() {
#if defined(MUST_NOT_COMPILE)
    return openai_stream::Message::user(make());
#else
    static const std::string text = make();
    return openai_stream::Message::user(text);
#endif
}
