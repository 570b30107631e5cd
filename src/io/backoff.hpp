#pragma once
// When another attempt is made, and when not: what RetryPolicy and ResumePolicy have in common.
#include "response_info.hpp"
#include "retry_stats.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

class Backoff : public Interceptor {
public:
    uint32_t max_retries = 2;
    // A server that asks for a longer wait than this is not asked again: the conversation fails with its refusal, and
    // RetryStats::declined_ms says how long that was. The same for one that would pass Timeouts::total_ms.
    uint32_t max_backoff_ms = 60000;
    // Any number, for the spread of the waits; null: the clock gives it.
    uint32_t (*random)(void* context) = nullptr;
    // Seconds from 1970; null: a Retry-After that is a date is as if absent.
    int64_t (*wall_clock)(void* context) = nullptr;
    void* context = nullptr;  // for both; not owned

    // About the last conversation.
    const RetryStats& stats() const noexcept { return stats_; }
    // What the head of the last answer said.
    const ResponseInfo& info() const noexcept { return info_; }

protected:
    static constexpr uint32_t first_wait_ms = 500, longest_wait_ms = first_wait_ms << 4;

    constexpr explicit Backoff(On what_to_do) noexcept : Interceptor(what_to_do, left) {}

    // On all occasions but an event: makes the connection when the pause is over.
    Action attend(Conversation& conversation, Occasion occasion) noexcept {
        ResponseInfo::watch(info_, conversation, occasion, nullptr);
        if (occasion == Occasion::opened) {
            stats_ = RetryStats();
            is_pausing_ = false;
        }
        if (occasion != Occasion::pending || !is_pausing_ || pause_left_ms(conversation) != 0) return Action::deliver;
        is_pausing_ = false;
        conversation.reconnect();
        return Action::again;
    }

    // The link was missing or broke, in a way that another attempt may not meet.
    static bool is_broken(const Conversation& conversation, const Failure& failure) noexcept {
        return failure.category == ErrorCategory::transport && failure.error != Error::transport_contract &&
               failure.error != Error::total_timeout && !conversation.is_refused_for_good();
    }
    // The server has refused, but may not do so again.
    bool should_ask_again(const Failure& failure) const noexcept {
        int64_t status = failure.http_status;
        if (failure.error == Error::server_error) {  // routers refuse so when they have sent their 200 already
            StringView digits = failure.code;
            status = http::take_number(digits);
            if (!digits.empty() || status > 599) return false;
        } else if (failure.error != Error::http_status) {
            return false;
        }
        if (info_.should_retry != Tristate::unset) return info_.should_retry == Tristate::yes;
        return (status == 408 || status == 409 || status == 429 || status >= 500) && !is_about_money(failure.code) &&
               !is_about_money(failure.type);
    }
    // After `count` attempts that have failed there may be another, after wait_ms.
    bool may_wait(const Conversation& conversation, const Failure& failure, uint32_t count,
                  uint32_t& wait_ms) noexcept {
        if (count >= max_retries || !conversation.has_clock()) return false;
        wait_ms = wait(conversation, failure, count);
        const bool is_short = wait_ms <= max_backoff_ms && wait_ms < conversation.left_ms();
        if (!is_short) {
            stats_.declined_ms = wait_ms;
            decline("the wait before it would have been too long");
        }
        return is_short;
    }
    // There might have been another attempt: why there is none. Static.
    void decline(const char* reason) noexcept { stats_.declined = reason; }
    // The conversation was restarted for this reason, and is to connect after wait_ms.
    void begin_pause(const Conversation& conversation, Error reason, int http_status, uint32_t wait_ms) noexcept {
        ++stats_.retries;
        stats_.waited_ms += wait_ms;
        stats_.reason = reason;
        stats_.http_status = http_status;
        is_pausing_ = true;
        pause_began_ms_ = conversation.now_ms();
        pause_ms_ = wait_ms;
    }

private:
    static uint32_t left(const Interceptor& interceptor, const Conversation& conversation) noexcept {
        const auto& self = static_cast<const Backoff&>(interceptor);
        return self.is_pausing_ ? self.pause_left_ms(conversation) : UINT32_MAX;
    }
    uint32_t pause_left_ms(const Conversation& conversation) const noexcept {
        const uint32_t elapsed_ms = conversation.now_ms() - pause_began_ms_;
        return elapsed_ms < pause_ms_ ? pause_ms_ - elapsed_ms : 0;
    }
    static bool is_about_money(StringView word) noexcept {
        return word == "insufficient_quota" || word.take(8) == "billing_";
    }

    // What the server asks for, or else twice as long each time.
    uint32_t wait(const Conversation& conversation, const Failure& failure, uint32_t count) const noexcept {
        int64_t asked_ms = failure.retry_after_ms;
        if (asked_ms < 0 && info_.retry_after_date >= 0 && wall_clock) {
            const int64_t now = wall_clock(context);
            if (info_.retry_after_date >= now) asked_ms = (info_.retry_after_date - now) * 1000;
        }
        if (asked_ms >= 0) return asked_ms < UINT32_MAX ? static_cast<uint32_t>(asked_ms) : UINT32_MAX;
        uint32_t wait_ms = first_wait_ms;
        for (uint32_t n = 0; n != count && wait_ms < longest_wait_ms; ++n) wait_ms *= 2;
        const uint32_t number = random ? random(context) : conversation.now_ms() * 40503u;
        return wait_ms - number % (wait_ms / 4 + 1);  // up to a quarter less
    }

    ResponseInfo info_;
    RetryStats stats_;
    bool is_pausing_ = false;
    uint32_t pause_began_ms_ = 0, pause_ms_ = 0;
};

}  // namespace detail

OPENAI_STREAM_END
