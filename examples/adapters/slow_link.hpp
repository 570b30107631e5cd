#pragma once
// Over any link whose functions wait: an Arduino Client that connects and writes, a modem, a TLS library that blocks.
// One poll() of a Stream makes several calls; through this one it makes one that may wait, of so many bytes, and the
// main loop goes on in between. Run by tests/adapters in a sketch; tests/docs/polls.cpp counts.
#include "openai_stream.hpp"

// The transport below must outlive it, and it must outlive its Stream and stay where it is.
class SlowLink {
public:
    explicit SlowLink(const openai_stream::Transport& below, size_t most_bytes = 256)
        : below_(below), most_bytes_(most_bytes) {}
    SlowLink(const SlowLink&) = delete;
    SlowLink& operator=(const SlowLink&) = delete;

    // Before each poll(). (next() needs no such call: each of its waits begins a turn.)
    void next_turn() { is_used_ = false; }

    openai_stream::Transport transport() {
        openai_stream::Transport link;
        link.context = this;
        link.secure = below_.secure;
        link.pull = [](void* self, char* into, size_t room) {
            SlowLink& slow = of(self);
            return slow.is_turn() ? slow.below_.pull(slow.below_.context, into, slow.limited(room)) : later();
        };
        link.push = [](void* self, const char* from, size_t count) {
            SlowLink& slow = of(self);
            return slow.is_turn() ? slow.below_.push(slow.below_.context, from, slow.limited(count)) : later();
        };
        if (below_.dial)
            link.dial = [](void* self, openai_stream::StringView host, uint16_t port) {
                SlowLink& slow = of(self);
                return slow.is_turn() ? slow.below_.dial(slow.below_.context, host, port) : later();
            };
        if (below_.resolve)
            link.resolve = [](void* self, openai_stream::StringView host, uint16_t port) {
                return of(self).below_.resolve(of(self).below_.context, host, port);
            };
        if (below_.hang_up) link.hang_up = [](void* self) { of(self).below_.hang_up(of(self).below_.context); };
        if (below_.wait)
            link.wait = [](void* self, openai_stream::Interest interest, uint32_t ms) {
                of(self).next_turn();
                return of(self).below_.wait(of(self).below_.context, interest, ms);
            };
        if (below_.wake) link.wake = [](void* self) { of(self).below_.wake(of(self).below_.context); };
        if (below_.now_ms) link.now_ms = [](void* self) { return of(self).below_.now_ms(of(self).below_.context); };
        if (below_.explain)
            link.explain = [](void* self, openai_stream::IoResult io, openai_stream::Buffer memory) {
                return of(self).below_.explain(of(self).below_.context, io, memory);
            };
        return link;
    }

private:
    static SlowLink& of(void* self) { return *static_cast<SlowLink*>(self); }
    static openai_stream::IoResult later() { return openai_stream::IoResult::would_block(); }
    size_t limited(size_t count) const { return count < most_bytes_ ? count : most_bytes_; }
    // Whether this call is the one; the others of this turn would block.
    bool is_turn() {
        const bool was_used = is_used_;
        is_used_ = true;
        return !was_used;
    }

    openai_stream::Transport below_;
    const size_t most_bytes_;
    bool is_used_ = false;
};
