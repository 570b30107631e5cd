// Refused: use of deleted function|call to deleted
// A Source that would be gone before it is read.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::ContentPart part(const oai::Source& named) {
#if defined(MUST_NOT_COMPILE)
    static_cast<void>(named);
    return oai::ContentPart::image(oai::Source{}, "image/png");
#else
    return oai::ContentPart::image(named, "image/png");
#endif
}
