// The main() of every test executable, and the count it closes with.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include "tally.hpp"

#include <cstdio>
#include <exception>
#include <set>
#include <utility>

namespace {

struct Counts {
    size_t passed = 0, failed = 0, skipped = 0;
};

Counts total;
std::set<std::string> skips;

// One run of a test case: from its start, or from a re-entry for its next SUBCASE.
struct Run {
    size_t rows = 0, rows_failed = 0;
    bool in_row = false, row_failed = false, unwound = false;  // unwound: an exception left the current row
    bool failed = false, skipped = false;
} run;

void fail() { (run.in_row ? run.row_failed : run.failed) = true; }

void end_run() {
    if (run.in_row) ++run.rows_failed;  // a crash: the row has not ended
    total.passed += run.rows - run.rows_failed;
    total.failed += run.rows_failed + (run.failed ? 1 : 0);
    if (run.rows == 0 && !run.failed && !run.skipped) ++total.passed;
    run = Run();
}

struct Listener : doctest::IReporter {
    explicit Listener(const doctest::ContextOptions&) {}

    void report_query(const doctest::QueryData&) override {}
    void test_run_start() override {}
    void test_run_end(const doctest::TestRunStats&) override {
        std::printf("%zu passed, %zu failed", total.passed, total.failed);
        if (total.skipped != 0) std::printf(", %zu skipped", total.skipped);
        std::printf("\n");
        std::fflush(stdout);
    }
    void test_case_start(const doctest::TestCaseData& test) override {
        run = Run();
        name_ = test.m_name;
        skipped_ = false;
    }
    void test_case_reenter(const doctest::TestCaseData&) override {
        skipped_ = skipped_ || run.skipped;
        end_run();
    }
    void test_case_end(const doctest::CurrentTestCaseStats& stats) override {
        if (stats.numAssertsCurrentTest == 0 && !skipped_ && !run.skipped && stats.failure_flags == 0) {
            std::printf("FAILED: no assert in test case \"%s\"\n", name_);
            run.failed = true;
        }
        end_run();
    }
    void test_case_exception(const doctest::TestCaseException&) override {
        if (!run.unwound) fail();
    }
    void subcase_start(const doctest::SubcaseSignature&) override {}
    void subcase_end() override {}
    void log_assert(const doctest::AssertData& assert) override {
        if (assert.m_failed && (assert.m_at & doctest::assertType::is_warn) == 0) fail();
    }
    void log_message(const doctest::MessageData& message) override {
        if ((message.m_severity & doctest::assertType::is_warn) == 0) fail();
    }
    void test_case_skipped(const doctest::TestCaseData&) override {}

private:
    const char* name_ = "";
    bool skipped_ = false;
};

REGISTER_LISTENER("tally", 1, Listener);

}  // namespace

namespace tally {

void skip(const std::string& what) {
    run.skipped = true;
    if (!skips.insert(what).second) return;
    ++total.skipped;
    std::printf("SKIPPED: %s\n", what.c_str());
    std::fflush(stdout);
}

Row::Row(std::string name) : name_(std::move(name)) {
    run.in_row = true;
    run.row_failed = false;
    ++run.rows;
}

Row::~Row() {
    run.unwound = std::uncaught_exceptions() != 0;
    if (run.row_failed || run.unwound) ++run.rows_failed;
    run.in_row = false;
}

}  // namespace tally
