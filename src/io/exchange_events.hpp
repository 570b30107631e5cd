#pragma once
// What an Exchange does with what has arrived: an event is read by the dialect, whole or, where it does not fit, in
// parts; what is no event's is passed over; and what the end of the message means for the answer.
#include "exchange_body.hpp"

OPENAI_STREAM_BEGIN

inline Poll (Exchange::poll)(Event& event) noexcept {
    enter_mode(Mode::typed);
    while (is_open()) {
        if (is_reading_) {
            const StringView type = body_ == Body::json ? StringView() : sse_.given_type();
            const dialect::Outcome outcome = dialect_->next(reader_, event, *dialect_, type);
            if (outcome == dialect::Outcome::event) return hand_out(event);
            if (outcome != dialect::Outcome::need_more) {
                end_document(outcome);
                continue;
            }
        }
        switch (arrive()) {
            case Arrival::event: begin_document(true); break;
            case Arrival::comment:
                event.reset(EventKind::keepalive);
                ++traffic_.keepalives;
                return hand_out(event);
            case Arrival::nothing:
                if (make_room()) return Poll::pending;
                break;
            case Arrival::end:
                if (reader_.flush(event)) return hand_out(event);
                conclude();
                break;
        }
    }
    return is_done(verdict_) ? Poll::done : Poll::failed;
}

inline Poll (Exchange::poll)(SseEvent& event) noexcept {
    if (mode_ == Mode::unknown) sse_.follow_standard();
    enter_mode(Mode::raw);
    while (is_open()) {
        if (is_reading_) {  // the body of a refusal
            Event unused;
            const dialect::Outcome outcome = dialect::next_of_chat(reader_, unused, *dialect_, StringView());
            if (outcome > dialect::Outcome::need_more) end_document(outcome);
            if (outcome != dialect::Outcome::need_more) continue;
        }
        switch (arrive()) {
            case Arrival::event:
                if (is_refused_) {
                    begin_document(true);
                    break;
                }
                note_event_size();
                event = {sse_.type(), sse_.data(), sse_.last_event_id()};
                has_end_marker_ = is_done_marker();
                shorten_prefix(0);
                return hand_out(event);
            case Arrival::comment: break;
            case Arrival::nothing:
                if (make_room()) return Poll::pending;
                break;
            case Arrival::end: conclude_raw(); break;
        }
    }
    return is_done(verdict_) ? Poll::done : Poll::failed;
}

inline bool Exchange::make_room() noexcept {
    if (!is_open()) return false;
    if (buffer_.has_room()) return true;
    if (is_reading_ && show_more()) return false;
    do compact();
    while (!buffer_.has_room() && shorten_prefix(mode_ == Mode::raw ? 0 : short_prefix()));
    if (buffer_.has_room()) return true;
    note_event_size();
    if (!is_reading_ && sse_.has_data() && (mode_ == Mode::typed || is_refused_)) {
        begin_document(false);
    } else if (!is_reading_ || !reader_.press()) {
        too_large_key_ = reader_.pending_key();
        fail(Error::event_too_large);
    }
    return false;
}

inline void Exchange::compact() noexcept {
    char* end = buffer_.retained_end + fields_.unfinished_bytes();
    if (is_reading_) {
        OPENAI_STREAM_ASSERT(sse_.data_begin() <= reader_.unread());
        end = reader_.pack_values(end);
        OPENAI_STREAM_ASSERT(end <= reader_.unread());
        sse_.consume_data(static_cast<size_t>(reader_.unread() - sse_.data_begin()));
    }
    if (sse_.has_data()) {
        const StringView data = sse_.data();
        memmove(end, data.data(), data.size());
        sse_.rebase(end);
        end += data.size();
        if (is_reading_) reader_.show(sse_.data_begin(), end, false);
        // A line feed may come between this data and the next. Where there is no room for it, nothing can be
        // received before some of the data has been read.
        if (buffer_.received_end - buffer_.unread < buffer_.limit - end) ++end;
    }
    buffer_.move_unread(end);
}

inline bool Exchange::is_done_marker() noexcept {
    sse_.skip_blanks();
    const char* at = sse_.data_begin();
    const char* const end = sse_.data_end();
    for (const char* marker = "[DONE]"; *marker != '\0'; ++marker)
        if (at == end || *at++ != *marker) return false;
    while (at != end && http::is_ows(*at)) ++at;
    return at == end;
}

inline void Exchange::begin_document(bool is_whole) noexcept {
    if (is_reading_) {
        reader_.show(reader_.unread(), sse_.data_end(), true);
        return;
    }
    note_event_size();
    const bool is_marker = is_done_marker();
    const char* const data = sse_.data_begin();
    if (data == sse_.data_end()) {
        if (is_whole) reader_.quirks().add(Quirk::empty_data);
    } else if (*data == ':') {
        if (is_whole) reader_.quirks().add(Quirk::comment_in_data);
        sse_.cut_data(1);
    } else if (is_marker && dialect_->ends_with_done_marker) {
        has_end_marker_ = is_whole;
        if (is_whole && is_unterminated_) reader_.quirks().add(Quirk::unterminated_event);
        sse_.cut_data(done_marker_size);
    } else {
        begin_reading(is_whole);
    }
}

inline void Exchange::begin_reading(bool is_whole) noexcept {
    const bool is_error = is_refused_ || sse_.is_type("error");
    const auto root = is_error ? dialect::error_root : static_cast<dialect::ContextId>(dialect_->root);
    reader_.begin(*dialect_, root, sse_.data_begin(), sse_.data_end(), is_whole);
    is_reading_ = has_read_ = true;
    is_error_event_ = is_error;
}

inline bool Exchange::show_more() noexcept {
    char* const end = sse_.data_end();
    if (end == reader_.shown_end()) return false;
    reader_.show(reader_.unread(), end, false);
    return true;
}

inline void Exchange::fail_document() noexcept {
    const bool is_at_end = is_unterminated_ || (body_ == Body::json && is_ended_by_close_);
    const bool is_cut = is_at_end && reader_.ended_early();
    fail(is_cut ? Error::truncated : reader_.error());
}

inline void Exchange::end_document(dialect::Outcome outcome) noexcept {
    if (outcome == dialect::Outcome::failed) return fail_document();
    if (is_unterminated_ && !is_refused_) reader_.quirks().add(Quirk::unterminated_event);
    const bool is_refused = outcome == dialect::Outcome::refused;
    if (is_refused_ ? is_refused || body_ == Body::json : is_refused || is_error_event_)
        fail(is_refused_ ? Error::http_status : Error::server_error);
    else if (outcome == dialect::Outcome::last)
        end_with(Verdict::terminal_event);
    else
        is_reading_ = false;  // what this document said is forgotten
}

inline void Exchange::conclude() noexcept {
    Error error = error_of_end();
    if (error == Error::none) {
        const bool is_known = knows_answer();
        if (has_end_marker_ && !dialect_->needs_end_event && (is_known || !has_read_))
            return end_with(Verdict::done_marker);
        if (reader_.is_finished()) {
            if (body_ != Body::json) reader_.quirks().add(Quirk::no_end_marker);
            return end_with(Verdict::finish_then_eof);
        }
        // Without an event that says anything, it may have been the beginning of an answer.
        error = is_known || (!has_read_ && may_be_events()) ? Error::truncated : Error::not_event_stream;
    }
    fail(error);
}

OPENAI_STREAM_OUTLINE inline bool Exchange::knows_answer() const noexcept {
    if (is_reading_) return true;
    return reader_.has_understood() &&
           (body_ != Body::json || dialect_->needs_end_event || reader_.has_choices());
}

inline void Exchange::conclude_raw() noexcept {
    Error error = error_of_end();
    if (error == Error::none) {
        if (has_end_marker_) return end_with(Verdict::done_marker);
        if (body_ == Body::json || (body_ == Body::events && sse_.has_field()))
            return end_with(Verdict::finish_then_eof);
        error = body_ == Body::unknown ? Error::truncated : Error::not_event_stream;
    }
    fail(error);
}

OPENAI_STREAM_OUTLINE inline Error Exchange::error_of_end() const noexcept {
    if (is_refused_) return Error::http_status;
    if (has_end_marker_ || !has_lost_link_ || !is_ended_by_close_) return Error::none;
    return transport_code_ != 0 ? Error::connection_lost : Error::truncated;
}

OPENAI_STREAM_END
