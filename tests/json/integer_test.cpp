// Numbers of JSON as integers.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <string>

namespace json = openai_stream::json;

namespace {

std::string read(const std::string& text, int shift = 0) {
    const support::GuardedBytes bytes(text);
    int64_t value = -77;
    if (!json::to_integer(bytes.begin(), bytes.end(), value, shift))
        return value == -77 ? "no" : "no, but it was written to";
    return std::to_string(value);
}

}  // namespace

TEST_CASE("the integer part, if it fits") {
    struct Row {
        const char* text;
        const char* value;
    };
    const Row rows[] = {
        {"0", "0"},
        {"-0", "0"},
        {"-", "0"},  // beginnings
        {"6e", "6"},
        {"6.5E", "6"},
        {"6e-", "6"},
        {"6e+", "6"},
        {"6.", "6"},
        {"1", "1"},
        {"-1", "-1"},
        {"12.0", "12"},
        {"12.9", "12"},
        {"-12.9", "-12"},
        {"0.9", "0"},
        {"1e0", "1"},
        {"1.2e1", "12"},
        {"1.25e1", "12"},
        {"1.5E+2", "150"},
        {"15e-1", "1"},
        {"1500e-2", "15"},
        {"1e-1", "0"},
        {"0.00123e5", "123"},
        {"0.00123e2", "0"},
        {"-1.5e3", "-1500"},
        {"4294967296", "4294967296"},
        {"9223372036854775807", "9223372036854775807"},
        {"-9223372036854775807", "-9223372036854775807"},
        {"9223372036854775808", "no"},
        {"-9223372036854775809", "no"},
        {"18446744073709551615", "no"},
        {"18446744073709551616", "no"},
        {"12345678901234567890123", "no"},
        {"9.223372036854775807e18", "9223372036854775807"},
        {"9.223372036854775808e18", "no"},
        {"922337203685477580.7e1", "9223372036854775807"},
        {"1e18", "1000000000000000000"},
        {"1e19", "no"},
        {"1e20", "no"},
        {"1e400", "no"},
        {"1e999999999999", "no"},
        {"-1e400", "no"},
        {"0e400", "0"},
        {"0e999999999999", "0"},
        {"1e-400", "0"},
        {"1e-999999999999", "0"},
        {"-1e-999999999999", "0"},
        {"0.000000000000000000000000000000000001", "0"},
        {"1.00000000000000000000000000000000000000000001", "1"},
        {"123.99999999999999999999999999999999999999", "123"},
        {"1.84467440737095516190", "1"},
        {"0.12345678901234567890123456789e10", "1234567890"},
        {"1e+0005", "100000"},
        {"1E5", "100000"},
    };
    for (const Row& row : rows) {
        ROW(row.text);
        CHECK_EQ(read(row.text), row.value);
    }
}

TEST_CASE("the same with the point moved") {
    struct Row {
        const char* text;
        int shift;
        const char* value;
    };
    const Row rows[] = {
        {"12", 3, "12000"},
        {"-12", 1, "-120"},
        {"1.5", 3, "1500"},
        {"-0.25", 2, "-25"},
        {"1e-3", 3, "1"},
        {"12", -1, "1"},
        {"9223372036854775807", 1, "no"},
    };
    for (const Row& row : rows) {
        ROW(row.text + std::string(" by ") + std::to_string(row.shift));
        CHECK_EQ(read(row.text, row.shift), row.value);
    }
}
