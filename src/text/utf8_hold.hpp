#pragma once
// Text that was cut anywhere becomes text that is cut between characters. Servers send tokens, and a token may end
// before an accent or in the middle of a flag or a family of emoji (in bytes that are not an Event's, also of a code
// point). Drawn or measured piece by piece, such a half is wrong for a moment, or for ever.
//
// Given: text in pieces, memory for one character. Gives: the same bytes, in pieces of whole characters; the last one
// waits until the next has begun, or the text has ended. Bytes that are no UTF-8 pass as they are.
#include "../base/buffer.hpp"
#include "characters.hpp"

OPENAI_STREAM_BEGIN

class Utf8Hold {
public:
    // The least is a code point. A character that does not fit is cut between code points: 32 bytes are enough for a
    // family of four and for the flag of Wales.
    static constexpr size_t min_memory_bytes = 4;

    // Not owned. With less than min_memory_bytes nothing is delivered.
    constexpr explicit Utf8Hold(Buffer memory, TextUnit unit = TextUnit::character) noexcept
        : memory_(memory), unit_(unit) {}

    // The text goes on. Not owned: it must stay until next() has returned false. What was not fetched by next() before
    // is passed over.
    void feed(StringView text) noexcept {
        StringView unwanted;
        while (next(unwanted)) {}
        rest_ = text;
        begin_ = text.begin();
    }
    // The text has ended: next() delivers what waits.
    void finish() noexcept { is_finished_ = true; }

    // Finds the next piece, valid until the next call that is not const, and as long as what was given to feed().
    // Returns false if there is none: feed() more.
    bool next(StringView& piece) noexcept {
        if (memory_.size < min_memory_bytes) return false;
        if (released_ != 0) memmove(memory_.data, memory_.data + released_, held_ -= released_);
        released_ = 0;
        while (true) {
            if (held_ == 0 && pass_whole(piece)) return true;
            if (rest_.empty() && (held_ == 0 || !is_finished_)) return false;
            if (rest_.empty()) return release(piece, held_);
            if (held_ == memory_.size) return release(piece, first_held().size);
            memory_.data[held_++] = rest_[0];
            rest_ = rest_.drop(1);
            const detail::text::Unit unit = first_held();
            if (!unit.is_over) continue;
            give_back(held_ - unit.size);
            return release(piece, unit.size);
        }
    }

private:
    detail::text::Unit first_held() const noexcept {
        return detail::text::unit_at(memory_.data, memory_.data + held_, unit_);
    }
    // What is over of the input needs no memory; but what would not fit into it is cut as if it did.
    bool pass_whole(StringView& piece) noexcept {
        size_t size = 0;
        while (true) {
            const StringView left = rest_.drop(size), most = left.take(memory_.size);
            const detail::text::Unit unit = detail::text::unit_at(most.begin(), most.end(), unit_);
            if (!unit.is_over && most.size() == left.size()) break;
            size += unit.size;
        }
        piece = rest_.take(size);
        rest_ = rest_.drop(size);
        return size != 0;
    }
    // What was copied too many is read from the input again, if all of it came from there.
    void give_back(size_t count) noexcept {
        if (static_cast<size_t>(rest_.begin() - begin_) < count) return;
        rest_ = StringView(rest_.begin() - count, rest_.size() + count);
        held_ -= count;
    }
    bool release(StringView& piece, size_t count) noexcept {
        released_ = count;
        piece = StringView(memory_.data, count);
        return true;
    }

    Buffer memory_;
    StringView rest_;              // of the input
    const char* begin_ = nullptr;  // of it
    size_t held_ = 0;              // bytes in memory_
    size_t released_ = 0;          // so many of them were delivered
    TextUnit unit_;
    bool is_finished_ = false;
};

OPENAI_STREAM_END
