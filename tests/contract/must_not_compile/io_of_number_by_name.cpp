// Refused: private
// Naming the type does not make a number an answer either.
#include "support/header.hpp"

openai_stream::IoResult pair(unsigned count) {
#if defined(MUST_NOT_COMPILE)
    return openai_stream::IoResult(count);
#else
    return openai_stream::IoResult::bytes(count);
#endif
}
