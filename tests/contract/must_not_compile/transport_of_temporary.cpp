// Refused: rvalue|expects an lvalue|lvalue reference
// A transport points to its object: a temporary one would be gone.
#include "support/header.hpp"

struct Link {
    openai_stream::IoResult pull(char*, size_t) { return openai_stream::IoResult::closed(); }
    openai_stream::IoResult push(const char*, size_t) { return openai_stream::IoResult::closed(); }
};

openai_stream::Transport pair() {
#if defined(MUST_NOT_COMPILE)
    return openai_stream::transport_of(Link());
#else
    static Link link;
    return openai_stream::transport_of(link);
#endif
}
