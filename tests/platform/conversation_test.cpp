// Stream over Socket over real connections, loopback only: what can go wrong with a peer, and what it is called. Each
// ends by itself.
#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"

#include "platform/loopback.hpp"
#include "support/refusal.hpp"

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace oai = openai_stream;

namespace {

using loopback::Peer;
using loopback::Server;
using oai::Error;
using oai::Interest;
using oai::IoResult;
using oai::Socket;

constexpr uint32_t soon_ms = 60000;  // far more than anything here takes, also under valgrind

const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
const char hello[] = "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
const char finish[] = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

// What the client has got so far, for peers that wait for it.
std::atomic<bool> has_text{false}, has_ended{false};

// A server that takes one client, hears its request, and then does what the row says.
struct Talker {
    std::thread thread;
    Talker(const Server& server, const std::function<void(Peer&)>& talk)
        : thread([&server, talk] {
              Peer peer = server.take();
              if (!peer.is_there()) return;
              peer.hears_until("}");
              talk(peer);
          }) {}
    ~Talker() { thread.join(); }
};

struct Outcome {
    std::string text;
    Error error;
    oai::Verdict verdict;
    int code;
    uint32_t took_ms;
};

Outcome converse(oai::StringView host, uint16_t port, oai::Timeouts timeouts = {}) {
    has_text = has_ended = false;
    Socket socket;
    const uint32_t begun = socket.now_ms();
    char memory[8192];
    oai::Endpoint server("http://unset/v1");
    server.host = host;
    server.port = port;
    const oai::ChatRequest request("model", "question");
    oai::Stream stream(oai::transport_of(socket), memory, timeouts);
    stream.open(server, request);
    Outcome outcome = {};
    for (oai::Event event; stream.next(event);) {
        if (event.kind != oai::EventKind::text) continue;
        outcome.text += std::string(event.text);
        has_text = true;
    }
    has_text = has_ended = true;  // nothing more comes
    outcome.error = stream.error();
    outcome.verdict = stream.verdict();
    outcome.code = stream.failure().transport_code;
    outcome.took_ms = socket.now_ms() - begun;
    return outcome;
}

}  // namespace

TEST_CASE("a conversation over a real connection ends as its peer ends it, in bounded time") {
    struct Row {
        const char* name;
        std::function<void(Peer&)> talk;
        std::string text;
        Error error;
        int code;
        uint32_t idle_ms = 0;
    };
    const Row rows[] = {
        {"a whole answer",
         [](Peer& peer) { peer.says(std::string(head) + hello + finish); },
         "Hello", Error::none, 0},
        {"one byte every 50 ms, which is slow but not idle",
         [](Peer& peer) {
             for (const char c : std::string(head) + hello + "data: [DONE]\n\n") {
                 peer.says({&c, 1});
                 loopback::sleep_ms(50);
             }
         },
         "Hello", Error::none, 0, 3000},
        {"the peer leaves without a word", [](Peer&) {}, "", Error::no_response, 0},
        {"the peer leaves within the head", [](Peer& peer) { peer.says("HTTP/1.1 200 OK\r\nCont"); }, "",
         Error::truncated, 0},
        {"the peer leaves after text, without an end", [](Peer& peer) { peer.says(std::string(head) + hello); },
         "Hello", Error::truncated, 0},
        {"the peer resets before it answers", [](Peer& peer) { peer.resets(); }, "", Error::connection_lost,
         loopback::reset},
        {"the peer resets after text, which is not lost",
         [](Peer& peer) {
             peer.says(std::string(head) + hello);
             loopback::wait_for(has_text);  // a reset overtakes what has not been read
             peer.resets();
         },
         "Hello", Error::connection_lost, loopback::reset},
        {"the peer resets after the end", [](Peer& peer) {
             peer.says(std::string(head) + hello + finish);
             loopback::wait_for(has_ended);
             peer.resets();
         },
         "Hello", Error::none, 0},
    };
    for (const Row& row : rows) {
        if (row.code == loopback::reset && !loopback::tells_resets()) {
            tally::skip("a reset of a real connection: Wine tells it as an orderly end");
            continue;
        }
        ROW(row.name);
        const Server server;
        REQUIRE(server.is_usable());
        const Talker talker(server, row.talk);
        oai::Timeouts timeouts;
        timeouts.idle_ms = row.idle_ms;
        const Outcome outcome = converse("127.0.0.1", server.port(), timeouts);
        CHECK_EQ(outcome.text, row.text);
        CHECK_EQ(std::string(oai::describe(outcome.error)), oai::describe(row.error));
        CHECK_EQ(outcome.code, row.code);
        CHECK_LT(outcome.took_ms, soon_ms);
    }
}

TEST_CASE("a conversation that never begins says why, in bounded time") {
    const Server refusing("127.0.0.1", false);
    struct Row {
        const char* name;
        const char* host;
        Error error;
        int code;  // 0: not looked at
    };
    const Row rows[] = {
        {"nobody listens", "127.0.0.1", Error::connect_failed, refusal::code},
        {"a name nobody has (RFC 6761)", "no-such-host.invalid", Error::name_not_resolved, 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Outcome outcome = converse(row.host, refusing.port());
        CHECK_EQ(std::string(oai::describe(outcome.error)), oai::describe(row.error));
        CHECK_NE(outcome.code, 0);
        if (row.code != 0) CHECK_EQ(outcome.code, row.code);
        CHECK_LT(outcome.took_ms, soon_ms);
    }
}

TEST_CASE("a peer that stops for ever is given up in time") {
    struct Row {
        const char* name;
        std::string said;  // then nothing, for as long as the client is there
        std::string text;
        Error error;
        size_t question_bytes = 8;
    };
    const Row rows[] = {
        {"before its answer", "", "", Error::headers_timeout},
        {"in the head", std::string(head).substr(0, 20), "", Error::headers_timeout},
        {"in the body", std::string(head) + hello, "Hello", Error::idle_timeout},
        {"in the request, of which it takes no more", "", "", Error::idle_timeout, size_t{16} << 20},
    };
    for (const Row& row : rows) {
        for (const bool waits : {true, false}) {
            ROW(std::string(row.name) + (waits ? "" : ", polled"));
            const Server server;
            REQUIRE(server.is_usable());
            const bool reads = row.question_bytes < 1000;
            std::atomic<bool> is_over{false};
            std::thread talker([&] {
                Peer peer = server.take();
                if (reads) peer.hears_until("}");
                peer.says(row.said);
                if (reads) peer.hears();  // waits until the client is gone
                while (!is_over) loopback::sleep_ms(1);
            });
            oai::Timeouts timeouts;
            timeouts.headers_ms = row.error == Error::headers_timeout ? 300 : soon_ms;
            timeouts.idle_ms = 300;
            Socket socket;
            const uint32_t begun = socket.now_ms();
            char memory[8192];
            oai::Endpoint endpoint("http://127.0.0.1/v1");
            endpoint.port = server.port();
            const std::string question(row.question_bytes, 'q');
            const oai::ChatRequest request("model", oai::StringView(question));
            std::string text;
            {
                oai::Stream stream(oai::transport_of(socket), memory, timeouts);
                stream.open(endpoint, request);
                oai::Event event;
                if (waits) {
                    while (stream.next(event))
                        if (event.kind == oai::EventKind::text) text += std::string(event.text);
                } else {
                    for (oai::Poll said; (said = stream.poll(event)) != oai::Poll::failed;) {
                        REQUIRE(said != oai::Poll::done);
                        if (said == oai::Poll::pending) loopback::sleep_ms(1);
                        else if (event.kind == oai::EventKind::text) text += std::string(event.text);
                    }
                }
                CHECK_EQ(std::string(oai::describe(stream.error())), oai::describe(row.error));
            }
            is_over = true;
            talker.join();
            CHECK_EQ(text, row.text);
            CHECK_GE(socket.now_ms() - begun, 300);
            CHECK_LT(socket.now_ms() - begun, soon_ms);
        }
    }
}

TEST_CASE("a kept connection that its server has closed is made anew, and one that stands is used") {
    const std::string body = std::string(hello) + finish;
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    struct Row {
        const char* name;
        std::function<void(Peer&)> then;  // what the server does with the idle connection
        bool is_used;
    };
    const Row rows[] = {
        {"it stands", [](Peer&) {}, true},
        {"the server closes it", [](Peer& peer) { peer.leave(); }, false},
        {"the server resets it", [](Peer& peer) { peer.resets(); }, false},
        {"the server says that it waited too long, and closes it",
         [](Peer& peer) {
             peer.says("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
             peer.leave();
         },
         false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Server server;
        REQUIRE(server.is_usable());
        std::atomic<int> connections{0};
        std::thread talker([&] {
            Peer first = server.take();
            ++connections;
            first.hears_until("}");
            first.says(answer);
            loopback::sleep_ms(50);
            row.then(first);
            if (row.is_used) {
                first.hears_until("}");
                first.says(answer);
                return;
            }
            Peer second = server.take();
            ++connections;
            second.hears_until("}");
            second.says(answer);
        });
        Socket socket;
        const uint32_t begun = socket.now_ms();
        char memory[8192];
        oai::Endpoint endpoint("http://127.0.0.1/v1");
        endpoint.port = server.port();
        const oai::ChatRequest request("model", "question");
        {
            oai::Stream stream(oai::transport_of(socket), memory);
            for (int twice = 0; twice < 2; ++twice) {
                std::string text;
                CHECK((stream.open(endpoint, request) == Error::none));
                for (oai::Event event; stream.next(event);)
                    if (event.kind == oai::EventKind::text) text += std::string(event.text);
                CHECK_EQ(text, "Hello");
                CHECK_EQ(std::string(oai::describe(stream.error())), oai::describe(Error::none));
                // The news has arrived; or it came with the answer, and the connection is closed already.
                const bool is_up = socket.native_handle() != loopback::os::no_handle;
                if (twice == 0 && !row.is_used && is_up) CHECK(socket.wait(Interest::read, soon_ms).is_ready());
            }
        }
        {
            Socket releasing;  // a server that waits for a connection in vain
            static_cast<void>(releasing.dial("127.0.0.1", server.port()));
        }
        const int made = connections;
        talker.join();
        CHECK_EQ(made, row.is_used ? 1 : 2);
        CHECK_LT(socket.now_ms() - begun, soon_ms);
    }
}

TEST_CASE("a peer that stops for ever is left by a cancel from another thread") {
    const Server server;
    REQUIRE(server.is_usable());
    bool client_left = false;
    std::thread talker([&] {
        Peer peer = server.take();
        peer.hears_until("}");
        peer.says(std::string(head) + hello);
        client_left = peer.hears().empty();  // waits until then
    });
    std::string text;
    {
        Socket socket;
        char memory[8192];
        oai::Endpoint endpoint("http://127.0.0.1/v1");
        endpoint.port = server.port();
        const oai::ChatRequest request("model", "question");
        oai::Stream stream(oai::transport_of(socket), memory);
        stream.open(endpoint, request);
        std::thread other;
        for (oai::Event event; stream.next(event);) {
            if (event.kind != oai::EventKind::text) continue;
            text += std::string(event.text);
            other = std::thread([&] {
                loopback::sleep_ms(100);
                stream.cancel();
            });
        }
        other.join();
        CHECK((stream.error() == Error::cancelled));
    }
    talker.join();
    CHECK_EQ(text, "Hello");
    CHECK(client_left);
}

TEST_CASE("Socket shows the socket of the system, for loops that wait for many") {
    const Server server;
    REQUIRE(server.is_usable());
    Socket socket;
    for (int twice = 0; twice < 2; ++twice) {
        CHECK((socket.native_handle() == loopback::os::no_handle));
        IoResult io = socket.dial("127.0.0.1", server.port());
        CHECK((socket.native_handle() != loopback::os::no_handle));  // also while it is being made
        while (io.is_would_block()) {
            REQUIRE(socket.wait(Interest::write, soon_ms).is_ready());
            io = socket.dial("127.0.0.1", server.port());
        }
        REQUIRE(io.is_ready());
        sockaddr_in other_end = {};
        socklen_t size = sizeof other_end;
        REQUIRE(getpeername(socket.native_handle(), reinterpret_cast<sockaddr*>(&other_end), &size) == 0);
        CHECK_EQ(ntohs(other_end.sin_port), server.port());
        socket.hang_up();
    }
    CHECK((socket.native_handle() == loopback::os::no_handle));
    const Server refusing("127.0.0.1", false);
    IoResult io = socket.dial("127.0.0.1", refusing.port());
    while (io.is_would_block()) {
        REQUIRE(socket.wait(Interest::write, soon_ms).is_ready());
        io = socket.dial("127.0.0.1", refusing.port());
    }
    CHECK((socket.native_handle() == loopback::os::no_handle));
}

TEST_CASE("Socket speaks IPv4 and IPv6, waits and is woken") {
    for (const char* const address : {"127.0.0.1", "::1"}) {
        CAPTURE(address);
        const Server server(address);
        if (!server.is_usable()) {
            tally::skip("Socket over IPv6: this machine has no ::1");
            continue;
        }
        Socket socket;
        IoResult io = socket.dial(address, server.port());
        while (io.is_would_block()) {
            REQUIRE(socket.wait(Interest::write, soon_ms).is_ready());
            io = socket.dial(address, server.port());
        }
        REQUIRE(io.is_ready());
        Peer peer = server.take();
        char text[16];
        CHECK(socket.pull(text, sizeof text).is_would_block());
        CHECK(socket.wait(Interest::read, 30).is_would_block());
        CHECK(socket.wait(Interest::write, soon_ms).is_ready());
        std::thread other([&] {
            loopback::sleep_ms(50);
            socket.wake();
        });
        CHECK(socket.wait(Interest::read, UINT32_MAX).is_ready());
        other.join();
        for (int i = 0; i < 5000; ++i) socket.wake();
        CHECK(socket.wait(Interest::none, soon_ms).is_ready());
        CHECK(socket.wait(Interest::none, 1).is_would_block());
        CHECK(peer.says("answer"));
        CHECK(socket.wait(Interest::read, UINT32_MAX).is_ready());
        CHECK_EQ(socket.pull(text, sizeof text).count(), 6);
        CHECK_EQ(socket.push("question", 8).count(), 8);
        CHECK_EQ(peer.hears(), "question");
        peer.leave();
        CHECK(socket.wait(Interest::read, soon_ms).is_ready());
        CHECK(socket.pull(text, sizeof text).is_closed());
        socket.hang_up();
        CHECK_EQ(socket.pull(text, 1).code(), loopback::not_a_socket);
        CHECK_EQ(socket.push(text, 1).code(), loopback::not_a_socket);
    }
}

TEST_CASE("Socket tries a name's addresses in turn: localhost, where only one of them listens") {
    for (const char* const address : {"127.0.0.1", "::1"}) {
        CAPTURE(address);
        const Server server(address);
        if (!server.is_usable()) continue;
        Socket socket;
        IoResult io = socket.dial("localhost", server.port());
        while (io.is_would_block()) {
            REQUIRE(socket.wait(Interest::write, soon_ms).is_ready());
            io = socket.dial("localhost", server.port());
        }
        // Some machines know localhost as 127.0.0.1 alone.
        if (std::strcmp(address, "::1") == 0 && io.is_failed()) continue;
        CHECK(io.is_ready());
    }
}
