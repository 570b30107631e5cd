// Refused: deleted
// An endpoint keeps a view of its key.
#include "support/header.hpp"

#include <string>

std::string make();

openai_stream::Endpoint pair() {
#if defined(MUST_NOT_COMPILE)
    return openai_stream::Endpoint("http://127.0.0.1:8080/v1", make());
#else
    static const std::string key = make();
    return openai_stream::Endpoint("http://127.0.0.1:8080/v1", key);
#endif
}
