// An answer of Chat Completions, typed or raw, with or without HTTP around it.
#include "exchange.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    return fuzz::exchange_target(openai_stream::Api::chat, true, data, size);
}
