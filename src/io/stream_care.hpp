#pragma once
// Who looks after a Stream: its timeouts, the notes and pauses of attempts. Not linked unless named.
#include "stream.hpp"

OPENAI_STREAM_BEGIN

inline uint32_t Stream::next_deadline_ms() const noexcept {
    if (!link_.has_clock() || !exchange_.is_open()) return UINT32_MAX;
    const uint32_t pause_ms = exchange_.awaits_turn()                         ? turn_left_ms()
                              : link_.state() == Link::State::down && notes_ ? pause_left_ms()
                                                                             : UINT32_MAX;
    if (!is_timed_) return pause_ms;
    const uint32_t left_ms = watch_.left_ms(phase(), moved(), link_.now_ms());
    return left_ms < pause_ms ? left_ms : pause_ms;
}

inline Stats Stream::stats() const noexcept {
    Stats stats = exchange_.stats();
    stats.is_reused = is_reused_;
    if (notes_) {
        stats.attempts = notes_->attempts;
        stats.processing_ms = notes_->processing_ms;
    }
    stats.attempts.had_stale_link = had_stale_link_;
    if (is_timed_) stats.latency = watch_.latency();
    return stats;
}

// ---- timeouts ------------------------------------------------------------------------------------------------------

inline Phase Stream::phase() const noexcept {
    return link_.state() == Link::State::down                            ? Phase::pause
           : link_.state() != Link::State::up || exchange_.awaits_turn() ? Phase::connect
           : exchange_.wants_to_send()                                   ? Phase::send
           : exchange_.has_head()                                        ? Phase::body
                                                                         : Phase::headers;
}

// The bytes that count in this phase: a head must come as a whole.
inline uint32_t Stream::moved() const noexcept {
    const uint64_t received = exchange_.has_head() ? exchange_.received_bytes() : 0;
    return static_cast<uint32_t>(exchange_.sent_bytes() + received);
}

inline uint32_t Stream::total_left_ms() const noexcept {
    return is_timed_ ? watch_.total_left_ms(link_.now_ms()) : UINT32_MAX;
}

// The tend_ of a Stream with nothing but Timeouts.
inline uint32_t Stream::watch(Stream& stream, Moment moment, Event* event) noexcept {
    if (!stream.link_.has_clock()) return UINT32_MAX;
    Watch& watch = stream.watch_;
    const uint32_t now_ms = stream.link_.now_ms();
    if (moment == Moment::opened) watch.begin(now_ms);
    if (!stream.exchange_.is_open()) return UINT32_MAX;
    const Phase phase = stream.phase();
    watch.note(phase, stream.moved(), now_ms);
    if (moment == Moment::event) watch.count(event, now_ms);
    const bool is_keepalive = moment == Moment::event && event && event->kind == EventKind::keepalive;
    if (moment != Moment::pending && moment != Moment::moved && !is_keepalive) return UINT32_MAX;
    // What is there already, though late, is read before the limits on single waits count.
    const uint32_t left_ms = moment == Moment::moved ? watch.total_left_ms(now_ms)
                                                      : watch.left_ms(phase, stream.moved(), now_ms);
    if (left_ms == 0) {
        stream.link_.hang_up();  // first: a close from inside it counts
        stream.exchange_.give_up(watch.error(phase, now_ms));
    }
    return left_ms;
}

// ---- attempts ------------------------------------------------------------------------------------------------------

// The tend_ of a Stream that uses HeadNotes.
inline uint32_t Stream::take_notes(Stream& stream, Moment moment, Event* event) noexcept {
    if (moment == Moment::opened) stream.note_head();
    if (moment == Moment::replaced) stream.notes_->forget();
    return stream.is_timed_ ? watch(stream, moment, event) : UINT32_MAX;
}

inline void Stream::note_head() noexcept {
    notes_->forget();
    exchange_.announce_head_to(*notes_);
}

// Before the next attempt.
inline uint32_t Stream::pause_left_ms() const noexcept {
    if (notes_->pause_ms_ == 0) return 0;
    const uint32_t elapsed_ms = link_.now_ms() - notes_->pause_began_ms_;
    return elapsed_ms < notes_->pause_ms_ ? notes_->pause_ms_ - elapsed_ms : 0;
}

inline void Stream::use(HeadNotes& notes) noexcept {
    notes_ = &notes;
    tend_ = take_notes;
}

OPENAI_STREAM_END
