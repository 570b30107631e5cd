// Refused: could not convert|cannot convert|not contextually convertible
// "if (stream.open(...))" reads like success and would mean failure.
#include "support/header.hpp"

bool pair(openai_stream::Error error) {
#if defined(MUST_NOT_COMPILE)
    if (error) return true;
#else
    if (error != openai_stream::Error::none) return true;
#endif
    return false;
}
