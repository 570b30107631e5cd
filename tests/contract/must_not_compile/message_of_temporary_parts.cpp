// Refused: conver|no viable|no matching
// A message keeps a view of its list of parts.
#include "support/header.hpp"

#include <vector>

namespace oai = openai_stream;

std::vector<oai::ContentPart> make();

oai::Message pair() {
#if defined(MUST_NOT_COMPILE)
    return oai::Message::of_parts(oai::Role::user, make());
#else
    static const std::vector<oai::ContentPart> parts = make();
    return oai::Message::of_parts(oai::Role::user, parts);
#endif
}
