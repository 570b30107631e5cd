// Refused: extras
// What a chat is read for says nothing of a response.
#include "support/header.hpp"

namespace oai = openai_stream;

void pair(oai::ChatRequest& chat, oai::ResponseRequest& response, oai::ExtraEvents& extras) {
#if defined(MUST_NOT_COMPILE)
    response.extras = &extras;
#else
    chat.extras = &extras;
#endif
    response.model = chat.model;
}
