#pragma once
// What an Exchange knows of an error; and what is always true of its buffer, for the builds that check it.
#include "exchange_events.hpp"

OPENAI_STREAM_BEGIN

OPENAI_STREAM_INLINE Failure Exchange::failure() const noexcept {
    Failure failure;
    const char* const memory = body_.sse.names_end();
    failure.error = error();
    failure.category = category(error());
    failure.http_status = status_;
    failure.transport_code = transport_code_;
    failure.retry_after_ms = fields_.retry_after_ms();
    failure.request_id = fields_.request_id(memory);
    failure.content_type = fields_.content_type(memory);
    failure.location = fields_.location(memory);
    failure.message = words_of_body();
    const StringView body = shown_body();
    if (!body.empty()) failure.body_prefix = detail::body_words::printable(body.take(prefix_limit()));
    if (is_reading() && category(error_) == ErrorCategory::server) {
        failure.type = reader_.value(dialect::value_error_type);
        failure.code = reader_.value(dialect::value_error_code);
        failure.param = reader_.value(dialect::value_error_param);
        const StringView message = reader_.value(dialect::value_error_message);
        if (message.data()) failure.message = message;
        if (failure.retry_after_ms < 0 && reader_.retry_after_ms() != 0)
            failure.retry_after_ms = reader_.retry_after_ms();
    } else if (error_ == Error::event_too_large) {
        failure.param = reader_.pending_key();
    }
    return failure;
}

inline StringView Exchange::shown_body() const noexcept {
    if (error_ == Error::bad_json) return body_.data.view();
    return error_ == Error::http_status || error_ == Error::not_event_stream ? body_.prefix() : StringView();
}

inline StringView Exchange::words_of_body() const noexcept {
    const bool is_no_json = document_ == Document::none_yet ||
                            (is_reading() && reader_.error() != Error::none && !reader_.ended_early());
    if (error_ == Error::bad_json || body_.kind() == detail::BodyReader::Kind::json || !is_no_json) return {};
    const StringView words = detail::body_words::find(shown_body());
    return words.empty() ? StringView() : words;
}

inline bool Exchange::is_sound() const noexcept {
    const detail::ReceiveBuffer& buffer = body_.buffer;
    const JoinedText& data = body_.data;
    if (!buffer.retained_end) return true;  // nothing was begun
    const char* const end = memory_.data + memory_.size;
    if (!buffer.is_ordered() || buffer.retained_end < memory_.data + 4 * name_limit() || end < buffer.limit)
        return false;
    if (out_begin_ && (out_begin_ < buffer.limit || out_end_ < out_begin_ || end < out_end_)) {
        if (out_begin_ != out_end_) return false;  // sent, and the window is given back
    }
    if (!data.is_open() || !is_open()) return true;  // after the end nobody needs it
    if (data.begin() < buffer.retained_end || data.limit() < data.begin() || buffer.unread < data.limit())
        return false;
    return !is_reading() || (buffer.retained_end <= reader_.unread() && reader_.unread() <= reader_.input_end() &&
                             reader_.input_end() <= data.limit());
}
inline bool Exchange::is_sound(StringView view) const noexcept {
    const char* const end = memory_.data + memory_.size;
    const bool is_elsewhere = view.end() <= memory_.data || end <= view.begin();
    const bool is_of_template =
        reader_.templates.has_memory() && body_.buffer.limit <= view.begin() && view.end() <= end;
    return is_elsewhere || is_of_template || (memory_.data <= view.begin() && view.end() <= body_.buffer.unread);
}
inline bool Exchange::is_sound(const Event& event) const noexcept {
    return is_sound() && is_sound(event.text) && is_sound(event.id) && is_sound(event.name) &&
           is_sound(event.item_id);
}
inline bool Exchange::is_sound(const SseEvent& event) const noexcept {
    return is_sound() && is_sound(event.type) && is_sound(event.data) && is_sound(event.id);
}

OPENAI_STREAM_END
