// The find-a-byte loops against a naive one, next to a page that cannot be read. Built three times: as the machine
// offers, a word at a time, and plain.
#include "support/cuts.hpp"
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

namespace scan = openai_stream::scan;

namespace {

bool ends_line(unsigned char c) { return c == 10 || c == 13; }
bool stops_string(unsigned char c) { return c == 34 || c == 92 || c < 32; }

// What the loops say about one text, and what a naive loop says.
struct Comparison {
    size_t compared = 0, wrong = 0;
    std::string first_wrong;

    void text(const char* begin, const char* end) {
        const char* line = begin;
        while (line != end && !ends_line(static_cast<unsigned char>(*line))) ++line;
        const char* stop = begin;
        bool high = false;
        for (; stop != end && !stops_string(static_cast<unsigned char>(*stop)); ++stop)
            high = high || static_cast<unsigned char>(*stop) >= 128;

        bool above = false, stays = true;
        const bool right = scan::line_end(begin, end) == line && scan::string_stop(begin, end, above) == stop &&
                           above == high && scan::string_stop(begin, end, stays) == stop && stays;
        ++compared;
        if (!right && wrong++ == 0)
            first_wrong = "size " + std::to_string(end - begin) + ", line end " + std::to_string(line - begin) +
                          ", string stop " + std::to_string(stop - begin) + (high ? ", bytes above ASCII" : "");
    }
    void check(size_t at_least) const {
        INFO("first wrong: ", first_wrong);
        CHECK_EQ(wrong, 0);
        CHECK(compared >= at_least);
    }
};

constexpr size_t most = 80;

}  // namespace

TEST_CASE("every byte value at every position of every length, up to the unreadable page") {
    Comparison compare;
    support::GuardedBuffer memory(most);
    const int step = corpus::few_cuts() ? 7 : 1;
    for (size_t size = 0; size <= most; ++size) {
        char* const begin = memory.data() + most - size;
        memset(begin, 'x', size);
        compare.text(begin, begin + size);
        for (size_t at = 0; at < size; ++at) {
            for (int value = 0; value < 256; value += step) {
                begin[at] = static_cast<char>(value);
                compare.text(begin, begin + size);
            }
            begin[at] = 'x';
        }
    }
    compare.check(100000);
}

TEST_CASE("every alignment, with the stop before, at and after the end") {
    Comparison compare;
    char memory[32 + most + 1];
    for (const char filler : {'x', ' ', '!', '#', '[', ']', '\x7F', '\x80', '\xFF'})
        for (const char stop : {'\n', '\r', '"', '\\', '\0', '\x1F'})
            for (size_t alignment = 0; alignment < 32; ++alignment)
                for (size_t size = 0; size <= most; size += corpus::few_cuts() ? 11u : 1u) {
                    memset(memory, filler, sizeof memory);
                    char* const begin = memory + alignment;
                    begin[size] = stop;  // after the end: must not be seen
                    compare.text(begin, begin + size);
                    if (size == 0) continue;
                    begin[size / 2] = stop;
                    compare.text(begin, begin + size);
                    begin[size - 1] = stop;
                    compare.text(begin, begin + size);
                }
    compare.check(20000);
}

TEST_CASE("two bytes that differ in one bit, next to each other") {
    // A word at a time, a carry out of one byte must not make its neighbour look like a stop.
    Comparison compare;
    support::GuardedBuffer memory(24);
    char* const begin = memory.data();
    const int step = corpus::few_cuts() ? 5 : 1;
    for (int first = 0; first < 256; first += step)
        for (int second = 0; second < 256; second += step)
            for (const size_t at : {0u, 3u, 7u, 15u, 22u}) {
                memset(begin, 'x', 24);
                begin[at] = static_cast<char>(first);
                begin[at + 1] = static_cast<char>(second);
                compare.text(begin, begin + 24);
            }
    compare.check(1000);
}

TEST_CASE("a byte above ASCII counts only before the stop") {
    struct Row {
        const char* name;
        std::string text;
        bool above;
    };
    const std::string x(40, 'x');
    const Row rows[] = {
        {"none", x + "\"", false},
        {"before, in the same block", "ab\xC3\xA9\"" + x, true},
        {"after, in the same block", "ab\"\xC3\xA9" + x, false},
        {"before, in an earlier block", "\xC3\xA9" + x + "\"", true},
        {"after, in a later block", "\"" + x + "\xC3\xA9", false},
        {"the last before the stop", x + "\xFF\"", true},
        {"the first after the stop", x + "\"\xFF", false},
        {"without a stop", x + "\xC3\xA9", true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes bytes(row.text);
        bool above = false;
        scan::string_stop(bytes.begin(), bytes.end(), above);
        CHECK_EQ(above, row.above);
    }
}
