// Refused: explain does not fit
// It says words.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    void explain(oai::IoResult io, oai::Buffer memory);
#else
    const char* explain(oai::IoResult io, oai::Buffer memory);
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
