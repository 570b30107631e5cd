#pragma once
// How an Exchange begins, and how its request goes out: window by window, through the end of the buffer.
#include "exchange.hpp"

OPENAI_STREAM_BEGIN

inline Error Exchange::reset(const dialect::Dialect& dialect) noexcept {
    const bool is_held = state_ == State::held;
    static_cast<detail::ExchangeState&>(*this) = detail::ExchangeState::fresh;
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

inline void Exchange::restart() noexcept {
    const RequestWriter request = request_;
    const Buffer lent = reader_.memory();
    const Mode mode = mode_;
    reset(*dialect_);
    mode_ = mode;
    if (mode == Mode::raw) body_.sse.set_strict();
    if (lent.data == response_state().data) reader_.set_state_memory(lent);  // nothing was noted there yet
    limit_window();
    request_ = request;
    request_.rewind();
}

OPENAI_STREAM_OUTLINE inline void Exchange::resend() noexcept {
    if (!is_open()) return;
    begin_turn();
    input_ = Input::open;
    transport_code_ = 0;
    out_begin_ = out_end_;  // what was shown
    limit_window();
    traffic_.sent_bytes = 0;
    request_.rewind();
}

inline Error Exchange::resume_from(const Endpoint& endpoint, const RetrieveRequest& request) noexcept {
    const TransferStats traffic = traffic_;
    const Error error = reset(dialect::responses);
    if (error != Error::none) return error;
    traffic_ = traffic;
    reader_.set_state_memory(response_state());
    return begin_request(endpoint, request);
}

OPENAI_STREAM_INLINE StringView Exchange::outgoing() noexcept {
    if (!wants_to_send()) return {};
    if (out_begin_ == out_end_) {
        out_begin_ = out_end_ = body_.buffer.limit;
        out_end_ += (request_.write)(out_begin_, static_cast<size_t>(memory_.data + memory_.size - out_begin_));
        if (out_begin_ == out_end_ && request_.error() != Error::none) fail(request_.error());
        sent(0);
    }
    return {out_begin_, static_cast<size_t>(out_end_ - out_begin_)};
}

inline void Exchange::sent(size_t count) noexcept {
    if (count > static_cast<size_t>(out_end_ - out_begin_)) {
        fail(Error::transport_contract);
        return;
    }
    out_begin_ += count;
    traffic_.sent_bytes += count;
    if (state_ == State::sending && out_begin_ == out_end_ && request_.finished()) end_sending(State::receiving);
    OPENAI_STREAM_ASSERT(is_sound());
}

OPENAI_STREAM_END
