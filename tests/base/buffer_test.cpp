// Buffer and Span: whose bytes, how many.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <array>
#include <numeric>
#include <vector>

using openai_stream::Buffer;
using openai_stream::Span;

namespace {

char static_memory[32];
constexpr Buffer static_buffer = static_memory;  // no start-up code
static_assert(static_buffer.size == 32, "");
static_assert(Buffer().data == nullptr && Buffer().size == 0, "nothing is nothing");
constexpr int constant_numbers[] = {1, 2, 3};
constexpr Span<const int> constant_span = constant_numbers;
static_assert(constant_span.size == 3 && constant_span[2] == 3, "usable in constant expressions");

int sum(Span<const int> numbers) { return std::accumulate(numbers.begin(), numbers.end(), 0); }
size_t room(Buffer buffer) { return buffer.size; }

}  // namespace

TEST_CASE("a buffer is made of what can be written") {
    char chars[16];
    unsigned char bytes[24];
    struct Row {
        const char* name;
        Buffer buffer;
        const void* data;
        size_t size;
    };
    const Row rows[] = {
        {"nothing", {}, nullptr, 0},
        {"an array of char", chars, chars, 16},
        {"an array of unsigned char", bytes, bytes, 24},
        {"pointer and size", {chars, 5}, chars, 5},
        {"pointer to unsigned char and size", {bytes + 1, 7}, bytes + 1, 7},
        {"null and zero", {static_cast<char*>(nullptr), 0}, nullptr, 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(static_cast<const void*>(row.buffer.data), row.data);
        CHECK_EQ(row.buffer.size, row.size);
    }
    CHECK_EQ(room(chars), 16);
    CHECK_EQ(room(bytes), 24);
}

TEST_CASE("a span is made of arrays and of everything with data() and size()") {
    int numbers[] = {1, 2, 3};
    std::vector<int> vector = {4, 5};
    const std::vector<int> constant = {6};
    const std::array<int, 4> array = {1, 1, 1, 1};
    const std::vector<int> empty;
    struct Row {
        const char* name;
        Span<const int> span;
        size_t size;
        int sum;
    };
    const Row rows[] = {
        {"nothing", {}, 0, 0},
        {"an array", numbers, 3, 6},
        {"pointer and count", {numbers, 2}, 2, 3},
        {"a vector", vector, 2, 9},
        {"a constant vector", constant, 1, 6},
        {"a std::array", array, 4, 4},
        {"an empty vector", empty, 0, 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(row.span.size, row.size);
        CHECK_EQ(row.span.empty(), row.size == 0);
        CHECK_EQ(sum(row.span), row.sum);
        CHECK_EQ(row.span.end() - row.span.begin(), static_cast<ptrdiff_t>(row.size));
    }
    CHECK_EQ(sum(numbers), 6);
    CHECK_EQ(sum(vector), 9);
}

TEST_CASE("a span of what can be written writes through") {
    std::vector<int> numbers = {1, 2};
    const Span<int> span = numbers;
    span[0] = 7;
    for (int& number : span) ++number;
    CHECK_EQ(numbers, std::vector<int>{8, 3});
    CHECK_EQ(static_cast<const void*>(span.data), numbers.data());
}
