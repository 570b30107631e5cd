// Refused: static.*the Endpoint is a temporary
// A temporary that is const is gone as early as any other.
#include "support/header.hpp"

namespace oai = openai_stream;

const oai::Endpoint make();

oai::Error pair(oai::Stream& stream, const oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    return stream.open(make(), request);
#else
    static const oai::Endpoint endpoint = make();
    return stream.open(endpoint, request);
#endif
}
