// Refused: deleted
// An array that is gone at the end of the statement, though it is trivially copied.
#include "support/header.hpp"

#include <array>

namespace oai = openai_stream;

std::array<char, 100> make();

oai::Buffer pair(std::array<char, 100>& memory) {
    static_cast<void>(memory);
#if defined(MUST_NOT_COMPILE)
    return oai::Buffer(make());
#else
    return oai::Buffer(memory);
#endif
}
