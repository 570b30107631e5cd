#pragma once
// The longest times in which nothing may happen, and how long it took.
#include "../base/error.hpp"
#include "../dialect/event.hpp"
#include "stats.hpp"

OPENAI_STREAM_BEGIN

// In ms; 0: for ever. They need the transport's clock (Transport::now_ms), which may wrap around.
struct Timeouts {
    uint32_t connect_ms = 10000;   // until the link is up: Error::connect_timeout
    uint32_t headers_ms = 600000;  // from the last byte of the request to the end of the response's head; models may
                                   // think before it: Error::headers_timeout
    uint32_t idle_ms = 300000;     // without a byte while the request goes out or the body comes: Error::idle_timeout
    uint32_t content_ms = 600000;  // without an event but keep-alives while the body comes: Error::content_timeout
    uint32_t total_ms = 0;         // from open() to the end, retries included: Error::total_timeout
};

// What a conversation waits for. pause: for the time of its next attempt.
enum class Phase : uint8_t { none, pause, connect, send, headers, body };

// Since when it has waited. Nothing of it is initialised where there are no timeouts.
class Watch {
public:
    Watch() = default;
    constexpr explicit Watch(const Timeouts& timeouts) noexcept
        : limits_(timeouts), phase_(Phase::none), moved_(0), since_ms_(0), began_ms_(0), last_event_ms_(0) {}

    // A conversation begins; what it is doing is not known before note().
    void begin(uint32_t now_ms) noexcept {
        began_ms_ = last_event_ms_ = now_ms;
        phase_ = Phase::none;
        latency_ = Latency();
    }
    // The time begins anew with a phase, and when bytes have moved; `moved` is any count of them that changes then.
    void note(Phase phase, uint32_t moved, uint32_t now_ms) noexcept {
        if (phase == phase_ && moved == moved_) return;
        if (phase != phase_ && phase == Phase::body) {
            last_event_ms_ = now_ms;
            latency_.headers_ms = now_ms - began_ms_;
        }
        phase_ = phase;
        moved_ = moved;
        since_ms_ = now_ms;
    }
    // An event is handed out; null: one of raw mode.
    void count(const Event* event, uint32_t now_ms) noexcept {
        if (event && event->kind == EventKind::keepalive) return;
        if (latency_.first_event_ms == Latency::unknown) latency_.first_event_ms = now_ms - began_ms_;
        else if (now_ms - last_event_ms_ > latency_.longest_gap_ms) latency_.longest_gap_ms = now_ms - last_event_ms_;
        last_event_ms_ = now_ms;
        if (!event) return;
        if (event->kind == EventKind::usage && event->usage.completion_tokens >= 0)
            latency_.tokens = static_cast<uint32_t>(event->usage.completion_tokens);
        const bool is_token = event->kind == EventKind::text || event->kind == EventKind::reasoning ||
                              event->kind == EventKind::refusal || event->kind == EventKind::tool_arguments;
        if (!is_token) return;
        if (latency_.first_token_ms == Latency::unknown) latency_.first_token_ms = now_ms - began_ms_;
        latency_.last_token_ms = now_ms - began_ms_;
        if (!event->more) ++latency_.tokens;
    }

    // UINT32_MAX: for ever.
    uint32_t left_ms(Phase phase, uint32_t moved, uint32_t now_ms) const noexcept {
        const bool is_new = phase != phase_;
        uint32_t left = left_of(limit(phase), is_new || moved != moved_ ? 0 : now_ms - since_ms_);
        if (phase == Phase::body) {
            const uint32_t content = left_of(limits_.content_ms, is_new ? 0 : now_ms - last_event_ms_);
            if (content < left) left = content;
        }
        const uint32_t total = left_of(limits_.total_ms, now_ms - began_ms_);
        return total < left ? total : left;
    }
    // Of the whole conversation.
    uint32_t total_left_ms(uint32_t now_ms) const noexcept { return left_of(limits_.total_ms, now_ms - began_ms_); }
    // After left_ms() was 0: which of the times is up.
    Error error(Phase phase, uint32_t now_ms) const noexcept {
        if (total_left_ms(now_ms) == 0) return Error::total_timeout;
        if (left_of(limit(phase), now_ms - since_ms_) != 0) return Error::content_timeout;
        return phase == Phase::connect   ? Error::connect_timeout
               : phase == Phase::headers ? Error::headers_timeout
                                         : Error::idle_timeout;
    }
    const Latency& latency() const noexcept { return latency_; }

private:
    uint32_t limit(Phase phase) const noexcept {
        return phase == Phase::connect   ? limits_.connect_ms
               : phase == Phase::headers ? limits_.headers_ms
               : phase == Phase::pause   ? 0
                                         : limits_.idle_ms;
    }
    static uint32_t left_of(uint32_t limit, uint32_t elapsed) noexcept {
        return limit == 0 ? UINT32_MAX : elapsed < limit ? limit - elapsed : 0;
    }

    Timeouts limits_;
    Phase phase_;
    uint32_t moved_, since_ms_, began_ms_, last_event_ms_;
    Latency latency_;
};

OPENAI_STREAM_END
