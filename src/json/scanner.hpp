#pragma once
// JSON by RFC 8259, token by token, resumable at every byte. No memory but one bit for each level of nesting.
#include "../base/ascii.hpp"
#include "../base/error.hpp"
#include "../base/scan.hpp"
#include "scanner_state.hpp"
#include "token.hpp"

OPENAI_STREAM_BEGIN

namespace json {

// Deepest nesting understood. Servers stay below 20; the limit bounds the state (one bit a level).
constexpr unsigned max_depth = 128;

class Scanner {
public:
    constexpr Scanner() noexcept = default;

    // What is to be read next. Not owned; stays until it has been read or is shown somewhere else.
    void set_input(const char* at, const char* end) noexcept {
        at_ = at;
        limit_ = end;
    }
    const char* at() const noexcept { return at_; }        // read up to here
    const char* limit() const noexcept { return limit_; }  // the end of what was shown

    // Reads one token (or piece). A comma or colon may be read along with what it follows.
    TokenKind next() noexcept {
        if (detail::is_small_build || OPENAI_STREAM_UNLIKELY(at_ == limit_)) return any();
        // As most of JSON is written: without blanks.
        if (*at_ == '"' && state_ <= State::key) return first_string(at_ + 1, state_ == State::key);
        return any();
    }

    // The text of the last key, string, number or boolean: in the input, as it was sent (escapes are checked, not
    // replaced). A first piece may be empty. UTF-8 is not checked. (Of a boolean only if it was shown at once.)
    const char* begin() const noexcept { return begin_; }
    const char* end() const noexcept { return end_; }  // also of the last object or array that ended
    bool is_first() const noexcept { return is_first_; }           // the piece is the first one (mostly the only one)
    bool is_complete() const noexcept { return is_complete_; }     // and the last one
    bool has_escape() const noexcept { return has_escape_; }       // a backslash is in this piece
    bool is_above_ascii() const noexcept { return above_ascii_; }  // a byte of 0x80 or more is in this piece
    bool is_true() const noexcept { return literal_first_ == 't'; }  // of the last boolean

    // No input follows. Returns true if exactly one whole value has been read.
    OPENAI_STREAM_OUTLINE bool finish() noexcept {
        if (depth_ == 0 && is_number_end()) state_ = State::end;
        return state_ == State::end;
    }

    unsigned depth() const noexcept { return depth_; }  // objects and arrays open
    Error error() const noexcept { return error_; }

    // The container opened at `level` (0 = the outermost, below depth()) is an object.
    bool is_object_at(unsigned level) const noexcept { return (stack_[level >> 3] >> (level & 7) & 1) != 0; }

    // Forgets that a key, string or number has begun: it is to be read again from its first byte (its opening quote).
    void unread(TokenKind token) noexcept {
        state_ = token == TokenKind::key ? State::key : State::value;
        at_ = begin_ - (token != TokenKind::number);
    }

    // After need_more: the same of a literal (true, false, null) that has begun, if one has.
    void unread_literal() noexcept {
        if (state_ != State::literal) return;
        at_ = begin_;
        state_ = State::value;
    }

    // Right after a value: another one is read at this depth, whatever stands around it. When it has been read,
    // resume() with what this has returned goes on after the first one.
    uint8_t suspend() noexcept {
        const auto state = static_cast<uint8_t>(state_);
        state_ = State::value;
        return state;
    }
    void resume(uint8_t state) noexcept { state_ = static_cast<State>(state); }

private:
    using State = ScannerState;

    // next(), whatever comes.
    TokenKind any() noexcept {
        const char* at = at_;
        if (!detail::is_small_build && at != limit_ && state_ == State::value && static_cast<unsigned char>(*at) > ' ')
            return value(at + 1, *at);
        while (OPENAI_STREAM_LIKELY(state_ < State::number_begin)) {
            while (at != limit_ && is_space(*at)) ++at;
            at_ = at;
            if (at == limit_) return state_ == State::failed ? TokenKind::failed : TokenKind::need_more;
            const char c = *at++;
            if (state_ >= State::value_or_end && state_ <= State::comma_or_end && c == (in_object_ ? '}' : ']'))
                return close(at);
            switch (state_) {
                case State::key_or_end:  // object = begin-object [ member *( value-separator member ) ] end-object
                case State::key:         // member = string name-separator value
                    return c == '"' ? first_string(at, true) : fail(Error::bad_json);
                case State::colon:
                    if (c != ':') return fail(Error::bad_json);
                    state_ = State::value;
                    break;
                case State::value_or_end:  // array = begin-array [ value *( value-separator value ) ] end-array
                case State::value: return value(at, c);
                case State::comma_or_end:
                    if (c != ',') return fail(Error::bad_json);
                    state_ = in_object_ ? State::key : State::value;
                    break;
                case State::end:
                case State::failed:
                case State::number_begin:
                case State::number_sign:
                case State::number_point:
                case State::number_exponent:
                case State::number_exponent_sign:
                case State::number_zero:
                case State::number_integer:
                case State::number_fraction:
                case State::number_exponent_digits:
                case State::literal:
                case State::string:
                case State::string_hex_1:
                case State::string_hex_2:
                case State::string_hex_3:
                case State::string_hex_4:
                case State::string_escape: return fail(Error::bad_json);
            }
        }
        return inside(at);
    }

    OPENAI_STREAM_NOINLINE TokenKind fail(Error error) noexcept {
        state_ = State::failed;
        if (error_ == Error::none) error_ = error;
        return TokenKind::failed;
    }

    // A value ends at `at`.
    OPENAI_STREAM_OUTLINE void value_done(const char* at) noexcept {
        if (!detail::is_small_build && OPENAI_STREAM_LIKELY(at != limit_ && *at == ',' && depth_ != 0)) {
            ++at;
            state_ = in_object_ ? State::key : State::value;
        } else {
            state_ = depth_ == 0 ? State::end : State::comma_or_end;
        }
        at_ = at;
    }

    TokenKind open(const char* at, bool is_object) noexcept {
        if (depth_ == max_depth) return fail(Error::json_too_deep);
        uint8_t& byte = stack_[depth_ >> 3];
        const unsigned bit = depth_ & 7;
        byte = static_cast<uint8_t>((byte & ~(1u << bit)) | static_cast<unsigned>(is_object) << bit);
        ++depth_;
        at_ = at;
        in_object_ = is_object;
        state_ = static_cast<State>(static_cast<int>(State::value_or_end) + is_object);
        return static_cast<TokenKind>(static_cast<int>(TokenKind::array_begin) - is_object);
    }
    TokenKind close(const char* at) noexcept {
        const TokenKind kind = in_object_ ? TokenKind::object_end : TokenKind::array_end;
        --depth_;
        end_ = at;
        in_object_ = depth_ != 0 && is_object_at(depth_ - 1u);
        value_done(at);
        return kind;
    }

    // A value that begins with c, which stands before `at`.
    TokenKind value(const char* at, char c) noexcept {
        if (c == '"') return first_string(at, false);
        if (c == '{' || c == '[') return open(at, c == '{');
        if (c == '-' || ascii::is_digit(c)) {
            state_ = State::number_begin;
            return number(at - 1, true);
        }
        literal_ = c == 't' ? "rue" : c == 'f' ? "alse" : c == 'n' ? "ull" : nullptr;
        if (!literal_) return fail(Error::bad_json);
        literal_first_ = c;
        begin_ = at - 1;
        is_first_ = is_complete_ = true;
        has_escape_ = above_ascii_ = false;
        if (!detail::is_small_build && c != 'f' && limit_ - at >= 3 && memcmp(at, literal_, 3) == 0)
            return literal_done(at + 3);
        state_ = State::literal;
        return inside(at);
    }

    OPENAI_STREAM_NOINLINE TokenKind inside(const char* at) noexcept {
        if (state_ >= State::string) return string(at, is_key_, false);
        if (state_ < State::literal) return number(at, false);
        for (; *literal_ != '\0'; ++literal_, ++at) {
            at_ = at;
            if (at == limit_) return TokenKind::need_more;
            if (*at != *literal_) return fail(Error::bad_json);
        }
        return literal_done(at);
    }
    TokenKind literal_done(const char* at) noexcept {
        end_ = at;
        value_done(at);
        return literal_first_ == 'n' ? TokenKind::null : TokenKind::boolean;
    }

    // A string that begins at `at`: mostly it is there as a whole, without escapes.
    TokenKind first_string(const char* at, bool is_key) noexcept {
        if (detail::is_small_build) return string(at, is_key, true);
        bool above_ascii = false;
        const char* const stop = detail::scan::string_stop(at, limit_, above_ascii);
        if (OPENAI_STREAM_UNLIKELY(limit_ - stop < 2 || *stop != '"' || (is_key && stop[1] != ':')))
            return string(at, is_key, true);
        begin_ = at;
        end_ = stop;
        is_first_ = is_complete_ = true;
        has_escape_ = false;
        above_ascii_ = above_ascii;
        if (!is_key) {
            value_done(stop + 1);
            return TokenKind::string;
        }
        state_ = State::value;
        at_ = stop + 2;
        return TokenKind::key;
    }

    // The inside of a string from `at` on. string = quotation-mark *char quotation-mark
    TokenKind string(const char* at, bool is_key, bool is_first) noexcept {
        begin_ = at;
        bool above_ascii = false;
        is_first_ = is_first;
        has_escape_ = false;
        if (is_first) {
            state_ = State::string;
            is_key_ = is_key;
        }
        while (true) {
            if (OPENAI_STREAM_LIKELY(state_ == State::string)) {
                at = detail::scan::string_stop(at, limit_, above_ascii);
                if (at == limit_) break;
                const char c = *at++;
                if (OPENAI_STREAM_LIKELY(c == '"')) {
                    end_ = at - 1;
                    is_complete_ = true;
                    above_ascii_ = above_ascii;
                    if (!is_key) {
                        value_done(at);
                        return TokenKind::string;
                    }
                    state_ = State::colon;
                    if (!detail::is_small_build && OPENAI_STREAM_LIKELY(at != limit_ && *at == ':')) {
                        ++at;
                        state_ = State::value;
                    }
                    at_ = at;
                    return TokenKind::key;
                }
                if (c != '\\') return fail(Error::bad_json);  // unescaped control character
                has_escape_ = true;
                state_ = State::string_escape;
            }
            if (at == limit_) break;
            const char c = *at++;
            if (state_ != State::string_escape) {
                if (ascii::hex_value(c) < 0) return fail(Error::bad_json);
                state_ = static_cast<State>(static_cast<uint8_t>(state_) - 1);
            } else if (c == 'u') {
                state_ = State::string_hex_4;
            } else if (is_escape(c)) {
                state_ = State::string;
            } else {
                return fail(Error::bad_json);
            }
        }
        is_complete_ = false;
        above_ascii_ = above_ascii;
        end_ = at_ = at;
        if (begin_ == at && !is_first) return TokenKind::need_more;
        return is_key ? TokenKind::key : TokenKind::string;
    }

    bool is_number_end() const noexcept {
        return state_ >= State::number_zero && state_ <= State::number_exponent_digits;
    }
    // A number that begins (or goes on) at `at`. It ends with the first byte that cannot belong to it.
    TokenKind number(const char* at, bool is_first) noexcept {
        begin_ = at;
        is_first_ = is_first;
        has_escape_ = above_ascii_ = false;
        if (!detail::is_small_build && is_first && *at >= '1') {  // mostly a few digits; else it is 0 or a sign
            do ++at;
            while (at != limit_ && ascii::is_digit(*at));
            state_ = State::number_integer;
        }
        for (; at != limit_; ++at) {
            const State after = after_number_byte(*at, state_);
            if (after == State::failed) break;
            state_ = after;
        }
        end_ = at_ = at;
        is_complete_ = at != limit_;
        if (!is_complete_) return begin_ == at ? TokenKind::need_more : TokenKind::number;
        if (!is_number_end()) return fail(Error::bad_json);
        value_done(at);
        return TokenKind::number;
    }
    // int = zero / ( digit1-9 *DIGIT ), frac = decimal-point 1*DIGIT, exp = e [ minus / plus ] 1*DIGIT
    // What follows `was` with c; failed: c does not belong to the number.
    static State after_number_byte(char c, State was) noexcept {
        if (ascii::is_digit(c))
            return was <= State::number_sign   ? c == '0' ? State::number_zero : State::number_integer
                   : was == State::number_point ? State::number_fraction
                   : was < State::number_zero   ? State::number_exponent_digits
                   : was == State::number_zero  ? State::failed
                                                : was;
        if (c == '.' && (was == State::number_zero || was == State::number_integer)) return State::number_point;
        if ((c | 0x20) == 'e' && was >= State::number_zero && was < State::number_exponent_digits)
            return State::number_exponent;
        if (c == '-' && was == State::number_begin) return State::number_sign;
        if ((c == '+' || c == '-') && was == State::number_exponent) return State::number_exponent_sign;
        return State::failed;
    }

    // In this order small machines reach them with short instructions.
    uint8_t depth_ = 0;
    State state_ = State::value;
    Error error_ = Error::none;
    bool in_object_ = false;  // the innermost open container is an object
    bool is_first_ = false, is_complete_ = false, has_escape_ = false, above_ascii_ = false;
    bool is_key_ = false;
    char literal_first_ = '\0';     // of the last of true, false and null
    uint8_t stack_[max_depth / 8] = {};
    const char* at_ = nullptr;      // what is to be read
    const char* limit_ = nullptr;
    const char* begin_ = nullptr;
    const char* end_ = nullptr;
    const char* literal_ = nullptr;  // what of true, false or null is still to come; static
};

}  // namespace json

OPENAI_STREAM_END
