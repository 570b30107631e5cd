// Refused: deleted
// Names of fields that are gone at the end of the statement.
#include "support/header.hpp"

void pair(openai_stream::ChatRequest& request) {
#if defined(MUST_NOT_COMPILE)
    openai_stream::ExtraEvents extras({{"provider"}, {"timings.prompt_n"}});
#else
    static constexpr openai_stream::FieldPath fields[] = {{"provider"}, {"timings.prompt_n"}};
    openai_stream::ExtraEvents extras(fields);
#endif
    request.extras = &extras;
}
