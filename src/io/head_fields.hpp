#pragma once
// What is kept of a response's head: three fields as they came, and Retry-After in seconds.
#include "../base/buffer.hpp"
#include "../base/delay.hpp"
#include "../http/response_head.hpp"

OPENAI_STREAM_BEGIN

class HeadFields {
public:
    // Bytes kept of a field; what is longer is cut. (Three of them fit into what is free while the request goes out.)
    static constexpr size_t max_bytes = 80;

    constexpr HeadFields() noexcept = default;

    // A piece of a field's value. The value is gathered at `memory`, which has room for max_bytes and lies before the
    // piece (blanks before the value are left out there); returns the end of what must stay there.
    OPENAI_STREAM_NOINLINE char* take(http::Field field, const StringView& piece, bool is_last, char* memory) noexcept {
        if (field < http::Field::content_type) return memory;
        const size_t count = piece.take(max_bytes - size_).size();
        if (count != 0) memmove(memory + size_, piece.data(), count);
        size_ += count;
        if (!is_last) return memory;
        char* end = memory + size_;
        size_ = 0;
        while (end != memory && http::is_ows(end[-1])) --end;
        if (field > http::Field::location) {
            uint32_t ms = 0;
            if (to_delay_ms(memory, end, false, ms)) set_retry_after_ms(ms);
        } else {
            StringView& kept = kept_[static_cast<unsigned>(field) - static_cast<unsigned>(http::Field::content_type)];
            if (!kept.data()) {
                kept = StringView(memory, static_cast<size_t>(end - memory));
                return end;
            }
        }
        return memory;
    }
    // Bytes of a value that has not ended, behind what take() returned last.
    size_t unfinished_bytes() const noexcept { return size_; }

    // -1: the server did not say.
    int64_t retry_after_ms() const noexcept { return static_cast<int64_t>(retry_after_) - 1; }

    void set_retry_after_ms(int64_t ms) noexcept {
        retry_after_ = ms < UINT32_MAX ? static_cast<uint32_t>(ms) + 1 : UINT32_MAX;
    }

    const StringView& content_type() const noexcept { return kept_[0]; }
    const StringView& request_id() const noexcept { return kept_[1]; }
    const StringView& location() const noexcept { return kept_[2]; }

private:
    StringView kept_[3];
    size_t size_ = 0;           // of the value being gathered
    uint32_t retry_after_ = 0;  // ms, plus one
};

OPENAI_STREAM_END
