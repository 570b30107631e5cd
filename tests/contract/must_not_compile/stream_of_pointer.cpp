// Refused: static.*not a pointer to it
// A pointer to a transport is easily null.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
};

void pair(Link& link, oai::Buffer memory) {
#if defined(MUST_NOT_COMPILE)
    oai::Stream stream(&link, memory);
#else
    oai::Stream stream(link, memory);
#endif
}
