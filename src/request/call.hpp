#pragma once
// What a call that begins a request refuses at compile time, in sentences. The endpoint and the request are read while
// the request is sent, long after the call: a temporary would be gone by then, and braces make one.
#include "endpoint.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// What an argument in braces is deduced as: the default of a template parameter.
struct Braces {
    template <class... T> Braces(T&&...) noexcept;
};
template <class T> constexpr bool is_braces(T*) noexcept { return false; }
constexpr bool is_braces(Braces*) noexcept { return true; }

// Both are true, or do not compile. T is that of a forwarding reference T&&.
template <class T> constexpr bool is_lasting_endpoint() noexcept {
    using Type = typename remove_reference<T>::type;
    constexpr bool is_named = !is_braces(static_cast<Type*>(nullptr));
    constexpr bool is_endpoint = !is_named || __is_base_of(Endpoint, Type);
    static_assert(is_named, "name the endpoint's type, not only braces: const Endpoint server(\"https://...\");");
    static_assert(is_endpoint, "the first argument is an Endpoint: const Endpoint server(\"https://...\");");
    static_assert(!is_named || !is_endpoint || is_lvalue<T>::value,
                  "the Endpoint is a temporary: it would be gone before the request is sent; give it a name");
    return is_named && is_endpoint && is_lvalue<T>::value;
}
template <class T> constexpr bool is_lasting_request() noexcept {
    constexpr bool is_named = !is_braces(static_cast<typename remove_reference<T>::type*>(nullptr));
    static_assert(is_named, "name the request's type, not only braces: const ChatRequest ask = {...};");
    static_assert(!is_named || is_lvalue<T>::value,
                  "the request is a temporary: it would be gone before it is sent; give it a name");
    return is_named && is_lvalue<T>::value;
}

}  // namespace detail

OPENAI_STREAM_END
