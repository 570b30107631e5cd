#pragma once
// The connection below a Stream: whatever calls the Transport stands here.
#include "exchange_failure.hpp"
#include "server_key.hpp"
#include "transport.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// One connection at a time, and what goes over it between the callbacks and an Exchange. A callback may hang up; after
// that nothing is left to do.
class Link {
public:
    enum class State : uint8_t { down, dialing, up };  // but for down, hang_up is still to be called

    constexpr Link() noexcept = default;
    constexpr void set_transport(const Transport& transport) noexcept { transport_ = transport; }

    const Transport& transport() const noexcept { return transport_; }
    State state() const noexcept { return state_; }
    bool is_down() const noexcept { return state_ == State::down; }
    // A callback is running, or may be: the Stream refuses what must not be done then. hang_up() sees to itself, as it
    // is called from everywhere.
    bool is_inside() const noexcept { return is_inside_; }
    void set_inside(bool is_inside) noexcept { is_inside_ = is_inside; }
    // What a dial that would block waits for.
    Interest dial_interest() const noexcept { return said_.interest(); }
    // After resolve or dial: the same would be said once more. (A name is not looked up once more.)
    bool is_final() const noexcept { return state_ == State::down ? said_.is_failed() : said_.is_refused(); }
    // Whatever it was, it is not why the conversation ends.
    void forget_refusal() noexcept { said_ = IoResult::bytes(0); }
    bool has_clock() const noexcept { return transport_.now_ms != nullptr; }
    uint32_t now_ms() const noexcept { return transport_.now_ms(transport_.context); }

    // For a wait that must end also where there is no clock: each question then counts for a millisecond.
    uint32_t time() noexcept { return has_clock() ? now_ms() : ++questions_; }

    // A new connection is to be made; there is none. Returns false if that cannot be: without dial there is one in all.
    bool begin() noexcept {
        if (!transport_.dial && was_connected_) return false;
        was_connected_ = true;
        state_ = State::dialing;
        return true;
    }
    // The transport's resolve or dial; ready() where there is none. dial is called until it does not say would_block();
    // a connection that was hung up from inside it stays down.
    IoResult call(IoResult (*function)(void* context, StringView host, uint16_t port),
                  const ServerKey& server) noexcept {
        IoResult io = IoResult::ready();
        if (function) io = function(transport_.context, server.host(), server.port());
        if (io.is_ready() && state_ == State::dialing) state_ = State::up;
        return said_ = io;
    }
    // What the exchange has to send, if anything. Returns false if nothing could be sent. No more is sent after an end:
    // what the server has to say is still read.
    OPENAI_STREAM_INLINE bool push(Exchange& exchange) noexcept {
        if (!exchange.wants_to_send()) return false;
        const StringView bytes = exchange.outgoing();  // some, as long as it wants to send
        const IoResult io = transport_.push(transport_.context, bytes.data(), bytes.size());
        if (io.is_would_block()) return false;
        if (io.is_closed() || io.is_failed()) exchange.stop_sending();
        else exchange.sent(count(io));
        return true;
    }
    // Returns false if there is no room for anything, or nothing has come.
    OPENAI_STREAM_INLINE bool pull(Exchange& exchange) noexcept {
        const Buffer room = exchange.incoming();
        if (room.size == 0) return false;
        const IoResult io = transport_.pull(transport_.context, room.data, room.size);
        if (io.is_would_block()) return false;
        if (io.is_closed()) exchange.ended();
        else if (io.is_failed()) exchange.failed(io.code());
        else exchange.received(count(io));
        return true;
    }
    IoResult wait(Interest interest, uint32_t ms) noexcept { return transport_.wait(transport_.context, interest, ms); }
    // Nothing has come, as far as one can say: only a transport that can wait can be asked without the risk of waiting
    // for ever.
    bool is_quiet() noexcept { return !transport_.wait || wait(Interest::read, 0).is_would_block(); }

    // Once for each begin(). The link is down before the callback is called: a close from inside finds nothing.
    void hang_up() noexcept {
        if (state_ == State::down) return;
        state_ = State::down;
        if (!transport_.hang_up) return;
        const bool was_inside = is_inside_;
        is_inside_ = true;
        transport_.hang_up(transport_.context);
        is_inside_ = was_inside;
    }

private:
    // What is no answer counts for more bytes than any room has: the exchange says Error::transport_contract.
    static size_t count(IoResult io) noexcept { return io.count() != 0 ? io.count() : SIZE_MAX; }

    State state_ = State::down;
    bool was_connected_ = false;  // at any time
    bool is_inside_ = false;
    IoResult said_ = IoResult::bytes(0);  // by resolve or dial, last; nothing yet
    uint32_t questions_ = 0;              // see time()
    Transport transport_;
};

}  // namespace detail

OPENAI_STREAM_END
