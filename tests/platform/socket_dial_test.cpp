// How a Socket comes to a connection: names, addresses in turn, refusals, waiting; over loopback only.
#include "platform/socket_peer.hpp"
#include "support/refusal.hpp"

using namespace socket_peer;

TEST_CASE("Socket tells a refused port by its errno, and dials afresh after it") {
    const Server server, refusing("127.0.0.1", false);
    REQUIRE(refusing.usable);
    Socket socket;
    for (int round = 0; round < 4; ++round) {
        const IoResult io = dial(socket, "127.0.0.1", refusing.port);
        REQUIRE(io.is_failed());
        CHECK_FALSE(io.is_unresolved());
        CHECK(io.code() == refusal::code);
        if (round % 2 == 0) socket.hang_up();
        if (round < 2) continue;
        CHECK(dial(socket, "127.0.0.1", server.port).is_ready());
        socket.hang_up();
    }
    CHECK(names::lists_held == 0);
}

TEST_CASE("Socket tells a host without an address by the resolver's code") {
    struct Row {
        const char* name;
        std::string host;
        bool looked_up;
    };
    const Row rows[] = {
        {"a name nobody has (RFC 6761)", "no-such-host.invalid", true},
        {"no name", "", false},
        {"a name longer than the DNS allows", std::string(256, 'a'), false},
        {"a name with a NUL in it, which must not be cut there", std::string("127.0.0.1\0.invalid", 18), false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Socket socket;
        names::lookups = 0;
        const IoResult io = dial(socket, row.host, 80);
        CHECK(io.is_unresolved());
        CHECK(io.is_failed());
        CHECK(io.code() != 0);
        if (!row.looked_up) CHECK(io.code() == EAI_NONAME);
        CHECK(names::lookups == (row.looked_up ? 1 : 0));
        CHECK(names::lists_held == 0);
        char byte;
        CHECK(socket.pull(&byte, 1).code() == EBADF);
        const Server server;
        CHECK(dial(socket, "127.0.0.1", server.port).is_ready());
    }
}

TEST_CASE("Socket tries a name's addresses in turn") {
    struct Row {
        const char* name;
        std::vector<const char*> addresses;
        int code;  // 0: connects
    };
    const int attempt = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in everybody = {};
    everybody.sin_family = AF_INET;
    everybody.sin_port = htons(1);
    everybody.sin_addr.s_addr = INADDR_BROADCAST;
    REQUIRE(connect(attempt, reinterpret_cast<sockaddr*>(&everybody), sizeof everybody) < 0);
    const int unusable = errno;
    close(attempt);
    const Row rows[] = {
        {"the first takes the connection", {"127.0.0.1", "127.0.0.2"}, 0},
        {"the first refuses, the second takes it", {"127.0.0.2", "127.0.0.1"}, 0},
        {"IPv6 refuses or is not there, IPv4 takes it", {"::1", "127.0.0.1"}, 0},
        {"the first cannot be tried", {names::unusable, "127.0.0.1"}, 0},
        {"one after the other refuses, the last takes it", {"127.0.0.2", names::unusable, "127.0.0.3", "127.0.0.1"}, 0},
        {"all refuse", {"127.0.0.2", "127.0.0.3"}, refusal::code},
        {"one that cannot be tried does not hide that the other refused", {"127.0.0.2", names::unusable}, refusal::code},
        {"none can be tried", {names::unusable, names::unusable}, unusable},
    };
    const Server server;
    Socket socket;
    static_cast<void>(socket.wait(Interest::none, 0));  // its pipe is there from now on
    const size_t idle_descriptors = descriptors().size();
    for (const Row& row : rows) {
        ROW(row.name);
        names::script = row.addresses;
        REQUIRE(socket.resolve("several.example", server.port).is_ready());
        const IoResult io = dial(socket, "several.example", server.port);
        names::script.clear();
        CHECK(names::lists_held == 0);
        CHECK(descriptors().size() == idle_descriptors + (row.code == 0 ? 1 : 0));
        CHECK(io.is_failed() == (row.code != 0));
        if (row.code != 0) {
            CHECK(io.code() == row.code);
            continue;
        }
        REQUIRE(io.is_ready());
        const int peer = server.take();
        REQUIRE(peer >= 0);
        CHECK(socket.push("x", 1).is_bytes());
        CHECK(readable(peer));
        close(peer);
        socket.hang_up();
    }
}

TEST_CASE("Socket connects to localhost where only 127.0.0.1 listens") {
    const Server server;
    Socket socket;
    CHECK(dial(socket, "localhost", server.port).is_ready());
}

TEST_CASE("Socket waiting for any interest while dialling waits for the connection") {
    for (const auto interest : {Interest::none, Interest::read, Interest::write, Interest::read | Interest::write}) {
        CAPTURE(static_cast<int>(interest));
        const Server server;
        Socket socket;
        if (!socket.dial("127.0.0.1", server.port).is_would_block()) continue;
        CHECK(socket.wait(interest, soon_ms).is_ready());
        CHECK(socket.dial("127.0.0.1", server.port).is_ready());
    }
}

TEST_CASE("Socket dialling a server that does not answer would block until it does") {
    const Server server("127.0.0.1", true, 0);
    sockaddr_in address = {};
    socklen_t size = sizeof address;
    REQUIRE(getsockname(server.handle, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    std::vector<int> callers;  // fill the queue of calls not yet accepted; the last one finds no room
    bool full = false;
    while (!full && callers.size() < 16) {
        callers.push_back(socket(AF_INET, SOCK_STREAM, 0));
        REQUIRE(fcntl(callers.back(), F_SETFL, O_NONBLOCK) == 0);
        const int started = connect(callers.back(), reinterpret_cast<sockaddr*>(&address), size);
        pollfd polled = {callers.back(), POLLOUT, 0};
        full = started != 0 && poll(&polled, 1, 100) == 0;
    }
    close(callers.back());
    callers.pop_back();

    if (full) {
        Socket socket;
        for (int round = 0; round < 2; ++round) {
            CHECK(socket.dial("127.0.0.1", server.port).is_would_block());
            CHECK(socket.dial("127.0.0.1", server.port).is_would_block());
            CHECK(socket.wait(Interest::read, 20).is_would_block());
            CHECK(socket.dial("127.0.0.1", server.port).is_would_block());
            CHECK(names::lists_held == 0);
            socket.hang_up();
        }
        char memory[1024];
        oai::Endpoint endpoint("http://127.0.0.1/v1");
        endpoint.port = server.port;
        const oai::ChatRequest request("model", "question");
        oai::Timeouts timeouts;
        timeouts.connect_ms = 200;
        oai::Stream stream(oai::transport_of(socket), memory, timeouts);
        const uint32_t begun = clock_ms();
        CHECK(stream.open(endpoint, request) == oai::Error::none);
        oai::Event event;
        CHECK_FALSE(stream.next(event));
        CHECK(stream.error() == oai::Error::connect_timeout);
        CHECK(clock_ms() - begun >= 200);
        CHECK(clock_ms() - begun < soon_ms);
        CHECK(socket.dial("127.0.0.1", server.port).is_would_block());
        for (size_t i = 0; i < callers.size(); ++i) close(server.take());
        CHECK(dial(socket, "127.0.0.1", server.port).is_ready());
    } else {
        tally::skip("Socket dialling a server that does not answer: this machine answers for it");
    }
    for (const int caller : callers) close(caller);
}
