// Refused: static.*name the request's type
// Braces make a temporary request too.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Stream& stream, const oai::Endpoint& endpoint) {
#if defined(MUST_NOT_COMPILE)
    return stream.open(endpoint, {"model", "question"});
#else
    static const oai::ChatRequest request = {"model", "question"};
    return stream.open(endpoint, request);
#endif
}
