// A Stream of an object with a clock: its limits without being asked, and whose its buffer and its transport are.
#include "io/conversation.hpp"
#include "support/tally.hpp"

#include <memory>

namespace oai = openai_stream;

namespace {

using conversation::name;
using oai::Error;
using oai::IoResult;
using oai::Stream;

// A link on which nothing happens but time.
struct Silent : oai::detail::LinkOwner {
    uint32_t now = 0;
    int dials = 0, hang_ups = 0;
    bool is_refusing = false;
    IoResult pull(char*, size_t) { return IoResult::would_block(); }
    IoResult push(const char*, size_t count) { return IoResult::bytes(count); }
    IoResult dial(oai::StringView host, uint16_t) {
        ++dials;
        if (is_refusing) return IoResult::failed(1);
        return strlen(host.data()) == host.size() ? IoResult::ready() : IoResult::failed(1);
    }
    IoResult wait(oai::Interest, uint32_t ms) {
        now += ms;
        return IoResult::would_block();
    }
    void hang_up() { ++hang_ups; }
    uint32_t now_ms() { return now; }
};

const oai::Endpoint server("http://h:80/v1");
const oai::ChatRequest ask("m", "q");

std::string opened(Stream& stream) {
    const Error error = stream.open(server, ask);
    oai::Event event;
    if (error == Error::none) static_cast<void>(stream.poll(event));
    return name(stream.error());
}
std::string polled(Stream& stream) {
    oai::Event event;
    static_cast<void>(stream.poll(event));
    return name(stream.error());
}

}  // namespace

TEST_CASE("a Stream of an object with a clock does not wait for ever") {
    Silent link;
    char memory[2048];
    Stream stream(link, memory);
    oai::Event event;
    REQUIRE_EQ(name(stream.open(server, ask)), name(Error::none));
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::headers_timeout));
    CHECK_EQ(link.now, 120000u);
    Stream without(link, memory, oai::Timeouts::none());
    REQUIRE_EQ(name(without.open(server, ask)), name(Error::none));
    CHECK_EQ(without.next_deadline_ms(), UINT32_MAX);
    char small[550];
    Stream none(link, small);
    CHECK_EQ(name(none.open(server, ask)), name(Error::buffer_too_small));
}

TEST_CASE("one transport and one buffer serve one Stream at a time") {
    Silent link, other;
    char memory[2048], more[2048];
    Stream first(link, memory), second(link, more);
    CHECK_EQ(opened(first), name(Error::none));
    CHECK_EQ(opened(second), name(Error::in_use));
    CHECK_EQ(polled(first), name(Error::none));
    CHECK_EQ(link.dials, 1);
    CHECK_EQ(link.hang_ups, 0);
    Stream moved(std::move(first));
    CHECK_EQ(polled(moved), name(Error::none));
    moved.close();
    CHECK_EQ(link.hang_ups, 1);
    CHECK_EQ(opened(second), name(Error::none));
    Stream third(other, more);
    CHECK_EQ(polled(second), name(Error::in_use));
    CHECK_EQ(opened(third), name(Error::none));
}

TEST_CASE("a Stream that outlives the transport it is connected over says so, and calls nothing of it") {
    char memory[2048], why[300];
    auto link = std::make_unique<Silent>();
    Stream stream(*link, memory);
    CHECK_EQ(opened(stream), name(Error::none));
    link.reset();
    oai::Event event;
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::link_gone));
    CHECK_EQ(std::string(stream.explain(why)), "The transport was destroyed before the Stream. Declare it before the "
                                               "Stream, where it lives as long.");
}

TEST_CASE("each Stream that was made over a transport learns of its end, wherever it is by then") {
    char memory[4][1024];
    auto link = std::make_unique<Silent>();
    Stream opened_one(*link, memory[0]), moved_from(*link, memory[1]), never(*link, memory[2]);
    auto gone = std::make_unique<Stream>(*link, memory[3]);
    CHECK_EQ(opened(opened_one), name(Error::none));
    Stream moved(std::move(moved_from)), assigned;
    assigned = std::move(never);
    gone.reset();
    CHECK_EQ(opened(moved), name(Error::in_use));
    link.reset();
    CHECK_EQ(polled(opened_one), name(Error::link_gone));
    for (Stream* one : {&opened_one, &moved, &assigned, &never, &moved_from})
        CHECK_EQ(opened(*one), name(one == &never || one == &moved_from ? Error::buffer_too_small : Error::no_transport));
}

TEST_CASE("while a Stream waits for its next attempt its transport is not free") {
    Silent link;
    link.is_refusing = true;
    char memory[2048], more[2048];
    oai::RetryPolicy retries;
    Stream first(link, memory), second(link, more);
    first.use(retries);
    REQUIRE_EQ(name(first.open(server, ask)), name(Error::none));
    oai::Event event;
    CHECK(first.poll(event) == oai::Poll::pending);
    CHECK_EQ(opened(second), name(Error::in_use));
    first.close();
    link.is_refusing = false;
    CHECK_EQ(opened(second), name(Error::none));
}

TEST_CASE("next() over a transport that would block and cannot wait is refused, where it would spin") {
    Silent link;
    oai::Transport transport = oai::transport_of(link);
    transport.wait = nullptr;
    char memory[2048];
    Stream stream(transport, memory);
    REQUIRE_EQ(name(stream.open(server, ask)), name(Error::none));
    oai::Event event;
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::no_wait));
    CHECK_EQ(link.hang_ups, 1);
}

TEST_CASE("a Stream without room for its limits has none, and no buffer") {
    Silent link;
    alignas(8) char memory[160];
    oai::Timeouts limits;
    limits.total_ms = 5;
    for (size_t size = 0; size <= sizeof memory; ++size) {
        ROW(std::to_string(size) + " bytes");
        Stream one(link, oai::Buffer(memory, size)), other(link, oai::Buffer(memory, size), oai::Timeouts(limits));
        const bool has_room = size >= sizeof(oai::detail::OwnTimeouts);
        for (Stream* stream : {&one, &other}) {
            CHECK_EQ(stream->timeouts() != nullptr, has_room);
            CHECK_EQ(opened(*stream), name(Error::buffer_too_small));
        }
    }
    CHECK_EQ(link.dials, 0);
}

TEST_CASE("a link with a clock that knows of no owner has limits, and is nobody's") {
    struct Plain {
        uint32_t now = 0;
        int dials = 0;
        IoResult pull(char*, size_t) { return IoResult::would_block(); }
        IoResult push(const char*, size_t count) { return IoResult::bytes(count); }
        IoResult dial(oai::StringView, uint16_t) { return ++dials, IoResult::ready(); }
        IoResult wait(oai::Interest, uint32_t ms) { return now += ms, IoResult::would_block(); }
        uint32_t now_ms() { return now; }
    };
    Plain link;
    char memory[2048], more[2048];
    Stream first(link, memory), second(link, more);
    CHECK_EQ(opened(first), name(Error::none));
    CHECK_EQ(opened(second), name(Error::none));
    CHECK_EQ(link.dials, 2);
    oai::Event event;
    CHECK_FALSE(first.next(event));
    CHECK_EQ(name(first.error()), name(Error::headers_timeout));
}

TEST_CASE("a connection that a Stream keeps for its next request is nobody else's") {
    struct Answering : Silent {
        std::string answer;
        IoResult pull(char* into, size_t room) {
            if (answer.empty()) return IoResult::would_block();
            const size_t count = std::min(room, answer.size());
            memcpy(into, answer.data(), count);
            answer.erase(0, count);
            return IoResult::bytes(count);
        }
    };
    Answering link;
    link.answer = conversation::chunked_answer(conversation::short_answer);
    char memory[2048], more[2048];
    Stream first(link, memory), second(link, more);
    CHECK_EQ(opened(first), name(Error::none));
    oai::Event event;
    while (first.next(event)) continue;
    CHECK_EQ(name(first.error()), name(Error::none));
    CHECK_EQ(link.hang_ups, 0);
    CHECK_EQ(opened(second), name(Error::in_use));
    first.close();
    CHECK_EQ(opened(second), name(Error::none));
}
