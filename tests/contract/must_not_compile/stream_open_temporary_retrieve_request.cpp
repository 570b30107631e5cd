// Refused: static.*the request is a temporary
// The request is read again while it is sent.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Stream& stream, const oai::Endpoint& endpoint) {
#if defined(MUST_NOT_COMPILE)
    return stream.open(endpoint, oai::RetrieveRequest("resp_1"));
#else
    static const oai::RetrieveRequest request("resp_1");
    return stream.open(endpoint, request);
#endif
}
