// Refused: static.*the transport is a temporary
// The transport must outlive the Stream.
#include "support/header.hpp"

namespace oai = openai_stream;

struct Link {
    oai::IoResult pull(char* into, size_t room);
    oai::IoResult push(const char* from, size_t count);
};

void pair(oai::Buffer memory) {
    static Link link;
    static_cast<void>(link);
#if defined(MUST_NOT_COMPILE)
    oai::Stream stream(Link(), memory);
    stream.close();
#else
    oai::Stream stream(link, memory);
    stream.close();
#endif
}
