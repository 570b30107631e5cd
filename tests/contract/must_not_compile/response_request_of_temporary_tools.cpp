// Refused: no (match|viable)
// A request holds views: the tools would be gone before it is sent.
#include "support/header.hpp"

#include <vector>

namespace oai = openai_stream;

void pair(oai::ResponseRequest& request, const std::vector<oai::Tool>& tools) {
#if defined(MUST_NOT_COMPILE)
    request.tools = std::vector<oai::Tool>(tools);
#else
    request.tools = tools;
#endif
}
