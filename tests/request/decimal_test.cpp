// Numbers as they are sent: from doubles, and as text.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <string>

using openai_stream::Decimal;

static_assert(!Decimal().is_there() && Decimal().is_valid() && Decimal().text().empty(), "not there");
static_assert(Decimal(0.7).text().size() == 3 && Decimal(0.7).text()[2] == '7', "at compile time");
static_assert(!Decimal(1e9).is_valid() && !Decimal("1.").is_valid() && Decimal("1.0").is_valid(), "at compile time");
static_assert(sizeof(Decimal) == 24, "a length and 23 characters");

TEST_CASE("conformance rows: doubles") {
    for (const nlohmann::json& row : corpus::rows("json_writer.jsonl")) {
        const std::string kind = row.at("kind");
        if (kind != "double" && kind != "double-special") continue;
        ROW(row.at("name").get<std::string>());
        if (kind == "double") {
            const Decimal decimal = row.at("value").get<double>();
            REQUIRE(decimal.is_valid());
            CHECK_EQ(nlohmann::json::parse(std::string(decimal.text())).get<double>(), row.at("decoded").get<double>());
        } else {
            REQUIRE_EQ(row.at("value").get<std::string>(), "nan");
            CHECK_FALSE(Decimal(std::nan("")).is_valid());
        }
    }
}

TEST_CASE("a double is written with at most 6 decimals, and no more than it needs") {
    struct Row {
        const char* name;
        double value;
        const char* text;
    };
    const Row rows[] = {
        {"zero", 0.0, "0"},
        {"minus zero", -0.0, "0"},
        {"one", 1, "1"},
        {"a tenth", 0.1, "0.1"},
        {"temperature", 0.7, "0.7"},
        {"temperature as float", static_cast<double>(0.7f), "0.7"},
        {"two", 2.0, "2"},
        {"the smallest", 0.000001, "0.000001"},
        {"the largest decimals", 0.999999, "0.999999"},
        {"a zero inside", 0.100001, "0.100001"},
        {"negative", -1.5, "-1.5"},
        {"negative, below one", -0.25, "-0.25"},
        {"too small: rounded down", 0.0000004, "0"},
        {"too small and negative: no minus is left", -0.0000004, "0"},
        {"too fine: rounded up", 0.0000006, "0.000001"},
        {"rounded into the next whole", 1.9999999, "2"},
        {"rounded into the next power of ten", 99.9999999, "100"},
        {"the largest", 999999999.0, "999999999"},
        {"the largest with all decimals", 999999999.999999, "999999999.999999"},
        {"the smallest with all decimals", -999999999.999999, "-999999999.999999"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Decimal decimal = row.value;
        CHECK(decimal.is_there());
        CHECK(decimal.is_valid());
        CHECK_EQ(decimal.text(), row.text);
    }
}

TEST_CASE("a double written with at most 6 decimals parses back to itself") {
    corpus::Random random("decimals");
    for (int i = 0; i < 20000; ++i) {
        const int digits = static_cast<int>(random.between(0, 6));
        const size_t whole = random.between(0, 9) < 5 ? random.between(0, 9) : random.between(0, 999999999);
        std::string text = std::to_string(whole);
        if (digits != 0) text += ".";
        for (int digit = 0; digit < digits; ++digit) text += static_cast<char>('0' + random.between(0, 9));
        if (random.between(0, 1) != 0) text.insert(0, "-");
        const double value = std::stod(text);
        const Decimal decimal = value;
        CAPTURE(text);
        REQUIRE(decimal.is_valid());
        REQUIRE_EQ(std::stod(std::string(decimal.text())), value);
    }
}

TEST_CASE("what is no number, or too large, is there and cannot be sent") {
    for (const double value : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(),
                               -std::numeric_limits<double>::infinity(), 1e9, -1e9, 1e300}) {
        ROW(std::to_string(value));
        const Decimal decimal = value;
        CHECK(decimal.is_there());
        CHECK_FALSE(decimal.is_valid());
        CHECK(decimal.text().empty());
    }
}

TEST_CASE("a text is sent as it is if JSON has such a number") {
    for (const char* text : {"0", "-0", "1", "10", "0.5", "-12.25", "1e5", "1E+5", "1.5e-300", "0e0",
                             "12345678901234567890123", "0.1000000"}) {
        ROW(text);
        const Decimal decimal = text;
        CHECK(decimal.is_valid());
        CHECK_EQ(decimal.text(), text);
    }
    for (const char* text :
         {"",    "-",  "+1", "01",  "-01",      ".5",   "1.",  "1.e5", "1e",    "1e+",   "0x10",
          "1,5", " 1", "1 ", "NaN", "Infinity", "null", "1\n", "--1",  "1.5.5", "1e5.5", "123456789012345678901234"}) {
        ROW(std::string("refused: ") + text);
        const Decimal decimal = text;
        CHECK(decimal.is_there());
        CHECK_FALSE(decimal.is_valid());
    }
    SUBCASE("it is copied") {
        std::string text = "0.25";
        const Decimal decimal = text;
        text = "9.99";
        CHECK_EQ(decimal.text(), "0.25");
    }
}

TEST_CASE("nothing is read after the end of a text that is no number yet") {
    for (const char* const text : {"", "-", "1.", "1e", "1E+", "1e-", "12"}) {
        ROW(text);
        const support::GuardedBytes bytes(text);
        const Decimal decimal(openai_stream::StringView(bytes.data(), bytes.size()));
        CHECK_EQ(decimal.is_valid(), std::string(text) == "12");
    }
}
