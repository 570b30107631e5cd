// Values that lie where they were read, and move to the front of the buffer when room is needed.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <doctest/doctest.h>

#include <cstring>
#include <string>
#include <vector>

namespace dialect = openai_stream::dialect;

namespace {

struct Piece {
    size_t begin, end;  // of the bytes
};
struct Row {
    const char* name;
    size_t into;  // where they are packed
    std::vector<Piece> values;
    size_t expected_end;
    bool is_shared;  // values lie in the same bytes, which no reader does
};

std::string some_bytes(size_t count) {
    std::string bytes;
    while (bytes.size() != count) bytes += static_cast<char>('!' + bytes.size() % 90);
    return bytes;
}

}  // namespace

TEST_CASE("values that are packed say what they said, and nothing is written after the last one") {
    const Row rows[] = {
        {"none", 3, {}, 3, false},
        {"two with a gap between them", 0, {{10, 20}, {40, 64}}, 34, false},
        {"two in the other order", 4, {{40, 64}, {10, 20}}, 38, false},
        {"they lie at the front already", 0, {{0, 10}, {10, 64}}, 64, false},
        {"an empty one between two", 0, {{5, 15}, {15, 15}, {15, 25}}, 20, false},
        {"the same bytes twice", 0, {{4, 64}, {4, 64}}, 60, true},
        {"the same bytes three times, and others after them", 0, {{4, 24}, {4, 24}, {4, 24}, {30, 64}}, 54, true},
        {"one within another", 0, {{4, 64}, {10, 20}}, 60, true},
        {"one that begins within another and is longer", 2, {{4, 40}, {30, 64}}, 62, true},
        {"one that begins where another does and is longer", 0, {{4, 10}, {4, 64}}, 60, true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string bytes = some_bytes(64);
        support::GuardedBuffer memory(bytes.size());
        std::memcpy(memory.data(), bytes.data(), bytes.size());
        dialect::ValueStore store;
        const unsigned first = dialect::value_id;
        for (size_t at = 0; at != row.values.size(); ++at)
            store.keep(first + static_cast<unsigned>(at),
                       {memory.data() + row.values[at].begin, memory.data() + row.values[at].end, 0});
        unsigned broken = 0;
        support::broken_assertions = &broken;
        const char* const end = store.pack(memory.data() + row.into);
        support::broken_assertions = nullptr;
        CHECK_EQ(broken != 0, row.is_shared);
        CHECK_EQ(static_cast<size_t>(end - memory.data()), row.expected_end);
        for (size_t at = 0; at != row.values.size(); ++at) {
            const auto target = static_cast<dialect::Target>(first + at);
            const Piece& piece = row.values[at];
            CHECK_EQ(std::string(store.text(target)), bytes.substr(piece.begin, piece.end - piece.begin));
        }
    }
}

TEST_CASE("a value that moves to another target is no longer that of the first") {
    char bytes[] = "code";
    dialect::ValueStore store;
    store.keep(dialect::value_text, {bytes, bytes + 4, 0});
    store.move(dialect::value_text, dialect::value_error_code);
    CHECK(store.text(dialect::value_text).data() == nullptr);
    CHECK_EQ(std::string(store.text(dialect::value_error_code)), "code");
}

TEST_CASE("of two values for one target the one whose key is preferred counts, if it says anything") {
    struct Row {
        const char* name;
        unsigned target;
        const char *first, *second;
        unsigned first_precedence, second_precedence;
        const char* expected;
    };
    const Row rows[] = {
        {"the key that is preferred comes first", dialect::value_text, "a", "b", 1, 2, "a"},
        {"it comes last", dialect::value_text, "a", "b", 2, 1, "b"},
        {"it comes last, and is empty", dialect::value_text, "a", "", 2, 1, "a"},
        {"the same key twice", dialect::value_text, "a", "b", 1, 1, "b"},
        {"the longer message of an error", dialect::value_error_message, "a", "bb", 1, 2, "bb"},
        {"of two that are as long the key decides", dialect::value_error_message, "aa", "bb", 1, 2, "aa"},
        {"also where it comes last", dialect::value_error_message, "aa", "bb", 2, 1, "bb"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string bytes = std::string(row.first) + row.second;
        char* const middle = &bytes[0] + std::strlen(row.first);
        dialect::ValueStore store;
        store.keep(row.target, {&bytes[0], middle, static_cast<uint16_t>(row.first_precedence)});
        const bool is_kept = store.keep(row.target, {middle, &bytes[0] + bytes.size(),
                                                     static_cast<uint16_t>(row.second_precedence)});
        CHECK_EQ(std::string(store.text(row.target)), row.expected);
        CHECK_EQ(is_kept, row.expected == std::string(row.second));
    }
}

TEST_CASE("more of a value is kept where it follows it, and up to so many bytes") {
    char bytes[] = "0123456789";
    dialect::ValueStore store;
    const unsigned target = dialect::value_error_message;
    store.keep(target, {bytes, bytes, 0});
    CHECK(store.extend(target, {bytes, 0}, 8));
    CHECK(store.is_empty(target));
    CHECK(store.extend(target, {bytes, 3}, 8));
    CHECK_FALSE(store.is_empty(target));
    CHECK_FALSE(store.extend(target, {bytes + 4, 2}, 8));  // there is a byte between them
    CHECK(store.extend(target, {bytes + 3, 6}, 8));
    CHECK_EQ(std::string(store.text(target)), "01234567");
    CHECK_FALSE(store.extend(target, {bytes + 8, 1}, 8));
}

TEST_CASE("half of a value ends with a whole character") {
    struct Row {
        const char* name;
        std::string bytes, expected;
    };
    const std::string smile = "\xF0\x9F\x98\x80";
    const Row rows[] = {
        {"one that is short stays", std::string(32, 'a'), std::string(32, 'a')},
        {"letters", std::string(34, 'a'), std::string(17, 'a')},
        {"in the middle of a character", std::string(15, 'a') + smile + std::string(15, 'b'), std::string(15, 'a')},
        {"right after one", std::string(13, 'a') + smile + std::string(17, 'b'), std::string(13, 'a') + smile},
        {"bytes that begin no character: nothing is left", std::string(34, '\x80'), ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string bytes = row.bytes;
        dialect::ValueStore store;
        store.keep(dialect::value_error_message, {&bytes[0], &bytes[0] + bytes.size(), 0});
        CHECK_EQ(store.shorten(dialect::value_error_message), row.bytes != row.expected);
        CHECK_EQ(std::string(store.text(dialect::value_error_message)), row.expected);
    }
    dialect::ValueStore empty;
    CHECK_FALSE(empty.shorten(dialect::value_error_message));
}
