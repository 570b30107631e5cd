// Refused: could not convert|no viable conversion
// A list of elements that are gone at the end of the statement.
#include "support/header.hpp"

#include <vector>

std::vector<openai_stream::Message> make();

openai_stream::List<openai_stream::Message> pair() {
#if defined(MUST_NOT_COMPILE)
    return make();
#else
    static const std::vector<openai_stream::Message> messages = make();
    return messages;
#endif
}
