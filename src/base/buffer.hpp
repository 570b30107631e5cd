#pragma once
// Memory the caller owns, and sequences the caller owns.
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

// Writable bytes. Owns nothing: must outlive whatever it is given to.
struct OPENAI_STREAM_POINTER Buffer {
    char* data = nullptr;
    size_t size = 0;

    constexpr Buffer() noexcept = default;
    constexpr Buffer(char* bytes OPENAI_STREAM_BORROWED, size_t count) noexcept : data(bytes), size(count) {}
    Buffer(unsigned char* bytes OPENAI_STREAM_BORROWED, size_t count) noexcept
        : data(reinterpret_cast<char*>(bytes)), size(count) {}
    template <size_t count>
    constexpr Buffer(char (&bytes OPENAI_STREAM_BORROWED)[count]) noexcept : data(bytes), size(count) {}
    template <size_t count>
    Buffer(unsigned char (&bytes OPENAI_STREAM_BORROWED)[count]) noexcept
        : data(reinterpret_cast<char*>(bytes)), size(count) {}
};

// A pointer and a count of elements. Owns nothing: the elements must outlive it.
template <class T> struct OPENAI_STREAM_POINTER Span {
    T* data = nullptr;
    size_t size = 0;

    constexpr Span() noexcept = default;
    constexpr Span(T* elements OPENAI_STREAM_BORROWED, size_t count) noexcept : data(elements), size(count) {}
    template <size_t count>
    constexpr Span(T (&elements OPENAI_STREAM_BORROWED)[count]) noexcept : data(elements), size(count) {}
    template <class C, class = decltype(static_cast<T*>(detail::declval<C&>().data())),
              class = typename detail::enable_if<!detail::is_owning_rvalue<C>::value>::type>
    constexpr Span(C&& elements) noexcept : data(elements.data()), size(static_cast<size_t>(elements.size())) {}
    // A temporary container would be gone before its elements are read: refused.
    template <class C, class = decltype(static_cast<T*>(detail::declval<C&>().data())),
              class = typename detail::enable_if<detail::is_owning_rvalue<C>::value>::type, class = void>
    Span(C&& elements) = delete;

    constexpr bool empty() const noexcept { return size == 0; }
    constexpr T* begin() const noexcept { return data; }
    constexpr T* end() const noexcept { return data + size; }
    constexpr T& operator[](size_t index) const noexcept { return data[index]; }
};

OPENAI_STREAM_END
