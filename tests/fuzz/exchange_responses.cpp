// The same for the Responses API.
#include "exchange.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    return fuzz::exchange_target(openai_stream::Api::responses, false, data, size);
}
