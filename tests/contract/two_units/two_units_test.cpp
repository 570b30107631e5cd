// Units of one program that were built with different macros or for size keep their own code: the inline namespace has
// the name of the version and of the code that was selected.
#include "unit.hpp"

#include "support/header.hpp"
#include "support/tally.hpp"

#include <cstdio>
#include <string>

namespace {

struct Row {
    const char* name;
    Unit unit;
    const char* code;
};

const Row rows[] = {
    {"a unit built with OPENAI_STREAM_NO_SIMD", plain_unit(), "swar"},
    {"a unit built for size", small_unit(), "small"},
    {"a unit built without vector instructions", words_unit(), "swar"},
#if defined(__SSE2__)
    {"a unit built with Client", client_unit(), "sse2"},
    {"a unit built for speed", fast_unit(), "sse2"},
#elif defined(__aarch64__)
    {"a unit built with Client", client_unit(), "neon"},
    {"a unit built for speed", fast_unit(), "neon"},
#else
    {"a unit built with Client", client_unit(), "swar"},
    {"a unit built for speed", fast_unit(), "swar"},
#endif
};

TEST_CASE("each unit keeps the code it was built with") {
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string expected = "v" + std::to_string(OPENAI_STREAM_VERSION_MAJOR) + "_" + row.code;
        std::printf("%s: %s\n", row.name, row.unit.mangled);
        CHECK_NE(std::string(row.unit.mangled).find(expected), std::string::npos);

        const std::string text(45, 'x');
        for (size_t at = 0; at < text.size(); ++at) {
            std::string line = text;
            line[at] = '\n';
            CHECK_EQ(row.unit.line_end(line.data(), line.size()), at);
        }

        const std::string body = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello, \\u0077orld\"}}]}\n\n"
                                 "data: {\"choices\":[{\"delta\":{\"content\":\"!\"},\"finish_reason\":\"stop\"}]}\n\n"
                                 "data: [DONE]\n\n";
        char answer[32];
        const size_t size = row.unit.read(body.data(), body.size(), answer, sizeof answer);
        CHECK_EQ(std::string(answer, size), "Hello, world!");
    }
}

TEST_CASE("units built with different code share none of it") {
    for (const Row& left : rows)
        for (const Row& right : rows) {
            const bool same_code = std::string(left.code) == right.code;
            INFO(left.name, " and ", right.name);
            CHECK_EQ(left.unit.code == right.unit.code, same_code);
        }
}

TEST_CASE("no macro changes the size of a public type") {
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(memcmp(row.unit.sizes, rows[0].unit.sizes, sizeof row.unit.sizes), 0);
    }
    CHECK_EQ(rows[0].unit.sizes[0], sizeof(openai_stream::StringView));
}

}  // namespace
