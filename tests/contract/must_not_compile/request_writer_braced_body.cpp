// Refused: static.*name the request's type
// Braces make a temporary request too.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Error pair(oai::RequestWriter& writer) {
#if defined(MUST_NOT_COMPILE)
    return writer.begin_body({"model", "question"});
#else
    static const oai::ChatRequest request = {"model", "question"};
    return writer.begin_body(request);
#endif
}
