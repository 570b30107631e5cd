// Refused: no matching (function|constructor)
// The same as an argument: the list would be gone before the request is sent.
#include "support/header.hpp"

#include <vector>

namespace oai = openai_stream;

std::vector<oai::Message> make();

void pair() {
#if defined(MUST_NOT_COMPILE)
    const oai::ChatRequest request("model", make());
#else
    static const std::vector<oai::Message> messages = make();
    const oai::ChatRequest request("model", messages);
#endif
    static_cast<void>(request);
}
