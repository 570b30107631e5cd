// Refused: hang_up is written so
// A name that is spelt otherwise would never be called.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    void hangup();
#else
    void hang_up();
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
