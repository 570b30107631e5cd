// UTF-8 against a rule made from the other side: all texts that encode a code point, and all their beginnings.
#include "support/cuts.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <cstdio>
#include <vector>

namespace utf8 = openai_stream::utf8;

namespace {

// The encoding by its definition: as many bytes as are needed, six bits in each but the first.
std::string encode(uint32_t code_point) {
    const auto byte = [](uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
    std::string text;
    if (code_point < 0x80) {
        text += byte(code_point);
    } else if (code_point < 0x800) {
        text += byte(0xC0 + code_point / 64);
        text += byte(0x80 + code_point % 64);
    } else if (code_point < 0x10000) {
        text += byte(0xE0 + code_point / 4096);
        text += byte(0x80 + code_point / 64 % 64);
        text += byte(0x80 + code_point % 64);
    } else {
        text += byte(0xF0 + code_point / 262144);
        text += byte(0x80 + code_point / 4096 % 64);
        text += byte(0x80 + code_point / 64 % 64);
        text += byte(0x80 + code_point % 64);
    }
    return text;
}

uint32_t number(const std::string& text) {
    uint32_t value = 0;
    for (const char c : text) value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

enum Kind : unsigned char { nothing, whole, beginning };

struct Rule {
    std::vector<Kind> kinds[4];     // [length][bytes as a number]: of 1, 2 and 3 bytes
    std::vector<bool> whole_four;   // [bytes as a number - lowest_four]
    static constexpr uint32_t lowest_four = 0xF0000000;

    Rule() : whole_four(size_t{5} << 24) {
        for (unsigned length = 1; length <= 3; ++length) kinds[length].resize(size_t{1} << (8 * length), nothing);
        for (uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
            if (code_point >= 0xD800 && code_point <= 0xDFFF) continue;
            const std::string text = encode(code_point);
            if (text.size() < 4) kinds[text.size()][number(text)] = whole;
            for (size_t length = 1; length < text.size(); ++length)
                kinds[length][number(text.substr(0, length))] = beginning;
            if (text.size() == 4) whole_four[number(text) - lowest_four] = true;
        }
    }
    Kind kind(const std::string& text) const {
        if (text.size() < 4) return kinds[text.size()][number(text)];
        const uint32_t index = number(text) - lowest_four;
        return index < whole_four.size() && whole_four[index] ? whole : nothing;
    }
    utf8::Sequence at(const std::string& text) const {
        size_t length = 1;
        for (; length <= text.size(); ++length) {
            const Kind found = kind(text.substr(0, length));
            if (found == whole) return {static_cast<uint8_t>(length), true, false};
            if (found == nothing) break;
        }
        const bool ended = length > text.size();  // everything there is, is a beginning
        return {static_cast<uint8_t>(length > 1 ? length - 1 : 1), false, ended};
    }
};

bool equal(utf8::Sequence left, utf8::Sequence right) {
    return left.length == right.length && left.valid == right.valid && left.incomplete == right.incomplete;
}

std::string hex(const std::string& text) {
    std::string digits;
    char two[4];
    for (const char c : text) {
        std::snprintf(two, sizeof two, "%02X ", static_cast<unsigned>(static_cast<unsigned char>(c)));
        digits += two;
    }
    return digits;
}

// Compares one text; the last byte touches a page that cannot be read.
struct Comparison {
    Rule rule;
    support::GuardedBuffer memory{4};
    size_t compared = 0, wrong = 0;
    std::string first_wrong;

    void text(const std::string& bytes) {
        char* const at = memory.data() + 4 - bytes.size();
        memcpy(at, bytes.data(), bytes.size());
        ++compared;
        if (equal(utf8::sequence_at(at, at + bytes.size()), rule.at(bytes))) return;
        if (wrong++ == 0) first_wrong = hex(bytes);
    }
};

}  // namespace

TEST_CASE("every sequence of 1 to 3 bytes, and those of 4 at the edges, is cut by the rule") {
    Comparison compare;
    const unsigned step = corpus::few_cuts() ? 13 : 1;
    std::string bytes;
    for (unsigned value = 0; value < 0x100; ++value) compare.text({static_cast<char>(value)});
    for (unsigned value = 0; value < 0x10000; value += step)
        compare.text({static_cast<char>(value >> 8), static_cast<char>(value)});
    for (unsigned value = 0; value < 0x1000000; value += step * step)
        compare.text({static_cast<char>(value >> 16), static_cast<char>(value >> 8), static_cast<char>(value)});
    // Four bytes: each from the edges of the ranges.
    const unsigned edges[] = {0x00, 0x22, 0x7F, 0x80, 0x81, 0x8F, 0x90, 0x9F, 0xA0, 0xBE, 0xBF, 0xC0, 0xFF};
    for (unsigned lead = 0x80; lead < 0x100; ++lead)
        for (const unsigned second : edges)
            for (const unsigned third : {0x00u, 0x7Fu, 0x80u, 0xBFu, 0xC0u, 0xFFu})
                for (const unsigned fourth : {0x00u, 0x7Fu, 0x80u, 0x81u, 0xBEu, 0xBFu, 0xC0u, 0xFFu})
                    compare.text({static_cast<char>(lead), static_cast<char>(second), static_cast<char>(third),
                                  static_cast<char>(fourth)});
    INFO("first wrong: ", compare.first_wrong);
    CHECK_EQ(compare.wrong, 0);
    CHECK(compare.compared > 70000);
}

TEST_CASE("every code point is written as it is defined, and read back") {
    size_t wrong = 0;
    support::GuardedBuffer memory(4);
    const uint32_t step = corpus::few_cuts() ? 31 : 1;
    const auto look_at = [&](uint32_t code_point) {
        if (code_point >= 0xD800 && code_point <= 0xDFFF) return;
        const std::string expected = encode(code_point);
        char* const at = memory.data() + 4 - expected.size();
        char* const end = utf8::append(at, code_point);
        const bool written = std::string(at, end) == expected;
        const utf8::Sequence whole_one = {static_cast<uint8_t>(expected.size()), true, false};
        if (!written || !equal(utf8::sequence_at(at, end), whole_one)) ++wrong;
    };
    for (uint32_t code_point = 0; code_point <= 0x10FFFF; code_point += step) look_at(code_point);
    for (const uint32_t edge : {0x80u, 0x800u, 0xD800u, 0xE000u, 0x10000u, 0x110000u}) {  // whatever the step
        if (edge != 0x110000) look_at(edge);
        look_at(edge - 1);
    }
    CHECK_EQ(wrong, 0);
}

TEST_CASE("ill-formed text becomes as many replacements as the WHATWG Encoding Standard says") {
    struct Row {
        const char* name;
        std::string text;
        size_t replacements;
    };
    const Row rows[] = {
        {"a lone continuation", "\x80", 1},
        {"bytes that never occur", "\xC0\xC1\xF5\xFF", 4},
        {"an overlong slash in two bytes", "\xC0\xAF", 2},
        {"an overlong slash in three bytes", "\xE0\x80\xAF", 3},
        {"an overlong slash in four bytes", "\xF0\x80\x80\xAF", 4},
        {"a surrogate half", "\xED\xA0\x80", 3},
        {"a surrogate pair", "\xED\xA0\x81\xED\xB0\x80", 6},
        {"above the last code point", "\xF4\x90\x80\x80", 4},
        {"three of four bytes, then a letter", "\xF0\x9F\x98z", 1},
        {"two of three bytes, then a letter", "\xE2\x82z", 1},
        {"two of three bytes, twice", "\xE2\x82\xE2\x82", 2},
        {"one of two bytes, then a whole one", "\xC3\xC3\xA9", 1},
        {"the table in the Unicode Standard, section 3.9", "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64", 6},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        size_t replacements = 0, at = 0;
        while (at < row.text.size()) {
            const utf8::Sequence one = utf8::sequence_at(row.text.data() + at, row.text.data() + row.text.size());
            REQUIRE(one.length >= 1);
            replacements += one.valid ? 0 : 1;
            at += one.length;
        }
        CHECK_EQ(at, row.text.size());
        CHECK_EQ(replacements, row.replacements);
    }
    CHECK_EQ(std::string(utf8::replacement), encode(0xFFFD));
}

TEST_CASE("a text up to its first ill-formed byte") {
    struct Row {
        const char* name;
        std::string text;
        size_t size;
    };
    const Row rows[] = {
        {"nothing", "", 0},
        {"all of it is well-formed", "a\xC3\xA9z", 4},
        {"the first byte is not", "\x80z", 0},
        {"it stops in the middle", "ab\xFFz", 2},
        {"it ends within a character", "ab\xE2\x82", 2},
        {"after several characters of several bytes", "\xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xC3", 7},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes text(row.text);
        const openai_stream::StringView valid =
            utf8::valid_beginning({text.begin(), static_cast<size_t>(text.end() - text.begin())});
        CHECK_EQ(valid.size(), row.size);
        CHECK(valid.data() == text.begin());
    }
}
