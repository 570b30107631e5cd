// The words HTTP is made of: all 256 bytes, blanks at both ends, words in lists.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <cstdio>
#include <string>

namespace http = openai_stream::http;
using openai_stream::StringView;

static_assert(http::is_token_char('!') && !http::is_token_char(' ') && http::is_ows('\t'), "constant expressions");
static_assert(http::trim_ows(" a ").size() == 1, "constant expressions");

TEST_CASE("each of the 256 bytes is what RFC 9110 section 5.6 says") {
    const std::string marks = "!#$%&'*+-.^_`|~";
    for (int value = 0; value < 256; ++value) {
        ROW("byte " + std::to_string(value));
        const char c = static_cast<char>(value);
        const bool letter = (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z');
        const bool digit = value >= '0' && value <= '9';
        CHECK_EQ(http::is_token_char(c), (letter || digit || (value != 0 && marks.find(c) != std::string::npos)));
        CHECK_EQ(http::is_ows(c), (value == 32 || value == 9));
    }
}

TEST_CASE("blanks are taken off both ends, and nothing else is") {
    struct Row {
        const char* name;
        const char* text;
        const char* trimmed;
    };
    const Row rows[] = {
        {"nothing", "", ""},
        {"only blanks", " \t \t", ""},
        {"none", "a", "a"},
        {"before", " \ta", "a"},
        {"after", "a\t ", "a"},
        {"on both sides, and inside", "\ta  b\tc ", "a  b\tc"},
        {"line ends are no blanks", " \ra\n ", "\ra\n"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes text(row.text);
        CHECK(http::trim_ows({text.begin(), strlen(row.text)}) == StringView(row.trimmed));
    }
}

TEST_CASE("a word is found in a list whatever its case, and only as a whole") {
    const char* const list = "close\0keep-alive\0transfer-encoding\0close-x\0";
    struct Row {
        const char* word;
        unsigned place;
    };
    const Row rows[] = {
        {"", 0},
        {"close", 1},
        {"CLOSE", 1},
        {"clos", 0},
        {"closes", 0},
        {"close-x", 4},
        {"Keep-Alive", 2},
        {"keep_alive", 0},
        {"transfer-encoding", 3},
        {"transfer-encodin", 0},
        {"transfer-encodings", 0},
        {"transfer-encoding-ms-ms-ms-ms-ms", 0},
    };
    for (const Row& row : rows) {
        ROW(row.word);
        http::Word word;
        for (const char* const before : {"", "x", "a word that is longer than any of the list"}) {
            for (const char* at = before; *at != '\0'; ++at) word.add(*at);
            CHECK_EQ(word.empty(), *before == '\0');
            word.clear();
            CHECK(word.empty());
            for (const char* at = row.word; *at != '\0'; ++at) word.add(*at);
            CHECK_EQ(word.index_of(list), row.place);
            word.clear();
        }
    }
    CHECK_EQ(http::Word().index_of(""), 0);
}

TEST_CASE("a length is full where the next digit might overflow") {
    CHECK_FALSE(http::is_full(0));
    CHECK_FALSE(http::is_full((uint64_t(1) << 56) - 1));
    CHECK(http::is_full(uint64_t(1) << 56));
    CHECK(http::is_full(UINT64_MAX));
}

TEST_CASE("each of the 256 bytes of a path's segment is sent as RFC 3986 says, and no segment leaves its place") {
    for (int value = 0; value < 256; ++value) {
        ROW("byte " + std::to_string(value));
        const char c = static_cast<char>(value);
        const bool as_it_is = (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z') ||
                              (value >= '0' && value <= '9') ||
                              (value != 0 && std::string("-._~").find(c) != std::string::npos);
        CHECK_EQ(http::is_unreserved(c), as_it_is);
        openai_stream::Fragment higher, lower;
        higher.before = lower.before = "";
        http::put_byte(&c, higher);
        http::put_lower_digit(&c, lower);
        const std::string sent = higher.before + std::string(higher.text) + lower.before + std::string(lower.text);
        char encoded[4];
        std::snprintf(encoded, sizeof encoded, "%%%02X", static_cast<unsigned>(value));
        CHECK_EQ(sent, as_it_is ? std::string(1, c) : std::string(encoded));
    }
    for (const char* const text : {"", ".", ".."}) CHECK(http::is_no_segment(text));
    for (const char* const text : {"a", "-", "..a", "...", ".a", "a.", "a..", "%2E"}) {
        ROW(text);
        CHECK_FALSE(http::is_no_segment(text));
    }
}
