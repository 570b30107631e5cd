// Refused: deleted
// Names of fields that are gone at the end of the statement.
#include "support/header.hpp"

void pair(openai_stream::ResponseRequest& request) {
#if defined(MUST_NOT_COMPILE)
    openai_stream::ResponseExtras extras({{"agent"}, {"item.phase"}});
#else
    static constexpr openai_stream::FieldPath fields[] = {{"agent"}, {"item.phase"}};
    static openai_stream::ResponseExtras extras(fields);
#endif
    request.extras = &extras;
}
