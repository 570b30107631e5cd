#pragma once
// Why: what belongs together often arrives in pieces with something between them that nobody needs: the line ends and
// field names of an event, the framing of a body. Each piece is moved to the end of the one before it, where they lie,
// so that whoever reads them sees one text, and no memory is needed but the input's.
#include "ascii.hpp"
#include "bytes.hpp"
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

// A text joined in its input, which must be writable and stay where it is (or see move_to()). Owns nothing. Whoever
// uses sse::EventAssembler alone gives it one for the data of its events.
class JoinedText {
public:
    constexpr JoinedText() noexcept = default;

    // One piece more; the first one stays where it is, a later one lies after the text. begins_line: a line feed comes
    // before it, unless it is the first; one byte must be free between both then.
    OPENAI_STREAM_OUTLINE void append(const char* piece, size_t size, bool begins_line) noexcept {
        if (state_ != State::open) {
            begin_ = end_ = const_cast<char*>(piece);
            state_ = State::open;
            begins_line = false;
        }
        char* const into = end_ + begins_line;
        if (into != piece) detail::move_bytes(into, piece, size);
        if (begins_line) *end_ = '\n';
        end_ = into + size;
    }
    // The text is whole: nothing more will be appended to it; append() then begins another one.
    void end() noexcept { state_ = State::whole; }
    void clear() noexcept {
        state_ = State::none;
        begin_ = end_ = nullptr;
    }

    // A piece has come, and the text has not ended.
    bool is_open() const noexcept { return state_ == State::open; }
    bool is_whole() const noexcept { return state_ == State::whole; }

    StringView view() const noexcept { return {begin_, static_cast<size_t>(end_ - begin_)}; }
    char* begin() const noexcept { return begin_; }
    char* limit() const noexcept { return end_; }

    // What was read of it is taken off.
    void drop_before(char* at) noexcept { begin_ = at; }
    // Blanks and line ends at its beginning are taken off.
    void skip_blanks() noexcept {
        while (begin_ != end_ && ascii::is_space(*begin_)) ++begin_;
    }
    // All of it after its first `size` bytes is taken off.
    void cut(size_t size) noexcept { end_ = begin_ + size; }
    // Moves it to `to`, which is not after it; returns its new end.
    char* move_to(char* to) noexcept {
        const size_t size = view().size();
        detail::move_bytes(to, begin_, size);
        begin_ = to;
        return end_ = to + size;
    }

private:
    enum class State : uint32_t { none, open, whole };

    char* begin_ = nullptr;
    char* end_ = nullptr;
    State state_ = State::none;
};

OPENAI_STREAM_END
