#pragma once
// The lines of text/event-stream (WHATWG HTML, section 9.2 "Server-sent events"), resumable at every byte, without
// memory: a value is delivered in the pieces in which it arrives. Byte-transparent: UTF-8 is not looked at.
#include "../base/ascii.hpp"
#include "../base/scan.hpp"
#include "../base/words.hpp"

OPENAI_STREAM_BEGIN

namespace sse {

enum class Field : uint8_t {
    data,
    event,
    id,
    retry,
    error,    // not in the standard, where it is an unknown field: llama.cpp reports errors in it
    comment,  // a line that begins with a colon
    unknown,
};

enum class LineKind : uint8_t {
    need_more,  // all input was read
    value,      // a piece of a field's value, or of a comment
    blank,      // an empty line: the end of an event
};

class LineDecoder {
public:
    constexpr LineDecoder() noexcept = default;

    // Reads one piece of [at, end) and moves at after it. Lines end in LF, CR LF or CR; a CR ends its line at once, the
    // LF that may follow is passed over later. Unknown fields are passed over.
    OPENAI_STREAM_INLINE LineKind next(const char*& at, const char* end) noexcept {
        while (at != end) {
            switch (state_) {
                case State::value:
                    begin_ = at;
                    end_ = at = detail::scan::line_end(at, end);
                    if (at != end) end_line(*at++);
                    if (field_ != Field::unknown) return LineKind::value;
                    break;
                case State::line_feed:  // end-of-line = ( cr lf / cr / lf )
                    state_ = State::name;
                    if (*at == '\n') ++at;
                    break;
                case State::name:  // field = 1*name-char [ colon [ space ] *any-char ] end-of-line
                    if (!detail::is_small_build && OPENAI_STREAM_LIKELY(name_size_ == 0 && end - at >= 6 &&
                                                                memcmp(at, "data: ", 6) == 0)) {
                        at += 6;
                        field_ = Field::data;
                        has_field_ = true;
                        state_ = State::value;
                    } else if (*at != ':' && !LineEnd::is(static_cast<unsigned char>(*at))) {
                        if (name_size_ != sizeof name_) name_[name_size_++] = *at;
                        ++at;
                    } else {
                        field_ = named_field();
                        if (*at == ':') {
                            ++at;
                            if (field_ != Field::unknown) has_field_ = true;
                            state_ = State::space;
                            break;
                        }
                        state_ = State::value;
                        if (field_ == Field::comment) {  // without the colon: an empty line
                            end_line(*at++);
                            return LineKind::blank;
                        }
                    }
                    break;
                case State::space:
                    if (*at == ' ') ++at;
                    state_ = State::value;
                    break;
            }
        }
        return LineKind::need_more;
    }

    // The field of a value, its piece in the input, and whether the line has ended (its last piece may be empty).
    Field field() const noexcept { return field_; }
    StringView text() const noexcept { return {begin_, static_cast<size_t>(end_ - begin_)}; }
    bool is_complete() const noexcept { return state_ != State::value; }
    // A comment or a field with a known name has come, or what may be the beginning of such a name: what has neither is
    // hardly an event stream.
    bool has_field() const noexcept {
        if (has_field_ || state_ != State::name || name_size_ == 0 || name_size_ > 4) return has_field_;
        const char* known = names;
        while (*known != '\0' && !(StringView(known, name_size_) == StringView(name_, name_size_)))
            known += detail::words::length(known) + 1;
        return *known != '\0';
    }

    // At the beginning of a line: 1, or 2 if a line feed that comes next belongs to the line before; else 0.
    unsigned boundary() const noexcept {
        return state_ == State::line_feed ? 2u : state_ == State::name && name_size_ == 0 ? 1u : 0u;
    }

private:
    using LineEnd = detail::scan::LineEnd;
    enum class State : uint8_t { name, space, value, line_feed };
    static constexpr char names[] = "data\0event\0id\0retry\0error\0";  // in the order of Field

    OPENAI_STREAM_INLINE void end_line(char c) noexcept {
        state_ = c == '\r' ? State::line_feed : State::name;
        name_size_ = 0;
        is_after_first_line_ = true;
    }
    // stream = [ bom ] *event: the mark is not part of the first name.
    OPENAI_STREAM_NOINLINE Field named_field() const noexcept {
        const bool has_mark = !is_after_first_line_ && StringView(name_, 3) == "\xEF\xBB\xBF";  // NUL: not come yet
        const unsigned mark = has_mark ? 3 : 0;
        if (name_size_ == mark) return Field::comment;
        const unsigned place = detail::words::index_of(names, name_ + mark, name_size_ - mark);
        return place != 0 ? static_cast<Field>(place - 1) : Field::unknown;
    }

    State state_ = State::name;
    Field field_ = Field::data;
    uint8_t name_size_ = 0;
    bool has_field_ = false;
    char name_[3 + 5 + 1] = {};  // its beginning: a byte order mark, the longest name, and a byte that makes it another
    bool is_after_first_line_ = false;
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
};

}  // namespace sse

OPENAI_STREAM_END
