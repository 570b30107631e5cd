#pragma once
// What an Exchange does with what has arrived: an event is read by the dialect, whole or, where it does not fit, in
// parts; what is no event's is passed over; and what the end of the message means for the answer.
#include "exchange_input.hpp"

OPENAI_STREAM_BEGIN

inline Poll (Exchange::poll)(Event& event) noexcept {
    enter_mode(Mode::typed);
    while (is_open()) {
        if (!detail::is_small_build && reader_.next_matched(event)) return deliver(event);
        if (is_reading()) {
            const bool is_event = body_.kind() != detail::BodyReader::Kind::json;
            const StringView type = is_event ? body_.sse.given_type() : StringView();
            const dialect::Outcome outcome = dialect_->next(reader_, event, *dialect_, type);
            if (outcome == dialect::Outcome::event) {
                if (!detail::is_small_build) reader_.templates.note_event(event);
                return deliver(event);
            }
            if (outcome != dialect::Outcome::need_more) {
                end_document(outcome);
                continue;
            }
        }
        switch (read_next()) {
            case Arrival::event: begin_document(true); break;
            case Arrival::comment:
                if (!detail::is_small_build) reader_.templates.drop();  // an event with one in it is none to learn
                event.reset(EventKind::keepalive);
                ++traffic_.keepalives;
                return deliver(event);
            case Arrival::need_more:
                if (make_room()) return Poll::pending;
                break;
            case end_of_message:
                if (reader_.flush(event)) return deliver(event);
                conclude();
                break;
        }
    }
    return is_done(verdict_) ? Poll::done : Poll::failed;
}

inline Poll (Exchange::poll)(SseEvent& event) noexcept {
    if (mode_ == Mode::unknown) body_.sse.set_strict();
    enter_mode(Mode::raw);
    while (is_open()) {
        if (is_reading()) {  // the body of a refusal
            Event unused;
            const dialect::Outcome outcome = dialect::next_of_chat(reader_, unused, *dialect_, StringView());
            if (outcome > dialect::Outcome::need_more) end_document(outcome);
            if (outcome != dialect::Outcome::need_more) continue;
        }
        switch (read_next()) {
            case Arrival::event:
                if (is_refused_) {
                    begin_document(true);
                    break;
                }
                note_event_size();
                event = {body_.sse.type(), body_.data.view(), body_.sse.last_event_id()};
                if (is_done_marker()) ending_ = Ending::marker;
                body_.shorten_prefix(0);
                return deliver(event);
            case Arrival::comment: break;
            case Arrival::need_more:
                if (make_room()) return Poll::pending;
                break;
            case end_of_message: conclude_raw(); break;
        }
    }
    return is_done(verdict_) ? Poll::done : Poll::failed;
}

template <class E, class OnEvent> Poll Exchange::feed(StringView bytes, OnEvent&& on_event) noexcept {
    E event;
    while (true) {
        Poll said;
        while ((said = (poll)(event)) == Poll::event) on_event(event);
        const Buffer room = said == Poll::pending ? incoming() : Buffer();
        const StringView fits = bytes.take(room.size);
        if (fits.empty()) return said;
        detail::move_bytes(room.data, fits.data(), fits.size());
        received(fits.size());
        bytes = bytes.drop(fits.size());
    }
}

template <class E, class OnEvent> Poll Exchange::finish(OnEvent&& on_event) noexcept {
    ended();
    return feed<E>(StringView(), on_event);
}

// A line break in JSON stands between two tokens, or is an error; between two lines of an event's data it stays one.
template <class OnEvent> Poll Exchange::feed_message(StringView json, OnEvent&& on_event) noexcept {
    size_t size;
    do {
        size = 0;
        while (size != json.size() && json[size] != '\n' && json[size] != '\r') ++size;
        feed(StringView("data:", 5), on_event);
        feed(json.take(size), on_event);
        feed(StringView("\n", 1), on_event);
        json = json.drop(size + 1);
    } while (!json.empty());
    return feed(StringView("\n", 1), on_event);
}

inline void Exchange::enter_mode(Mode mode) noexcept {
    if (mode_ == mode || !is_open()) return;
    if (mode_ != Mode::unknown) {
        fail(Error::mode_fixed);
        return;
    }
    mode_ = mode;
    if (mode != Mode::typed) release_templates();
}

OPENAI_STREAM_OUTLINE inline void Exchange::note_event_size() noexcept {
    const auto size = static_cast<uint32_t>(body_.data.view().size());
    if (size > traffic_.largest_event_bytes) traffic_.largest_event_bytes = size;
}

inline bool Exchange::is_done_marker() noexcept {
    body_.data.skip_blanks();
    StringView text = body_.data.view();
    while (!text.empty() && http::is_ows(text[text.size() - 1])) text = text.take(text.size() - 1);
    return text == StringView("[DONE]", done_marker_size);
}

inline void Exchange::begin_document(bool is_whole) noexcept {
    JoinedText& data = body_.data;
    if (!detail::is_small_build && reader_.templates.matched()) return;
    if (is_reading()) {
        reader_.set_input(reader_.unread(), data.limit(), true);
        return;
    }
    note_event_size();
    const bool is_marker = is_done_marker();
    if (data.view().empty()) {
        if (is_whole) reader_.note(Quirk::empty_data);
    } else if (*data.begin() == ':') {
        if (is_whole) reader_.note(Quirk::comment_in_data);
        data.cut(1);
    } else if (is_marker && dialect_->ends_with_done_marker) {
        if (is_whole) ending_ = Ending::marker;
        data.cut(done_marker_size);
    } else {
        begin_reading(is_whole);
    }
}

OPENAI_STREAM_INLINE void Exchange::begin_reading(bool is_whole) noexcept {
    const bool is_error = is_refused_ || body_.sse.is_type("error");
    const auto root = is_error ? dialect::error_root : static_cast<dialect::ContextId>(dialect_->root);
    reader_.begin(*dialect_, root, body_.data.begin(), body_.data.limit(), is_whole);
    if (!detail::is_small_build && is_whole && !is_error && ending_ == Ending::none)
        reader_.templates.note_data(body_.buffer.unread, body_.boundary(), body_.data.view(), dialect_->contexts, root);
    document_ = is_error ? Document::error : Document::answer;
}

inline bool Exchange::show_more() noexcept {
    char* const end = body_.data.limit();
    if (end == reader_.input_end()) return false;
    reader_.set_input(reader_.unread(), end, false);
    return true;
}

// A refusal stays one, whatever is wrong with its body.
OPENAI_STREAM_OUTLINE inline Error Exchange::fail(Error error) noexcept {
    if (!is_open()) return error;
    if (is_reading()) reader_.decode_error();  // nothing else needs the buffer any more
    if (is_refused_ && category(error) != ErrorCategory::caller) error = Error::http_status;
    verdict_ = error == Error::truncated ? Verdict::truncated : Verdict::failed;
    state_ = State::over;
    return error_ = error;
}

OPENAI_STREAM_OUTLINE inline void Exchange::end_with(Verdict verdict) noexcept {
    verdict_ = verdict;
    state_ = state_ == State::receiving ? State::draining : State::over;
    drain();
}

inline void Exchange::fail_document() noexcept {
    const bool is_at_end = ending_ == Ending::unterminated ||
                           (body_.kind() == detail::BodyReader::Kind::json && http_.is_ended_by_close());
    fail(is_at_end && reader_.ended_early() ? Error::truncated : reader_.error());
}

inline void Exchange::end_document(dialect::Outcome outcome) noexcept {
    if (outcome == dialect::Outcome::failed) return fail_document();
    const bool is_told = body_.kind() == detail::BodyReader::Kind::json || !is_refused_;
    if ((document_ == Document::error && is_told) || outcome == dialect::Outcome::refused) {
        fail(Error::server_error);  // of a refusal: http_status
    } else if (outcome == dialect::Outcome::last) {
        end_with(Verdict::terminal_event);
    } else {
        document_ = Document::between;  // what this document said is forgotten
        if (reader_.has_understood() && !is_refused_) body_.shorten_prefix(0);
    }
}

OPENAI_STREAM_INLINE void Exchange::conclude() noexcept {
    Error error = error_of_end();
    if (error == Error::none) {
        const bool is_known = knows_answer(), has_read = document_ != Document::none_yet;
        if (ending_ == Ending::marker && !dialect_->needs_end_event && (is_known || !has_read))
            return end_with(Verdict::done_marker);
        if (reader_.is_finished()) return end_with(Verdict::finish_then_eof);
        // Without an event that says anything, it may have been the beginning of an answer.
        error = is_known || (!has_read && body_.may_be_events()) ? Error::truncated : Error::not_event_stream;
    }
    fail(error);
}

OPENAI_STREAM_OUTLINE inline bool Exchange::knows_answer() const noexcept {
    OPENAI_STREAM_ASSERT(!is_reading());  // what is read in parts is read to its end first
    return reader_.has_understood() &&
           (body_.kind() != detail::BodyReader::Kind::json || dialect_->needs_end_event || reader_.has_choices());
}

inline void Exchange::conclude_raw() noexcept {
    Error error = error_of_end();
    if (error == Error::none) {
        if (ending_ == Ending::marker) return end_with(Verdict::done_marker);
        const bool is_unknown = body_.kind() == detail::BodyReader::Kind::unknown;
        if (body_.kind() == detail::BodyReader::Kind::json || (!is_unknown && body_.may_be_events()))
            return end_with(Verdict::finish_then_eof);
        error = is_unknown ? Error::truncated : Error::not_event_stream;
    }
    fail(error);
}

OPENAI_STREAM_OUTLINE inline Error Exchange::error_of_end() const noexcept {
    if (is_refused_) return Error::http_status;
    if (ending_ == Ending::marker || !is_cut_off()) return Error::none;
    return transport_code_ != 0 ? Error::connection_lost : Error::truncated;
}

OPENAI_STREAM_END
