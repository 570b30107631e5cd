#pragma once
// How long the end of one answer is waited for, so that its connection carries the next request.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

// An answer is done with its end marker, but its message ends a moment later: through a proxy the last chunk is a
// packet of its own. What comes until then is passed over, within bounds in time (or in polls, where there is no clock)
// and in bytes; a server that exceeds them costs a new connection. Where none can be made, because the transport has no
// dial, the bounds are wide: to give up would end the conversation.
class Drain {
public:
    static constexpr uint32_t max_ms = 250, max_ms_without_dial = 10000;
    static constexpr uint32_t max_polls = 100, max_polls_without_dial = 100000;
    static constexpr uint32_t max_bytes = 4096;
    // Longest wait for these bytes, in ms, where there is no clock: max_polls of them are a second.
    static constexpr uint32_t blind_wait_ms = 10;

    void begin(uint32_t now_ms) noexcept {
        began_ms_ = now_ms;
        polls_ = 0;
        bytes_ = 0;
    }
    // Returns false if more have come than are waited for.
    bool take(size_t count) noexcept { return count <= max_bytes && (bytes_ += count) <= max_bytes; }
    // Nothing has come. Returns false if that was so too often.
    bool take_poll(bool has_dial) noexcept { return ++polls_ <= (has_dial ? max_polls : max_polls_without_dial); }
    uint32_t left_ms(uint32_t now_ms, bool has_dial) const noexcept {
        const uint32_t limit_ms = has_dial ? max_ms : max_ms_without_dial, passed_ms = now_ms - began_ms_;
        return passed_ms < limit_ms ? limit_ms - passed_ms : 0;
    }

private:
    uint32_t began_ms_ = 0;
    uint32_t polls_ = 0;
    size_t bytes_ = 0;
};

OPENAI_STREAM_END
