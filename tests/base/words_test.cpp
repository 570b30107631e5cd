// Which word of a list a text is.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace words = openai_stream::words;

TEST_CASE("which word of a list a text is, counted from 1") {
    struct Row {
        const char* name;
        const char* list;  // and two NULs
        std::string text;
        unsigned place;
    };
    const Row rows[] = {
        {"the first", "data\0event\0id\0", "data", 1},
        {"one in the middle", "data\0event\0id\0", "event", 2},
        {"the last", "data\0event\0id\0", "id", 3},
        {"none", "data\0event\0id\0", "retry", 0},
        {"the beginning of one", "data\0event\0id\0", "even", 0},
        {"one and a byte more", "data\0event\0id\0", "ids", 0},
        {"the end of one", "data\0event\0id\0", "vent", 0},
        {"in other letters", "data\0event\0id\0", "Data", 0},
        {"two of them with their NUL", "data\0event\0id\0", std::string("data\0event", 10), 0},
        {"nothing", "data\0event\0id\0", "", 0},
        {"of two that begin alike", "no\0none\0", "none", 2},
        {"of an empty list", "\0", "data", 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes text(row.text);
        CHECK_EQ(words::index_of(row.list, text.begin(), row.text.size()), row.place);
    }
    CHECK_EQ(words::length("event\0id"), 5);
    CHECK_EQ(words::length(""), 0);
}
