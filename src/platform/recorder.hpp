#pragma once
// A transport that records the conversation over another one.
#include "recording.hpp"
#include "wrapping.hpp"

#if defined(OPENAI_STREAM_REPLAY)
OPENAI_STREAM_BEGIN

// Calls the other transport for whatever is asked, and hands a record of it (see recording.hpp: both directions, what
// was called, what was said, when; keys are hidden) to the sink, in pieces of any size. The constructor writes the
// first line. What transport() gives can do what the other can. wake() is passed on and not recorded, since it may come
// from anywhere.
// Memory: its own. The context of the other transport, and the sink's, must outlive it. Neither copied nor moved.
// Waits, errors: those of the other transport. The sink cannot fail: it has to remember.
class Recorder {
public:
    using Sink = void (*)(void* context, const char* bytes, size_t count);

    Recorder(const Transport& inner, Sink sink, void* sink_context) noexcept
        : inner_(inner), sink_(sink), sink_context_(sink_context) {
        say(recording::first_line);
        if (inner.dial) say(" dial");
        if (inner.hang_up) say(" hang_up");
        if (inner.wait) say(" wait");
        if (inner.wake) say(" wake");
        if (inner.now_ms) say(" now_ms");
        if (inner.secure) say(" secure");
        say("\n");
        flush();
    }
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    Transport transport() noexcept { return recording::Wrapping<Recorder>::around(*this); }

private:
    friend struct recording::Wrapping<Recorder>;

    IoResult dial(StringView host, uint16_t port) noexcept {
        start_clock();
        const IoResult io = inner_.dial(inner_.context, host, port);
        begin(CallKind::dial);
        say_number(port);
        say(" ");
        for (const char c : host) say(static_cast<unsigned char>(c) > ' ' ? c : '?');
        return end(io);
    }
    IoResult push(const char* from, size_t count) noexcept {
        start_clock();
        const IoResult io = inner_.push(inner_.context, from, count);
        begin(CallKind::push);
        say_number(count);
        const size_t moved = end_transfer(io, count);
        for (size_t i = 0; i != moved; ++i) say(mask_.masked(from[i]));
        return end_octets(io, moved);
    }
    IoResult pull(char* into, size_t room) noexcept {
        start_clock();
        const IoResult io = inner_.pull(inner_.context, into, room);
        begin(CallKind::pull);
        say_number(room);
        const size_t moved = end_transfer(io, room);
        flush();
        if (moved != 0) sink_(sink_context_, into, moved);
        return end_octets(io, moved);
    }
    IoResult wait(Interest interest, uint32_t ms) noexcept {
        start_clock();
        const IoResult io = inner_.wait(inner_.context, interest, ms);
        begin(CallKind::wait);
        say_number(static_cast<uint64_t>(interest));
        say(" ");
        say_number(ms);
        return end(io);
    }
    void hang_up() noexcept {
        start_clock();
        inner_.hang_up(inner_.context);
        mask_ = recording::KeyMask();
        begin(CallKind::hang_up);
        say("\n");
        flush();
    }

    void start_clock() noexcept {
        if (!inner_.now_ms || has_started_) return;
        has_started_ = true;
        started_ms_ = inner_.now_ms(inner_.context);
    }
    void begin(CallKind call) noexcept {
        say_number(inner_.now_ms ? inner_.now_ms(inner_.context) - started_ms_ : uint32_t(0));
        say(" ");
        say(recording::call_names[static_cast<size_t>(call)]);
        if (call != CallKind::hang_up) say(" ");
    }
    IoResult end(IoResult io) noexcept {
        if (io.is_ready()) say(" ready");
        else if (io.is_would_block()) say_would_block(io);
        else if (io.is_closed()) say(" closed");
        else if (io.is_bytes()) say(" bytes 0");
        else say_code(io);
        say("\n");
        flush();
        return io;
    }
    void say_would_block(IoResult io) noexcept {
        say(" would_block");
        if (io.interest() == Interest::write) return;
        say(" ");
        say_number(static_cast<uint64_t>(io.interest()));
    }
    void say_code(IoResult io) noexcept {
        say(io.is_unresolved() ? " unresolved " : io.is_refused() ? " refused " : " failed ");
        const int64_t code = io.code();
        if (code < 0) say("-");
        say_number(static_cast<uint64_t>(code < 0 ? -code : code));
    }
    // How many bytes of the record follow; 0: none, it has ended.
    size_t end_transfer(IoResult io, size_t most) noexcept {
        if (!io.is_bytes() || io.count() == 0 || io.count() > most) {
            end(io);
            return 0;
        }
        say(" bytes ");
        say_number(io.count());
        say("\n");
        return io.count();
    }
    IoResult end_octets(IoResult io, size_t moved) noexcept {
        if (moved != 0) say("\n");
        flush();
        return io;
    }

    void say(char c) noexcept {
        if (size_ == sizeof text_) flush();
        text_[size_++] = c;
    }
    void say(StringView text) noexcept {
        for (const char c : text) say(c);
    }
    void say(const char* text) noexcept { say(StringView(text)); }
    void say_number(uint64_t number) noexcept {
        char digits[20];
        say(ascii::format_decimal(number, digits));
    }
    void flush() noexcept {
        if (size_ != 0) sink_(sink_context_, text_, size_);
        size_ = 0;
    }

    Transport inner_;
    Sink sink_;
    void* sink_context_;
    recording::KeyMask mask_;
    bool has_started_ = false;
    uint32_t started_ms_ = 0;
    size_t size_ = 0;  // of what the sink has not got yet
    char text_[64];
};

OPENAI_STREAM_END
#endif
