// The header's version and the one the build system gives out are the same.
#include "support/header.hpp"
#include "support/tally.hpp"

TEST_CASE("the build system's version is the header's") {
    const std::string version = std::to_string(OPENAI_STREAM_VERSION_MAJOR) + "." +
                                std::to_string(OPENAI_STREAM_VERSION_MINOR) + "." +
                                std::to_string(OPENAI_STREAM_VERSION_PATCH);
    CHECK_EQ(version, OPENAI_STREAM_TEST_VERSION);
}
