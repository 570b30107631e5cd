// Refused: static.*the request is a temporary
// The request is read again while it is written.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::RequestWriter& writer, const oai::Endpoint& endpoint) {
#if defined(MUST_NOT_COMPILE)
    return writer.begin(endpoint, oai::ChatRequest("model", "question"));
#else
    static const oai::ChatRequest request("model", "question");
    return writer.begin(endpoint, request);
#endif
}
