#pragma once
// Why: a Stream is made in one line, and must not hang for ever, nor be ruined by another one in its place. What that
// takes lies at the beginning of its buffer: limits of time, and marks that say whose the buffer and the transport are.
// What must hold even if another Stream has taken the buffer lies in the Streams: the list of those over one transport.
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

class OwnTimeouts;

// A base of transports that know by whom they are used: one conversation goes over one of them at a time, and none when
// it is gone.
class LinkOwner {
public:
    constexpr LinkOwner() noexcept = default;
    LinkOwner(const LinkOwner&) = delete;
    LinkOwner& operator=(const LinkOwner&) = delete;
    inline ~LinkOwner();

private:
    friend class OwnTimeouts;
    Conversation* users_ = nullptr;  // the first of all Streams that were made over it
};

// Timeouts that a Stream has of its own, with the mark of its buffer and whose transport it uses.
class OwnTimeouts : public Timeouts {
public:
    OwnTimeouts() noexcept { on = watch_marks; }

    // At the beginning of the memory, which becomes what is left. Null, and no memory, if there is no room.
    static OwnTimeouts* place(Buffer& memory) noexcept {
        const size_t gap = (alignof(OwnTimeouts) - reinterpret_cast<uintptr_t>(memory.data) % alignof(OwnTimeouts)) %
                           alignof(OwnTimeouts);
        const size_t size = gap + sizeof(OwnTimeouts);
        auto* const made = memory.size >= size ? new (memory.data + gap, Here()) OwnTimeouts() : nullptr;
        memory = made ? Buffer(memory.data + size, memory.size - size) : Buffer();
        return made;
    }
    // The conversation is one over this transport.
    void join(LinkOwner& owner, Conversation& conversation) noexcept {
        owner_ = &owner;
        conversation.join(owner.users_);
    }
    static void lose(LinkOwner& owner) noexcept {
        while (owner.users_) owner.users_->lose_link();
    }

private:
    static Action watch_marks(Interceptor& self, Conversation& conversation, Occasion occasion, Event* event) noexcept {
        auto& own = static_cast<OwnTimeouts&>(self);
        const bool opens = occasion == Occasion::opened;
        if (opens) own.mark_ = conversation.mark_ = &conversation;
        if (conversation.is_open() &&
            (own.mark_ != conversation.mark_ || (opens && own.owner_ && own.is_taken(conversation)))) {
            conversation.fail(Error::in_use);
            return Action::again;
        }
        return watch(self, conversation, occasion, event);
    }
    // By another Stream: for a conversation, or a connection that it keeps.
    bool is_taken(const Conversation& conversation) const noexcept {
        for (const Conversation* one = owner_->users_; one; one = one->next_user_)
            if (one != &conversation && (one->is_open() || one->link_.state() != Link::State::down)) return true;
        return false;
    }

    const void* mark_ = nullptr;  // of the Stream that opened last
    LinkOwner* owner_ = nullptr;  // of the transport, or null; not read after its end: nothing opens then
};

inline LinkOwner::~LinkOwner() { OwnTimeouts::lose(*this); }

}  // namespace detail

OPENAI_STREAM_END
