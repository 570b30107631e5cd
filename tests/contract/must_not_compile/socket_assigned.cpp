// Refused: deleted
// Two sockets would both close the same handle.
#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"

void pair(openai_stream::Socket& first, openai_stream::Socket& second) {
#if defined(MUST_NOT_COMPILE)
    second = first;
#else
    second.hang_up();
#endif
    first.hang_up();
}
