#pragma once
// What a conversation has cost so far.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

struct Stats {
    uint64_t sent_bytes = 0;
    uint64_t received_bytes = 0;
    uint32_t events = 0;               // handed out, keep-alives included
    uint32_t keepalives = 0;
    uint32_t largest_event_bytes = 0;  // of one event's data in the buffer; of one that did not fit, what was there
    uint32_t peak_buffer_bytes = 0;    // most of the buffer that was in use at a time, request windows left out
};

OPENAI_STREAM_END
