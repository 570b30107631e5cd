// Characters, all 256 of them; numbers at their edges.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <clocale>

namespace ascii = openai_stream::ascii;

static_assert(ascii::is_digit('0') && ascii::to_lower('A') == 'a' && ascii::hex_value('f') == 15, "constants");

TEST_CASE("each of the 256 characters is what ASCII says, and nothing else is anything") {
    const std::string digits = "0123456789", upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", lower = "abcdefghijklmnopqrstuvwxyz";
    const std::string lower_hex = "0123456789abcdef", upper_hex = "0123456789ABCDEF";
    for (int value = 0; value < 256; ++value) {
        ROW("character " + std::to_string(value));
        const char c = static_cast<char>(value);
        CHECK_EQ(ascii::is_digit(c), digits.find(c) != std::string::npos);
        const size_t letter = upper.find(c);
        CHECK_EQ(ascii::to_lower(c), letter == std::string::npos ? c : lower[letter]);
        CHECK_EQ(ascii::is_control(c), (value < 32 || value == 127));
        CHECK_EQ(ascii::is_space(c), std::string(" \t\n\v\f\r").find(c) != std::string::npos);
        const size_t hex = std::min(lower_hex.find(c), upper_hex.find(c));
        CHECK_EQ(ascii::hex_value(c), hex == std::string::npos ? -1 : static_cast<int>(hex));
    }
}

TEST_CASE("a digit is appended as long as the number fits into 64 bits") {
    struct Row {
        const char* name;
        uint64_t value;
        unsigned digit;
        bool fits;
        uint64_t result;
    };
    const uint64_t most = UINT64_MAX;
    const Row rows[] = {
        {"the first", 0, 7, true, 7},
        {"decimal", 12, 3, true, 123},
        {"a leading zero", 0, 0, true, 0},
        {"the largest decimal", most / 10, most % 10, true, most},
        {"one more than the largest decimal", most / 10, most % 10 + 1, false, most / 10},
        {"a decimal digit too many", most / 10 + 1, 0, false, most / 10 + 1},
        {"after the largest", most, 0, false, most},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        uint64_t value = row.value;
        const bool fits = ascii::append_decimal(value, static_cast<char>('0' + row.digit));
        CHECK_EQ(fits, row.fits);
        CHECK_EQ(value, row.result);
    }
}

TEST_CASE("a number is written as the standard library writes it") {
    const auto check = [](uint64_t value) {
        ROW(std::to_string(value));
        char digits[20];
        const openai_stream::StringView text = ascii::format_decimal(value, digits);
        CHECK_EQ(std::string(text), std::to_string(value));
        CHECK_EQ(static_cast<const void*>(text.end()), digits + sizeof digits);
    };
    const uint64_t edges[] = {0, 1, UINT32_MAX, INT64_MAX, UINT64_MAX};
    for (const uint64_t value : edges) check(value);
    uint64_t power = 1;
    for (int exponent = 0; exponent < 19; ++exponent) {
        power *= 10;
        check(power - 1);
        check(power);
        check(power + 1);
    }
    // Each bit pattern is divided in four parts: ones and zeros at each edge between them.
    for (int bit = 0; bit < 64; ++bit) {
        check(uint64_t{1} << bit);
        check((uint64_t{1} << bit) - 1);
        check(~(uint64_t{1} << bit));
        check(uint64_t{0x9E3779B97F4A7C15} >> bit);
    }
}

TEST_CASE("how a text ends, in either case") {
    struct Row {
        const char* name;
        std::string text, end;
        bool ends;
    };
    const Row rows[] = {
        {"so", "/v1/responses", "/responses", true},
        {"in capitals", "/V1/RESPONSES", "/responses", true},
        {"all of it", "abc", "abc", true},
        {"the first byte differs", "xbc", "abc", false},
        {"the last byte differs", "abx", "abc", false},
        {"one byte in the middle differs", "axc", "abc", false},
        {"it is shorter than that, and the same so far", "bc", "abc", false},
        {"nothing does not end in something", "", "a", false},
        {"anything ends in nothing", "a", "", true},
        {"nothing ends in nothing", "", "", true},
        {"not a byte that is a letter but for one bit", "A\x5B", "a{", false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(ascii::ends_with(row.text, row.end), row.ends);
    }
}

TEST_CASE("a text that is shorter than the end does not end so, whatever stands before it") {
    const char around[] = "json";
    CHECK(ascii::ends_with(openai_stream::StringView(around, 4), "json"));
    CHECK_FALSE(ascii::ends_with(openai_stream::StringView(around + 1, 3), "json"));
    CHECK_FALSE(ascii::ends_with(openai_stream::StringView(around + 4, 0), "n"));
}
