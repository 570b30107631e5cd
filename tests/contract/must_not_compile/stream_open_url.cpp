// Refused: static.*the first argument is an Endpoint
// A URL is no Endpoint yet: its views would have nowhere to live.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Stream& stream, const oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    return stream.open("http://127.0.0.1:8080/v1", request);
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1");
    return stream.open(endpoint, request);
#endif
}
