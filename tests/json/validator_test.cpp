// One JSON value and nothing else: the corpus, in all cuts.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace json = openai_stream::json;

namespace {

// Fed to the end also after it said no: then it must not change its mind.
bool is_valid(const corpus::Pieces& pieces) {
    json::Validator validator;
    bool good = true;
    for (const std::string_view piece : pieces) {
        const support::GuardedBytes bytes(piece);
        good = validator.feed({bytes.data(), bytes.size()}) && good;
    }
    return validator.finish() && good;
}

}  // namespace

TEST_CASE("the rows of the corpus") {
    for (const nlohmann::json& row : corpus::rows("json.jsonl")) {
        ROW(row.at("name").get<std::string>());
        const std::string input = corpus::bytes(row, "json");
        if (input.size() > 10000) {
            CHECK(true);
            continue;
        }
        const bool whole = is_valid({input});
        bool wanted = row.at("expect").at("valid") == whole;
        for (const nlohmann::json& other : row.value("alts", nlohmann::json::array()))
            wanted = wanted || other.at("valid") == whole;
        CHECK(wanted);
        size_t wrong = 0;
        corpus::for_each_cut(input, corpus::is_large(row),
                             [&](const corpus::Pieces& pieces) { wrong += is_valid(pieces) != whole; });
        CHECK_EQ(wrong, 0);
    }
}

TEST_CASE("what is fed, and when it is known to be wrong") {
    struct Row {
        const char* name;
        std::vector<std::string> pieces;
        size_t refused_at;  // the piece at which feed() says no; as many as there are: none
        bool valid;
    };
    const Row rows[] = {
        {"nothing", {}, 0, false},
        {"an empty text", {""}, 1, false},
        {"blanks", {" \n"}, 1, false},
        {"a value", {"{\"a\":[1,2]}"}, 1, true},
        {"a value in pieces with empty ones between", {"{", "", "}", ""}, 4, true},
        {"blanks after it", {"1", " "}, 2, true},
        {"a number at the end", {"-12.5e3"}, 1, true},
        {"an unfinished number", {"-12.5e"}, 1, false},
        {"an unfinished value", {"{\"a\":"}, 1, false},
        {"a second value", {"1 ", "2"}, 1, false},
        {"members without braces", {"\"a\":1"}, 0, false},
        {"a comma after the value", {"{}", ","}, 1, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        json::Validator validator;
        size_t at = 0;
        while (at != row.pieces.size() && validator.feed(row.pieces[at])) ++at;
        CHECK_EQ(at, row.refused_at);
        CHECK_EQ(validator.finish(), row.valid);
    }
}

TEST_CASE("one value, or members of an object that has one already") {
    struct Row {
        const char* text;
        bool is_value, is_members;
    };
    const Row rows[] = {
        {"1", true, false},
        {"{\"a\":1}", true, false},
        {"\"a\":1", false, true},
        {"\"a\":1,\"b\":[2]", false, true},
        {"\"a\":1,", false, false},
        {",\"a\":1", false, false},
        {"\"a\":1}", false, false},
        {"\"a\":1},{\"b\":2", false, false},
        {"\"a\":", false, false},
        {"", false, false},
        {" ", false, false},
        {"1 2", false, false},
        {"[", false, false},
    };
    for (const Row& row : rows) {
        ROW(row.text);
        CHECK_EQ(json::is_valid(row.text), row.is_value);
        CHECK_EQ(json::is_valid(row.text, true), row.is_members);
    }
}
