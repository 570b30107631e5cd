#pragma once
// What a Scanner expects next, by RFC 8259. A state between two bytes is all it remembers of the text, besides which
// containers are open: so it can go on wherever the text was cut.
#include "../base/config.hpp"

OPENAI_STREAM_BEGIN

namespace json {

enum class ScannerState : uint8_t {
    value,
    key,
    colon,
    // where a container may end
    value_or_end,
    key_or_end,  // value_or_end + 1: see Scanner::open()
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
