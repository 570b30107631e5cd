// Which addresses Socket has for a host, from where, for how long, and how they race.
#include "platform/socket_peer.hpp"

using namespace socket_peer;

namespace {

// A port on an address that takes no more connections and refuses none: its queue is full.
struct SilentServer {
    std::vector<int> callers;
    int handle = -1;
    bool is_silent = false;

    SilentServer(const char* address, uint16_t port) {
        sockaddr_in name = {};
        name.sin_family = AF_INET;
        name.sin_port = htons(port);
        REQUIRE(inet_pton(AF_INET, address, &name.sin_addr) == 1);
        auto* const at = reinterpret_cast<sockaddr*>(&name);
        handle = socket(AF_INET, SOCK_STREAM, 0);
        if (handle < 0 || bind(handle, at, sizeof name) != 0 || listen(handle, 0) != 0) return;
        while (!is_silent && callers.size() < 16) {
            callers.push_back(socket(AF_INET, SOCK_STREAM, 0));
            REQUIRE(fcntl(callers.back(), F_SETFL, O_NONBLOCK) == 0);
            const int started = connect(callers.back(), at, sizeof name);
            pollfd polled = {callers.back(), POLLOUT, 0};
            is_silent = started != 0 && poll(&polled, 1, 100) == 0;
        }
    }
    SilentServer(const SilentServer&) = delete;
    SilentServer& operator=(const SilentServer&) = delete;
    ~SilentServer() {
        for (const int caller : callers) close(caller);
        if (handle >= 0) close(handle);
    }
};

// A resolver of the user's own.
struct Answers {
    int pending = 0;     // so often it would block
    IoResult end = IoResult::ready();
    std::vector<const char*> addresses;
    int calls = 0;
    std::string host;
    Socket* hangs_up = nullptr;

    static IoResult look_up(void* self, oai::StringView host, oai::SocketAddresses& into) {
        Answers& answers = *static_cast<Answers*>(self);
        ++answers.calls;
        answers.host = host;
        if (answers.hangs_up) answers.hangs_up->hang_up();
        if (answers.pending-- > 0) return IoResult::would_block();
        for (const char* address : answers.addresses) {
            uint8_t bytes[16];
            if (inet_pton(AF_INET, address, bytes) == 1) {
                CHECK(into.add_ipv4({bytes[0], bytes[1], bytes[2], bytes[3]}));
            } else {
                REQUIRE(inet_pton(AF_INET6, address, bytes) == 1);
                CHECK(into.add_ipv6(bytes));
            }
        }
        return answers.end;
    }
};

}  // namespace

TEST_CASE("Socket leaves an address that does not answer: the next one is tried after 250 ms, and both may still win") {
    const Server server;
    const SilentServer silent("127.0.0.2", server.port);
    if (!silent.is_silent) {
        tally::skip("an address that does not answer: this kernel answers for a full queue");
        return;
    }
    Socket socket;
    static_cast<void>(socket.wait(Interest::none, 0));  // its pipe is there from now on
    const size_t idle_descriptors = descriptors().size();
    for (const bool is_stream : {false, true}) {
        ROW(is_stream ? "with Stream, in less than connect_ms" : "with dial");
        names::script = {"127.0.0.2", "127.0.0.2", "127.0.0.1"};
        const uint32_t begun = clock_ms();
        if (is_stream) {
            char memory[1024];
            oai::Endpoint endpoint("http://several.example/v1");
            endpoint.port = server.port;
            const oai::ChatRequest request("model", "question");
            oai::Timeouts timeouts;
            timeouts.connect_ms = soon_ms;
            oai::Stream stream(oai::transport_of(socket), memory, timeouts);
            CHECK(stream.open(endpoint, request) == oai::Error::none);
            oai::Event event;
            std::thread answers([&server] {
                const int peer = server.take();
                char text[2048];
                recv(peer, text, sizeof text, 0);
                send(peer, "HTTP/1.1 404 x\r\nContent-Length: 0\r\n\r\n", 37, 0);
                close(peer);
            });
            CHECK_FALSE(stream.next(event));
            CHECK(stream.failure().http_status == 404);
            answers.join();
        } else {
            REQUIRE(socket.resolve("several.example", server.port).is_ready());
            CHECK(dial(socket, "several.example", server.port).is_ready());
            CHECK(descriptors().size() == idle_descriptors + 1);
            const int peer = server.take();
            REQUIRE(peer >= 0);
            CHECK(socket.push("x", 1).is_bytes());
            CHECK(readable(peer));
            close(peer);
        }
        const uint32_t took_ms = clock_ms() - begun;
        CHECK(took_ms >= 2 * Socket::next_address_ms - 20);
        CHECK(took_ms < soon_ms);
        names::script.clear();
        socket.hang_up();
        CHECK(descriptors().size() == idle_descriptors);
    }
    ROW("hung up in the middle of it");
    names::script = {"127.0.0.2", "127.0.0.2"};
    CHECK(socket.resolve("several.example", server.port).is_ready());
    CHECK(socket.dial("several.example", server.port).is_would_block());
    CHECK(socket.wait(Interest::write, 10).is_would_block());
    CHECK(socket.wait(Interest::write, soon_ms).is_ready());
    CHECK(socket.dial("several.example", server.port).is_would_block());
    CHECK(descriptors().size() == idle_descriptors + 2);
    CHECK(socket.native_handle() >= 0);
    socket.hang_up();
    CHECK(descriptors().size() == idle_descriptors);
    CHECK(socket.native_handle() < 0);
    names::script.clear();
}

TEST_CASE("Socket, while addresses race: resolve() ends the race, and there is a handle to wait for") {
    const Server server;
    const SilentServer silent("127.0.0.2", server.port);
    if (!silent.is_silent) {
        tally::skip("an address that does not answer: this kernel answers for a full queue");
        return;
    }
    Socket socket;
    static_cast<void>(socket.wait(Interest::none, 0));  // its pipe is there from now on
    const size_t idle_descriptors = descriptors().size();
    {
        ROW("another host, which has fewer addresses, is looked up");
        names::script = {"127.0.0.2", "127.0.0.2"};
        CHECK(socket.resolve("several.example", server.port).is_ready());
        CHECK(socket.dial("several.example", server.port).is_would_block());
        CHECK(socket.wait(Interest::write, soon_ms).is_ready());
        CHECK(socket.dial("several.example", server.port).is_would_block());
        CHECK(descriptors().size() == idle_descriptors + 2);
        names::script = {"127.0.0.1"};
        CHECK(socket.resolve("one.example", server.port).is_ready());
        CHECK(descriptors().size() == idle_descriptors);
        CHECK(dial(socket, "one.example", server.port).is_ready());
        CHECK(descriptors().size() == idle_descriptors + 1);
        const int peer = server.take();
        CHECK(peer >= 0);
        close(peer);
        socket.hang_up();
    }
    {
        ROW("there is a handle to wait for while any address is under way");
        names::script = {"127.0.0.2", "127.0.0.3"};  // where nobody listens
        CHECK(socket.resolve("several.example", server.port).is_ready());
        CHECK(socket.dial("several.example", server.port).is_would_block());
        const Socket::Handle first = socket.native_handle();
        CHECK(first >= 0);
        CHECK(socket.wait(Interest::write, soon_ms).is_ready());
        for (int times = 0; times != 3; ++times) {
            CHECK(socket.dial("several.example", server.port).is_would_block());
            static_cast<void>(socket.wait(Interest::write, 20));  // the refusal may come now
        }
        CHECK(socket.native_handle() == first);
        socket.hang_up();
        CHECK(descriptors().size() == idle_descriptors);
    }
    names::script.clear();
}

TEST_CASE("Socket remembers the addresses of a host from resolve() on, and never takes them for another host's") {
    const Server server, other;
    Socket socket;
    names::lookups = 0;
    names::script = {"127.0.0.1"};
    CHECK(socket.resolve("one.example", server.port).is_ready());
    CHECK(names::lookups == 1);
    for (int times = 0; times < 3; ++times) {
        CHECK(dial(socket, "one.example", server.port).is_ready());
        socket.hang_up();
    }
    CHECK(dial(socket, "one.example", other.port).is_ready());  // another port of the same host
    const int peer = other.take();
    CHECK(peer >= 0);
    close(peer);
    socket.hang_up();
    CHECK(names::lookups == 1);
    names::script = {"127.0.0.3"};  // where nobody listens
    CHECK(dial(socket, "two.example", server.port).is_failed());
    CHECK(names::lookups == 2);
    CHECK(dial(socket, "one.exampl", server.port).is_failed());
    CHECK(names::lookups == 3);
    CHECK(socket.resolve("one.example", server.port).is_ready());
    CHECK(names::lookups == 4);
    CHECK(dial(socket, "one.example", server.port).is_failed());
    CHECK(names::lookups == 4);
    names::script.clear();
}

TEST_CASE("poll() never looks a name up: not for another attempt, nor for a kept connection that was dead") {
    const Server server;
    names::script = {"127.0.0.1"};
    names::lookups = 0;
    Socket socket;
    char memory[2048];
    oai::Endpoint endpoint("http://one.example/v1");
    endpoint.port = server.port;
    const oai::ChatRequest request("model", "question");
    oai::RetryPolicy retries;
    retries.max_retries = 3;
    retries.random = [](void*) -> uint32_t { return 499; };
    oai::Timeouts timeouts;
    oai::Stream stream(oai::transport_of(socket), memory, timeouts);
    stream.use(retries);
    const std::string body =
        "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    std::thread answers([&] {
        char text[2048];
        int peer = server.take();  // takes the request and says nothing
        recv(peer, text, sizeof text, 0);
        close(peer);
        peer = server.take();      // answers, and is gone when the next request comes
        recv(peer, text, sizeof text, 0);
        send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        recv(peer, text, sizeof text, 0);
        close(peer);
        peer = server.take();
        recv(peer, text, sizeof text, 0);
        send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
        close(peer);
    });
    for (const bool is_second : {false, true}) {
        CHECK(stream.open(endpoint, request) == oai::Error::none);
        CHECK(names::lookups == 1);
        oai::Event event;
        size_t events = 0;
        while (stream.next(event)) ++events;
        CHECK(events != 0);
        CHECK(std::string(oai::describe(stream.error())) == "no error");
        CHECK(retries.stats().retries == (is_second ? 0 : 1));
        CHECK(stream.stats().has_reconnected == is_second);
        CHECK(names::lookups == 1);
    }
    answers.join();
    names::script.clear();

    ROW("a name that open() cannot resolve is not tried again");
    Socket elsewhere;
    oai::Timeouts others;
    oai::Stream lost(oai::transport_of(elsewhere), memory, others);
    lost.use(retries);
    const oai::Endpoint nowhere("http://no-such-host.invalid/v1");
    names::lookups = 0;
    CHECK(lost.open(nowhere, request) == oai::Error::name_not_resolved);
    oai::Event event;
    CHECK(lost.poll(event) == oai::Poll::failed);
    CHECK(retries.stats().retries == 0);
    CHECK(names::lookups == 1);
}

TEST_CASE("a resolver of the user's own: asked once, for names alone, and as long as it would block") {
    struct Row {
        const char* name;
        const char* host;
        Answers answers;
        int calls;
        const char* outcome;
    };
    const auto answers = [](int pending, IoResult end, std::vector<const char*> addresses) {
        Answers all;
        all.pending = pending;
        all.end = end;
        all.addresses = addresses;
        return all;
    };
    const Row rows[] = {
        {"one address", "one.example", answers(0, IoResult::ready(), {"127.0.0.1"}), 1, "ready"},
        {"two, the first refuses", "one.example", answers(0, IoResult::ready(), {"127.0.0.2", "127.0.0.1"}), 1,
         "ready"},
        {"IPv6 first", "one.example", answers(0, IoResult::ready(), {"::1", "127.0.0.1"}), 1, "ready"},
        {"it takes its time", "one.example", answers(3, IoResult::ready(), {"127.0.0.1"}), 4, "ready"},
        {"a numeric host is not asked for", "127.0.0.1", answers(0, IoResult::ready(), {"127.0.0.3"}), 0, "ready"},
        {"no address", "one.example", answers(0, IoResult::ready(), {}), 1, "unresolved"},
        {"none, after a time", "one.example", answers(2, IoResult::unresolved(-2), {}), 3, "unresolved"},
        {"it fails", "one.example", answers(0, IoResult::failed(5), {}), 1, "failed"},
    };
    const Server server;
    for (const Row& row : rows) {
        ROW(row.name);
        Answers resolver = row.answers;
        Socket socket;
        socket.set_resolver(Answers::look_up, &resolver);
        names::lookups = 0;
        IoResult io = socket.resolve(row.host, server.port);
        const uint32_t begun = clock_ms();
        while (io.is_would_block()) {
            CHECK(socket.wait(Interest::write, soon_ms).is_ready());
            io = socket.dial(row.host, server.port);
        }
        if (io.is_ready()) io = dial(socket, row.host, server.port);
        CHECK(clock_ms() - begun < soon_ms / 2);
        const char* const outcome = io.is_ready() ? "ready" : io.is_unresolved() ? "unresolved" : "failed";
        CHECK(std::string(outcome) == row.outcome);
        CHECK(resolver.calls == row.calls);
        CHECK(names::lookups == 0);
        if (row.calls != 0) CHECK(resolver.host == row.host);
    }
}

TEST_CASE("SocketAddresses takes eight, and says so") {
    oai::SocketAddresses addresses;
    for (size_t count = 0; count != 12; ++count) CHECK(addresses.add_ipv4({127, 0, 0, 1}) == (count < 8));
    CHECK(addresses.size() == 8);
    addresses.clear();
    const sockaddr other = {};
    CHECK_FALSE(addresses.add(other, sizeof other));
    CHECK(addresses.size() == 0);
}

TEST_CASE("a resolver may hang up, and be taken away") {
    const Server server;
    Answers resolver;
    resolver.addresses = {"127.0.0.1"};
    Socket socket;
    resolver.hangs_up = &socket;
    socket.set_resolver(Answers::look_up, &resolver);
    static_cast<void>(socket.wait(Interest::none, 0));  // its pipe is there from now on
    const size_t idle_descriptors = descriptors().size();
    resolver.addresses.clear();
    CHECK(socket.dial("one.example", server.port).is_failed());
    CHECK(descriptors().size() == idle_descriptors);
    resolver.hangs_up = nullptr;
    resolver.addresses = {"127.0.0.1"};
    CHECK(dial(socket, "one.example", server.port).is_ready());  // it is asked once more
    CHECK(resolver.calls == 2);
    socket.hang_up();
    names::lookups = 0;
    socket.set_resolver(nullptr, nullptr);
    CHECK(dial(socket, "localhost", server.port).is_ready());
    CHECK(names::lookups == 1);
}
