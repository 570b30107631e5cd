// Refused: static.*the Endpoint is a temporary
// The endpoint is read again while the request is written.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::RequestWriter& writer, const oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    return writer.begin(oai::Endpoint("http://127.0.0.1:8080/v1"), request);
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1");
    return writer.begin(endpoint, request);
#endif
}
