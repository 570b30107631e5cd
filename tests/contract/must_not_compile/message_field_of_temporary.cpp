// Refused: deleted
// A field that is set later is a view as well.
#include "support/header.hpp"

#include <string>

std::string make();

void pair(openai_stream::Message& message) {
#if defined(MUST_NOT_COMPILE)
    message.name = make();
#else
    static const std::string name = make();
    message.name = name;
#endif
}
