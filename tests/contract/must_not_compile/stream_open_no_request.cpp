// Refused: static.*this is no request whose answer
// Only what has an answer can be asked.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::Stream& stream, const oai::Endpoint& endpoint) {
    static const oai::ChatOptions options;
    static const oai::ChatRequest request("model", "question");
#if defined(MUST_NOT_COMPILE)
    return stream.open(endpoint, options);
#else
    return options.n == 0 ? oai::Error::none : stream.open(endpoint, request);
#endif
}
