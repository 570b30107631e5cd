// Refused: static.*the Endpoint is a temporary
// The endpoint must live as long as the stream.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Stream& stream, const oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    return stream.open(oai::Endpoint("http://127.0.0.1:8080/v1"), request);
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1");
    return stream.open(endpoint, request);
#endif
}
