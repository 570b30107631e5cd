// Refused: now_ms does not fit
// A clock that stands is none.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    uint32_t now_ms = 0;
#else
    uint32_t now_ms();
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
