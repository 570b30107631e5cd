#pragma once
// Why: bytes of an answer lie where they were received until somebody has read them, and their place is the only copy.
// What of the buffer is in use, and what is free, is said by five marks; who moves bytes moves the marks here.
#include "../base/buffer.hpp"
#include "../base/bytes.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// The marks of a buffer that its owner has. In their order:
//
//   ... retained | an event's data being read | unread: without framing | as received | free | ...
//       retained_end                     unread        deframed_end      received_end   limit
struct ReceiveBuffer {
    char* unread = nullptr;        // received, not read: here to received_end
    char* deframed_end = nullptr;  // of these, up to here without framing
    char* received_end = nullptr;
    char* limit = nullptr;         // of what may be received
    char* retained_end = nullptr;  // what lies before it stays

    // Nothing is retained or received. The limit is the caller's to set.
    void begin(char* at) noexcept { retained_end = unread = deframed_end = received_end = at; }

    bool is_ordered() const noexcept {
        return retained_end <= unread && unread <= deframed_end && deframed_end <= received_end &&
               received_end <= limit;
    }
    StringView deframed() const noexcept { return {unread, static_cast<size_t>(deframed_end - unread)}; }
    // Bytes before and after what has not been read. (No event's data may lie there.)
    size_t unused() const noexcept { return static_cast<size_t>((unread - retained_end) + (limit - received_end)); }
    // An eighth of what is not retained is free.
    bool has_room() const noexcept {
        const auto eighth = static_cast<ptrdiff_t>(static_cast<size_t>(limit - retained_end) / 8);
        return limit - received_end > eighth;
    }
    // Framing was read from deframed_end to `at`, where a piece of a body ends. It is taken away between that piece and
    // what was not read before it.
    void deframe(const char* at, size_t piece_size) noexcept {
        const ptrdiff_t gap = (at - deframed_end) - static_cast<ptrdiff_t>(piece_size);
        const auto left = static_cast<size_t>(deframed_end - unread);
        if (!is_small_build && left != 0 && gap != 0) move_bytes(unread + gap, unread, left);
        unread += gap;
        deframed_end = unread + (at - unread);
    }
    void move_unread(char* to) noexcept {
        const ptrdiff_t distance = to - unread;
        move_bytes(to, unread, static_cast<size_t>(received_end - unread));
        unread = to;
        deframed_end += distance;
        received_end += distance;
    }
    // Retains up to `count` bytes more, if need be by moving what has not been read; returns how many.
    size_t reserve(size_t count) noexcept {
        const auto gap = static_cast<size_t>(unread - retained_end);
        if (unused() < count) count = unused();
        if (gap < count) move_unread(retained_end + count);
        retained_end += count;
        return count;
    }
};

}  // namespace detail

OPENAI_STREAM_END
