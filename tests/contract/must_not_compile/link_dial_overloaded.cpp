// Refused: dial does not fit
// None of several fits.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    void dial(int); void dial(const char*, int);
#else
    oai::IoResult dial(oai::StringView host, uint16_t port); void dial(int);
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
