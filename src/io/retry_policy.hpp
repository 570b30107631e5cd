#pragma once
// Further attempts when one has failed before its first event. Not linked unless named.
#include "backoff.hpp"

OPENAI_STREAM_BEGIN

// When and how often a conversation is begun again. To be given to Stream::use(), and to outlive the Stream.
//
// It is begun again after an attempt that gave no connection or no byte of an answer, and after a refusal with 408,
// 409, 429 or 500 and above, also one whose status was 200 and whose first event is an error with such a number as its
// code; unless the server says x-should-retry: false, or a quota is used up. It is not begun again where the next
// attempt would fail likewise (IoResult::refused(): a certificate that is not accepted, no TLS on this port; a host
// name that open() could not resolve), nor after an event other than a keep-alive was delivered. It needs the
// transport's clock and dial. While it waits, poll() says `pending`, wants() is none, and stats() tells for how long
// and why.
//
// (A kept connection that was dead is replaced by any Stream, and that is no attempt.)
class RetryPolicy : public detail::Backoff {
public:
    constexpr RetryPolicy() noexcept : detail::Backoff(watch) {}

private:
    static Action watch(Interceptor& interceptor, Conversation& conversation, Occasion occasion, Event*) noexcept {
        auto& self = static_cast<RetryPolicy&>(interceptor);
        const Action action = self.attend(conversation, occasion);
        if (occasion != Occasion::failed || conversation.has_content() || !conversation.has_dial()) return action;
        const Failure failure = conversation.failure();
        const Error reason = failure.error;
        const int http_status = failure.http_status;
        const bool is_silent = is_broken(conversation, failure) && conversation.received_bytes() == 0;
        uint32_t wait_ms = 0;
        if (!(is_silent || self.should_ask_again(failure)) ||
            !self.may_wait(conversation, failure, self.stats().retries, wait_ms))
            return Action::deliver;
        if (!conversation.has_request()) self.decline("the request had to make room for the answer");
        if (!conversation.restart()) return Action::deliver;
        self.begin_pause(conversation, reason, http_status, wait_ms);
        return Action::again;
    }
};

OPENAI_STREAM_END
