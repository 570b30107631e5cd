// Refused: no match for|no viable overloaded
// A request keeps a view of its list of tools.
#include "support/header.hpp"

#include <vector>

std::vector<openai_stream::Tool> make();

void pair(openai_stream::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    request.tools = make();
#else
    static const std::vector<openai_stream::Tool> tools = make();
    request.tools = tools;
#endif
}
