// A text joined where its pieces lie: what is in it, where it lies, and what is moved.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

using openai_stream::JoinedText;

namespace {

std::string text_of(const JoinedText& text) { return std::string(text.view()); }

}  // namespace

TEST_CASE("pieces of an input become one text, where the first of them lies") {
    struct Row {
        const char* name;
        std::string input;
        const char* pieces;     // for each byte of the input: which piece it belongs to, '.' for none
        const char* line_begins;  // the pieces before which a line feed is put
        const char* text;
    };
    const Row rows[] = {
        {"one piece", "abc", "000", "", "abc"},
        {"two that touch", "abcd", "0011", "", "abcd"},
        {"with framing between them", "ab--cd--ef", "00..11..22", "", "abcdef"},
        {"a line begins", "ab\n\ncd", "00..11", "1", "ab\ncd"},
        {"a line feed where a byte was", "ab.cd", "00.11", "1", "ab\ncd"},
        {"no line feed before the first", "..ab", "..00", "0", "ab"},
        {"an empty piece is a line, too", "ab..", "00..", "1", "ab\n"},
        {"longer pieces than the gap", "a-bcdefgh", "0.1111111", "", "abcdefgh"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(row.input.size());
        std::memcpy(memory.data(), row.input.data(), row.input.size());
        JoinedText text;
        CHECK_FALSE(text.is_open());
        CHECK(text.view().empty());
        const std::string places = row.pieces;
        for (char piece = '0'; piece <= '2'; ++piece) {
            const bool begins_line = std::string(row.line_begins).find(piece) != std::string::npos;
            const size_t first = places.find(piece), size = static_cast<size_t>(std::count(places.begin(), places.end(), piece));
            if (size == 0 && !begins_line) continue;
            text.append(memory.data() + (size != 0 ? first : row.input.size()), size, begins_line);
        }
        CHECK_EQ(text_of(text), row.text);
        CHECK(text.is_open());
        CHECK(text.begin() == memory.data() + places.find('0'));
    }
}

TEST_CASE("a text that is whole is followed by another one") {
    char input[] = "abcd";
    JoinedText text;
    text.append(input, 2, true);
    text.end();
    CHECK(text.is_whole());
    CHECK_FALSE(text.is_open());
    CHECK_EQ(text_of(text), "ab");
    text.append(input + 3, 1, true);
    CHECK(text.is_open());
    CHECK_EQ(text_of(text), "d");
    text.clear();
    CHECK_FALSE(text.is_open());
    CHECK_FALSE(text.is_whole());
    CHECK(text.view().empty());
}

TEST_CASE("what was read of a text is taken off, at its beginning and at its end") {
    char input[] = " \t\n[DONE]  ";
    JoinedText text;
    text.append(input, sizeof input - 1, false);
    text.skip_blanks();
    CHECK_EQ(text_of(text), "[DONE]  ");
    text.cut(6);
    CHECK_EQ(text_of(text), "[DONE]");
    text.drop_before(text.begin() + 1);
    CHECK_EQ(text_of(text), "DONE]");
    char blanks[] = " \n ";  // the last one is another's
    JoinedText none;
    none.append(blanks, 2, false);
    none.skip_blanks();
    CHECK(none.view().empty());
    CHECK(none.begin() == blanks + 2);
    CHECK(none.is_open());
}

TEST_CASE("a text moves, and goes on where it is then") {
    char memory[] = "....abcdef";
    JoinedText text;
    text.append(memory + 4, 4, false);
    CHECK(text.move_to(memory + 1) == memory + 5);
    CHECK_EQ(text_of(text), "abcd");
    text.append(memory + 8, 2, false);
    CHECK_EQ(text_of(text), "abcdef");
    CHECK_EQ(std::string(memory), ".abcdefdef");
}
