#pragma once
// How often one conversation was begun again, and why.
#include "../base/error.hpp"

OPENAI_STREAM_BEGIN

struct RetryStats {
    uint32_t retries = 0;        // attempts after the first
    uint32_t waited_ms = 0;      // before them, together
    uint32_t declined_ms = 0;    // a wait that was too long: that attempt was not made
    const char* declined = nullptr;  // why a last attempt was not made, as a sentence; null: nothing is to be said
    Error reason = Error::none;  // why the attempt before the last failed
    int http_status = 0;         // with Error::http_status
};

OPENAI_STREAM_END
