#pragma once
// How an Exchange gives a body as it is: only the framing is taken off.
#include "exchange_events.hpp"

OPENAI_STREAM_BEGIN

inline Poll (Exchange::poll)(BodyPiece& piece) noexcept {
    enter_mode(Mode::bytes);
    while (is_open()) {
        if (is_refused_) {  // its body has words, and no event leaves
            SseEvent unused;
            mode_ = Mode::raw;
            const Poll said = (poll)(unused);
            mode_ = Mode::bytes;
            return said;
        }
        detail::ReceiveBuffer& buffer = body_.buffer;
        const bool is_all_read = buffer.unread == buffer.received_end;
        if (awaits_turn() || (is_all_read && input_ == Input::open && !http_.complete())) {
            if (make_room()) return Poll::pending;
            continue;
        }
        const http::ParseEvent part = is_all_read && input_ != Input::open ? http_.finish() : read_framing();
        if (part == http::ParseEvent::body) {
            buffer.unread = buffer.deframed_end;
            piece.bytes = http_.text();
            ++traffic_.events;
            OPENAI_STREAM_ASSERT(is_sound(piece.bytes));
            return Poll::event;
        }
        if (!handle(part)) continue;
        const Error error = error_of_end();
        if (error != Error::none) fail(error);
        else end_with(Verdict::finish_then_eof);
    }
    return is_done(verdict_) ? Poll::done : Poll::failed;
}

OPENAI_STREAM_END
