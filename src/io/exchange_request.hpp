#pragma once
// How an Exchange begins, and how its request goes out: window by window, through the end of the buffer.
#include "exchange.hpp"

OPENAI_STREAM_BEGIN

inline void Exchange::add_header_listener(HeaderListener& listener) noexcept {
    for (const HeaderListener* one = listener_; one; one = one->next)
        if (one == &listener) return;
    listener.next = listener_;
    listener_ = &listener;
    tell_listeners_ = tell_listeners;
}

OPENAI_STREAM_OUTLINE inline void Exchange::stop_sending() noexcept {
    if (!wants_to_send()) return;
    out_begin_ = out_end_;
    end_sending(State::half_closed);
}

OPENAI_STREAM_OUTLINE inline Error Exchange::end_begin(Error invalid) noexcept {
    if (invalid != Error::none) return fail(invalid);
    limit_window();
    fill_window();
    is_detached_ = request_.finished();
    return error_;
}

inline void Exchange::limit_window() noexcept {
    window_ = body_.buffer.limit = body_.buffer.retained_end + min_free_while_sending;
}

inline void Exchange::end_sending(State next) noexcept {
    state_ = next;
    use_templates();
}

OPENAI_STREAM_OUTLINE inline void Exchange::begin_turn() noexcept {
    http_ = http::ResponseParser::fresh;
    state_ = State::sending;
    traffic_.received_bytes = 0;
}

inline Error Exchange::reset(const dialect::Dialect& dialect) noexcept {
    const bool is_held = state_ == State::held;
    static_cast<detail::ExchangeState&>(*this) = detail::ExchangeState();
    static_cast<detail::ExchangeParts&>(*this) = detail::ExchangeParts::fresh;
    if (is_held) state_ = State::held;
    else begin_turn();
    if (memory_.size < min_buffer_bytes || !memory_.data) return fail(Error::buffer_too_small);
    dialect_ = &dialect;
    body_.begin(memory_, name_limit());
    return Error::none;
}

inline Error Exchange::begin_body(Api what, int http_status, StringView content_type) noexcept {
    const Error error = reset(what.dialect());
    if (error != Error::none) return error;
    if (what.begin()) note_answer(*what.begin());
    status_ = static_cast<uint16_t>(http_status);
    is_refused_ = status_ >= 300;
    end_sending(State::receiving);
    http_.expect_body();
    add_header(StringView("content-type", 12), content_type);
    return Error::none;
}

inline void Exchange::add_header(StringView name, StringView value) noexcept {
    if (state_ != State::receiving || mode_ != Mode::unknown || traffic_.received_bytes != 0) return;
    http::Word word;
    for (const char c : name) word.add(c);
    while (!value.empty() && ascii::is_space(value[value.size() - 1])) value = value.take(value.size() - 1);
    char* const memory = body_.sse.names_end();
    const auto field = static_cast<http::Field>(word.index_of(http::field_names));
    if (value.data()) fields_.add(field, http::trim_ows(value).take(body_.buffer.unused()), true, memory);
    body_.buffer.begin(memory + fields_.used_bytes());
}

inline bool Exchange::can_restart() const noexcept { return !is_detached_ || is_kept(); }

inline void Exchange::restart() noexcept {
    const RequestWriter request = request_;
    const bool has_memory = reader_.memory() != nullptr;
    const Mode mode = mode_;
    char* const kept = is_detached_ ? window_ : nullptr;
    reset(*dialect_);
    mode_ = mode;
    if (mode == Mode::raw) body_.sse.set_strict();
    if (has_memory) reader_.set_state_memory(response_state());  // nothing was noted there yet
    request_ = request;
    if (kept) {
        show_kept(kept);
    } else {
        limit_window();
        request_.rewind();
        fill_window();
    }
}

inline void Exchange::show_kept(char* text) noexcept {
    is_detached_ = true;
    window_ = out_begin_ = body_.buffer.limit = text;
    out_end_ = memory_.data + memory_.size;
    body_.receive_end = text;
}

inline void Exchange::keep_request() noexcept {
    const auto size = static_cast<size_t>(out_end_ - out_begin_);
    if (!is_detached_ || !is_open() || is_kept()) return;
    is_detached_ = size <= static_cast<size_t>(memory_.data + memory_.size - body_.buffer.retained_end) / 2;
    if (!is_detached_) return;
    detail::move_bytes(memory_.data + memory_.size - size, out_begin_, size);
    show_kept(memory_.data + memory_.size - size);
}

inline void Exchange::release_request() noexcept {
    if (!is_kept() || wants_to_send() || awaits_turn()) return;
    body_.receive_end = memory_.data + memory_.size;
    if (!reader_.templates.has_memory()) body_.buffer.limit = body_.receive_end;
}

OPENAI_STREAM_OUTLINE inline void Exchange::resend() noexcept {
    if (!is_open()) return;
    begin_turn();
    input_ = Input::open;
    transport_code_ = 0;
    traffic_.sent_bytes = 0;
    body_.buffer.limit = out_begin_ = window_;
    if (is_detached_) return;
    request_.rewind();
    fill_window();
}

inline Error Exchange::resume_from(const RetrieveRequest& request) noexcept {
    const Endpoint& endpoint = request_.endpoint();
    const TransferStats traffic = traffic_;
    reset(dialect::responses);  // for which the buffer was large enough before
    traffic_ = traffic;
    reader_.set_state_memory(response_state());
    return begin_request(endpoint, request);
}

OPENAI_STREAM_OUTLINE inline void Exchange::fill_window() noexcept {
    out_begin_ = window_;
    out_end_ = window_ + (request_.write)(window_, static_cast<size_t>(memory_.data + memory_.size - window_));
    if (request_.error() != Error::none) fail(request_.error());
}

OPENAI_STREAM_INLINE StringView Exchange::outgoing() noexcept {
    if (!wants_to_send()) return {};
    return {out_begin_, static_cast<size_t>(out_end_ - out_begin_)};
}

inline void Exchange::sent(size_t count) noexcept {
    if (count > static_cast<size_t>(out_end_ - out_begin_)) {
        fail(Error::transport_contract);
        return;
    }
    out_begin_ += count;
    traffic_.sent_bytes += count;
    if (state_ == State::sending && out_begin_ == out_end_) {
        if (request_.finished()) end_sending(State::receiving);
        else fill_window();
    }
    OPENAI_STREAM_ASSERT(is_sound());
}

OPENAI_STREAM_END
