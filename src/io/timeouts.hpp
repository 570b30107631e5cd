#pragma once
// The longest times in which nothing may happen, and how long it took.
#include "conversation.hpp"
#include "stats.hpp"

OPENAI_STREAM_BEGIN

// The limits of one Stream, in ms, 0: for ever; and since when it has waited. A Stream that is made of an object with a
// clock has these (Stream::timeouts()). Others are given to Stream::use(), take their place, and must outlive the
// Stream. It needs the transport's clock (Transport::now_ms), which may wrap around; without one there are
// no limits.
class Timeouts : public Interceptor {
public:
    uint32_t connect_ms = 10000;   // until the link is up: Error::connect_timeout
    uint32_t headers_ms = 120000;  // from the last byte of the request to the end of the response's head; models may
                                   // think before it: Error::headers_timeout
    uint32_t idle_ms = 60000;      // without a byte while the request goes out or the body comes: Error::idle_timeout
    uint32_t content_ms = 600000;  // without an event but keep-alives while the body comes: Error::content_timeout
    uint32_t total_ms = 0;         // from open() to the end, retries included: Error::total_timeout

    constexpr Timeouts() noexcept : Interceptor(watch, left) { may_restart = false; }

    // No limits.
    static constexpr Timeouts none() noexcept {
        Timeouts timeouts;
        timeouts.connect_ms = timeouts.headers_ms = timeouts.idle_ms = timeouts.content_ms = timeouts.total_ms = 0;
        return timeouts;
    }
    // Those of another one; what it has noted stays where it is.
    void set_limits(const Timeouts& other) noexcept {
        connect_ms = other.connect_ms;
        headers_ms = other.headers_ms;
        idle_ms = other.idle_ms;
        content_ms = other.content_ms;
        total_ms = other.total_ms;
    }

    // About the last conversation.
    const Latency& latency() const noexcept { return latency_; }

protected:
    static Action watch(Interceptor& interceptor, Conversation& conversation, Occasion occasion,
                        Event* event) noexcept {
        auto& self = static_cast<Timeouts&>(interceptor);
        if (occasion == Occasion::opened) self.latency_ = Latency();
        if (!conversation.has_clock()) return Action::deliver;
        const uint32_t now_ms = conversation.now_ms();
        if (occasion == Occasion::opened) self.begin(now_ms);
        if (!conversation.is_open()) return Action::deliver;
        const Phase phase = conversation.phase();
        if (occasion != Occasion::opened) self.note(phase, conversation.progress(), now_ms);
        if (occasion == Occasion::event) self.count(event, now_ms);
        const bool is_keepalive = event && event->kind == EventKind::keepalive;
        if (occasion != Occasion::pending && occasion != Occasion::moved && !is_keepalive) return Action::deliver;
        // What is there already, though late, is read before the limits on single waits count.
        const uint32_t left_ms = occasion == Occasion::moved
                                     ? self.total_left_ms(now_ms)
                                     : self.left_ms_of(phase, conversation.progress(), now_ms);
        if (left_ms != 0) return Action::deliver;
        conversation.fail(self.error(phase, now_ms));
        return Action::again;
    }

private:
    static uint32_t left(const Interceptor& interceptor, const Conversation& conversation) noexcept {
        if (!conversation.has_clock()) return UINT32_MAX;
        const auto& self = static_cast<const Timeouts&>(interceptor);
        return self.left_ms_of(conversation.phase(), conversation.progress(), conversation.now_ms());
    }

    // A conversation begins; what comes first is the connection.
    void begin(uint32_t now_ms) noexcept {
        began_ms_ = since_ms_ = last_event_ms_ = now_ms;
        phase_ = Phase::connect;
        progress_ = 0;
    }
    // The time begins anew with a phase, and when bytes have moved.
    void note(Phase phase, uint32_t progress, uint32_t now_ms) noexcept {
        if (phase == phase_ && progress == progress_) return;
        if (phase != phase_ && phase == Phase::body) {
            last_event_ms_ = now_ms;
            latency_.headers_ms = now_ms - began_ms_;
        }
        phase_ = phase;
        progress_ = progress;
        since_ms_ = now_ms;
    }
    // An event is about to be delivered; null: one of raw mode.
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
    uint32_t left_ms_of(Phase phase, uint32_t progress, uint32_t now_ms) const noexcept {
        const bool is_new = phase != phase_;
        uint32_t left = left_of(limit(phase), is_new || progress != progress_ ? 0 : now_ms - since_ms_);
        if (phase == Phase::body) {
            const uint32_t content = left_of(content_ms, is_new ? 0 : now_ms - last_event_ms_);
            if (content < left) left = content;
        }
        const uint32_t total = total_left_ms(now_ms);
        return total < left ? total : left;
    }
    uint32_t total_left_ms(uint32_t now_ms) const noexcept { return left_of(total_ms, now_ms - began_ms_); }
    // After left_ms_of() was 0: which of the times is up.
    Error error(Phase phase, uint32_t now_ms) const noexcept {
        if (total_left_ms(now_ms) == 0) return Error::total_timeout;
        if (left_of(limit(phase), now_ms - since_ms_) != 0) return Error::content_timeout;
        return phase == Phase::connect   ? Error::connect_timeout
               : phase == Phase::headers ? Error::headers_timeout
                                         : Error::idle_timeout;
    }
    uint32_t limit(Phase phase) const noexcept {
        return phase == Phase::connect   ? connect_ms
               : phase == Phase::headers ? headers_ms
               : phase == Phase::pause   ? 0
                                         : idle_ms;
    }
    static uint32_t left_of(uint32_t limit, uint32_t elapsed) noexcept {
        return limit == 0 ? UINT32_MAX : elapsed < limit ? limit - elapsed : 0;
    }

    Phase phase_ = Phase::pause;
    uint32_t progress_ = 0, since_ms_ = 0, began_ms_ = 0, last_event_ms_ = 0;
    Latency latency_;
};

OPENAI_STREAM_END
