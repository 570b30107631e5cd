// Refused: a transport has, public: IoResult pull
// What a transport cannot be without.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
#if defined(MUST_NOT_COMPILE)
    int pull(char* into, size_t room);
#else
    oai::IoResult pull(char* into, size_t room);
#endif
    oai::IoResult push(const char* from, size_t count);
};

oai::Transport pair(Link& link) { return oai::transport_of(link); }
