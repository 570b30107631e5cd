// Refused: deleted|no viable|no match
// Messages in braces would be gone at the end of the statement.
#include "support/header.hpp"

namespace oai = openai_stream;

void pair(oai::ChatRequest& request) {
    static const oai::Message messages[] = {oai::Message::user("a"), oai::Message::user("b")};
    static_cast<void>(messages);
#if defined(MUST_NOT_COMPILE)
    request.messages = {oai::Message::user("a"), oai::Message::user("b")};
#else
    request.messages = messages;
#endif
}
