#pragma once
// A transport that does harm to the conversation over another one.
#include "recording.hpp"
#include "wrapping.hpp"

#if defined(OPENAI_STREAM_REPLAY)
OPENAI_STREAM_BEGIN

// Where a fault strikes: at a call of some kind, or at a byte that such a call would move. Both are counted from 0,
// over all connections.
struct FaultPlace {
    CallKind call;
    bool is_byte;
    uint64_t index;
};
constexpr FaultPlace at_call(CallKind call, uint64_t index) noexcept { return {call, false, index}; }
constexpr FaultPlace at_byte(CallKind call, uint64_t index) noexcept { return {call, true, index}; }

// What goes wrong.
class Fault {
public:
    // Until the connection is hung up, calls of this kind say ...
    static constexpr Fault cut(FaultPlace place) noexcept { return {place, What::answer, IoResult::closed(), 0}; }
    static constexpr Fault reset(FaultPlace place, int32_t code) noexcept {
        return {place, What::answer, IoResult::failed(code), 0};
    }
    // ... would_block(), and a wait for them is in vain: a timeout or a cancel ends it.
    static constexpr Fault stall(FaultPlace place) noexcept { return {place, What::stall, IoResult::would_block(), 0}; }
    // That many calls say would_block(), though they need not; a wait after them comes back at once.
    static constexpr Fault would_block_for(FaultPlace place, uint32_t calls) noexcept {
        return {place, What::would_block, IoResult::would_block(), calls};
    }
    // From there on, before every call that is let through.
    static constexpr Fault would_block_before_each(FaultPlace place, uint32_t calls) noexcept {
        return {place, What::would_block_each, IoResult::would_block(), calls};
    }
    // From there on a call moves no more bytes than that (at least 1).
    static constexpr Fault limit_bytes(FaultPlace place, uint32_t bytes) noexcept {
        return {place, What::limit, IoResult::ready(), bytes};
    }
    // Before that call, this is called: it may close or cancel the Stream.
    static constexpr Fault call(FaultPlace place, void (*function)(void* context), void* context) noexcept {
        Fault fault(place, What::call, IoResult::ready(), 0);
        fault.function_ = function;
        fault.context_ = context;
        return fault;
    }

    // It has struck.
    constexpr bool triggered() const noexcept { return phase_ != Phase::to_come; }

private:
    friend class Faults;
    enum class What : uint8_t { answer, stall, would_block, would_block_each, limit, call };
    enum class Phase : uint8_t { to_come, rages, over };

    constexpr Fault(FaultPlace place, What what, IoResult answer, uint32_t count) noexcept
        : place_(place), answer_(answer), count_(count), what_(what) {}

    FaultPlace place_;
    IoResult answer_;
    uint32_t count_;
    What what_;
    Phase phase_ = Phase::to_come;
    uint32_t calls_ = 0;  // answered with would_block(), so far
    void (*function_)(void* context) = nullptr;
    void* context_ = nullptr;
};

// Calls the other transport, but for what the faults say. Several may strike one call: one that answers in place of
// the other transport wins over one that lets the call through. The law of transports is kept.
// Memory: the faults are the caller's; they, and the context of the other transport, must outlive it. Neither copied
// nor moved.
class Faults {
public:
    Faults(const Transport& inner, Span<Fault> faults) noexcept : inner_(inner), faults_(faults) {}
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;

    Transport transport() noexcept {
        Transport link = recording::Wrapping<Faults>::around(*this);
        // A call of dial that a fault has answered is hung up, too, and not by the other transport.
        if (inner_.dial) link.hang_up = [](void* self) { static_cast<Faults*>(self)->hang_up(); };
        return link;
    }

    uint64_t calls(CallKind call) const noexcept { return calls_[static_cast<size_t>(call)]; }  // so far
    uint64_t bytes(CallKind call) const noexcept { return bytes_[static_cast<size_t>(call)]; }  // moved by them

private:
    friend struct recording::Wrapping<Faults>;

    IoResult dial(StringView host, uint16_t port) noexcept {
        IoResult io = IoResult::ready();
        size_t unused = 1;
        if (strikes(CallKind::dial, io, unused)) return io;
        is_dialled_ = true;
        return inner_.dial(inner_.context, host, port);
    }
    IoResult push(const char* from, size_t count) noexcept {
        IoResult io = IoResult::ready();
        if (strikes(CallKind::push, io, count)) return io;
        return counted(CallKind::push, inner_.push(inner_.context, from, count));
    }
    IoResult pull(char* into, size_t room) noexcept {
        IoResult io = IoResult::ready();
        if (strikes(CallKind::pull, io, room)) return io;
        return counted(CallKind::pull, inner_.pull(inner_.context, into, room));
    }
    // What is stalled is not waited for; where nothing else is, the other transport waits for none.
    IoResult wait(Interest interest, uint32_t ms) noexcept {
        IoResult io = IoResult::ready();
        size_t unused = 1;
        const bool is_blocking = is_blocking_;
        is_blocking_ = false;
        if (strikes(CallKind::wait, io, unused)) return io;
        if (is_blocking) return IoResult::ready();
        auto set = static_cast<unsigned>(interest);
        for (const Fault& fault : faults_) {
            if (fault.what_ != Fault::What::stall || fault.phase_ != Fault::Phase::rages) continue;
            if (fault.place_.call == CallKind::pull) set &= ~static_cast<unsigned>(Interest::read);
            else set &= ~static_cast<unsigned>(Interest::write);  // push, dial
        }
        return inner_.wait(inner_.context, static_cast<Interest>(set), ms);
    }
    // The other transport is hung up if it was dialled.
    void hang_up() noexcept {
        for (Fault& fault : faults_) {
            const bool is_lasting = fault.what_ == Fault::What::answer || fault.what_ == Fault::What::stall;
            if (is_lasting && fault.phase_ == Fault::Phase::rages) fault.phase_ = Fault::Phase::over;
        }
        calls_[static_cast<size_t>(CallKind::hang_up)] += 1;
        const bool is_owed = is_dialled_ || !inner_.dial;
        is_dialled_ = false;
        if (is_owed && inner_.hang_up) inner_.hang_up(inner_.context);
    }

    IoResult counted(CallKind call, IoResult io) noexcept {
        if (io.is_bytes()) bytes_[static_cast<size_t>(call)] += io.count();
        return io;
    }

    // Returns true if the answer is `io`. Returns false if the call is let through, with at most `room` bytes.
    bool strikes(CallKind call, IoResult& io, size_t& room) noexcept {
        const uint64_t index = calls_[static_cast<size_t>(call)]++;
        const uint64_t moved = bytes_[static_cast<size_t>(call)];
        const uint64_t hang_ups = calls(CallKind::hang_up);
        bool answers = false;
        for (Fault& fault : faults_) {
            if (fault.place_.call != call || fault.phase_ == Fault::Phase::over) continue;
            if (fault.phase_ == Fault::Phase::to_come) {
                const uint64_t reached = fault.place_.is_byte ? moved : index;
                if (reached < fault.place_.index) {
                    const uint64_t left = fault.place_.index - reached;
                    if (fault.place_.is_byte && left < room) room = static_cast<size_t>(left);
                    continue;
                }
                fault.phase_ = Fault::Phase::rages;
            }
            if (answers) continue;
            switch (fault.what_) {
                case Fault::What::answer:
                case Fault::What::stall: answers = true; break;
                case Fault::What::would_block:
                case Fault::What::would_block_each:
                    answers = fault.calls_ != fault.count_;
                    is_blocking_ |= answers && call != CallKind::wait;
                    fault.calls_ = answers ? fault.calls_ + 1 : 0;
                    if (!answers && fault.what_ == Fault::What::would_block) fault.phase_ = Fault::Phase::over;
                    break;
                case Fault::What::limit:
                    if (fault.count_ < room) room = fault.count_ == 0 ? 1 : fault.count_;
                    break;
                case Fault::What::call:
                    fault.phase_ = Fault::Phase::over;
                    fault.function_(fault.context_);
                    if (hang_ups != calls(CallKind::hang_up)) {  // the Stream was closed: there is no link to call
                        io = IoResult::closed();
                        return true;
                    }
                    break;
            }
            if (answers) io = fault.answer_;
        }
        return answers;
    }

    Transport inner_;
    Span<Fault> faults_;
    uint64_t calls_[detail::call_kinds] = {}, bytes_[detail::call_kinds] = {};
    bool is_dialled_ = false;
    bool is_blocking_ = false;  // no wait since
};

OPENAI_STREAM_END
#endif
