// Refused: static.*name the endpoint's type
// Braces make a temporary endpoint too.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Exchange& exchange, const oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    return exchange.begin({"http://127.0.0.1:8080/v1", "key"}, request);
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1", "key");
    return exchange.begin(endpoint, request);
#endif
}
