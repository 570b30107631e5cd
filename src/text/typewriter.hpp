#pragma once
// Text that arrives in bursts leaves at an even pace: a game asks for so many characters in each frame, and shows them
// as if somebody typed. A character is never cut: accents and emoji appear whole.
//
// Given: text, memory for what has come and was not shown yet. Gives: the same bytes, so many characters per call.
#include "../base/buffer.hpp"
#include "characters.hpp"

OPENAI_STREAM_BEGIN

class Typewriter {
public:
    static constexpr size_t min_memory_bytes = 4;  // a code point

    // Not owned. With less than min_memory_bytes nothing is accepted.
    constexpr explicit Typewriter(Buffer memory, TextUnit unit = TextUnit::character) noexcept
        : memory_(memory), unit_(unit) {}

    // Copies as much of the text as fits, and returns how many bytes that is: add the rest when some has been taken.
    size_t add(StringView text) noexcept {
        if (memory_.size < min_memory_bytes) return 0;
        if (text.size() > memory_.size - end_) {
            memmove(memory_.data, memory_.data + begin_, pending());
            end_ = pending();
            begin_ = 0;
        }
        const StringView taken = text.take(memory_.size - end_);
        if (!taken.empty()) memcpy(memory_.data + end_, taken.data(), taken.size());
        end_ += taken.size();
        return taken.size();
    }
    // The text has ended: the last character may be taken.
    void finish() noexcept { is_finished_ = true; }

    // The next characters, as many as wanted if they are there. The last one that was added is kept back until
    // another follows or the text has ended, for more may belong to it. Valid until the next add().
    StringView take(size_t count) noexcept {
        const char* const begin = memory_.data + begin_;
        for (; count != 0 && begin_ != end_; --count) {
            const detail::text::Unit unit =
                detail::text::unit_at(memory_.data + begin_, memory_.data + end_, unit_, is_finished_);
            if (!unit.is_over && !is_finished_ && pending() != memory_.size) break;
            begin_ += unit.size;
        }
        return {begin, static_cast<size_t>(memory_.data + begin_ - begin)};
    }

    size_t pending() const noexcept { return end_ - begin_; }  // bytes that were not taken yet
    bool is_done() const noexcept { return is_finished_ && begin_ == end_; }

private:
    Buffer memory_;
    size_t begin_ = 0, end_ = 0;  // what waits, in memory_
    TextUnit unit_;
    bool is_finished_ = false;
};

OPENAI_STREAM_END
