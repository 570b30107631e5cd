// Refused: use of deleted|call to deleted
// The request keeps the address of what its answer is read by.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::RawRequest pair() {
#if defined(MUST_NOT_COMPILE)
    return oai::RawRequest("/v2/chat", "{}", oai::Api(oai::dialect::chat));
#else
    static const oai::Api api(oai::dialect::chat);
    return oai::RawRequest("/v2/chat", "{}", api);
#endif
}
