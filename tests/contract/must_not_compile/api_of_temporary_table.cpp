// Refused: use of deleted|call to deleted|uses deleted
// An API keeps the address of its table.
#include "support/header.hpp"

namespace oai = openai_stream;

oai::Api pair() {
#if defined(MUST_NOT_COMPILE)
    return oai::Api(oai::dialect::Dialect{oai::dialect::chat_contexts, oai::dialect::chat_root, true});
#else
    static constexpr oai::dialect::Dialect table{oai::dialect::chat_contexts, oai::dialect::chat_root, true};
    return oai::Api(table);
#endif
}
