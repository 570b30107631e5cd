#pragma once
// The chunked transfer coding, without its trailer section: RFC 9112 section 7.1.
#include "response_head.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// The limit of what stands between the data of two chunks. A size needs 16 digits at most; extensions mean nothing to a
// client, and the longest in use are signatures of about 100 bytes.
constexpr unsigned max_chunk_line_bytes = 1024;

// Appends a HEXDIG to a number. Returns false, and changes nothing, if it is none.
inline bool append_hex_digit(uint64_t& value, char c) noexcept {
    unsigned digit = static_cast<unsigned char>(c - '0');
    if (digit > 9) {
        digit = static_cast<unsigned char>((c | 0x20) - 'a');
        if (digit > 5) return false;
        digit += 10;
    }
    value = value << 4 | digit;
    return true;
}

// A short cut: CRLF chunk-size CRLF of a chunk that is not the last, when all of it is there, as it nearly always is.
// Its end; or null, and nothing was done. Programs built for size go the long way.
inline const char* whole_chunk_line(const char* at, const char* end, uint64_t& size) noexcept {
#if defined(OPENAI_STREAM_SCAN_PLAIN)
    static_cast<void>(at);
    static_cast<void>(end);
    static_cast<void>(size);
#else
    constexpr ptrdiff_t max_digits = 14;  // not full with them
    if (end - at < 2 + max_digits + 2 || at[0] != '\r' || at[1] != '\n') return nullptr;
    at += 2;
    uint64_t value = 0;
    for (const char* const last = at + max_digits; at != last; ++at)
        if (!append_hex_digit(value, *at)) break;
    if (value != 0 && at[0] == '\r' && at[1] == '\n') {
        size = value;
        return at + 2;
    }
#endif
    return nullptr;
}

// Reads what stands before, between and after the data of the chunks:
// chunked-body = *( chunk-size [ chunk-ext ] CRLF chunk-data CRLF ) 1*("0") [ chunk-ext ] CRLF trailer-section CRLF
// chunk-ext = *( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )
// Servers that reserve room for the size pad it with blanks: these are passed over without a ";", too.
class ChunkedReader {
public:
    // body: size bytes of data follow. end: it was the last chunk, the trailer section follows. need_more; failed.
    // Advances at. Size is 0 when a line begins, and is kept until it ends.
    ParseEvent next(const char*& at, const char* end, uint64_t& size) noexcept {
        while (at != end) {
            const char c = *at++;
            if (byte_count_++ == max_chunk_line_bytes) return ParseEvent::failed;
            switch (state_) {
                case State::data_cr:
                    if (c != '\r') return ParseEvent::failed;
                    state_ = State::data_lf;
                    break;
                case State::data_lf:
                    if (c != '\n') return ParseEvent::failed;
                    state_ = State::first_digit;
                    break;
                case State::first_digit:
                case State::digit:  // chunk-size = 1*HEXDIG; one that does not fit is taken for padding, and is none
                    if (!is_full(size) && append_hex_digit(size, c)) {
                        state_ = State::digit;
                        break;
                    }
                    if (state_ == State::first_digit) return ParseEvent::failed;
                    state_ = State::padding;
                    [[fallthrough]];
                case State::padding:  // BWS, to be passed over (RFC 9110 section 5.6.3)
                    if (is_ows(c)) {
                        has_padding_ = true;
                        break;
                    }
                    if (c != '\r' && c != ';') return ParseEvent::failed;
                    state_ = State::extension;
                    [[fallthrough]];
                case State::extension:  // chunk-ext, to be ignored when not known (section 7.1.1); no LF can be in it
                    if (c == '\n') return ParseEvent::failed;
                    if (c == '\r') state_ = State::size_lf;
                    break;
                case State::size_lf:
                    if (c != '\n') return ParseEvent::failed;
                    state_ = State::data_cr;
                    byte_count_ = 0;
                    return size == 0 ? ParseEvent::end : ParseEvent::body;
            }
        }
        return ParseEvent::need_more;
    }

    constexpr bool is_after_data() const noexcept { return state_ == State::data_cr; }
    constexpr bool has_padding() const noexcept { return has_padding_; }  // a size had blanks after it

private:
    enum class State : uint8_t { first_digit, digit, padding, extension, size_lf, data_cr, data_lf };

    uint16_t byte_count_ = 0;  // of the line
    State state_ = State::first_digit;
    bool has_padding_ = false;
};

}  // namespace http

OPENAI_STREAM_END
