#pragma once
// What is kept of a response's head: three fields as they came, and Retry-After in seconds.
#include "../base/buffer.hpp"
#include "../base/bytes.hpp"
#include "../base/delay.hpp"
#include "../http/response_parser.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

class HeadFields {
public:
    // Bytes kept of a field; what is longer is cut. (Three of them fit into what is free while the request goes out.)
    static constexpr size_t max_bytes = 80;

    constexpr HeadFields() noexcept = default;

    // A piece of a field's value has been found. The fields are gathered at `memory`, always the same, which has room
    // for max_bytes after used_bytes() and lies before the piece (blanks before the value are left out there).
    OPENAI_STREAM_NOINLINE void add(const http::ResponseParser& found, char* memory) noexcept {
        add(found.field(), found.text(), found.is_text_complete(), memory);
    }
    OPENAI_STREAM_INLINE void add(http::Field field, const StringView& piece, bool is_last, char* memory) noexcept {
        if (field < http::Field::content_type) return;
        char* const value = memory + used_;
        const size_t count = piece.take(max_bytes - size_).size();
        move_bytes(value + size_, piece.data(), count);
        size_t size = size_ + count;
        size_ = static_cast<uint8_t>(size);
        if (!is_last) return;
        size_ = 0;
        while (size != 0 && http::is_ows(value[size - 1])) --size;
        if (field > http::Field::location) {
            if (to_delay_ms(value, value + size, false, retry_after_)) ++retry_after_;
            return;
        }
        Place& place = places_[static_cast<unsigned>(field) - static_cast<unsigned>(http::Field::content_type)];
        if (place.after != 0) return;  // the first one counts
        place.size = static_cast<uint8_t>(size);
        used_ = place.after = static_cast<uint8_t>(used_ + size + 1);
    }
    // Bytes of `memory` that must stay there; and those after them, of a value that has not ended.
    size_t used_bytes() const noexcept { return used_; }
    size_t unfinished_bytes() const noexcept { return size_; }

    // -1: the server did not say.
    int64_t retry_after_ms() const noexcept { return static_cast<int64_t>(retry_after_) - 1; }

    // Null data() if there was none.
    StringView content_type(const char* memory) const noexcept { return at(memory, 0); }
    StringView request_id(const char* memory) const noexcept { return at(memory, 1); }
    StringView location(const char* memory) const noexcept { return at(memory, 2); }

    void set_retry_after_ms(int64_t ms) noexcept {
        retry_after_ = ms < UINT32_MAX ? static_cast<uint32_t>(ms) + 1 : UINT32_MAX;
    }

private:
    struct Place {
        uint8_t size = 0;
        uint8_t after = 0;  // where the next one begins: one byte after the value; 0: it has not come
    };

    StringView at(const char* memory, unsigned index) const noexcept {
        const Place place = places_[index];
        return place.after == 0 ? StringView() : StringView(memory + place.after - 1 - place.size, place.size);
    }

    uint8_t used_ = 0;
    uint8_t size_ = 0;          // of the value being gathered
    Place places_[3];
    uint32_t retry_after_ = 0;  // ms, plus one
};

}  // namespace detail

OPENAI_STREAM_END
