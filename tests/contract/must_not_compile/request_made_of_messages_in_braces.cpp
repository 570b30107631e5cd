// Refused: deleted|no matching
// The same where the request is made: a Chat has them in itself.
#include "support/header.hpp"

namespace oai = openai_stream;

void pair() {
#if defined(MUST_NOT_COMPILE)
    oai::ChatRequest request("m", {oai::Message::user("a"), oai::Message::user("b")});
#else
    oai::Chat request("m", {oai::Message::user("a"), oai::Message::user("b")});
#endif
}
