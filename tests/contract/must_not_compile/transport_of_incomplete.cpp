// Refused: push
// pull and push are required.
#include "support/header.hpp"

struct Link {
    openai_stream::Io pull(char*, size_t) { return openai_stream::Io::closed(); }
#if !defined(MUST_NOT_COMPILE)
    openai_stream::Io push(const char*, size_t) { return openai_stream::Io::closed(); }
#endif
};

openai_stream::Transport pair(Link& link) { return openai_stream::transport_of(link); }
