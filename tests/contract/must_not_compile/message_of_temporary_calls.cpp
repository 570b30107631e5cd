// Refused: no matching function
// A message keeps a view of its list of tool calls.
#include "support/header.hpp"

#include <vector>

std::vector<openai_stream::ToolCall> make();

openai_stream::Message pair() {
#if defined(MUST_NOT_COMPILE)
    return openai_stream::Message::assistant("", make());
#else
    static const std::vector<openai_stream::ToolCall> calls = make();
    return openai_stream::Message::assistant("", calls);
#endif
}
