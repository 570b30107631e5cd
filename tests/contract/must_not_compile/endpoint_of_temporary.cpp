// Refused: deleted
// An endpoint keeps views into its URL.
#include "support/header.hpp"

#include <string>

std::string make();

openai_stream::Endpoint pair() {
#if defined(MUST_NOT_COMPILE)
    return openai_stream::Endpoint(make());
#else
    static const std::string url = make();
    return openai_stream::Endpoint(url);
#endif
}
