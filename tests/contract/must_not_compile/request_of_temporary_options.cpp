// Refused: no match|no viable|could not convert|deleted|no matching|cannot convert|incompatible
// A request keeps a pointer to its options.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::ChatOptions make();

void pair(oai::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    request.options = make();
#else
    static const oai::ChatOptions options = make();
    request.options = &options;
#endif
}
