// Refused: dial does not fit
// What dial says is more than yes or no.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
#if defined(MUST_NOT_COMPILE)
    bool dial(oai::StringView host, uint16_t port);
#else
    oai::IoResult dial(oai::StringView host, uint16_t port);
#endif
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
