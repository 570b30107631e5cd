#pragma once
// What JSON is made of, as Scanner tells it. A key, a string or a number may come in pieces, each a token of its own.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

namespace json {

enum class TokenKind : uint8_t {
    need_more,   // all input was read
    object_begin,
    array_begin,
    object_end,
    array_end,
    key,         // a member's name, without quotes, or a piece of it
    string,      // a string value, without quotes, or a piece of it
    number,      // a number, or a piece of it
    boolean,     // is_true()
    null,
    failed,      // error() says why; absorbs
};

constexpr bool is_begin(TokenKind token) noexcept { return token <= TokenKind::array_begin; }  // of those with a value
constexpr bool is_scalar(TokenKind token) noexcept {
    return token >= TokenKind::string && token <= TokenKind::boolean;
}

// What may follow a backslash, besides u and four digits.
constexpr bool is_escape(char c) noexcept {
    return c == '"' || c == '\\' || c == '/' || c == 'b' || c == 'f' || c == 'n' || c == 'r' || c == 't';
}
constexpr bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace json

OPENAI_STREAM_END
