#pragma once
// Memory the caller owns, and sequences the caller owns.
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

namespace detail {
// What memory may consist of: char, unsigned char, std::byte.
template <class T> struct is_byte { static constexpr bool value = __is_enum(T) && sizeof(T) == 1; };
template <> struct is_byte<char> { static constexpr bool value = true; };
template <> struct is_byte<unsigned char> { static constexpr bool value = true; };
template <class T> struct element_of {};  // of a pointer
template <class T> struct element_of<T*> { using type = T; };
// Writable memory: has data() that points to such, and size().
template <class T, class = void> struct is_memory { static constexpr bool value = false; };
template <class T>
struct is_memory<T, decltype(static_cast<void>(static_cast<size_t>(declval<T&>().size())),
                             static_cast<void>(*declval<T&>().data()))> {
    static constexpr bool value = is_byte<typename element_of<decltype(declval<T&>().data())>::type>::value;
};
}  // namespace detail

// Writable bytes. Owns nothing: must outlive whatever it is given to. Of an array, a pointer and a count, or anything
// with data() and size() (std::array, std::vector, std::span; it must not grow meanwhile).
struct OPENAI_STREAM_POINTER Buffer {
    template <class T> using if_byte = typename detail::enable_if<detail::is_byte<T>::value>::type;
    template <class C, bool is_owner>
    using if_memory = typename detail::enable_if<detail::is_memory<typename detail::remove_reference<C>::type>::value &&
                                                 detail::is_owning_rvalue<C>::value == is_owner>::type;

    char* data = nullptr;
    size_t size = 0;

    constexpr Buffer() noexcept = default;
    constexpr Buffer(char* bytes OPENAI_STREAM_BORROWED, size_t count) noexcept : data(bytes), size(count) {}
    template <class T, class = if_byte<T>>
    Buffer(T* bytes OPENAI_STREAM_BORROWED, size_t count) noexcept
        : data(reinterpret_cast<char*>(bytes)), size(count) {}
    template <size_t count>
    constexpr Buffer(char (&bytes OPENAI_STREAM_BORROWED)[count]) noexcept : data(bytes), size(count) {}
    template <class T, size_t count, class = if_byte<T>>
    Buffer(T (&bytes OPENAI_STREAM_BORROWED)[count]) noexcept : data(reinterpret_cast<char*>(bytes)), size(count) {}
    template <class C, class = if_memory<C, false>>
    Buffer(C&& memory) noexcept
        : data(reinterpret_cast<char*>(memory.data())), size(static_cast<size_t>(memory.size())) {}
    // Temporary memory would be gone before it is used: refused.
    template <class C, class = if_memory<C, true>, class = void> Buffer(C&& memory) = delete;
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
