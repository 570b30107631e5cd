// Refused: deleted
// A view of a container of bytes that is gone at the end of the statement.
#include "support/header.hpp"

#include <vector>

const std::vector<char> make();

openai_stream::StringView pair() {
#if defined(MUST_NOT_COMPILE)
    return make();
#else
    static const std::vector<char> bytes = make();
    return bytes;
#endif
}
