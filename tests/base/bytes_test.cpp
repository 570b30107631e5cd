// Bytes that move: both ways to do it, forward and backward, over each other and not.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

TEST_CASE("bytes move to where they were not, whatever lies between") {
    using Move = void (*)(char* to, const char* from, size_t count) noexcept;
    struct Row {
        const char* name;
        Move move;
    };
    const Row rows[] = {{"byte by byte", openai_stream::move_each_byte},
                        {"as this build does", openai_stream::move_bytes}};
    const std::string all = "0123456789";
    for (const Row& row : rows) {
        ROW(row.name);
        for (size_t from = 0; from <= all.size(); ++from) {
            for (size_t to = 0; to <= all.size(); ++to) {
                for (size_t count = 0; count + std::max(from, to) <= all.size(); ++count) {
                    support::GuardedBuffer memory(all.size());
                    std::copy(all.begin(), all.end(), memory.data());
                    row.move(memory.data() + to, memory.data() + from, count);
                    std::string wanted = all;
                    wanted.replace(to, count, all.substr(from, count));
                    CHECK_EQ(std::string(memory.data(), memory.size()), wanted);
                }
            }
        }
        row.move(nullptr, nullptr, 0);
    }
}
