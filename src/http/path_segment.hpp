#pragma once
// A text as one segment of a path. Whoever chose it (the user, a server) may have put any byte into it, and none may
// end the segment or the request line: what may not stand there as it is, is sent percent-encoded.
#include "../base/error.hpp"
#include "../base/pieces.hpp"

OPENAI_STREAM_BEGIN

namespace http {

// unreserved = ALPHA / DIGIT / "-" / "." / "_" / "~"    RFC 3986 section 2.3
constexpr bool is_unreserved(char c) noexcept {
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' || c == '.' || c == '_' ||
           c == '~';
}
// The segment would be another place than the one that is named.
constexpr bool is_no_segment(StringView text) noexcept {
    return text.empty() || (text[0] == '.' && (text.size() == 1 || (text.size() == 2 && text[1] == '.')));
}

// A byte as it is, or "%" and its higher digit; then the lower one.
inline void put_byte(const void* object, detail::Fragment& piece) noexcept {
    const char* const byte = static_cast<const char*>(object);
    piece.text = StringView(byte, 1);
    if (is_unreserved(*byte)) return;
    piece.before = "%";
    piece.text = StringView(&"0123456789ABCDEF"[static_cast<unsigned char>(*byte) >> 4], 1);
}
inline void put_lower_digit(const void* object, detail::Fragment& piece) noexcept {
    const char byte = *static_cast<const char*>(object);
    if (!is_unreserved(byte)) piece.text = StringView(&"0123456789ABCDEF"[byte & 15], 1);
}
inline constexpr detail::FieldDescriptor byte_rows[] = {put_byte, put_lower_digit, {"", detail::FieldType::end}};
inline constexpr detail::MessageDescriptor byte_descriptor =
    detail::MessageDescriptor::of<char>(byte_rows, detail::ListStyle::lines);

}  // namespace http

OPENAI_STREAM_END
