// Refused: static.*the Endpoint is a temporary
// Neither the endpoint nor the request would live until it is written.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::RequestWriter& writer) {
#if defined(MUST_NOT_COMPILE)
    return writer.begin(oai::Endpoint("http://127.0.0.1:8080/v1"), oai::ChatRequest("model", "question"));
#else
    static const oai::Endpoint endpoint("http://127.0.0.1:8080/v1");
    static const oai::ChatRequest request("model", "question");
    return writer.begin(endpoint, request);
#endif
}
