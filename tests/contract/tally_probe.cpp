// A test program that fails on purpose, for tally_test.py: its closing line must count each failure once.
#include "support/corpus.hpp"
#include "support/tally.hpp"

#include <csignal>
#include <stdexcept>

TEST_CASE("passes: 1 passed") { CHECK(true); }

TEST_CASE("fails twice in one run: 1 failed") {
    CHECK(false);
    CHECK(false);
}

TEST_CASE("each leaf is a run: 1 passed, 1 failed") {
    CHECK(true);
    SUBCASE("good") { CHECK(true); }
    SUBCASE("bad") { CHECK(false); }
}

TEST_CASE("each row counts: 2 passed, 1 failed") {
    for (const int number : {1, 2, 3}) {
        ROW(std::to_string(number));
        CHECK_NE(number, 2);
        if (number == 2) CHECK(false);
    }
}

TEST_CASE("a failure outside of the rows: 1 passed, 1 failed") {
    {
        ROW("good");
        CHECK(true);
    }
    CHECK(false);
}

TEST_CASE("a row that ends the test: 1 passed, 1 failed") {
    for (const int number : {1, 2, 3}) {
        ROW(std::to_string(number));
        REQUIRE_LT(number, 2);
    }
}

TEST_CASE("a row that throws: 1 failed") {
    ROW("throws");
    CHECK(true);
    throw std::runtime_error("on purpose");
}

TEST_CASE("throws outside of rows: 1 failed") {
    CHECK(true);
    throw std::runtime_error("on purpose");
}

TEST_CASE("FAIL counts, WARN does not: 1 failed") {
    WARN(false);
    FAIL("on purpose");
}

TEST_CASE("only a warning: 1 passed") {
    CHECK(true);
    WARN(false);
}

TEST_CASE("no assert at all: 1 failed") {}

TEST_CASE("skipped twice for the same reason: 1 skipped") {
    for (int i = 0; i < 2; ++i)
        if (corpus::shared_rows("there/is/no/such.jsonl")) CHECK(true);
}

TEST_CASE("skips a part, tests the rest: 1 passed, 1 skipped") {
    tally::skip("a part");
    ROW("the rest");
    CHECK(true);
}

// The last: nothing runs after it.
TEST_CASE("crashes: 1 failed") {
    ROW("crashes");
    std::raise(SIGABRT);
}
