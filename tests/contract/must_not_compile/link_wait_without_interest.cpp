// Refused: wait does not fit
// It has to know what is waited for.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    oai::IoResult wait(uint32_t ms);
#else
    oai::IoResult wait(oai::Interest interest, uint32_t ms);
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
