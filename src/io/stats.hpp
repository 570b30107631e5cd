#pragma once
// What a conversation has cost so far.
#include "../base/string_view.hpp"

OPENAI_STREAM_BEGIN

// How long an answer took: Timeouts::latency(), in ms from open() on. A time is noted when poll() looks: in a
// frame loop it is exact to a frame.
struct Latency {
    static constexpr uint32_t unknown = UINT32_MAX;
    uint32_t headers_ms = unknown;      // the response's head was there
    uint32_t first_event_ms = unknown;  // of any kind but keepalive
    uint32_t first_token_ms = unknown;  // of text, reasoning, a refusal or a tool's arguments
    uint32_t last_token_ms = unknown;
    uint32_t longest_gap_ms = 0;        // between two events, keep-alives left out
    uint32_t tokens = 0;                // as usage says; before it came, as many as there were events with such text

    // From the first to the last token; 0: that cannot be said.
    double tokens_per_second() const noexcept {
        if (first_token_ms == unknown || last_token_ms == first_token_ms || tokens < 2) return 0;
        return (tokens - 1) * 1000.0 / (last_token_ms - first_token_ms);
    }
};

// What was counted.
struct TransferStats {
    uint64_t sent_bytes = 0;
    uint64_t received_bytes = 0;
    uint32_t events = 0;  // delivered, keep-alives included
    uint32_t keepalives = 0;
    uint32_t largest_event_bytes = 0;  // of one event's data in the buffer; of one that did not fit, what was there
    uint32_t peak_buffer_bytes = 0;    // most of the buffer that was in use at a time, request windows left out
};

struct Stats : TransferStats {
    bool is_reused = false;        // the connection was there before
    bool has_reconnected = false;  // it was, gave no byte, and a fresh one was made at once
    StringView request_id;         // x-request-id; lives as Failure's
};

OPENAI_STREAM_END
