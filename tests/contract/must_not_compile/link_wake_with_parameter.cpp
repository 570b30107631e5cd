// Refused: wake does not fit
// Nobody could say more to it.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    void wake(int);
#else
    void wake();
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
