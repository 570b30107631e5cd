// Refused: now_ms does not fit
// A clock counts whole milliseconds, and may wrap around.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    double now_ms();
#else
    uint64_t now_ms();
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
