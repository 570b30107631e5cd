#pragma once
// How an Exchange reads what arrives: the framing is taken off, the head is noted, the first bytes tell what the body
// is and are kept until something of it was understood. What comes out are server-sent events, or one JSON text.
#include "exchange.hpp"

OPENAI_STREAM_BEGIN

inline Exchange::Arrival Exchange::arrive() noexcept {
    if (has_end_marker_) return Arrival::end;  // what follows it is ignored
    if (sending_ == Sending::held) return Arrival::nothing;
    while (is_open()) {
        if (buffer_.unread == buffer_.deframed_end) {
            const bool is_all_read = buffer_.unread == buffer_.received_end;
            if (is_all_read && !is_ended_ && !http_.complete()) break;
            const bool is_over = is_all_read && is_ended_;
            if (is_over && http_.is_until_close()) is_ended_by_close_ = true;
            const http::Part part = is_over ? http_.finish() : read_framing();
            if (part == http::Part::body) {
                buffer_.unread -= http_.text().size();
                if (body_ == Body::unknown) look_at_body();
                else if (prefix_room_ != 0) add_to_prefix(buffer_.unread);
            } else if (take(part)) {
                return end_of_message();
            }
        }
        if (buffer_.unread != buffer_.deframed_end) {
            const Arrival arrival = read_body();
            if (arrival != Arrival::nothing) return arrival;
        }
    }
    return Arrival::nothing;
}

inline http::Part Exchange::read_framing() noexcept {
    const http::Part part = http_.next(buffer_.unread, buffer_.received_end);
    buffer_.unread += http_.at() - buffer_.unread;
    buffer_.deframed_end = buffer_.unread;
    return part;
}

OPENAI_STREAM_OUTLINE inline bool Exchange::take(http::Part part) noexcept {
    if (tell_listeners_ && part <= http::Part::field_value) tell_listeners_(listener_, part, http_);
    switch (part) {
        case http::Part::need_more:
        case http::Part::field_name:
        case http::Part::body: break;
        case http::Part::field_value:
            buffer_.retained_end =
                fields_.take(http_.field(), http_.text(), http_.is_text_complete(), buffer_.retained_end);
            break;
        case http::Part::head:
            end_head();
            break;
        case http::Part::end: return true;
        case http::Part::failed:
            is_ended_ = true;
            note_status();
            if (is_refused_) return true;  // a refusal is known, though its head or its body is damaged
            fail(transport_code_ != 0 ? Error::connection_lost : http_.error());
            break;
    }
    return false;
}

inline Exchange::Arrival Exchange::read_body() noexcept {
    switch (body_) {
        case Body::unknown:
        case Body::events: {
            const sse::Progress progress = sse_.next(buffer_.unread, buffer_.deframed_end);
            buffer_.unread += sse_.at() - buffer_.unread;
            if (progress == sse::Progress::event) return Arrival::event;
            if (progress == sse::Progress::comment) return Arrival::comment;
            if (progress == sse::Progress::too_large) fail(Error::event_too_large);
            return Arrival::nothing;
        }
        case Body::json: sse_.append(buffer_.deframed()); break;
        case Body::other: break;
    }
    buffer_.unread = buffer_.deframed_end;
    return Arrival::nothing;
}

inline void Exchange::look_at_body() noexcept {
    const char* at = buffer_.unread;
    while (at != buffer_.deframed_end && is_before_text(*at)) ++at;
    if (at == buffer_.deframed_end) return;
    const char first = *at;
    const bool is_json = (first | 0x20) == '{';  // or '[', which is one bit away
    const bool is_binary = ascii::is_control(first) || (first & 0x80) != 0;
    body_ = is_json ? Body::json : first == '<' || is_binary ? Body::other : Body::events;
    if (is_binary && http_.may_be_compressed()) fail(Error::content_encoding);  // which then means what it says
    ptrdiff_t before = at - buffer_.unread;
    if (body_ != Body::events) {
        buffer_.unread += before;
        before = 0;
    }
    if (is_binary || http_.is_compressed()) return;
    const auto window = static_cast<size_t>(buffer_.limit - buffer_.retained_end);
    if (body_ == Body::other) {  // nothing else needs the buffer
        prefix_room_ = window / 2 < max_page ? window / 2 : max_page;
    } else {
        prefix_room_ = buffer_.reserve(window / 4 < prefix_limit() ? window / 4 : prefix_limit());
    }
    body_prefix_ = StringView(buffer_.retained_end - (body_ == Body::other ? 0 : prefix_room_), 0);
    add_to_prefix(buffer_.unread + before);
}

inline Exchange::Arrival Exchange::end_of_message() noexcept {
    const bool is_json = body_ == Body::json;
    if (!sse_.has_data() || !(is_json || is_refused_ || (mode_ == Mode::typed && has_whole_data())))
        return Arrival::end;
    sse_.end_event();
    is_unterminated_ = !is_json;
    return Arrival::event;
}

inline bool Exchange::has_whole_data() noexcept {
    if (has_lost_link_ && is_ended_by_close_) return false;
    if (is_reading_ || is_done_marker()) return true;  // what is read in parts shows itself whether it is whole
    json::Validator json;
    return json.feed(sse_.data()) && json.finish();
}

inline void Exchange::read_out_framing() noexcept {
    buffer_.unread = buffer_.deframed_end;
    while (read_framing() == http::Part::body) {
    }
}

OPENAI_STREAM_OUTLINE inline void Exchange::note_status() noexcept {
    if (status_ == 0) status_ = http_.status_so_far();
    is_refused_ = status_ >= 300;
}

inline void Exchange::end_head() noexcept {
    note_status();
    if (is_refused_) {
        if (sending_ == Sending::active) stop_sending();  // while the request was still going out
    } else if (http_.is_compressed()) {
        fail(Error::content_encoding);
    } else if (!is_small_build && sending_ != Sending::active && mode_ == Mode::typed && !reader_.memory().data) {
        const size_t room = buffer_.reserve(shape_limit());
        reader_.use({buffer_.retained_end - room, room});
    }
}

inline size_t Exchange::shape_limit() const noexcept {
    const size_t most = memory_.size / 6 < max_shape ? memory_.size / 6 : max_shape;
    const size_t unused = buffer_.unused();
    const size_t left = unused > prefix_limit() ? unused - prefix_limit() : 0;
    return left < most ? left : most;
}

OPENAI_STREAM_OUTLINE inline void Exchange::add_to_prefix(const char* from) noexcept {
    char* const prefix = const_cast<char*>(body_prefix_.data());
    if (reader_.has_understood() && shorten_prefix(0)) return;
    const size_t size = body_prefix_.size(), room = prefix_room_ - size;
    size_t count = static_cast<size_t>(buffer_.deframed_end - from);
    if (count > room) count = room;
    memmove(prefix + size, from, count);
    body_prefix_ = StringView(prefix, size + count);
    if (body_ == Body::other) buffer_.retained_end += count;
}

inline bool Exchange::shorten_prefix(size_t size) noexcept {
    if (is_refused_ || body_ == Body::other || prefix_room_ <= size) return false;
    buffer_.retained_end -= prefix_room_ - size;  // they were reserved last
    prefix_room_ = size;
    body_prefix_ = size == 0 ? StringView() : body_prefix_.take(size);
    return true;
}

OPENAI_STREAM_END
