// Refused: deleted|no viable|no match
// Tools in braces would be gone at the end of the statement.
#include "support/header.hpp"

namespace oai = openai_stream;

void pair(oai::ChatRequest& request) {
    static const oai::Tool tools[] = {{"a", "b", "{}"}};
    static_cast<void>(tools);
#if defined(MUST_NOT_COMPILE)
    request.tools = {oai::Tool("a", "b", "{}"), oai::Tool("c", "d", "{}")};
#else
    request.tools = tools;
#endif
}
