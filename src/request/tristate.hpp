#pragma once
// A yes or no that may be left to the server.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

enum class Tristate : uint8_t { unset, no, yes };

OPENAI_STREAM_END
