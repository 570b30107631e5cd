// Refused: lvalue
// A policy that is gone at the end of the statement.
#include "support/header.hpp"

void pair(openai_stream::Stream& stream) {
#if defined(MUST_NOT_COMPILE)
    stream.use(openai_stream::RetryPolicy());
#else
    static openai_stream::RetryPolicy retries;
    stream.use(retries);
#endif
}
