// Refused: push
// pull and push are required.
#include "support/header.hpp"

struct Link {
    openai_stream::IoResult pull(char*, size_t) { return openai_stream::IoResult::closed(); }
#if !defined(MUST_NOT_COMPILE)
    openai_stream::IoResult push(const char*, size_t) { return openai_stream::IoResult::closed(); }
#endif
};

openai_stream::Transport pair(Link& link) { return openai_stream::transport_of(link); }
