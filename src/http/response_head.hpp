#pragma once
// Status line and fields of a response: RFC 9112 sections 4 and 5.
#include "grammar.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// The response fields a client acts on. `other` is any other name.
enum class Field : uint8_t {
    other, content_length, transfer_encoding, connection, content_encoding, content_type, x_request_id, location,
    retry_after
};

// In the order of Field, from content_length on.
constexpr char field_names[] =
    "content-length\0transfer-encoding\0connection\0content-encoding\0content-type\0x-request-id\0location\0"
    "retry-after\0";

// What was found in the input.
enum class ParseEvent : uint8_t {
    need_more,      // nothing that could be delivered: all input was consumed
    field_name,     // a piece of a field's name
    field_value,    // a piece of its value; blanks before it are left out, those after it are not (see trim_ows)
    head,           // the final head is complete
    body,           // a piece of the body, without framing
    end,            // the message is complete
    failed,         // it is not HTTP, too large, or cut off
};

// Takes a head, or a trailer section, byte by byte.
class HeadReader {
public:
    // field_name, field_value: the byte belongs to it, or, if in_text() is false then, is the one after it. head: it
    // was the last byte. need_more: none of these. After failed: not to be called.
    OPENAI_STREAM_INLINE ParseEvent feed(char c) noexcept {
        switch (state_) {
            // status-line = HTTP-version SP status-code SP [ reason-phrase ] CRLF
            // HTTP-version = "HTTP/" DIGIT "." DIGIT, status-code = 3DIGIT; a higher minor version is read as 1.1
            case State::status_line: {
                const char wanted = "HTTP/1.0 000"[position_++];  // 0 stands for any digit
                if (wanted != '0') {
                    if (c != wanted) return ParseEvent::failed;
                    break;
                }
                if (!ascii::is_digit(c)) return ParseEvent::failed;
                if (position_ == 8) is_http_1_0_ = c == '0';
                else status_ = static_cast<uint16_t>(status_ * 10 + (c - '0'));
                if (position_ == 12) {
                    if (status_ < 100) return ParseEvent::failed;
                    state_ = State::reason_space;
                }
                break;
            }
            case State::reason_space:  // may be missing before an empty reason: servers do that
                if (c != ' ' && c != '\r' && c != '\n') return ParseEvent::failed;
                if (c != ' ') ++position_;
                state_ = State::reason;
                [[fallthrough]];
            case State::reason:  // reason-phrase = 1*( HTAB / SP / VCHAR / obs-text )
                if (c == '\0') return ParseEvent::failed;
                if (c == '\r') state_ = State::status_line_lf;
                if (c == '\n') state_ = State::field_line;
                break;

            // *( field-line CRLF ) CRLF, field-line = field-name ":" OWS field-value OWS, field-name = token
            // A bare LF ends a line too (section 2.2). obs-fold is refused (section 5.2): a blank is no tchar.
            case State::field_line:
                if (c == '\r') {
                    state_ = State::last_lf;
                    break;
                }
                if (c == '\n') {
                    has_bare_lf_ = true;
                    return ParseEvent::head;
                }
                if (c == ':') return ParseEvent::failed;
                field_ = Field::other;
                state_ = State::name;
                [[fallthrough]];
            case State::name:
                if (c == ':') {
                    field_ = static_cast<Field>(word_.index_of(field_names));
                    word_.clear();
                    state_ = State::value_ows;
                    return ParseEvent::field_name;
                }
                if (!is_token_char(c)) return ParseEvent::failed;
                word_.add(c);
                return ParseEvent::field_name;
            case State::value_ows:
                if (is_ows(c)) break;
                state_ = State::value;
                [[fallthrough]];
            case State::value:  // any byte but these three: a recipient may keep control bytes (RFC 9110 section 5.5)
                if (c == '\0') return ParseEvent::failed;
                if (c == '\r') state_ = State::value_lf;
                if (c == '\n') state_ = State::field_line;
                return ParseEvent::field_value;
            case State::status_line_lf:
            case State::value_lf:
                if (c != '\n') return ParseEvent::failed;
                state_ = State::field_line;
                break;
            case State::last_lf: return c == '\n' ? ParseEvent::head : ParseEvent::failed;
        }
        return ParseEvent::need_more;
    }

    // After head.
    constexpr void begin_head() noexcept {
        state_ = State::status_line;
        position_ = 0;
        status_ = 0;
    }
    constexpr void begin_trailer() noexcept { state_ = State::field_line; }

    constexpr bool in_status_line() const noexcept { return state_ <= State::status_line_lf; }
    // Inside a name or a value: the next byte may go on with it.
    constexpr bool in_text() const noexcept { return state_ == State::name || state_ == State::value; }
    // The field whose name or value was found last; other, if the name is not complete.
    constexpr Field field() const noexcept { return field_; }
    constexpr uint16_t status() const noexcept { return status_; }
    constexpr bool has_status() const noexcept { return state_ > State::reason_space; }
    constexpr bool is_http_1_0() const noexcept { return is_http_1_0_; }
    // What is tolerated: a line that ended in LF alone, a status without the space after it.
    constexpr bool has_bare_lf() const noexcept { return has_bare_lf_; }
    constexpr bool lacks_reason_space() const noexcept { return position_ > 12; }
    // Empty and unused while a value is read.
    constexpr Word& word() noexcept { return word_; }

private:
    enum class State : uint8_t {
        status_line, reason_space, reason, status_line_lf, field_line, value_ows, name, value, value_lf, last_lf
    };


    uint16_t status_ = 0;
    State state_ = State::status_line;
    uint8_t position_ = 0;  // in the first twelve bytes of the status line; after them: the space is missing
    Field field_ = Field::other;
    bool is_http_1_0_ = false;
    bool has_bare_lf_ = false;
    Word word_;  // the name
};

}  // namespace http

OPENAI_STREAM_END
