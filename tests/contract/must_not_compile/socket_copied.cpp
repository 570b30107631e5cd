// Refused: deleted
// A transport keeps the address of its socket.
#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"

void pair(openai_stream::Socket& first) {
#if defined(MUST_NOT_COMPILE)
    openai_stream::Socket second(first);
#else
    openai_stream::Socket& second = first;
#endif
    second.hang_up();
}
