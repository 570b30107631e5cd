// Refused: hang_up does not fit
// It is called without anything.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    void hang_up(int);
#else
    void hang_up();
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
