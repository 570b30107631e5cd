#pragma once
// The lines of text/event-stream (WHATWG HTML, section 9.2 "Server-sent events"), resumable at every byte, without memory:
// a value is handed out in the pieces in which it arrives. Byte-transparent: UTF-8 is not looked at.
#include "../base/ascii.hpp"
#include "../base/scan.hpp"

OPENAI_STREAM_BEGIN

namespace sse {

enum class Field : uint8_t {
    data,
    event,
    id,
    retry,
    error,    // not in the standard, where it is an unknown field: llama.cpp reports errors in it
    unknown,
    comment,
};

enum class LineKind : uint8_t {
    need_more,  // all input was read
    value,      // a piece of a field's value, or of a comment
    blank,      // an empty line: the end of an event
};

struct LinePiece {
    LineKind kind;
    Field field;
    bool complete;    // value: the line has ended (its last piece may be empty)
    StringView text;  // points into the input
};

class LineDecoder {
public:
    constexpr LineDecoder() noexcept = default;

    // Reads one piece of [at, end) and moves at behind it. Lines end in LF, CR LF or CR; a CR ends its line at once, the LF
    // that may follow is passed over later. Unknown fields are passed over.
    LinePiece next(const char*& at, const char* end) noexcept {
        while (at != end) {
            if (skip_lf_) {
                skip_lf_ = false;
                if (*at == '\n') {
                    ++at;
                    continue;
                }
            }
            switch (state_) {
                case State::byte_order_mark:  // stream = [ bom ] *event
                    if (*at == byte_order_mark[name_size_]) {
                        ++at;
                        if (++name_size_ == 3) begin_line();
                    } else if (name_size_ == 0) {
                        begin_line();
                    } else {
                        state_ = State::name;  // a part of it is the beginning of an unknown name
                        candidates_ = 0;
                    }
                    break;
                case State::line:
                    if (OPENAI_STREAM_LIKELY(end - at >= 6 && memcmp(at, "data: ", 6) == 0)) {
                        at += 6;
                        field_ = Field::data;
                        state_ = State::value;
                        break;
                    }
                    if (is_line_end(*at)) {
                        end_line(*at++);
                        return {LineKind::blank, Field::unknown, true, {}};
                    }
                    if (*at == ':') {
                        ++at;
                        field_ = Field::comment;
                        state_ = State::space;
                        break;
                    }
                    state_ = State::name;
                    break;
                case State::name:  // field = 1*name-char [ colon [ space ] *any-char ] end-of-line
                    if (*at == ':') {
                        ++at;
                        field_ = named_field();
                        state_ = State::space;
                    } else if (is_line_end(*at)) {
                        const Field field = named_field();
                        end_line(*at++);
                        if (field != Field::unknown) return {LineKind::value, field, true, {at, 0}};
                    } else {
                        narrow(*at++);
                    }
                    break;
                case State::space:
                    if (*at == ' ') ++at;
                    state_ = State::value;
                    if (at == end) return {LineKind::need_more, field_, false, {}};
                    [[fallthrough]];
                case State::value: {
                    const char* begin = at;
                    at = scan::line_end(at, end);
                    const StringView text(begin, static_cast<size_t>(at - begin));
                    const Field field = field_;
                    const bool complete = at != end;
                    if (complete) end_line(*at++);
                    if (field != Field::unknown) return {LineKind::value, field, complete, text};
                    break;
                }
            }
        }
        return {LineKind::need_more, field_, false, {}};
    }

private:
    enum class State : uint8_t {
        byte_order_mark,
        line,
        name,
        space,
        value,
    };

    static constexpr char byte_order_mark[] = "\xEF\xBB\xBF";
    static constexpr unsigned max_name = 5, name_count = 5;
    static constexpr char names[name_count][max_name + 1] = {"data", "event", "id", "retry", "error"};  // by Field

    static bool is_line_end(char c) noexcept { return c == '\n' || c == '\r'; }
    void begin_line() noexcept {
        state_ = State::line;
        name_size_ = 0;
        candidates_ = (1u << name_count) - 1;
    }
    void end_line(char c) noexcept {
        skip_lf_ = c == '\r';
        begin_line();
    }

    // One more character of the name: the fields it can still be.
    void narrow(char c) noexcept {
        for (unsigned index = 0; candidates_ != 0 && index != name_count; ++index)
            if (c == '\0' || name_size_ >= max_name || names[index][name_size_] != c)
                candidates_ = static_cast<uint8_t>(candidates_ & ~(1u << index));
        if (name_size_ < max_name) ++name_size_;
    }
    Field named_field() const noexcept {
        for (unsigned index = 0; index != name_count; ++index)
            if ((candidates_ >> index & 1) != 0 && names[index][name_size_] == '\0') return static_cast<Field>(index);
        return Field::unknown;
    }

    State state_ = State::byte_order_mark;
    Field field_ = Field::data;
    uint8_t name_size_ = 0;   // bytes of the name (or the byte order mark) seen
    uint8_t candidates_ = 0;  // bit n: the name may still be names[n]
    bool skip_lf_ = false;
};

}  // namespace sse

OPENAI_STREAM_END
