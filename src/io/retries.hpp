#pragma once
// Further attempts when one has failed before its first event. Not linked unless named.
#include "head_notes.hpp"
#include "stream_care.hpp"

OPENAI_STREAM_BEGIN

// When and how often a conversation is begun again. To be given to Stream::use(), and to outlive the Stream.
//
// It is begun again after an attempt that gave no connection or no byte of an answer, and after a refusal with 408,
// 409, 429 or 500 and above, also one whose status was 200 and whose first event is an error with such a number as its
// code; unless the server says x-should-retry: false, or a quota is used up. It is not begun again where the next
// attempt would fail likewise (Io::refused(): a certificate that is not accepted, no TLS on this port; a host name that
// open() could not resolve), nor after an event other than a keep-alive was delivered. It needs the transport's clock
// and dial. While it waits, poll() says `pending`, wants() is none, and Stream::stats() tells for how long and why.
//
// (A kept connection that was dead is replaced by any Stream, and that is no attempt.)
class Retries : public HeadNotes {
public:
    uint32_t max_retries = 2;
    // A server that asks for a longer wait than this is not asked again: the conversation fails with its refusal, and
    // Attempts::declined_ms says how long that was. The same for one that would pass Timeouts::total_ms.
    uint32_t max_wait_ms = 60000;
    // Any number, for the spread of the waits; null: the clock gives it.
    uint32_t (*random)(void* context) = nullptr;
    // Seconds from 1970; null: a Retry-After that is a date is as if absent.
    int64_t (*unix_seconds)(void* context) = nullptr;
    void* context = nullptr;  // for both; not owned

    constexpr Retries() noexcept = default;

protected:
    friend class Stream;

    static constexpr uint32_t first_wait_ms = 500, longest_wait_ms = 8000;

    // The tend_ of a Stream that uses this.
    static uint32_t tend(Stream& stream, Stream::Moment moment, Event* event) noexcept {
        return static_cast<Retries*>(stream.notes_)->look_after(stream, moment, event);
    }
    uint32_t look_after(Stream& stream, Stream::Moment moment, Event* event) noexcept {
        if (moment == Stream::Moment::opened) {
            attempts = Attempts();
            may_go_on_ = true;
            stream.note_head();
        } else if (moment == Stream::Moment::replaced) {
            Failure failure;  // as it would have been
            failure.error = stream.exchange_.failure().transport_code != 0 ? Error::connection_lost
                                                                           : Error::no_response;
            note_reason(failure);
            forget();
            return UINT32_MAX;
        }
        const uint32_t left_ms = stream.is_timed_ ? Stream::watch(stream, moment, event) : UINT32_MAX;
        if (!stream.exchange_.is_open()) {
            while (!stream.exchange_.is_open())  // an attempt may fail at once
                if (!may_go_on_ || !try_again(stream)) return end_attempts(moment);
            return 0;
        }
        if (moment != Stream::Moment::pending || stream.link_.state() != Link::State::down) return left_ms;
        const uint32_t pause_ms = stream.pause_left_ms();
        if (pause_ms == 0) stream.reach();
        return pause_ms < left_ms ? pause_ms : left_ms;
    }

    // poll() has said nothing yet.
    static bool is_midway(Stream::Moment moment) noexcept {
        return moment == Stream::Moment::pending || moment == Stream::Moment::moved;
    }

    // It has ended. Once that is said it stays so, whatever the clock or the settings say at the next poll().
    uint32_t end_attempts(Stream::Moment moment) noexcept {
        if (is_midway(moment)) return 0;
        may_go_on_ = false;
        return UINT32_MAX;
    }

    // The conversation has failed. True: it goes on.
    bool try_again(Stream& stream) noexcept {
        const Failure failure = stream.exchange_.failure();
        const bool is_silent = is_broken(stream, failure) && stream.exchange_.received_bytes() == 0;
        if (!stream.link_.transport().dial) return false;
        uint32_t wait_ms = 0;
        if (!(is_silent || should_ask_again(stream, failure)) || !may_wait(stream, failure, attempts.retries, wait_ms))
            return false;
        note_reason(failure);
        stream.exchange_.begin_again();
        return go_on(stream, wait_ms, attempts.retries);
    }
    // After `count` attempts that have failed there may be another, after wait_ms.
    bool may_wait(const Stream& stream, const Failure& failure, uint32_t count, uint32_t& wait_ms) noexcept {
        if (count >= max_retries || !stream.link_.has_clock()) return false;
        wait_ms = wait(stream, failure, count);
        const bool is_short = wait_ms <= max_wait_ms && wait_ms < stream.total_left_ms();
        if (!is_short) attempts.declined_ms = wait_ms;
        return is_short;
    }
    void note_reason(const Failure& failure) noexcept {
        attempts.reason = failure.error;
        attempts.http_status = failure.http_status;
    }
    // The exchange has begun the next attempt, which is to connect after wait_ms. The connection before is hung up only
    // now: a close from inside hang_up then ends this attempt, and false is returned.
    bool go_on(Stream& stream, uint32_t wait_ms, uint32_t& count) noexcept {
        stream.link_.hang_up();
        stream.is_reused_ = false;
        if (!stream.exchange_.is_open()) return false;
        ++count;
        attempts.waited_ms += wait_ms;
        stream.note_head();
        pause_ms_ = wait_ms;
        if (wait_ms != 0) pause_began_ms_ = stream.link_.now_ms();
        else stream.reach();
        return true;
    }

    // The link was missing or broke, in a way that another attempt may not meet.
    static bool is_broken(const Stream& stream, const Failure& failure) noexcept {
        return failure.blame == Blame::transport && failure.error != Error::transport_contract &&
               failure.error != Error::total_timeout && !stream.link_.is_final();
    }
    bool should_ask_again(const Stream& stream, const Failure& failure) const noexcept {
        int64_t status = failure.http_status;
        if (failure.error == Error::server_error) {  // routers refuse so when they have sent their 200 already
            if (stream.exchange_.has_content()) return false;
            StringView digits = failure.code;
            status = http::take_number(digits);
            if (!digits.empty() || status > 599) return false;
        } else if (failure.error != Error::http_status) {
            return false;
        }
        if (should_retry != Tristate::unset) return should_retry == Tristate::yes;
        return (status == 408 || status == 409 || status == 429 || status >= 500) && !is_about_money(failure.code) &&
               !is_about_money(failure.type);
    }
    static bool is_about_money(StringView word) noexcept {
        return word == "insufficient_quota" || word.take(8) == "billing_";
    }

    // What the server asks for, or else twice as long each time.
    uint32_t wait(const Stream& stream, const Failure& failure, uint32_t count) const noexcept {
        int64_t asked_ms = failure.retry_after_ms;
        if (asked_ms < 0 && retry_after_date >= 0 && unix_seconds) {
            const int64_t now = unix_seconds(context);
            if (retry_after_date >= now) asked_ms = (retry_after_date - now) * 1000;
        }
        if (asked_ms >= 0) return asked_ms < UINT32_MAX ? static_cast<uint32_t>(asked_ms) : UINT32_MAX;
        uint32_t wait_ms = first_wait_ms;
        for (uint32_t n = 0; n != count && wait_ms < longest_wait_ms; ++n) wait_ms *= 2;
        if (wait_ms > longest_wait_ms) wait_ms = longest_wait_ms;
        const uint32_t number = random ? random(context) : stream.link_.now_ms() * 40503u;
        return wait_ms - number % (wait_ms / 4 + 1);  // up to a quarter less
    }

    bool may_go_on_ = false;  // from open() until its end is said
};

inline void Stream::use(Retries& retries) noexcept {
    retries.may_go_on_ = false;
    notes_ = &retries;
    tend_ = Retries::tend;
}

OPENAI_STREAM_END
