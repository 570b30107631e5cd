#pragma once
// A pointer to an object of somebody else's: what is given as an object, and read later where it lies.
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// Null, or an object that must outlive it. Of a pointer, or of the object itself; a temporary would be gone before it
// is read, and is refused.
template <class T> class OPENAI_STREAM_POINTER Borrowed {
public:
    constexpr Borrowed() noexcept = default;
    constexpr Borrowed(const T* object OPENAI_STREAM_BORROWED) noexcept : object_(object) {}
    constexpr Borrowed(const T& object OPENAI_STREAM_BORROWED) noexcept : object_(&object) {}
    Borrowed(const T&&) = delete;

    constexpr operator const T*() const noexcept { return object_; }
    constexpr const T* operator->() const noexcept { return object_; }
    constexpr const T& operator*() const noexcept { return *object_; }

private:
    const T* object_ = nullptr;
};

}  // namespace detail

OPENAI_STREAM_END
