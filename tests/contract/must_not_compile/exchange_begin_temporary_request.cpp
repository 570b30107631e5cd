// Refused: static.*the request is a temporary
// The request is read again while it is sent.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Exchange& exchange, const oai::Endpoint& endpoint) {
#if defined(MUST_NOT_COMPILE)
    return exchange.begin(endpoint, oai::ChatRequest("model", "question"));
#else
    static const oai::ChatRequest request("model", "question");
    return exchange.begin(endpoint, request);
#endif
}
