// Refused: deleted|could not convert|no viable
// The memory must outlive the stream: it is an array that has a name, or a pointer and a count.
#include "support/header.hpp"

#include <vector>

namespace oai = openai_stream;

void pair(const oai::Transport& transport) {
#if defined(MUST_NOT_COMPILE)
    const oai::Stream stream(transport, std::vector<char>(2048));
#else
    static std::vector<char> memory(2048);
    const oai::Stream stream(transport, {memory.data(), memory.size()});
#endif
    static_cast<void>(stream);
}
