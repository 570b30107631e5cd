#pragma once
// A Transport of an object with members of the same names. What it lacks is a null pointer; what it has must fit: a
// dial() with other parameters, left out in silence, would be a link that never connects.
#include "transport.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// A class that has all the names: of one that derives from it and from T, those are ambiguous that T has, whatever they
// are there.
struct TransportNames {
    int hang_up, dial, resolve, wait, wake, now_ms, explain, secure, hangup, hangUp, nowMs;
};
template <class T> struct is_sealed { static constexpr bool value = __is_final(T); };
template <class T, bool is_sealed> struct NamesOf : T, TransportNames {};
template <class T> struct NamesOf<T, true> : TransportNames {};  // cannot be asked: taken for one that has none
template <class T> using WithNames = NamesOf<T, is_sealed<T>::value>;

template <class T> constexpr bool has_hang_up(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::hang_up, bool()) has_hang_up(int) { return false; }
template <class T> constexpr bool has_dial(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::dial, bool()) has_dial(int) { return false; }
template <class T> constexpr bool has_resolve(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::resolve, bool()) has_resolve(int) { return false; }
template <class T> constexpr bool has_wait(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::wait, bool()) has_wait(int) { return false; }
template <class T> constexpr bool has_wake(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::wake, bool()) has_wake(int) { return false; }
template <class T> constexpr bool has_now_ms(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::now_ms, bool()) has_now_ms(int) { return false; }
template <class T> constexpr bool has_explain(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::explain, bool()) has_explain(int) { return false; }
template <class T> constexpr bool has_secure(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::secure, bool()) has_secure(int) { return false; }
// Names that somebody means who has misspelt one of these.
template <class T> constexpr bool has_other_hang_up(...) { return true; }
template <class T>
constexpr decltype(&WithNames<T>::hangup, &WithNames<T>::hangUp, bool()) has_other_hang_up(int) { return false; }
template <class T> constexpr bool has_other_now_ms(...) { return true; }
template <class T> constexpr decltype(&WithNames<T>::nowMs, bool()) has_other_now_ms(int) { return false; }

template <class T> constexpr bool is_const(const T*) noexcept { return true; }
template <class T> constexpr bool is_const(T*) noexcept { return false; }
template <class T> struct is_pointer_to_class { static constexpr bool value = false; };
template <class T> struct is_pointer_to_class<T*> { static constexpr bool value = __is_class(T); };

// One overload pair per member: the first is chosen when T has it and it fits; the second says that it does not.
using Missing = decltype(nullptr);
void take_io(IoResult);

template <class T>
auto pull_of(int) -> decltype(take_io(declval<T&>().pull(declval<char*>(), size_t())),
                              static_cast<IoResult (*)(void*, char*, size_t)>(nullptr)) {
    return [](void* object, char* into, size_t room) -> IoResult { return static_cast<T*>(object)->pull(into, room); };
}
template <class T> Missing pull_of(...) { return nullptr; }

template <class T>
auto push_of(int) -> decltype(take_io(declval<T&>().push(declval<const char*>(), size_t())),
                              static_cast<IoResult (*)(void*, const char*, size_t)>(nullptr)) {
    return [](void* object, const char* from, size_t count) -> IoResult {
        return static_cast<T*>(object)->push(from, count);
    };
}
template <class T> Missing push_of(...) { return nullptr; }

template <class T> auto hang_up_of(int) -> decltype(declval<T&>().hang_up(), static_cast<void (*)(void*)>(nullptr)) {
    return [](void* object) { static_cast<T*>(object)->hang_up(); };
}
template <class T> Missing hang_up_of(...) { return nullptr; }

template <class T>
auto dial_of(int)
    -> decltype(take_io(declval<T&>().dial(StringView(), uint16_t())),
                static_cast<IoResult (*)(void*, StringView, uint16_t)>(nullptr)) {
    return [](void* object, StringView host, uint16_t port) -> IoResult {
        return static_cast<T*>(object)->dial(host, port);
    };
}
template <class T> Missing dial_of(...) { return nullptr; }

template <class T>
auto resolve_of(int)
    -> decltype(take_io(declval<T&>().resolve(StringView(), uint16_t())),
                static_cast<IoResult (*)(void*, StringView, uint16_t)>(nullptr)) {
    return [](void* object, StringView host, uint16_t port) -> IoResult {
        return static_cast<T*>(object)->resolve(host, port);
    };
}
template <class T> Missing resolve_of(...) { return nullptr; }

template <class T>
auto wait_of(int) -> decltype(take_io(declval<T&>().wait(Interest(), uint32_t())),
                              static_cast<IoResult (*)(void*, Interest, uint32_t)>(nullptr)) {
    return [](void* object, Interest interest, uint32_t ms) -> IoResult {
        return static_cast<T*>(object)->wait(interest, ms);
    };
}
template <class T> Missing wait_of(...) { return nullptr; }

template <class T> auto wake_of(int) -> decltype(declval<T&>().wake(), static_cast<void (*)(void*)>(nullptr)) {
    return [](void* object) { static_cast<T*>(object)->wake(); };
}
template <class T> Missing wake_of(...) { return nullptr; }

// An integer: what is wider than 32 bits wraps around.
template <class T>
auto now_ms_of(int)
    -> decltype(declval<T&>().now_ms() % 2 + uint32_t(), static_cast<uint32_t (*)(void*)>(nullptr)) {
    return [](void* object) -> uint32_t { return static_cast<uint32_t>(static_cast<T*>(object)->now_ms()); };
}
template <class T> Missing now_ms_of(...) { return nullptr; }

template <class T>
auto explain_of(int)
    -> decltype(static_cast<const char*>(declval<T&>().explain(IoResult::failed(0), Buffer())),
                static_cast<const char* (*)(void*, IoResult, Buffer)>(nullptr)) {
    return [](void* object, IoResult io, Buffer memory) -> const char* {
        return static_cast<T*>(object)->explain(io, memory);
    };
}
template <class T> Missing explain_of(...) { return nullptr; }

template <class T> auto secure_of(int) -> decltype(static_cast<bool>(declval<T&>().secure()), int()) { return 0; }
template <class T> Missing secure_of(...) { return nullptr; }

template <class Found> constexpr bool fits() noexcept { return !is_same<Found, Missing>::value; }

// All of its members fit, or it does not compile.
template <class T> constexpr bool is_transport() noexcept {
    static_assert(fits<decltype(pull_of<T>(0))>() && fits<decltype(push_of<T>(0))>(),
                  "a transport has, public: IoResult pull(char* into, size_t room) and "
                  "IoResult push(const char* from, size_t count)");
    static_assert(fits<decltype(hang_up_of<T>(0))>() || !has_hang_up<T>(0),
                  "hang_up does not fit, or is not public: void hang_up()");
    static_assert(has_hang_up<T>(0) || !has_other_hang_up<T>(0), "hang_up is written so: void hang_up()");
    static_assert(fits<decltype(dial_of<T>(0))>() || !has_dial<T>(0),
                  "dial does not fit, or is not public: IoResult dial(StringView host, uint16_t port); "
                  "host.data() ends with a NUL");
    static_assert(fits<decltype(resolve_of<T>(0))>() || !has_resolve<T>(0),
                  "resolve does not fit, or is not public: IoResult resolve(StringView host, uint16_t port); "
                  "host.data() ends with a NUL");
    static_assert(fits<decltype(wait_of<T>(0))>() || !has_wait<T>(0),
                  "wait does not fit, or is not public: IoResult wait(Interest interest, uint32_t milliseconds)");
    static_assert(fits<decltype(wake_of<T>(0))>() || !has_wake<T>(0),
                  "wake does not fit, or is not public: void wake()");
    static_assert(fits<decltype(now_ms_of<T>(0))>() || !has_now_ms<T>(0),
                  "now_ms does not fit, or is not public: uint32_t now_ms()");
    static_assert(has_now_ms<T>(0) || !has_other_now_ms<T>(0), "now_ms is written so: uint32_t now_ms()");
    static_assert(fits<decltype(explain_of<T>(0))>() || !has_explain<T>(0),
                  "explain does not fit, or is not public: const char* explain(IoResult io, Buffer memory)");
    static_assert(fits<decltype(secure_of<T>(0))>() || !has_secure<T>(0),
                  "secure does not fit, or is not public: bool secure()");
    return true;
}

template <class T> bool is_secure(T& object, int) { return static_cast<bool>(object.secure()); }
template <class T> bool is_secure(T&, Missing) { return false; }

// What a Stream can be made of besides a Transport: an object of a class.
template <class Link>
using if_link = typename enable_if<(__is_class(typename remove_reference<Link>::type) ||
                                    is_pointer_to_class<typename remove_reference<Link>::type>::value) &&
                                   !__is_constructible(Transport, Link)>::type;

}  // namespace detail

// A Transport from any object with the members pull and push, and those of hang_up, dial, resolve, wait, wake, now_ms,
// explain and secure() it has. One that has the name and does not fit is refused when it is compiled. The object is not
// owned and must outlive the Stream.
template <class T> Transport transport_of(T& object OPENAI_STREAM_BORROWED) {
    static_assert(!detail::is_const(static_cast<T*>(nullptr)), "a transport changes when it is used: not a const one");
    static_assert(detail::is_transport<T>(), "");
    Transport transport;
    transport.context = &object;
    transport.pull = detail::pull_of<T>(0);
    transport.push = detail::push_of<T>(0);
    transport.hang_up = detail::hang_up_of<T>(0);
    transport.dial = detail::dial_of<T>(0);
    transport.resolve = detail::resolve_of<T>(0);
    transport.wait = detail::wait_of<T>(0);
    transport.wake = detail::wake_of<T>(0);
    transport.now_ms = detail::now_ms_of<T>(0);
    transport.explain = detail::explain_of<T>(0);
    transport.secure = detail::is_secure(object, detail::secure_of<T>(0));
    return transport;
}

namespace detail {

// That of a Stream's first argument. Link is that of a forwarding reference Link&&.
template <class Link> Transport transport_over(typename remove_reference<Link>::type& link) noexcept {
    using Type = typename remove_reference<Link>::type;
    constexpr bool is_object = !is_pointer_to_class<Type>::value, is_lasting = is_lvalue<Link>::value;
    static_assert(is_object, "give the Stream the transport itself, not a pointer to it");
    static_assert(is_lasting, "the transport is a temporary: it would be gone before it is used; give it a name");
    if constexpr (is_object && is_lasting) return transport_of(link);
    else return {};
}

}  // namespace detail

OPENAI_STREAM_END
