// Refused: use of deleted function|call to deleted
// A Source that would be gone before it is read.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Upload upload(const oai::Source& named) {
#if defined(MUST_NOT_COMPILE)
    static_cast<void>(named);
    return oai::Upload(oai::Source{}, "speech.wav");
#else
    return oai::Upload(named, "speech.wav");
#endif
}
