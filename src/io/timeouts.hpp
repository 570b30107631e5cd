#pragma once
// The longest times in which nothing may happen.
#include "../base/error.hpp"

OPENAI_STREAM_BEGIN

// In ms; 0: for ever. They need the transport's clock (Transport::now_ms), which may wrap around.
struct Timeouts {
    uint32_t connect_ms = 10000;   // until the link is up: Error::connect_timeout
    uint32_t headers_ms = 600000;  // from the last byte of the request to the end of the response's head; models may
                                   // think before it: Error::headers_timeout
    uint32_t idle_ms = 300000;     // without a byte while the request goes out or the body comes: Error::idle_timeout
};

// What a conversation waits for.
enum class Phase : uint8_t { none, connect, send, headers, body };

// Since when it has waited. Nothing of it is initialised where there are no timeouts.
class Watch {
public:
    Watch() = default;
    constexpr explicit Watch(const Timeouts& timeouts) noexcept
        : moved_(0), since_ms_(0), connect_ms_(timeouts.connect_ms), headers_ms_(timeouts.headers_ms),
          idle_ms_(timeouts.idle_ms) {}

    // The time begins anew with a phase, and when bytes have moved; `moved` is any count of them that changes then.
    void note(bool is_new_phase, uint32_t moved, uint32_t now_ms) noexcept {
        if (!is_new_phase && moved == moved_) return;
        moved_ = moved;
        since_ms_ = now_ms;
    }
    // UINT32_MAX: for ever.
    uint32_t left_ms(Phase phase, bool is_new_phase, uint32_t moved, uint32_t now_ms) const noexcept {
        const uint32_t limit = phase == Phase::connect   ? connect_ms_
                               : phase == Phase::headers ? headers_ms_
                                                         : idle_ms_;
        const uint32_t elapsed = is_new_phase || moved != moved_ ? 0 : now_ms - since_ms_;
        return limit == 0 ? UINT32_MAX : elapsed < limit ? limit - elapsed : 0;
    }
    static constexpr Error error_of(Phase phase) noexcept {
        return phase == Phase::connect   ? Error::connect_timeout
               : phase == Phase::headers ? Error::headers_timeout
                                         : Error::idle_timeout;
    }

private:
    uint32_t moved_, since_ms_;
    uint32_t connect_ms_, headers_ms_, idle_ms_;
};

OPENAI_STREAM_END
