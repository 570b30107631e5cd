// Refused: lvalue
// Limits that are gone before the conversation begins.
#include "support/header.hpp"

void pair(const openai_stream::Transport& link, openai_stream::Buffer memory) {
#if defined(MUST_NOT_COMPILE)
    openai_stream::Stream stream(link, memory, openai_stream::Timeouts());
#else
    openai_stream::Timeouts timeouts;
    openai_stream::Stream stream(link, memory, timeouts);
#endif
    stream.close();
}
