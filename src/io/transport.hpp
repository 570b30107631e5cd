#pragma once
// The link below a Stream: a handful of functions the user provides. Two are enough.
#include "../base/buffer.hpp"

OPENAI_STREAM_BEGIN

// What a conversation waits for: a set of these, joined by |. work_left: there is more to do, call without waiting.
enum class Interest : uint8_t { none = 0, read = 1, write = 2, work_left = 4 };

constexpr Interest operator|(Interest left, Interest right) noexcept {
    return static_cast<Interest>(static_cast<uint8_t>(left) | static_cast<uint8_t>(right));
}
constexpr bool has(Interest set, Interest one) noexcept {
    return (static_cast<uint8_t>(set) & static_cast<uint8_t>(one)) != 0;
}

// What a transport callback says. One int32 wide, made only by the functions below.
class IoResult {
public:
    // count bytes were moved: 1 to 2^30 - 1. Zero is not an answer: some APIs mean "end" by it, others "not yet".
    static constexpr IoResult bytes(size_t count) noexcept {
        return IoResult(count <= max_count ? static_cast<uint32_t>(count) : max_count);
    }
    static constexpr IoResult ready() noexcept { return IoResult(tag_ready); }  // dial, wait: go on
    // Nothing now, ask again later.
    static constexpr IoResult would_block() noexcept { return IoResult(tag_would_block); }
    // From dial: the same, and what it waits for, where that is not "write" (a TLS handshake mostly reads).
    // Stream::wants() says so to event loops.
    static constexpr IoResult would_block(Interest interest) noexcept {
        return IoResult(tag_would_block | static_cast<uint32_t>(interest));
    }
    static constexpr IoResult closed() noexcept { return IoResult(tag_closed); }  // the peer ended in order
    // The platform's error; its low 30 bits are kept, signed.
    static constexpr IoResult failed(int32_t code) noexcept {
        return IoResult(tag_failed | (static_cast<uint32_t>(code) & payload));
    }
    // From pull: the link has ended, but not in the order that a layer below prescribes (TLS without close_notify).
    static constexpr IoResult cut_off() noexcept { return failed(0); }
    // From dial: there is no connection and another attempt will fail likewise, as after a certificate that is not
    // accepted. The platform's code, of which 29 bits are kept. RetryPolicy does not repeat it.
    static constexpr IoResult refused(int32_t code) noexcept {
        return IoResult(tag_final | (static_cast<uint32_t>(code) & final_payload));
    }
    // From resolve and dial: the host name has no address. The resolver's code, kept likewise.
    static constexpr IoResult unresolved(int32_t code) noexcept {
        return IoResult(tag_final | is_name | (static_cast<uint32_t>(code) & final_payload));
    }

    constexpr bool is_bytes() const noexcept { return (bits_ & ~payload) == 0; }
    constexpr bool is_ready() const noexcept { return bits_ == ready().bits_; }
    constexpr bool is_would_block() const noexcept { return bits_ >> interest_tag == tag_would_block >> interest_tag; }
    constexpr bool is_closed() const noexcept { return bits_ == closed().bits_; }
    constexpr bool is_failed() const noexcept { return bits_ >= tag_failed; }  // also refused() and unresolved()
    constexpr bool is_refused() const noexcept { return bits_ >= tag_final && !is_unresolved(); }
    constexpr bool is_unresolved() const noexcept { return bits_ >= (tag_final | is_name); }

    constexpr size_t count() const noexcept { return bits_ & payload; }  // of bytes()
    constexpr int32_t code() const noexcept {                            // of failed(), refused() and unresolved()
        const unsigned tag_bits = bits_ >= tag_final ? 3 : 2;
        return static_cast<int32_t>(bits_ << tag_bits) >> tag_bits;
    }
    constexpr Interest interest() const noexcept {  // of would_block()
        const auto said = static_cast<Interest>(bits_ & interests);
        return said == Interest::none ? Interest::write : said;
    }

private:
    explicit constexpr IoResult(uint32_t bits) noexcept : bits_(bits) {}
    static constexpr uint32_t payload = 0x3fffffffu, max_count = payload;
    static constexpr uint32_t tag_ready = 0x40000000u, tag_closed = 0x50000000u, tag_would_block = 0x60000000u;
    static constexpr uint32_t tag_failed = 0x80000000u;
    static constexpr uint32_t tag_final = 0xc0000000u, is_name = 0x20000000u, final_payload = 0x1fffffffu;
    static constexpr uint32_t interests = 7, interest_tag = 29;  // how far the tag is to be shifted
    uint32_t bits_;
};

// Function pointers and the context they are called with. A null optional function means "cannot do that". (None is
// called read, write, connect, close or select: with lwIP these are macros.)
//
// Law for implementers:
//   - room and count are never 0. Move 1 to room (count) bytes, or say would_block(), closed() or failed(code).
//     bytes(0), or more than asked for, is Error::transport_contract.
//   - After a push that would block, the next push has the same pointer and the same count.
//   - closed() or failed() from push ends writing only; pulling goes on until it ends too.
//   - The host's data() ends with a NUL; it has at most 253 bytes.
//   - resolve is called by Stream::open() alone, before its first dial. A name that dial needs again within the same
//     conversation (another attempt) or after a kept connection is to be remembered from there.
//   - hang_up is called exactly once per dial, also per refused one; with a null dial, once in all.
//   - wait with Interest::none, between two attempts, comes without a link: it only sleeps.
//   - A callback may close or cancel its Stream, and nothing else.
struct Transport {
    void* context = nullptr;  // passed to every function; not owned

    // required: read and write
    IoResult (*pull)(void* context, char* into, size_t room) = nullptr;
    IoResult (*push)(void* context, const char* from, size_t count) = nullptr;
    // close
    void (*hang_up)(void* context) = nullptr;
    // connect: ready(), would_block() = call again, failed(code), refused(code), unresolved(code)
    IoResult (*dial)(void* context, StringView host, uint16_t port) = nullptr;
    // look the host up, as long as that takes: ready(), would_block() = dial goes on with it, unresolved(code)
    IoResult (*resolve)(void* context, StringView host, uint16_t port) = nullptr;
    // sleep until something can be done: ready(), would_block() = the time is over, failed(code)
    IoResult (*wait)(void* context, Interest interest, uint32_t milliseconds) = nullptr;
    // ends a wait; legal from any thread, signal handler or interrupt
    void (*wake)(void* context) = nullptr;
    // a monotonic clock, may wrap around; without it there are no timeouts
    uint32_t (*now_ms)(void* context) = nullptr;
    // the code of a failed() or unresolved() in words, without a full stop, for Stream::explain(): static, or written
    // into this memory (never empty) with its NUL; null or "": nothing is known. A code of 0 asks why the link is not
    // secure, or was cut off.
    const char* (*explain)(void* context, IoResult io, Buffer memory) = nullptr;

    bool secure = false;  // bytes are encrypted and the peer is verified
};

OPENAI_STREAM_END
