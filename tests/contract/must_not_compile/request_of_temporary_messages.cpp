// Refused: no match|no viable|could not convert|deleted|no matching
// A request keeps a view of its list of messages.
#include "support/header.hpp"

#include <vector>

namespace oai = openai_stream;

std::vector<oai::Message> make();

void pair(oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    request.messages = make();
#else
    static const std::vector<oai::Message> messages = make();
    request.messages = messages;
#endif
}
