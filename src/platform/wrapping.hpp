#pragma once
// A transport around another one: it can do what that can, and no more, for a Stream asks by null pointers what there
// is. Given an object with pull, push, hang_up, dial and wait of its own, and the Transport `inner_` below it; what has
// no words of its own is passed on.
#include "../io/transport.hpp"

#if defined(OPENAI_STREAM_REPLAY)
OPENAI_STREAM_BEGIN

namespace recording {

// A friend of T, whose functions are nobody else's. The object must outlive what around() gives.
template <class T> struct Wrapping {
    static Transport around(T& object) noexcept {
        const Transport& inner = object.inner_;
        Transport link;
        link.context = &object;
        link.secure = inner.secure;
        if (inner.pull) link.pull = [](void* self, char* into, size_t room) { return of(self).pull(into, room); };
        if (inner.push)
            link.push = [](void* self, const char* from, size_t count) { return of(self).push(from, count); };
        if (inner.hang_up) link.hang_up = [](void* self) { of(self).hang_up(); };
        if (inner.dial)
            link.dial = [](void* self, StringView host, uint16_t port) { return of(self).dial(host, port); };
        if (inner.resolve)
            link.resolve = [](void* self, StringView host, uint16_t port) {
                return below(self).resolve(below(self).context, host, port);
            };
        if (inner.wait)
            link.wait = [](void* self, Interest interest, uint32_t ms) { return of(self).wait(interest, ms); };
        if (inner.wake) link.wake = [](void* self) { below(self).wake(below(self).context); };
        if (inner.now_ms) link.now_ms = [](void* self) { return below(self).now_ms(below(self).context); };
        if (inner.explain)
            link.explain = [](void* self, IoResult io, Buffer memory) {
                return below(self).explain(below(self).context, io, memory);
            };
        return link;
    }
    static T& of(void* self) noexcept { return *static_cast<T*>(self); }
    static const Transport& below(void* self) noexcept { return of(self).inner_; }
};

}  // namespace recording

OPENAI_STREAM_END
#endif
