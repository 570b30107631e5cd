// Refused: not a const one
// A transport changes when it is used.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
};

void pair(const Link& shown, Link& link, oai::Buffer memory) {
    static_cast<void>(shown);
    static_cast<void>(link);
#if defined(MUST_NOT_COMPILE)
    oai::Stream stream(shown, memory);
#else
    oai::Stream stream(link, memory);
#endif
}
