// Refused: secure does not fit, or is not public
// A link that encrypts, and cannot be asked.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    private: bool secure();
#else
    bool secure();
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
