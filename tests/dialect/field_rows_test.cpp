// Where in the paths that a program has named a value stands.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dialect = openai_stream::dialect;
using openai_stream::FieldPath;
using openai_stream::StringView;

namespace {

// What a way through a document leads to: "2" for the path with that number, "above" for what contains one, "nothing".
std::string led_to(const dialect::FieldRows& rows, const std::vector<std::string>& steps) {
    dialect::FieldPlace place = rows.root(), value;
    const openai_stream::json::TableRow* row = nullptr;
    for (const std::string& step : steps) {
        row = rows.step(place, StringView(step.data(), step.size()), value);
        place = value;
    }
    if (!row) return "nothing";
    return row == &dialect::field_above ? "above" : std::to_string(rows.index_of(*row));
}

}  // namespace

TEST_CASE("the way to a value leads to the path that is written so, and to no other") {
    static const FieldPath paths[] = {"a", "b.c", "b.d", "l[]", "l2[].x", "a", "e.", "f..g", "h[", "b.c.d", ""};
    const dialect::FieldRows rows{paths, sizeof paths / sizeof *paths};
    struct Row {
        const char* name;
        std::vector<std::string> steps;
        const char* expected;
    };
    const Row table[] = {
        {"a key of the outermost object; of two paths that are the same the first", {"a"}, "0"},
        {"a longer key", {"aa"}, "nothing"},
        {"what contains two", {"b"}, "above"},
        {"a key in it", {"b", "c"}, "1"},
        {"the other one", {"b", "d"}, "2"},
        {"none of its keys", {"b", "e"}, "nothing"},
        {"an element of a list", {"l", "[]"}, "3"},
        {"a key in an element", {"l2", "[]", "x"}, "4"},
        {"a list is no object", {"l2", "x"}, "nothing"},
        {"a path that ends in a dot is of an empty key", {"e", ""}, "6"},
        {"of that alone", {"e", "x"}, "nothing"},
        {"and one with two dots goes through one", {"f", "", "g"}, "7"},
        {"not past it", {"f", "g"}, "nothing"},
        {"a bracket that is not closed is of no list", {"h", "[]"}, "nothing"},
        {"an empty path is of an empty key", {""}, "10"},
    };
    for (const Row& row : table) {
        ROW(row.name);
        CHECK_EQ(led_to(rows, row.steps), row.expected);
    }
}

TEST_CASE("thirty-two paths are as many as can be named, and each of them is found") {
    static const FieldPath paths[] = {"k00", "k01", "k02", "k03", "k04", "k05", "k06", "k07", "k08", "k09", "k10",
                                      "k11", "k12", "k13", "k14", "k15", "k16", "k17", "k18", "k19", "k20", "k21",
                                      "k22", "k23", "k24", "k25", "k26", "k27", "k28", "k29", "k30", "k31"};
    const dialect::FieldRows rows{paths, dialect::FieldRows::max_count};
    for (unsigned number = 0; number != dialect::FieldRows::max_count; ++number)
        CHECK_EQ(led_to(rows, {"k" + std::string(number < 10 ? "0" : "") + std::to_string(number)}),
                 std::to_string(number));
    CHECK_EQ(led_to({paths, 31}, {"k31"}), "nothing");
}
