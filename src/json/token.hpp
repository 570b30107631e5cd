#pragma once
// What a JSON text consists of, as json::Scanner tells it.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

namespace json {

// Deepest nesting understood. Servers stay below 20; the limit bounds the state (one bit a level).
constexpr unsigned max_depth = 128;

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

// What a Scanner waits for.
enum class ScannerState : uint8_t {
    value,
    key,
    colon,
    // where a container may end
    value_or_end,
    key_or_end,  // one more: see open()
    comma_or_end,
    end,
    failed,
    // inside a token; the order counts
    number_begin,  // number = [ minus ] int [ frac ] [ exp ]
    number_sign,
    number_point,
    number_exponent,
    number_exponent_sign,
    number_zero,  // from here on it may end
    number_integer,
    number_fraction,
    number_exponent_digits,
    literal,
    string,
    string_hex_1,  // so many digits of an escape are still to come
    string_hex_2,
    string_hex_3,
    string_hex_4,
    string_escape,
};

}  // namespace json

OPENAI_STREAM_END
