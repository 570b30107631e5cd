// Refused: and another one
// Two versions of the header in one translation unit. Always of the header: src/ is one version by itself.
#if defined(MUST_NOT_COMPILE)
#define OPENAI_STREAM_HPP_INCLUDED 999
#endif
#include "../../../openai_stream.hpp"
#include "../../../openai_stream.hpp"

void pair() {}
