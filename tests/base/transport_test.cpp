// IoResult, Interest, Transport and transport_of: the small types at the edge to the link below.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <limits>

using openai_stream::Interest;
using openai_stream::IoResult;
using openai_stream::StringView;
using openai_stream::Transport;

static_assert(sizeof(IoResult) == 4, "one int32 wide");

namespace {

std::string kind(IoResult io) {
    std::string text;
    if (io.is_bytes()) text += "bytes ";
    if (io.is_ready()) text += "ready ";
    if (io.is_would_block()) text += "would_block ";
    if (io.is_closed()) text += "closed ";
    if (io.is_failed()) text += "failed ";
    if (io.is_unresolved()) text += "unresolved ";
    if (io.is_refused()) text += "refused ";
    return text;
}

struct Smallest {
    std::string sent;
    IoResult pull(char* into, size_t room) {
        memset(into, 'p', room);
        return IoResult::bytes(room);
    }
    IoResult push(const char* from, size_t count) {
        sent.append(from, count);
        return IoResult::bytes(count);
    }
};

struct Complete : Smallest {
    int hang_ups = 0, wakes = 0;
    std::string host;
    uint16_t port = 0;
    std::string resolved;
    uint16_t resolved_port = 0;
    IoResult explained = IoResult::ready();
    Interest interest = Interest::none;
    uint32_t waited_ms = 0;
    bool encrypted = true;

    void hang_up() { ++hang_ups; }
    IoResult dial(StringView to, uint16_t at) {
        host = to;
        port = at;
        return IoResult::failed(-7);
    }
    IoResult resolve(StringView name, uint16_t at) {
        resolved = name;
        resolved_port = at;
        return IoResult::unresolved(-8);
    }
    IoResult wait(Interest what, uint32_t ms) {
        interest = what;
        waited_ms = ms;
        return IoResult::would_block();
    }
    void wake() { ++wakes; }
    uint32_t now_ms() { return 0xFFFFFFFFu; }
    const char* explain(IoResult io, openai_stream::Buffer memory) {
        explained = io;
        return static_cast<const char*>(memcpy(memory.data, "words", 6));
    }
    bool secure() const { return encrypted; }
};

struct OnlyClock : Smallest {
    uint32_t now_ms() { return 42; }
};
struct OnlyHangUp : Smallest {
    int hang_ups = 0;
    void hang_up() { ++hang_ups; }
};
// Members that fit without being the same: wider numbers, other words for text.
struct OtherWords : Smallest {
    std::string host;
    uint64_t now_ms() const { return 0x1'0000'0007u; }
    IoResult dial(std::string to, int) {
        host = to;
        return IoResult::ready();
    }
    int hang_up() { return 1; }
};

void check_nothing_optional(const Transport& link) {
    CHECK_FALSE(static_cast<bool>(link.hang_up));
    CHECK_FALSE(static_cast<bool>(link.dial));
    CHECK_FALSE(static_cast<bool>(link.resolve));
    CHECK_FALSE(static_cast<bool>(link.explain));
    CHECK_FALSE(static_cast<bool>(link.wait));
    CHECK_FALSE(static_cast<bool>(link.wake));
    CHECK_FALSE(static_cast<bool>(link.now_ms));
    CHECK_FALSE(link.secure);
}

}  // namespace

TEST_CASE("an answer of a callback is of one kind and keeps its number") {
    const int32_t most = (1 << 29) - 1, least = -(1 << 29);
    struct Row {
        const char* name;
        IoResult io;
        const char* kind;
        size_t count;
        int32_t code;
    };
    const Row rows[] = {
        {"one byte", IoResult::bytes(1), "bytes ", 1, 0},
        {"no byte: an answer that is wrong, and must not look like another", IoResult::bytes(0), "bytes ", 0, 0},
        {"many bytes", IoResult::bytes(1u << 20), "bytes ", 1u << 20, 0},
        {"the most bytes", IoResult::bytes((1u << 30) - 1), "bytes ", (1u << 30) - 1, 0},
        {"more than the most", IoResult::bytes(1u << 30), "bytes ", (1u << 30) - 1, 0},
        {"far more than the most", IoResult::bytes(std::numeric_limits<size_t>::max()), "bytes ", (1u << 30) - 1, 0},
        {"ready", IoResult::ready(), "ready ", 0, 0},
        {"would block", IoResult::would_block(), "would_block ", 0, 0},
        {"closed", IoResult::closed(), "closed ", 0, 0},
        {"failed with 0", IoResult::failed(0), "failed ", 0, 0},
        {"failed with errno", IoResult::failed(111), "failed ", 0, 111},
        {"failed with a negative code", IoResult::failed(-0x7880), "failed ", 0, -0x7880},
        {"failed with a Winsock code", IoResult::failed(10061), "failed ", 0, 10061},
        {"failed with the largest code", IoResult::failed(most), "failed ", 0, most},
        {"failed with the smallest code", IoResult::failed(least), "failed ", 0, least},
        {"refused", IoResult::refused(-0x2700), "failed refused ", 0, -0x2700},
        {"refused with 0", IoResult::refused(0), "failed refused ", 0, 0},
        {"refused with the largest code", IoResult::refused((1 << 28) - 1), "failed refused ", 0, (1 << 28) - 1},
        {"refused with the smallest code", IoResult::refused(-(1 << 28)), "failed refused ", 0, -(1 << 28)},
        {"unresolved", IoResult::unresolved(-2), "failed unresolved ", 0, -2},
        {"unresolved with 0", IoResult::unresolved(0), "failed unresolved ", 0, 0},
        {"unresolved with a large code", IoResult::unresolved(11001), "failed unresolved ", 0, 11001},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(kind(row.io), row.kind);
        if (row.io.is_bytes()) CHECK_EQ(row.io.count(), row.count);
        if (row.io.is_failed()) CHECK_EQ(row.io.code(), row.code);
    }
}

TEST_CASE("of a failure's code the low 30 bits are kept, with their sign") {
    for (const int32_t code : {INT32_MAX, INT32_MIN, 0x3FFFFFFF, -0x40000000}) {
        ROW(std::to_string(code));
        CHECK_EQ(kind(IoResult::failed(code)), "failed ");
        CHECK_EQ((IoResult::failed(code).code() & 0x3FFFFFFF), (code & 0x3FFFFFFF));
        CHECK_EQ(kind(IoResult::unresolved(code)), "failed unresolved ");
        CHECK_EQ((IoResult::unresolved(code).code() & 0x1FFFFFFF), (code & 0x1FFFFFFF));
        CHECK_EQ(kind(IoResult::refused(code)), "failed refused ");
        CHECK_EQ((IoResult::refused(code).code() & 0x1FFFFFFF), (code & 0x1FFFFFFF));
    }
}

TEST_CASE("what would block may say what it waits for") {
    CHECK(IoResult::would_block().interest() == Interest::write);
    const Interest interests[] = {Interest::read, Interest::write, Interest::work_left,
                                  Interest::read | Interest::write};
    for (const Interest interest : interests) {
        CHECK(IoResult::would_block(interest).interest() == interest);
        CHECK_EQ(kind(IoResult::would_block(interest)), "would_block ");
    }
    CHECK(IoResult::would_block(Interest::none).interest() == Interest::write);
}

TEST_CASE("interests are a set") {
    const Interest both = Interest::read | Interest::write;
    CHECK(has(both, Interest::read));
    CHECK(has(both, Interest::write));
    CHECK_FALSE(has(both, Interest::work_left));
    CHECK_FALSE(has(Interest::none, Interest::read | Interest::write | Interest::work_left));
    CHECK((Interest::none | Interest::work_left) == Interest::work_left);
}

TEST_CASE("a transport without anything is null all over") {
    const Transport link{};
    CHECK_EQ(link.context, nullptr);
    CHECK_FALSE(static_cast<bool>(link.pull));
    CHECK_FALSE(static_cast<bool>(link.push));
    check_nothing_optional(link);
}

TEST_CASE("two members make a transport, what is missing is null") {
    Smallest object;
    const Transport link = openai_stream::transport_of(object);
    CHECK_EQ(link.context, static_cast<void*>(&object));
    char room[4] = {};
    CHECK_EQ(link.pull(link.context, room, 3).count(), 3);
    CHECK_EQ(std::string(room), "ppp");
    CHECK_EQ(link.push(link.context, "abc", 2).count(), 2);
    CHECK_EQ(object.sent, "ab");
    check_nothing_optional(link);
}

TEST_CASE("every optional member is found, and called with what it was given") {
    Complete object;
    const Transport link = openai_stream::transport_of(object);
    REQUIRE(static_cast<bool>(link.hang_up));
    REQUIRE(static_cast<bool>(link.dial));
    REQUIRE(static_cast<bool>(link.resolve));
    REQUIRE(static_cast<bool>(link.explain));
    REQUIRE(static_cast<bool>(link.wait));
    REQUIRE(static_cast<bool>(link.wake));
    REQUIRE(static_cast<bool>(link.now_ms));
    link.hang_up(link.context);
    CHECK_EQ(object.hang_ups, 1);
    CHECK_EQ(link.dial(link.context, "example.org", 8443).code(), -7);
    CHECK_EQ(object.host, "example.org");
    CHECK_EQ(object.port, 8443);
    CHECK_EQ(kind(link.resolve(link.context, "example.com", 443)), "failed unresolved ");
    CHECK_EQ(object.resolved, "example.com");
    CHECK_EQ(object.resolved_port, 443);
    char memory[8];
    const std::string words = link.explain(link.context, IoResult::failed(5), openai_stream::Buffer(memory));
    CHECK_EQ(words, "words");
    CHECK_EQ(object.explained.code(), 5);
    CHECK(link.wait(link.context, Interest::write, 1234).is_would_block());
    CHECK(object.interest == Interest::write);
    CHECK_EQ(object.waited_ms, 1234);
    link.wake(link.context);
    CHECK_EQ(object.wakes, 1);
    CHECK_EQ(link.now_ms(link.context), 0xFFFFFFFFu);
    CHECK(link.secure);
    object.encrypted = false;
    CHECK_FALSE(openai_stream::transport_of(object).secure);
}

TEST_CASE("each optional member stands alone") {
    OnlyClock clock;
    const Transport with_clock = openai_stream::transport_of(clock);
    REQUIRE(static_cast<bool>(with_clock.now_ms));
    CHECK_EQ(with_clock.now_ms(with_clock.context), 42);
    CHECK_FALSE(static_cast<bool>(with_clock.hang_up));
    OnlyHangUp closer;
    const Transport with_hang_up = openai_stream::transport_of(closer);
    REQUIRE(static_cast<bool>(with_hang_up.hang_up));
    with_hang_up.hang_up(with_hang_up.context);
    CHECK_EQ(closer.hang_ups, 1);
    CHECK_FALSE(static_cast<bool>(with_hang_up.now_ms));
}

TEST_CASE("members that can be called so fit, whatever their types") {
    OtherWords object;
    const Transport link = openai_stream::transport_of(object);
    CHECK_EQ(link.now_ms(link.context), 7u);
    CHECK(link.dial(link.context, "h", 80).is_ready());
    CHECK_EQ(object.host, "h");
    CHECK(static_cast<bool>(link.hang_up));
}

TEST_CASE("a count that is known when it runs is cut as one that the compiler knows") {
    for (const size_t count : {size_t{1}, (size_t{1} << 30) - 1, size_t{1} << 30, SIZE_MAX}) {
        volatile size_t known_later = count;
        const size_t most = (size_t{1} << 30) - 1;
        CHECK_EQ(IoResult::bytes(known_later).count(), count < most ? count : most);
    }
}
