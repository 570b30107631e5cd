// Refused: deleted
// A request holds views: the id would be gone before it is sent.
#include "support/header.hpp"

#include <string>

namespace oai = openai_stream;

oai::RetrieveRequest pair(const std::string& id) {
#if defined(MUST_NOT_COMPILE)
    return oai::RetrieveRequest(id + "x", 3);
#else
    return oai::RetrieveRequest(id, 3);
#endif
}
