#pragma once
// StringView: bytes somebody else owns. Our own, because bare-metal RISC-V and wasm have no <string_view>.
#include "config.hpp"

OPENAI_STREAM_BEGIN

namespace detail {
template <bool condition, class T = void> struct enable_if {};
template <class T> struct enable_if<true, T> { using type = T; };
template <class T> struct remove_reference { using type = T; };
template <class T> struct remove_reference<T&> { using type = T; };
template <class T> struct remove_reference<T&&> { using type = T; };
template <class T> struct is_lvalue { static constexpr bool value = false; };
template <class T> struct is_lvalue<T&> { static constexpr bool value = true; };
template <class A, class B> struct is_same { static constexpr bool value = false; };
template <class A> struct is_same<A, A> { static constexpr bool value = true; };
template <class T> T&& declval() noexcept;

// Has data() that is a const char* and size(): std::string, std::string_view, std::vector<char>, QByteArray ...
template <class T, class = void> struct is_text { static constexpr bool value = false; };
template <class T>
struct is_text<T, decltype(static_cast<void>(static_cast<const char*>(declval<const T&>().data())),
                           static_cast<void>(static_cast<size_t>(declval<const T&>().size())))> {
    static constexpr bool value = true;
};

// Its elements are const where it is: they are its own (std::array), and not somebody else's (std::span).
template <class T, class = void> struct has_own_elements { static constexpr bool value = false; };
template <class T>
struct has_own_elements<T, decltype(static_cast<void>(declval<T&>().data()))> {
    static constexpr bool value = !is_same<decltype(declval<T&>().data()), decltype(declval<const T&>().data())>::value;
};
// A class rvalue that owns what it points to: a view of it would dangle.
template <class T> struct is_owning_rvalue {
    using Type = typename remove_reference<T>::type;
    static constexpr bool value =
        !is_lvalue<T>::value && (!__is_trivially_copyable(Type) || has_own_elements<Type>::value);
};
}  // namespace detail

// A pointer and a count of bytes; not terminated, may hold NUL. Owns nothing: valid as long as the bytes it names.
// Null data() means "was not there", an empty text with non-null data() "was there and empty".
class OPENAI_STREAM_POINTER StringView {
    template <class T> using if_text = typename detail::enable_if<detail::is_text<T>::value>::type;

public:
    constexpr StringView() noexcept = default;
    constexpr StringView(const char* data OPENAI_STREAM_BORROWED, size_t size) noexcept : data_(data), size_(size) {}
    OPENAI_STREAM_INLINE constexpr StringView(const char* text OPENAI_STREAM_BORROWED) noexcept
        : data_(text), size_(text ? length(text) : 0) {}

    template <class T, class = if_text<typename detail::remove_reference<T>::type>,
              class = typename detail::enable_if<!detail::is_owning_rvalue<T>::value>::type>
    constexpr StringView(T&& text) noexcept : data_(text.data()), size_(static_cast<size_t>(text.size())) {}
    // A temporary that owns its bytes would be gone before the view is read: refused.
    template <class T, class = if_text<typename detail::remove_reference<T>::type>,
              class = typename detail::enable_if<detail::is_owning_rvalue<T>::value>::type, class = void>
    StringView(T&& text) = delete;

    constexpr const char* data() const noexcept { return data_; }
    constexpr size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr const char* begin() const noexcept { return data_; }
    constexpr const char* end() const noexcept { return data_ + size_; }
    constexpr char operator[](size_t index) const noexcept { return data_[index]; }

    // The first count bytes, and all but these; more than there are is all of them.
    constexpr StringView take(size_t count) const noexcept { return {data_, count < size_ ? count : size_}; }
    constexpr StringView drop(size_t count) const noexcept {
        return count < size_ ? StringView(data_ + count, size_ - count) : StringView(data_ + size_, 0);
    }

    // To std::string, std::string_view and everything else that is made of (const char*, size_t).
    template <class T, class = typename detail::enable_if<__is_constructible(T, const char*, size_t)>::type>
    operator T() const {
        return T(data_ ? data_ : "", size_);
    }

    OPENAI_STREAM_INLINE friend bool operator==(StringView left, StringView right) noexcept {
        return equal(left.data_, left.size_, right.data_, right.size_);
    }
    OPENAI_STREAM_INLINE friend bool operator!=(StringView left, StringView right) noexcept { return !(left == right); }
    template <class T, class = if_text<T>> friend bool operator==(const T& left, StringView right) noexcept {
        return StringView(left) == right;
    }
    template <class T, class = if_text<T>> friend bool operator==(StringView left, const T& right) noexcept {
        return left == StringView(right);
    }
    template <class T, class = if_text<T>> friend bool operator!=(const T& left, StringView right) noexcept {
        return !(StringView(left) == right);
    }
    template <class T, class = if_text<T>> friend bool operator!=(StringView left, const T& right) noexcept {
        return !(left == StringView(right));
    }

    // With std::string, and whatever else has append(): a text of that type.
    template <class T, class = decltype(detail::declval<T&>().append("", size_t()))>
    friend T operator+(T left, StringView right) {
        left.append(right.data_ ? right.data_ : "", right.size_);
        return left;
    }
    template <class T, class = decltype(detail::declval<T&>().append("", size_t()))>
    friend T operator+(StringView left, const T& right) {
        T text(left);
        text.append(right.data(), right.size());
        return text;
    }

private:
    static constexpr size_t length(const char* text) noexcept { return __builtin_strlen(text); }
    OPENAI_STREAM_OUTLINE
    static bool equal(const char* left, size_t left_size, const char* right, size_t right_size) noexcept {
        if (left_size != right_size) return false;
        if (!detail::is_small_build) return left_size == 0 || memcmp(left, right, left_size) == 0;
        for (const char* const end = left + left_size; left != end; ++left, ++right)
            if (*left != *right) return false;
        return true;
    }

    const char* data_ = nullptr;
    size_t size_ = 0;
};

namespace detail {
struct Count {  // becomes whatever integer a write() takes: std::streamsize, size_t
    size_t value;
    template <class T> operator T() const noexcept { return static_cast<T>(value); }
};
}  // namespace detail

// For std::ostream and everything else with write(const char*, count).
template <class Out> auto operator<<(Out& out, StringView text) -> decltype((out.write)("", detail::Count()), out) {
    (out.write)(text.data() ? text.data() : "", detail::Count{text.size()});
    return out;
}

OPENAI_STREAM_END
