// Refused: protected
// An interceptor sees the conversation of a Stream; a copy would have its connection, too.
#include "support/header.hpp"

void pair(openai_stream::Conversation& conversation) {
#if defined(MUST_NOT_COMPILE)
    openai_stream::Conversation other = conversation;
#else
    openai_stream::Conversation& other = conversation;
#endif
    other.cancel();
}
