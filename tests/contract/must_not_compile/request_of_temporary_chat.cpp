// Refused: deleted
// A Chat has its messages in itself, and is gone with them.
#include "support/header.hpp"

namespace oai = openai_stream;

void pair() {
    const oai::Chat chat("m", {oai::Message::user("a")});
    static_cast<void>(chat);
#if defined(MUST_NOT_COMPILE)
    oai::ChatRequest request = oai::Chat("m", {oai::Message::user("a")});
#else
    oai::ChatRequest request = chat;
#endif
}
