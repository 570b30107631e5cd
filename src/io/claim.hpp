#pragma once
// Why: a Stream is made in one line, and must not hang for ever, nor be ruined by another one in its place. What that
// takes lies at the beginning of its buffer: limits of time, and marks that say whose the buffer and the transport are.
// Nothing of it is linked for a Stream that is made of a Transport, or of an object without a clock.
#include "timeouts.hpp"

OPENAI_STREAM_BEGIN

namespace detail {
struct Here {};
}  // namespace detail

OPENAI_STREAM_END

inline void* operator new(size_t, void* place, openai_stream::detail::Here) noexcept { return place; }
inline void operator delete(void*, void*, openai_stream::detail::Here) noexcept {}

OPENAI_STREAM_BEGIN

namespace detail {

class LinkClaim;

// A base of transports that know by whom they are used: one connection belongs to one Stream.
class LinkOwner {
public:
    constexpr LinkOwner() noexcept = default;
    LinkOwner(const LinkOwner&) = delete;
    LinkOwner& operator=(const LinkOwner&) = delete;
    inline ~LinkOwner();

private:
    friend class LinkClaim;
    LinkClaim* claim_ = nullptr;  // of the Stream that is connected
};

// Timeouts that a Stream has of its own, and the mark of its buffer.
class OwnTimeouts : public Timeouts {
public:
    // At the beginning of the memory, which becomes what is left. Null, and no memory, if there is no room.
    template <class T> static T* place(Buffer& memory) noexcept {
        const size_t gap = (alignof(T) - reinterpret_cast<uintptr_t>(memory.data) % alignof(T)) % alignof(T);
        const size_t size = gap + sizeof(T);
        T* const made = memory.size >= size ? new (memory.data + gap, Here()) T() : nullptr;
        memory = made ? Buffer(memory.data + size, memory.size - size) : Buffer();
        return made;
    }

    OwnTimeouts() noexcept { on = watch_mark; }

protected:
    bool claim_buffer(Conversation& conversation, Occasion occasion) noexcept {
        if (occasion == Occasion::opened) mark_ = conversation.mark_ = &conversation;
        return mark_ == conversation.mark_;
    }
    static Action end(Conversation& conversation, Error error) noexcept {
        conversation.fail(error);
        return Action::again;
    }

private:
    static Action watch_mark(Interceptor& self, Conversation& conversation, Occasion occasion, Event* event) noexcept {
        auto& own = static_cast<OwnTimeouts&>(self);
        if (!own.claim_buffer(conversation, occasion) && conversation.is_open())
            return end(conversation, Error::in_use);
        return watch(self, conversation, occasion, event);
    }

    const void* mark_ = nullptr;  // of the Stream that opened last
};

// The same, and a transport over one that has a LinkOwner: it is connected for one Stream at a time, and calls nothing
// when it is gone.
class LinkClaim : public OwnTimeouts {
public:
    LinkClaim() noexcept { on = watch_link; }

    Transport over(const Transport& below, LinkOwner& owner) noexcept {
        below_ = below;
        owner_ = &owner;
        Transport link;
        link.context = this;
        link.secure = below.secure;
        link.pull = [](void* self, char* into, size_t room) {
            const LinkClaim& claim = of(self);
            return claim.owner_ ? claim.below_.pull(claim.below_.context, into, room) : IoResult::failed(0);
        };
        link.push = [](void* self, const char* from, size_t count) {
            const LinkClaim& claim = of(self);
            return claim.owner_ ? claim.below_.push(claim.below_.context, from, count) : IoResult::failed(0);
        };
        link.hang_up = [](void* self) { of(self).hang_up(); };
        if (below.dial)
            link.dial = [](void* self, StringView host, uint16_t port) { return of(self).dial(host, port); };
        if (below.resolve)
            link.resolve = [](void* self, StringView host, uint16_t port) {
                const LinkClaim& claim = of(self);
                return claim.owner_ ? claim.below_.resolve(claim.below_.context, host, port) : IoResult::refused(0);
            };
        if (below.wait)
            link.wait = [](void* self, Interest interest, uint32_t ms) {
                const LinkClaim& claim = of(self);
                return claim.owner_ ? claim.below_.wait(claim.below_.context, interest, ms) : IoResult::ready();
            };
        if (below.wake)
            link.wake = [](void* self) {
                const LinkClaim& claim = of(self);
                if (claim.owner_) claim.below_.wake(claim.below_.context);
            };
        if (below.now_ms)
            link.now_ms = [](void* self) {
                LinkClaim& claim = of(self);
                if (claim.owner_) claim.last_ms_ = claim.below_.now_ms(claim.below_.context);
                return claim.last_ms_;
            };
        if (below.explain)
            link.explain = [](void* self, IoResult io, Buffer memory) {
                const LinkClaim& claim = of(self);
                return claim.owner_ ? claim.below_.explain(claim.below_.context, io, memory) : "";
            };
        return link;
    }

private:
    friend class LinkOwner;

    static LinkClaim& of(void* self) noexcept { return *static_cast<LinkClaim*>(self); }
    bool is_free() const noexcept { return !owner_->claim_ || owner_->claim_ == this; }
    IoResult dial(StringView host, uint16_t port) noexcept {
        if (!owner_ || !is_free()) return IoResult::refused(0);
        owner_->claim_ = this;
        return below_.dial(below_.context, host, port);
    }
    void hang_up() noexcept {
        if (!owner_ || owner_->claim_ != this) return;
        owner_->claim_ = nullptr;
        if (below_.hang_up) below_.hang_up(below_.context);
    }
    static Action watch_link(Interceptor& self, Conversation& conversation, Occasion occasion, Event* event) noexcept {
        auto& claim = static_cast<LinkClaim&>(self);
        if (conversation.is_open()) {
            if (!claim.owner_) return end(conversation, Error::link_gone);
            if (!claim.claim_buffer(conversation, occasion) || (occasion == Occasion::opened && !claim.is_free()))
                return end(conversation, Error::in_use);
        }
        return watch(self, conversation, occasion, event);
    }

    Transport below_;
    LinkOwner* owner_ = nullptr;  // null: it is gone
    uint32_t last_ms_ = 0;
};

inline LinkOwner::~LinkOwner() {
    if (claim_) claim_->owner_ = nullptr;
}

}  // namespace detail

OPENAI_STREAM_END
