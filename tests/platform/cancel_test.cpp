// cancel() against next(), at every moment, from another thread and from a signal handler. Also what the thread
// sanitizer looks at.
#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"

#include "platform/loopback.hpp"
#include "support/corpus.hpp"

#include <atomic>
#include <thread>

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#endif

namespace oai = openai_stream;

namespace {

using oai::Error;
using oai::Interest;
using oai::IoResult;

const char answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"one\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"two\"}}]}\n\n"
    "data: [DONE]\n\n";

// The bytes come from memory, in pieces; to wait and to be woken is the Socket's part.
struct Link {
    oai::Socket socket;
    size_t piece = 1, end = 0, at = 0;  // up to `end` the peer speaks, then it is silent
    int dialled = 0, hung_up = 0;

    IoResult dial(oai::StringView, uint16_t) {
        at = 0;
        ++dialled;
        return IoResult::ready();
    }
    IoResult push(const char*, size_t count) { return IoResult::bytes(count); }
    IoResult pull(char* into, size_t room) {
        size_t count = piece < room ? piece : room;
        if (count > end - at) count = end - at;
        if (count == 0) return IoResult::would_block();
        memcpy(into, answer + at, count);
        at += count;
        return IoResult::bytes(count);
    }
    IoResult wait(Interest interest, uint32_t ms) { return socket.wait(interest, ms); }
    void wake() { socket.wake(); }
    void hang_up() { ++hung_up; }
};

struct Races {
    Link link;
    char memory[4096];
    oai::Endpoint endpoint = oai::Endpoint("http://localhost/v1");
    oai::ChatRequest request = oai::ChatRequest("model", "question");
    oai::Stream stream = oai::Stream(oai::transport_of(link), memory);
    uint32_t random = 1;
    int cancelled = 0, finished = 0, wrong = 0;

    uint32_t next_random() { return (random = random * 1664525u + 1013904223u) >> 8; }

    // Every third answer is whole, the others stop somewhere for ever: only cancel() ends those.
    void open() {
        const size_t size = sizeof answer - 1;
        link.piece = 1 + next_random() % 64;
        link.end = next_random() % 3 == 0 ? size : next_random() % (size - 16);
        if (stream.open(endpoint, request) != Error::none) ++wrong;
    }
    void run_to_the_end() {
        oai::Event event;
        while (stream.next(event)) {
        }
        const bool was_whole = link.end == sizeof answer - 1;
        if (stream.error() == Error::cancelled) ++cancelled;
        else if (stream.error() == Error::none && was_whole) ++finished;
        else ++wrong;
        if (stream.next(event)) ++wrong;
    }
};

}  // namespace

TEST_CASE("cancel from another thread, 100000 races with next") {
    const int rounds = corpus::few_cuts() ? 2000 : 100000;
    Races races;
    std::atomic<int> opened{0}, done{0};
    std::atomic<uint32_t> longest_pause{2000};  // before cancel(), in turns of a loop
    std::thread other([&] {
        uint32_t random = 7;
        for (int round = 1; round <= rounds; ++round) {
            while (opened.load() < round) std::this_thread::yield();
            random = random * 1664525u + 1013904223u;
            for (volatile uint32_t i = 0; i < (random >> 8) % longest_pause; i = i + 1) {
            }
            races.stream.cancel();
            done = round;
        }
    });
    for (int round = 1; round <= rounds; ++round) {
        races.open();
        opened = round;
        races.run_to_the_end();
        while (done.load() < round) std::this_thread::yield();
        // Where cancel() wins all the time, it comes later.
        if (round % 50 == 0 && races.finished == 0 && longest_pause < 10000000) longest_pause = longest_pause * 4;
    }
    other.join();
    CHECK_EQ(races.wrong, 0);
    CHECK_EQ(races.cancelled + races.finished, rounds);
    CHECK_GT(races.cancelled, 0);
    CHECK_GT(races.finished, 0);
    races.stream.close();
    CHECK_EQ(races.link.hung_up, races.link.dialled);
}

TEST_CASE("cancel over real connections, while they are made, spoken on and waited for") {
    const int rounds = corpus::few_cuts() ? 50 : 500;
    const loopback::Server server;
    REQUIRE(server.is_usable());
    std::atomic<bool> over{false};
    std::thread talker([&] {  // one given up while it was made may or may not be seen here
        while (true) {
            loopback::Peer peer = server.take();
            if (over) return;
            peer.says(std::string_view(answer, sizeof answer - 1).substr(0, sizeof answer - 10));
            while (!peer.hears().empty()) {  // until the client leaves
            }
        }
    });
    int cancelled = 0;
    oai::Endpoint endpoint("http://127.0.0.1/v1");
    endpoint.port = server.port();
    const oai::ChatRequest request("model", "question");
    for (int round = 0; round < rounds; ++round) {
        oai::Socket socket;
        char memory[4096];
        oai::Stream stream(oai::transport_of(socket), memory);
        stream.open(endpoint, request);
        std::thread other([&stream, round] {
            if (round % 4 == 3) loopback::sleep_ms(1);
            for (volatile int i = 0; i < round * 100; i = i + 1) {
            }
            stream.cancel();
        });
        oai::Event event;
        while (stream.next(event)) {
        }
        other.join();
        if (stream.error() == Error::cancelled) ++cancelled;
    }
    over = true;
    oai::Socket last;
    while (last.dial("127.0.0.1", server.port()).is_would_block()) last.wait(Interest::write, 1000);
    talker.join();
    CHECK_EQ(cancelled, rounds);
}

#if defined(_WIN32)
TEST_CASE("cancel from a signal handler") { tally::skip("cancel from a signal handler: Windows has none"); }
#else
namespace {

oai::Stream* cancelled_by_signal = nullptr;
void cancel_now(int) { cancelled_by_signal->cancel(); }

}  // namespace

TEST_CASE("cancel from a signal handler, in the middle of next") {
    const int rounds = corpus::few_cuts() ? 500 : 5000;
    Races races;
    cancelled_by_signal = &races.stream;
    struct sigaction action = {}, before = {};
    action.sa_handler = cancel_now;
    REQUIRE_EQ(sigaction(SIGUSR1, &action, &before), 0);
    const pthread_t owner = pthread_self();
    std::atomic<int> opened{0}, done{0};
    std::thread other([&] {
        uint32_t random = 7;
        for (int round = 1; round <= rounds; ++round) {
            while (opened.load() < round) std::this_thread::yield();
            random = random * 1664525u + 1013904223u;
            for (volatile uint32_t i = 0; i < (random >> 8) % 4000; i = i + 1) {
            }
            pthread_kill(owner, SIGUSR1);
            done = round;
        }
    });
    for (int round = 1; round <= rounds; ++round) {
        races.open();
        opened = round;
        races.run_to_the_end();
        while (done.load() < round) std::this_thread::yield();
    }
    other.join();
    sigaction(SIGUSR1, &before, nullptr);
    CHECK_EQ(races.wrong, 0);
    CHECK_EQ(races.cancelled + races.finished, rounds);
    CHECK_GT(races.cancelled, 0);
}
#endif
