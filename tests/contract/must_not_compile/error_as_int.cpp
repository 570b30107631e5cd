// Refused: cannot convert|cannot initialize
// The numbers of errors are not part of the interface.
#include "support/header.hpp"

int pair(openai_stream::Error error) {
#if defined(MUST_NOT_COMPILE)
    const int code = error;
#else
    const int code = static_cast<int>(error);
#endif
    return code;
}
