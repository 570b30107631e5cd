#pragma once
// How often one conversation was begun, and why.
#include "../base/error.hpp"

OPENAI_STREAM_BEGIN

struct Attempts {
    uint32_t retries = 0;          // attempts after the first
    uint32_t waited_ms = 0;        // for them, together
    uint32_t declined_ms = 0;      // a wait that was too long: that attempt was not made
    Error reason = Error::none;    // why the attempt before the last failed
    int http_status = 0;           // with Error::http_status
    uint32_t resumes = 0;          // attempts that went on where the one before had stopped, see Resume
    bool had_stale_link = false;   // the kept connection gave no byte, and a fresh one was made at once
};

OPENAI_STREAM_END
