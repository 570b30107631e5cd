// Refused: no match for|no viable overloaded
// A request keeps a view of the members it is given.
#include "support/header.hpp"

#include <string>

std::string make();

void pair(openai_stream::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    request.extra_json = make();
#else
    static const std::string members = make();
    request.extra_json = members;
#endif
}
