// Refused: static.*the Endpoint is a temporary
// The endpoint must live until the request is sent.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Exchange& exchange, const oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    return exchange.begin(oai::Endpoint("http://127.0.0.1:8080/v1"), request);
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1");
    return exchange.begin(endpoint, request);
#endif
}
