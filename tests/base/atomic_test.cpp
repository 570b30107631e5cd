// The one byte that may be touched from elsewhere.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <thread>
#include <type_traits>

using openai_stream::AtomicFlag;

static_assert(sizeof(AtomicFlag) == 1, "a machine without an exchange can still store one byte");
static_assert(std::is_trivially_destructible<AtomicFlag>::value, "no code at exit");

namespace {

constexpr AtomicFlag constant;
AtomicFlag flag;  // zero-initialised: no start-up code

}  // namespace

TEST_CASE("a flag is what was set last") {
    CHECK_FALSE(constant.get());
    CHECK_FALSE(flag.get());
    flag.set();
    CHECK(flag.get());
    flag.set();
    CHECK(flag.get());
    flag.clear();
    CHECK_FALSE(flag.get());
}

TEST_CASE("what was written before a flag was set is seen by whoever sees the flag") {
    for (int round = 0; round < 200; ++round) {
        AtomicFlag told;
        int news = 0;
        std::thread teller([&] {
            news = 42;
            told.set();
        });
        while (!told.get()) std::this_thread::yield();
        const int heard = news;
        teller.join();
        REQUIRE_EQ(heard, 42);
    }
}
