// Refused: conver|no viable|no matching
// A number is no answer: the world's socket functions do not agree on what 0 and -1 mean.
#include "support/header.hpp"

openai_stream::IoResult pair(int count) {
#if defined(MUST_NOT_COMPILE)
    return count;
#else
    return openai_stream::IoResult::bytes(static_cast<size_t>(count));
#endif
}
