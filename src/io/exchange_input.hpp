#pragma once
// How an Exchange reads what arrives: the framing is taken off, the head is noted, the BodyReader says what has come.
// Where an event does not fit, room is made for it.
#include "exchange_request.hpp"

OPENAI_STREAM_BEGIN

inline Exchange::Arrival Exchange::read_next() noexcept {
    if (ending_ == Ending::marker) return end_of_message;  // what comes after it is ignored
    if (state_ == State::held) return Arrival::need_more;
    detail::ReceiveBuffer& buffer = body_.buffer;
    bool is_awaited = reader_.templates.awaits();  // what is there of an event is left as it is, until more has come
    while (is_open()) {
        if (buffer.unread == buffer.deframed_end || is_awaited) {
            const bool is_all_read = buffer.deframed_end == buffer.received_end;
            if (is_all_read && input_ == Input::open && !http_.complete()) break;
            const http::ParseEvent part = is_all_read && input_ != Input::open ? http_.finish() : read_framing();
            if (part == http::ParseEvent::body) {
                char* const piece = buffer.deframed_end - http_.text().size();
                if (body_.kind() != detail::BodyReader::Kind::unknown) body_.note_piece(piece);
                else if (!body_.begin_with_piece(http_.is_compressed() ? 0 : prefix_limit()) &&
                         http_.may_be_compressed())
                    fail(Error::content_encoding);  // which then means what it says
                else if (body_.kind() > detail::BodyReader::Kind::events) release_templates();
                if (is_awaited && may_await() && !dialect::EventTemplates::has_line_end(piece, buffer.deframed_end))
                    continue;
            } else if (handle(part)) {
                if (!is_awaited) return read_rest();
            } else if (is_awaited) {
                continue;
            }
        }
        if (buffer.unread != buffer.deframed_end) {
            if (!detail::is_small_build) {
                const Arrival matched = take_matched();
                const bool was_awaited = is_awaited;
                is_awaited = matched == Arrival::need_more && may_await();
                if (is_awaited != was_awaited) reader_.templates.set_awaits(is_awaited);
                if (matched == Arrival::event) return matched;
                if (is_awaited) continue;
            }
            const Arrival arrival = body_.next();
            if (arrival == Arrival::too_large) fail(Error::event_too_large);
            else if (arrival != Arrival::need_more) return arrival;
        }
    }
    return Arrival::need_more;
}

// More may come, and there is room for it. What is awaited is moved when framing comes after it; where the pieces are
// small, that would cost more than to parse it.
inline bool Exchange::may_await() const noexcept {
    const detail::ReceiveBuffer& buffer = body_.buffer;
    const size_t size = buffer.deframed().size();
    if (size > max_templates || size > 8 * http_.text().size()) return false;
    return !http_.complete() && (input_ == Input::open || buffer.deframed_end != buffer.received_end) &&
           (buffer.has_room() || buffer.unread != buffer.retained_end);
}

inline http::ParseEvent Exchange::read_framing() noexcept {
    detail::ReceiveBuffer& buffer = body_.buffer;
    const http::ParseEvent part = http_.next(buffer.deframed_end, buffer.received_end);
    const StringView piece = part == http::ParseEvent::body ? http_.text() : StringView();
    buffer.deframe(http_.at(), piece.size());
    return part;
}

OPENAI_STREAM_OUTLINE inline bool Exchange::handle(http::ParseEvent part) noexcept {
    if (tell_listeners_ && part <= http::ParseEvent::field_value) tell_listeners_(listener_, part, http_);
    switch (part) {
        case http::ParseEvent::need_more:
        case http::ParseEvent::field_name:
        case http::ParseEvent::body: break;
        case http::ParseEvent::field_value: {
            char* const memory = body_.sse.names_end();
            fields_.add(http_, memory);
            body_.buffer.retained_end = memory + fields_.used_bytes();
            break;
        }
        case http::ParseEvent::head: end_head(); break;
        case http::ParseEvent::end: return true;
        case http::ParseEvent::failed:
            input_ = Input::closed;
            note_status();
            if (is_refused_) return true;  // a refusal is known, though its head or its body is damaged
            fail(transport_code_ != 0 ? Error::connection_lost : http_.error());
            break;
    }
    return false;
}

inline void Exchange::note_status() noexcept {
    status_ = http_.status_so_far();
    is_refused_ = status_ >= 300;
    if (is_refused_) release_templates();
}

inline void Exchange::end_head() noexcept {
    note_status();
    if (is_refused_) {
        stop_sending();  // it need not go out any more
    } else if (http_.is_compressed()) {
        fail(Error::content_encoding);
    }
}

inline void Exchange::use_templates() noexcept {
    const size_t size = memory_.size / 6 < max_templates ? memory_.size / 6 : max_templates;
    detail::ReceiveBuffer& buffer = body_.buffer;
    buffer.limit = body_.receive_end;
    const bool is_of_use = mode_ <= Mode::typed && !is_refused_ && size >= dialect::EventTemplates::min_bytes;
    if (detail::is_small_build || !is_of_use || buffer.limit - buffer.received_end < static_cast<ptrdiff_t>(2 * size))
        return;
    if (is_detached_ && !is_kept() && out_end_ > buffer.limit - size) return;  // resend() may need the request again
    buffer.limit -= size;
    reader_.templates.use({buffer.limit, size});
}
inline void Exchange::release_templates() noexcept {
    if (!reader_.templates.has_memory()) return;
    reader_.templates = dialect::EventTemplates();
    body_.buffer.limit = body_.receive_end;
}

inline Exchange::Arrival Exchange::take_matched() noexcept {
    using Result = dialect::EventTemplate::Result;
    if (!reader_.templates.has_memory() || body_.kind() != detail::BodyReader::Kind::events) return Arrival::comment;
    const unsigned boundary = body_.boundary();
    if (boundary == 0 || !dialect::EventTemplates::may_begin_with(*body_.buffer.unread)) return Arrival::comment;
    detail::ReceiveBuffer& buffer = body_.buffer;
    const Result result =
        reader_.templates.match(buffer.unread, buffer.deframed_end, buffer.received_end, boundary);
    if (result == Result::matches) {
        const dialect::EventTemplate& matched = *reader_.templates.matched();
        const ptrdiff_t size = reader_.templates.found().end - buffer.unread;
        const auto data_size = static_cast<uint32_t>(size - (matched.size - matched.data_size));
        if (data_size > traffic_.largest_event_bytes) traffic_.largest_event_bytes = data_size;
        buffer.unread += size;
        reader_.take_matched();
        return Arrival::event;
    }
    if (result == Result::incomplete || !reader_.templates.begin(buffer.unread, buffer.deframed_end, boundary))
        return Arrival::need_more;
    return Arrival::comment;
}

OPENAI_STREAM_INLINE Exchange::Arrival Exchange::read_rest() noexcept {
    const bool is_json = body_.kind() == detail::BodyReader::Kind::json;
    if (!body_.is_within_data() || !(is_json || is_refused_ || (mode_ == Mode::typed && has_whole_data())))
        return end_of_message;
    body_.data.end();
    if (!is_json) {
        ending_ = Ending::unterminated;
        was_unterminated_ = true;
    }
    return Arrival::event;
}

OPENAI_STREAM_INLINE bool Exchange::has_whole_data() noexcept {
    if (is_cut_off()) return false;
    // What is read in parts shows itself whether it is whole.
    return is_reading() || is_done_marker() || json::is_valid(body_.data.view());
}

inline void Exchange::received(size_t count) noexcept {
    if (count > room()) {
        fail(Error::transport_contract);
        return;
    }
    traffic_.received_bytes += count;
    if (state_ == State::held) return pass_over(count);
    detail::ReceiveBuffer& buffer = body_.buffer;
    buffer.received_end += count;
    const auto kept_and_rest =
        static_cast<size_t>((buffer.retained_end - memory_.data) + (buffer.received_end - buffer.unread));
    const size_t in_use = kept_and_rest + (body_.data.is_open() ? body_.data.view().size() : 0);
    if (in_use > traffic_.peak_buffer_bytes) traffic_.peak_buffer_bytes = static_cast<uint32_t>(in_use);
    OPENAI_STREAM_ASSERT(is_sound());
}

OPENAI_STREAM_OUTLINE inline size_t Exchange::room() const noexcept {
    if ((!is_open() && !can_drain()) || input_ != Input::open) return 0;
    return static_cast<size_t>(body_.buffer.limit - body_.buffer.received_end);
}

// `count` bytes of the message before have come. If more came than its end, or than is waited for, the connection
// carries nothing more.
inline void Exchange::pass_over(size_t count) noexcept {
    const char* at = body_.buffer.received_end;
    const char* const end = at + count;
    http::ParseEvent part = http::ParseEvent::body;
    for (; part == http::ParseEvent::body; at = http_.at()) part = http_.next(at, end);
    const auto sum = static_cast<uint32_t>(traffic_.received_bytes);
    if (part == http::ParseEvent::need_more ? sum > max_left_over : at != end || !http_.keep_alive())
        input_ = Input::closed;
}

inline bool Exchange::can_drain() const noexcept {
    if ((state_ != State::held && state_ != State::draining) || input_ != Input::open) return false;
    if (http_.keep_alive()) return body_.buffer.unread == body_.buffer.received_end;
    return http_.is_framed();
}

inline void Exchange::drain() noexcept {
    detail::ReceiveBuffer& buffer = body_.buffer;
    buffer.unread = buffer.deframed_end;
    while (read_framing() == http::ParseEvent::body) buffer.unread = buffer.deframed_end;
    // Makes room: what comes next may be the link's end.
    if (buffer.unread == buffer.received_end) buffer.move_unread(buffer.retained_end);
    OPENAI_STREAM_ASSERT(is_sound());
}

inline bool Exchange::make_room() noexcept {
    if (!is_open()) return false;
    if (!detail::is_small_build) reader_.templates.drop();  // what may be learned has not come as a whole
    if (body_.buffer.has_room()) return true;
    if (is_reading() && show_more()) return false;
    do {
        compact();
        if (body_.buffer.has_room()) return true;
    } while (!is_refused_ && shorten_prefix());
    if (reader_.templates.awaits()) {
        reader_.templates.set_awaits(false);
        return false;
    }
    note_event_size();
    if (is_reading()) {
        if (reader_.spill() || shorten_prefix()) return false;
    } else if (body_.is_within_data() && (mode_ == Mode::typed || is_refused_)) {
        begin_document(false);
        return false;
    }
    fail(Error::event_too_large);
    return false;
}

inline void Exchange::compact() noexcept {
    char* end = body_.buffer.retained_end + fields_.unfinished_bytes();
    if (is_reading()) {
        OPENAI_STREAM_ASSERT(body_.data.begin() <= reader_.unread());
        end = reader_.pack_values(end);
        OPENAI_STREAM_ASSERT(end <= reader_.unread());
        body_.data.drop_before(reader_.unread());
    }
    body_.compact(end);
    if (is_reading()) reader_.set_input(body_.data.begin(), body_.data.limit(), false);
}

OPENAI_STREAM_END
