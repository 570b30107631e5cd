// Refused: deleted
// Its messages would point into the first one.
#include "support/header.hpp"

namespace oai = openai_stream;

void pair(const oai::Chat<1, 0>& chat) {
#if defined(MUST_NOT_COMPILE)
    const oai::Chat<1, 0> other(chat);
#else
    const oai::Chat<1, 0>& other = chat;
#endif
}
