// Values that lie where they were read, and move to the front of the buffer when room is needed.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <doctest/doctest.h>

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
        unsigned shared = 0;
        support::broken_assertions = &shared;
        const char* const end = store.pack(memory.data() + row.into);
        support::broken_assertions = nullptr;
        CHECK_EQ(shared != 0, row.is_shared);
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
