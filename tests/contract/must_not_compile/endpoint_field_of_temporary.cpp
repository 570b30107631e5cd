// Refused: deleted|no match|no viable
// A field that is set later is a view as well.
#include "support/header.hpp"

#include <string>

std::string make();

void pair(openai_stream::Endpoint& endpoint) {
#if defined(MUST_NOT_COMPILE)
    endpoint.key = make();
#else
    static const std::string key = make();
    endpoint.key = key;
#endif
}
