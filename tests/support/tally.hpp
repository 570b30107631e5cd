#pragma once
// What the closing line "N passed, N failed, N skipped" of a test executable counts. One is: a row (see ROW), or a run
// of a test case without rows, where each leaf SUBCASE is a run of its own. A test case without an assert is a failure.
#include <doctest/doctest.h>

#include <string>

namespace tally {

// Something that cannot be tested here and why; printed and counted once for each text.
void skip(const std::string& what);

// While it lives, failures belong to this row.
class Row {
public:
    explicit Row(std::string name);
    ~Row();
    Row(const Row&) = delete;
    Row& operator=(const Row&) = delete;
    const std::string& name() const { return name_; }

private:
    std::string name_;
};

}  // namespace tally

// For the body of a loop over a table: counts the row and names it in every failure inside.
#define ROW(sentence)                \
    const tally::Row row_(sentence); \
    INFO("row: ", row_.name())
