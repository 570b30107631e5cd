// Refused: deleted
// The same of a text.
#include "support/header.hpp"

#include <array>

namespace oai = openai_stream;

std::array<char, 100> make();

oai::StringView pair(const std::array<char, 100>& text) {
    static_cast<void>(text);
#if defined(MUST_NOT_COMPILE)
    return oai::StringView(make());
#else
    return oai::StringView(text);
#endif
}
