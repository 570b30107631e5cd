// Real servers on real sockets that do not play along: they answer early, stop reading, reset, are slow, or cut off.
#define OPENAI_STREAM_SOCKET
#include "io/conversation.hpp"
#include "support/tally.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <thread>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using oai::Verdict;

constexpr int soon_ms = 20000;  // far more than anything here takes, also under valgrind

void sleep_ms(long ms) {
    timespec time = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&time, nullptr);
}

bool readable(int handle, int ms = soon_ms) {
    pollfd polled = {handle, POLLIN, 0};
    return ::poll(&polled, 1, ms) == 1;
}

// One end of a connection, in the server's thread.
class Peer {
public:
    explicit Peer(int handle) : handle_(handle) {}
    ~Peer() {
        if (handle_ >= 0) ::close(handle_);
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;

    // At least count bytes of the request; false when it has ended before.
    bool read(size_t count) {
        char bytes[1024];
        while (request.size() < count) {
            if (!readable(handle_)) return false;
            const ssize_t got = recv(handle_, bytes, std::min(sizeof bytes, count - request.size()), 0);
            if (got <= 0) return false;
            request.append(bytes, static_cast<size_t>(got));
        }
        return true;
    }
    // A whole request.
    bool read_request() {
        size_t head = std::string::npos;
        while ((head = request.find("\r\n\r\n")) == std::string::npos)
            if (!read(request.size() + 1)) return false;
        const size_t length = request.find("Content-Length: ");
        return length != std::string::npos && read(head + 4 + std::stoul(request.substr(length + 16)));
    }
    void write(std::string_view bytes, size_t piece = 1u << 30, long pause_ms = 0) {
        while (!bytes.empty()) {
            const ssize_t sent = send(handle_, bytes.data(), std::min(piece, bytes.size()), MSG_NOSIGNAL);
            if (sent <= 0) return;
            bytes.remove_prefix(static_cast<size_t>(sent));
            if (pause_ms != 0) sleep_ms(pause_ms);
        }
    }
    void no_delay() {
        const int on = 1;
        setsockopt(handle_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    void end_writing() { shutdown(handle_, SHUT_WR); }
    void reset() {
        const linger at_once = {1, 0};
        setsockopt(handle_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ::close(handle_);
        handle_ = -1;
    }
    // How much more came until the client hung up.
    size_t read_rest() {
        char bytes[65536];
        size_t count = 0;
        while (readable(handle_)) {
            const ssize_t got = recv(handle_, bytes, sizeof bytes, 0);
            if (got <= 0) break;
            count += static_cast<size_t>(got);
        }
        return count;
    }
    bool wait_for_end() { return readable(handle_); }

    std::string request;

private:
    int handle_;
};

// Listens on the loopback address; each connection is served by the function, one after the other.
class Server {
public:
    Server(size_t connections, std::function<void(Peer&, size_t)> serve) {
        listener_ = socket(AF_INET, SOCK_STREAM, 0);
        const int small = 4096;
        setsockopt(listener_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(listen(listener_, 8) == 0);
        REQUIRE(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
        url_ = "http://127.0.0.1:" + std::to_string(port_) + "/v1";
        thread_ = std::thread([this, connections, serve] {
            for (size_t index = 0; index < connections; ++index) {
                if (!readable(listener_)) return;
                Peer peer(accept(listener_, nullptr, nullptr));
                ++accepted;
                serve(peer, index);
            }
        });
    }
    ~Server() {
        thread_.join();
        ::close(listener_);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    oai::StringView url() const { return oai::StringView(url_); }
    uint16_t port() const { return port_; }
    std::atomic<size_t> accepted{0};

private:
    int listener_;
    uint16_t port_;
    std::string url_;
    std::thread thread_;
};

// Socket with a small send buffer, so that a large request is never all on its way.
struct Client : oai::Socket {
    int hang_ups = 0;
    size_t pushed = 0;
    std::atomic<size_t> pulled{0};
    IoResult pull(char* into, size_t room) {
        const IoResult io = Socket::pull(into, room);
        if (io.is_bytes()) pulled += io.count();
        return io;
    }
    IoResult push(const char* from, size_t count) {
        const IoResult io = Socket::push(from, count);
        if (io.is_bytes()) pushed += io.count();
        return io;
    }
    void hang_up() {
        ++hang_ups;
        Socket::hang_up();
    }
};

const std::string large(4000000, 'p');
const std::string refusal = counted_answer(
    413, "application/json", "{\"error\":{\"message\":\"Payload too large\",\"type\":\"invalid_request_error\"}}");

}  // namespace

TEST_CASE("a server that answers 413 after 1 KiB of a request of 4 MB and reads no more") {
    struct Row {
        const char* name;
        void (*after)(Peer&);
    };
    const Row rows[] = {
        {"keeps the connection open", [](Peer& peer) { peer.wait_for_end(); }},
        {"ends its side and waits", [](Peer& peer) { peer.end_writing(), peer.wait_for_end(); }},
    };
    for (const Row& row : rows) {
        for (const bool polls : {false, true}) {
            ROW(std::string(row.name) + std::string(polls ? ", polled" : ", waited for"));
            std::atomic<bool> may_end{false};
            Server server(1, [&](Peer& peer, size_t) {
                peer.read(1024);
                peer.write(refusal);
                row.after(peer);
                while (!may_end) sleep_ms(1);
            });
            Client socket;
            char memory[4096];
            const oai::Endpoint endpoint(server.url());
            const oai::ChatRequest ask("m", oai::StringView(large));
            {
                Stream stream(oai::transport_of(socket), memory);
                REQUIRE(stream.open(endpoint, ask) == Error::none);
                Event event;
                if (polls) {
                    Poll said;
                    while ((said = stream.poll(event)) == Poll::pending) {
                        if (!has(stream.wants(), oai::Interest::work_left)) socket.wait(stream.wants(), 1000);
                    }
                    CHECK(said == Poll::failed);
                } else {
                    CHECK_FALSE(stream.next(event));
                }
                CHECK_EQ(name(stream.error()), name(Error::http_status));
                const oai::Failure failure = stream.failure();
                CHECK_EQ(failure.http_status, 413);
                CHECK_EQ(std::string(failure.message), "Payload too large");
                CHECK_EQ(std::string(failure.type), "invalid_request_error");
                CHECK_EQ(socket.hang_ups, 1);
            }
            may_end = true;
            CHECK_EQ(socket.hang_ups, 1);
            CHECK(socket.pushed < large.size());
            CHECK(socket.pushed >= 1024);
        }
    }
}

// What was not read of the request makes the close a reset. Behind what the client has read it changes nothing.
TEST_CASE("a server that answers 413 and closes with the request unread, when its answer has been read") {
    struct Row {
        const char* name;
        size_t left_out;  // bytes at the end of the answer
        const char* message;
        const char* body_prefix;
    };
    const std::string body = refusal.substr(refusal.find('{'));
    const Row rows[] = {
        {"all of it", 0, "Payload too large", body.c_str()},
        {"but for its last byte", 1, "Payload too large", nullptr},
        {"but for the body", body.size(), "", ""},
        {"up to the first bytes of the body", body.size() - 10, "", "{\"error\":{"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string answer = refusal.substr(0, refusal.size() - row.left_out);
        Client socket;
        Server server(1, [&](Peer& peer, size_t) {
            peer.read(1024);
            peer.write(answer);
            for (int waited = 0; socket.pulled < answer.size() && waited < soon_ms; ++waited) sleep_ms(1);
        });
        char memory[4096];
        const oai::Endpoint endpoint(server.url());
        const oai::ChatRequest ask("m", oai::StringView(large));
        Stream stream(oai::transport_of(socket), memory);
        REQUIRE(stream.open(endpoint, ask) == Error::none);
        Event event;
        CHECK_FALSE(stream.next(event));
        CHECK_EQ(name(stream.error()), name(Error::http_status));
        const oai::Failure failure = stream.failure();
        CHECK_EQ(failure.http_status, 413);
        CHECK_EQ(std::string(failure.message), row.message);
        if (row.body_prefix) CHECK_EQ(std::string(failure.body_prefix), std::string(row.body_prefix));
        CHECK_EQ(socket.pulled, answer.size());
        CHECK(socket.pushed >= 1024);
        CHECK(socket.pushed < large.size());
        CHECK_EQ(socket.hang_ups, 1);
    }
}

// The reset overtakes the answer: what has arrived is still read on Linux, and lost where a reset empties the queue.
// Either way it ends, and is no success.
TEST_CASE("a server that answers 413 and closes with the request unread, before its answer is read") {
    std::atomic<bool> may_answer{false}, has_closed{false};
    Server server(2, [&](Peer& peer, size_t index) {
        if (index == 1) {  // the first connection has been closed
            has_closed = true;
            return;
        }
        peer.read(1024);
        for (int waited = 0; !may_answer && waited < soon_ms; ++waited) sleep_ms(1);
        peer.write(refusal);
    });
    Client socket;
    char memory[4096];
    const oai::Endpoint endpoint(server.url());
    const oai::ChatRequest ask("m", oai::StringView(large));
    Stream stream(oai::transport_of(socket), memory);
    REQUIRE(stream.open(endpoint, ask) == Error::none);
    Event event;
    // Until nothing more can be sent.
    do CHECK(stream.poll(event) == Poll::pending);
    while (has(stream.wants(), oai::Interest::work_left) || !socket.wait(stream.wants(), 100).is_would_block());
    CHECK(socket.pushed >= 1024);
    CHECK(socket.pulled == 0);
    may_answer = true;
    Client other;
    IoResult dialled = IoResult::would_block();
    while ((dialled = other.dial("127.0.0.1", server.port())).is_would_block()) other.wait(oai::Interest::write, 1000);
    CHECK(dialled.is_ready());
    for (int waited = 0; !has_closed && waited < soon_ms; ++waited) sleep_ms(1);
    socket.wait(oai::Interest::write, soon_ms);  // the reset: there was no room

    CHECK_FALSE(stream.next(event));
    const oai::Failure failure = stream.failure();
    if (stream.error() == Error::http_status) {
        CHECK_EQ(failure.http_status, 413);
        CHECK_EQ(std::string(failure.message), "Payload too large");
        CHECK_EQ(socket.pulled, refusal.size());
    } else {
        CHECK((stream.error() == Error::connection_lost || stream.error() == Error::no_response));
        CHECK_EQ(failure.http_status, 0);
        CHECK_EQ(socket.pulled, 0);
    }
#if defined(__linux__)
    CHECK_EQ(name(stream.error()), name(Error::http_status));
#endif
    CHECK(socket.pushed < large.size());
    CHECK_EQ(socket.hang_ups, 1);
}

TEST_CASE("a server that reads everything slowly and then answers: the whole request arrives") {
    const std::string prompt(300000, 'q');
    std::string request;
    Server server(1, [&](Peer& peer, size_t) {
        peer.no_delay();
        peer.read(1);
        sleep_ms(50);
        peer.read_request();
        request = peer.request;
        peer.write(chunked_answer(short_answer, 50));
        peer.wait_for_end();
    });
    {
        Client socket;
        char memory[1024];
        const oai::Endpoint endpoint(server.url());
        const oai::ChatRequest ask("m", oai::StringView(prompt));
        Stream stream(oai::transport_of(socket), memory);
        REQUIRE(stream.open(endpoint, ask) == Error::none);
        Heard heard;
        for (const Event& event : stream) heard.add(event);
        CHECK_EQ(heard.story, short_story);
        CHECK_EQ(socket.pushed, request.size());
        CHECK(request.find(prompt) != std::string::npos);
    }
}

TEST_CASE("a slow server, a byte at a time") {
    const std::string bytes = chunked_answer(short_answer, 50);
    Server server(1, [&](Peer& peer, size_t) {
        peer.no_delay();
        peer.read_request();
        peer.write(bytes.substr(0, 300), 1, 1);
        peer.write(bytes.substr(300), 7, 1);
        peer.wait_for_end();
    });
    Client socket;
    char memory[1024];
    const oai::Endpoint endpoint(server.url());
    const oai::ChatRequest ask("m", "hi");
    Stream stream(oai::transport_of(socket), memory);
    REQUIRE(stream.open(endpoint, ask) == Error::none);
    Heard heard;
    for (const Event& event : stream) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK(stream.verdict() == Verdict::done_marker);
    stream.close();
    CHECK_EQ(socket.hang_ups, 1);
}

TEST_CASE("an answer that breaks off") {
    struct Row {
        const char* name;
        std::string bytes;
        bool resets;
        std::string story;
        Error error;
    };
    const std::string full = chunked_answer(short_answer, 50);
    const std::string two = chunked_answer(conversation::text("a") + conversation::text("b"));
    const Row rows[] = {
        {"reset before a byte", "", true, "", Error::connection_lost},
        {"reset in the head", full.substr(0, 30), true, "", Error::connection_lost},
        {"reset between events", two.substr(0, two.size() - 5), true, "started(c1,m1) text(a) text(b)",
         Error::connection_lost},
        {"reset in an event", two.substr(0, two.size() - 30), true, "started(c1,m1) text(a)", Error::connection_lost},
        {"closed before a byte", "", false, "", Error::no_response},
        {"closed in the head", full.substr(0, 30), false, "", Error::truncated},
        {"closed in half of a chunk", two.substr(0, two.size() - 30), false, "started(c1,m1) text(a)",
         Error::truncated},
        {"closed between events", two.substr(0, two.size() - 5), false, "started(c1,m1) text(a) text(b)",
         Error::truncated},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::atomic<bool> may_reset{!row.resets || row.story.empty()};
        Server server(1, [&](Peer& peer, size_t) {
            peer.read_request();
            peer.write(row.bytes);
            // A reset throws away what the client has not read yet.
            for (int waited = 0; !may_reset && waited < soon_ms; ++waited) sleep_ms(1);
            sleep_ms(20);
            if (row.resets) peer.reset();
        });
        Client socket;
        char memory[1024];
        const oai::Endpoint endpoint(server.url());
        const oai::ChatRequest ask("m", "hi");
        Stream stream(oai::transport_of(socket), memory);
        REQUIRE(stream.open(endpoint, ask) == Error::none);
        Heard heard;
        Event event;
        while (stream.next(event)) {
            heard.add(event);
            if (heard.story == row.story) may_reset = true;
        }
        CHECK_EQ(heard.story, row.story);
        CHECK_EQ(name(stream.error()), name(row.error));
        if (row.error == Error::connection_lost) CHECK_EQ(stream.failure().transport_code, ECONNRESET);
        CHECK_EQ(socket.hang_ups, 1);
        stream.close();
        CHECK_EQ(socket.hang_ups, 1);
    }
}

TEST_CASE("a server that says keep-alive and closes after each answer: the next request goes over a new connection") {
    Server server(3, [&](Peer& peer, size_t) {
        peer.read_request();
        peer.write(chunked_answer(short_answer, 50, "Keep-Alive: timeout=5, max=100\r\n"));
    });
    Client socket;
    char memory[1024];
    const oai::Endpoint endpoint(server.url());
    const oai::ChatRequest ask("m", "hi");
    Stream stream(oai::transport_of(socket), memory);
    for (int number = 0; number < 3; ++number) {
        CHECK_EQ(name(stream.open(endpoint, ask)), name(Error::none));
        Heard heard;
        for (const Event& event : stream) heard.add(event);
        CHECK_EQ(heard.story, short_story);
        CHECK_EQ(name(stream.error()), name(Error::none));
        sleep_ms(100);  // the server's close is on its way
    }
    stream.close();
    CHECK_EQ(socket.hang_ups, 3);
}

TEST_CASE("a server that keeps the connection: three requests over one") {
    std::atomic<int> written{0};
    Server server(1, [&](Peer& peer, size_t) {
        for (int number = 0; number < 3; ++number) {
            peer.request.clear();
            if (!peer.read_request()) return;
            peer.write(chunked_answer(short_answer, 50), 29);
            ++written;
        }
        peer.wait_for_end();
    });
    Client socket;
    char memory[1024];
    const oai::Endpoint endpoint(server.url());
    const oai::ChatRequest ask("m", "hi");
    Stream stream(oai::transport_of(socket), memory);
    for (int number = 0; number < 3; ++number) {
        CHECK_EQ(name(stream.open(endpoint, ask)), name(Error::none));
        Heard heard;
        for (const Event& event : stream) heard.add(event);
        CHECK_EQ(heard.story, short_story);
        while (written <= number) sleep_ms(1);  // the last chunk's end, too
    }
    CHECK_EQ(server.accepted, 1);
    stream.close();
    CHECK_EQ(socket.hang_ups, 1);
}

TEST_CASE("cancel from another thread ends a wait that nothing else would end") {
    for (int round = 0; round < 5; ++round) {
        std::atomic<bool> may_end{false};
        Server server(1, [&](Peer& peer, size_t) {
            peer.read_request();
            peer.write(chunked_answer(short_answer, 50).substr(0, 300));
            while (!may_end) sleep_ms(1);
        });
        Client socket;
        char memory[1024];
        const oai::Endpoint endpoint(server.url());
        const oai::ChatRequest ask("m", "hi");
        Stream stream(oai::transport_of(socket), memory);
        REQUIRE(stream.open(endpoint, ask) == Error::none);
        std::thread other([&] {
            sleep_ms(30 * round);
            stream.cancel();
        });
        Event event;
        while (stream.next(event)) {
        }
        CHECK_EQ(name(stream.error()), name(Error::cancelled));
        CHECK(stream.verdict() == Verdict::cancelled);
        CHECK_EQ(socket.hang_ups, 1);
        other.join();
        may_end = true;
    }
}

namespace {
Stream* to_be_cancelled = nullptr;
}

TEST_CASE("cancel from a signal handler") {
    std::atomic<bool> may_end{false};
    Server server(1, [&](Peer& peer, size_t) {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_BLOCK, &all, nullptr);
        peer.read_request();
        while (!may_end) sleep_ms(1);
    });
    Client socket;
    char memory[1024];
    const oai::Endpoint endpoint(server.url());
    const oai::ChatRequest ask("m", "hi");
    Stream stream(oai::transport_of(socket), memory);
    REQUIRE(stream.open(endpoint, ask) == Error::none);
    Event event;
    while (stream.poll(event) == Poll::pending && stream.wants() != oai::Interest::read)
        socket.wait(stream.wants(), 1000);
    to_be_cancelled = &stream;
    struct sigaction action = {}, before = {};
    action.sa_handler = [](int) { to_be_cancelled->cancel(); };
    sigaction(SIGALRM, &action, &before);
    const itimerval timer = {{0, 0}, {0, 50000}};
    setitimer(ITIMER_REAL, &timer, nullptr);
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::cancelled));
    sigaction(SIGALRM, &before, nullptr);
    may_end = true;
}
