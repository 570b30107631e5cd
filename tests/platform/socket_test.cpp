// Socket over real connections, loopback only; on POSIX, what Windows shares is in conversation_test.cpp.
#include "platform/socket_peer.hpp"

using namespace socket_peer;

namespace {

volatile sig_atomic_t signals = 0;
Socket* woken_by_signal = nullptr;

void on_signal(int) {
    signals = signals + 1;
    if (woken_by_signal != nullptr) woken_by_signal->wake();
}

// Handles a signal without SA_RESTART while it lives.
struct Handling {
    int number;
    struct sigaction before;
    explicit Handling(int signal_number) : number(signal_number) {
        signals = 0;
        struct sigaction action = {};
        action.sa_handler = on_signal;
        REQUIRE(sigaction(number, &action, &before) == 0);
    }
    ~Handling() {
        sigaction(number, &before, nullptr);
        woken_by_signal = nullptr;
    }
};

// Sends this thread a signal every few milliseconds while it lives.
struct Pestering {
    std::atomic<bool> over{false};
    std::thread thread;
    explicit Pestering(int signal_number) {
        const pthread_t target = pthread_self();
        thread = std::thread([this, target, signal_number] {
            while (!over) {
                usleep(5000);
                pthread_kill(target, signal_number);
            }
        });
    }
    ~Pestering() {
        over = true;
        thread.join();
    }
};

}  // namespace

TEST_CASE("Socket is small, stays where it is, and is a whole transport") {
    static_assert(!std::is_copy_constructible<Socket>::value && !std::is_move_constructible<Socket>::value, "");
    static_assert(!std::is_copy_assignable<Socket>::value && !std::is_move_assignable<Socket>::value, "");
    static_assert(sizeof(Socket) <= 600, "");  // eight addresses, and the name they belong to
    Socket socket;
    const oai::Transport transport = oai::transport_of(socket);
    CHECK(transport.context == &socket);
    CHECK((transport.pull != nullptr));
    CHECK((transport.push != nullptr));
    CHECK((transport.hang_up != nullptr));
    CHECK((transport.dial != nullptr));
    CHECK((transport.wait != nullptr));
    CHECK((transport.wake != nullptr));
    CHECK((transport.now_ms != nullptr));
    CHECK_FALSE(transport.secure);
}

TEST_CASE("Socket connects and moves bytes both ways") {
    struct Row {
        const char* name;
        const char* host;
        const char* listens_on;
        int lookups;
    };
    const Row rows[] = {
        {"an IPv4 address, which is not looked up", "127.0.0.1", "127.0.0.1", 0},
        {"a name", "localhost", "127.0.0.1", 1},
        {"an IPv6 address, which is not looked up", "::1", "::1", 0},
        {"an IPv6 address in brackets", "[::1]", "::1", 0},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        if (strcmp(row.listens_on, "::1") == 0 && !has_ipv6()) continue;
        const Server server(row.listens_on);
        REQUIRE(server.usable);
        Socket socket;
        names::lookups = 0;
        REQUIRE(dial(socket, row.host, server.port).is_ready());
        CHECK(names::lookups == row.lookups);
        CHECK(names::lists_held == 0);
        const int peer = server.take();
        REQUIRE(peer >= 0);

        const IoResult pushed = socket.push("question", 8);
        REQUIRE(pushed.is_bytes());
        CHECK(pushed.count() == 8);
        char text[64];
        REQUIRE(readable(peer));
        REQUIRE(recv(peer, text, sizeof text, 0) == 8);
        CHECK(std::string(text, 8) == "question");
        REQUIRE(send(peer, "answer", 6, 0) == 6);
        IoResult pulled = pull(socket, text, 4);
        REQUIRE(pulled.is_bytes());
        REQUIRE(pulled.count() == 4);
        CHECK(std::string(text, 4) == "answ");
        pulled = pull(socket, text, sizeof text);
        REQUIRE(pulled.is_bytes());
        REQUIRE(pulled.count() == 2);
        CHECK(std::string(text, 2) == "er");
        close(peer);
        CHECK(pull(socket, text, sizeof text).is_closed());
    }
}

TEST_CASE("Socket reads the host of a name that is not terminated, and keeps nothing of it") {
    const Server server;
    Socket socket;
    char host[] = "127.0.0.1999";
    IoResult io = socket.dial(oai::StringView(host, 9), server.port);
    memset(host, 'x', sizeof host);
    if (io.is_would_block()) io = dial(socket, oai::StringView(host, 9), server.port);
    CHECK(io.is_ready());
}

TEST_CASE("Socket dialled where a connection stands keeps it") {
    Pair pair;
    CHECK(pair.socket.dial("no-such-host.invalid", 1).is_ready());
    REQUIRE(send(pair.peer, "x", 1, 0) == 1);
    char byte;
    CHECK(pull(pair.socket, &byte, 1).is_bytes());
}

TEST_CASE("Socket says would_block when nothing has come, and waits as long as told") {
    Pair pair;
    char text[16];
    CHECK(pair.socket.pull(text, sizeof text).is_would_block());
    const uint32_t begun = clock_ms();
    CHECK(pair.socket.wait(Interest::read, 120).is_would_block());
    CHECK(clock_ms() - begun >= 119);
    CHECK(clock_ms() - begun < soon_ms);
    CHECK(pair.socket.wait(Interest::read, 0).is_would_block());
    CHECK(pair.socket.wait(Interest::none, 0).is_would_block());
    CHECK(pair.socket.wait(Interest::write, soon_ms).is_ready());
    CHECK(pair.socket.wait(Interest::read | Interest::write, soon_ms).is_ready());
    CHECK(pair.socket.pull(text, sizeof text).is_would_block());
    REQUIRE(send(pair.peer, "x", 1, 0) == 1);
    CHECK(pair.socket.wait(Interest::read, UINT32_MAX).is_ready());
    CHECK(pair.socket.wait(Interest::none, 0).is_would_block());
    CHECK(pair.socket.pull(text, sizeof text).count() == 1);
}

TEST_CASE("Socket tells the peer's end as closed, after the last byte and ever again") {
    Pair pair;
    REQUIRE(send(pair.peer, "end", 3, 0) == 3);
    pair.leave();
    char text[16];
    CHECK(pull(pair.socket, text, sizeof text).count() == 3);
    CHECK(pull(pair.socket, text, sizeof text).is_closed());
    CHECK(pull(pair.socket, text, sizeof text).is_closed());
}

TEST_CASE("Socket can still be pushed to when the peer has ended only its own writing") {
    Pair pair;
    REQUIRE(shutdown(pair.peer, SHUT_WR) == 0);
    char text[16];
    CHECK(pull(pair.socket, text, sizeof text).is_closed());
    CHECK(pair.socket.push("late", 4).count() == 4);
    REQUIRE(readable(pair.peer));
    CHECK(recv(pair.peer, text, sizeof text, 0) == 4);
}

TEST_CASE("Socket tells the peer's reset as failed") {
    Pair pair;
    pair.reset();
    CHECK(pair.socket.wait(Interest::read, soon_ms).is_ready());
    CHECK(pair.socket.wait(Interest::none, 20).is_would_block());
    char text[16];
    const IoResult io = pull(pair.socket, text, sizeof text);
    REQUIRE(io.is_failed());
    CHECK(io.code() == ECONNRESET);
}

TEST_CASE("Socket pushes what the network takes, then would block until the peer reads") {
    constexpr size_t total = 24u << 20;
    std::string sent(total, '\0');
    uint32_t random = 1;
    for (char& c : sent) c = static_cast<char>((random = random * 1664525u + 1013904223u) >> 24);
    Pair pair;
    size_t done = 0;
    IoResult io = pair.socket.push(sent.data(), total);
    while (io.is_bytes() && done < total) {
        REQUIRE(io.count() <= total - done);
        done += io.count();
        io = done < total ? pair.socket.push(sent.data() + done, total - done) : IoResult::closed();
    }
    REQUIRE(io.is_would_block());
    CHECK(done > 0);
    CHECK(pair.socket.wait(Interest::write, 20).is_would_block());

    std::string received;
    std::thread reader([&] {
        std::vector<char> piece(1u << 16);
        ssize_t count;
        while ((count = recv(pair.peer, piece.data(), piece.size(), 0)) > 0)
            received.append(piece.data(), static_cast<size_t>(count));
    });
    while (done < total) {
        io = pair.socket.push(sent.data() + done, total - done);
        if (io.is_bytes()) done += io.count();
        else if (!io.is_would_block() || !pair.socket.wait(Interest::write, soon_ms).is_ready()) break;
    }
    pair.socket.hang_up();
    reader.join();
    CHECK(done == total);
    CHECK((received == sent));
}

TEST_CASE("Socket raises no SIGPIPE when it pushes to a peer that has gone") {
    const Handling pipe_signal(SIGPIPE);
    Pair pair;
    pair.reset();
    IoResult io = IoResult::would_block();
    for (int i = 0; i < 1000 && !io.is_failed(); ++i) {
        io = pair.socket.push("x", 1);
        if (!io.is_failed()) usleep(1000);
    }
    CHECK(io.is_failed());
    const IoResult again = pair.socket.push("x", 1);
    REQUIRE(again.is_failed());
    CHECK(again.code() == EPIPE);
    CHECK(signals == 0);
}

TEST_CASE("Socket hung up, never dialled or hung up twice moves no bytes and harms nothing") {
    Socket idle;
    idle.hang_up();
    idle.hang_up();
    char byte = 'x';
    CHECK(idle.pull(&byte, 1).code() == EBADF);
    CHECK(idle.push(&byte, 1).code() == EBADF);
    CHECK(idle.wait(Interest::read | Interest::write, 1).is_would_block());

    Pair pair;
    pair.socket.hang_up();
    pair.socket.hang_up();
    CHECK(pair.socket.pull(&byte, 1).code() == EBADF);
    REQUIRE(readable(pair.peer));
    CHECK(recv(pair.peer, &byte, 1, 0) == 0);

    const Server server;
    CHECK_FALSE(idle.dial("127.0.0.1", server.port).is_failed());
    idle.hang_up();
    idle.hang_up();
    CHECK(names::lists_held == 0);
    CHECK(idle.pull(&byte, 1).code() == EBADF);
    CHECK(dial(idle, "127.0.0.1", server.port).is_ready());
}

TEST_CASE("Socket is woken") {
    Socket idle;
    SUBCASE("by a wake before the wait, once for any number of them") {
        idle.wake();
        CHECK(idle.wait(Interest::none, soon_ms).is_ready());
        CHECK(idle.wait(Interest::none, 1).is_would_block());
        for (int i = 0; i < 1000; ++i) idle.wake();
        CHECK(idle.wait(Interest::none, UINT32_MAX).is_ready());
        CHECK(idle.wait(Interest::none, 1).is_would_block());
    }
    SUBCASE("by more wakes than the pipe holds, none of which blocks or changes errno") {
        for (int i = 0; i < 200000; ++i) {
            errno = 4321;
            idle.wake();
            if (errno != 4321) FAIL("errno is ", errno);
        }
        CHECK(idle.wait(Interest::none, soon_ms).is_ready());
        CHECK(idle.wait(Interest::none, 1).is_would_block());
    }
    SUBCASE("by another thread during the wait, with and without a connection") {
        Pair pair;
        for (Socket* socket : {&idle, &pair.socket}) {
            const uint32_t begun = clock_ms();
            std::thread other([socket] {
                usleep(30000);
                socket->wake();
            });
            CHECK(socket->wait(Interest::read, UINT32_MAX).is_ready());
            other.join();
            CHECK(clock_ms() - begun >= 29);
            CHECK(clock_ms() - begun < soon_ms);
            CHECK(socket->wait(Interest::read, 1).is_would_block());
        }
        char byte;
        CHECK(pair.socket.pull(&byte, 1).is_would_block());
    }
    SUBCASE("by a wake that comes together with bytes") {
        Pair pair;
        pair.socket.wake();
        REQUIRE(send(pair.peer, "x", 1, 0) == 1);
        char byte;
        CHECK(pull(pair.socket, &byte, 1).is_bytes());
        while (pair.socket.wait(Interest::none, 1).is_ready()) {
        }
        CHECK(pair.socket.wait(Interest::read, 1).is_would_block());
    }
    SUBCASE("by a signal handler") {
        const Handling user_signal(SIGUSR1);
        woken_by_signal = &idle;
        raise(SIGUSR1);
        CHECK(signals == 1);
        CHECK(idle.wait(Interest::read, UINT32_MAX).is_ready());
        CHECK(idle.wait(Interest::read, 1).is_would_block());
    }
}

TEST_CASE("Socket ends a wait with ready when a signal comes, and is none the worse") {
    const Handling user_signal(SIGUSR1);
    Pair pair;
    const uint32_t begun = clock_ms();
    {
        const Pestering pestering(SIGUSR1);
        for (int i = 0; i < 10; ++i) CHECK(pair.socket.wait(Interest::read, UINT32_MAX).is_ready());
        for (int i = 0; i < 20; ++i) {
            Socket socket;
            CHECK(dial(socket, "127.0.0.1", pair.server.port).is_ready());
        }
    }
    CHECK(signals > 0);
    CHECK(clock_ms() - begun < soon_ms);
    REQUIRE(send(pair.peer, "x", 1, 0) == 1);
    char byte;
    CHECK(pull(pair.socket, &byte, 1).count() == 1);
}

TEST_CASE("Socket without a descriptor to spare for its pipe waits in slices and still works") {
    rlimit limit = {};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    rlimit low = limit;
    low.rlim_cur = 64;
    std::vector<int> fillers;
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    for (int handle; (handle = dup(0)) >= 0;) fillers.push_back(handle);
    Socket socket;
    CHECK(socket.wait(Interest::none, 5).is_would_block());
    const uint32_t begun = clock_ms();
    CHECK(socket.wait(Interest::none, UINT32_MAX).is_ready());
    CHECK(clock_ms() - begun >= 49);
    CHECK(clock_ms() - begun < soon_ms);
    errno = 4321;
    socket.wake();
    CHECK(errno == 4321);
    CHECK(socket.wait(Interest::none, 5).is_ready());
    CHECK(socket.wait(Interest::none, 5).is_would_block());
    for (const int handle : fillers) close(handle);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &limit) == 0);

    const Server server;
    CHECK(dial(socket, "127.0.0.1", server.port).is_ready());
}

TEST_CASE("Socket has one descriptor, and two more once it has waited") {
    const Server server;
    const size_t before = descriptors().size();
    Socket socket;
    IoResult said = socket.dial("127.0.0.1", server.port);
    while (said.is_would_block()) said = socket.dial("127.0.0.1", server.port);
    REQUIRE(said.is_ready());
    CHECK_EQ(descriptors().size(), before + 1);
    socket.wake();
    CHECK_EQ(descriptors().size(), before + 1);
    CHECK(socket.wait(Interest::none, UINT32_MAX).is_ready());  // what was said before the pipe was there
    CHECK_EQ(descriptors().size(), before + 3);
    CHECK(socket.wait(Interest::none, 1).is_would_block());
    socket.wake();
    CHECK(socket.wait(Interest::none, UINT32_MAX).is_ready());
    CHECK(socket.wait(Interest::none, 1).is_would_block());
    socket.hang_up();
    CHECK_EQ(descriptors().size(), before + 2);
}

TEST_CASE("Socket's descriptors neither block nor outlive exec, and send at once") {
    const std::vector<int> before = descriptors();
    const Server server;
    Socket socket;
    REQUIRE(dial(socket, "127.0.0.1", server.port).is_ready());
    int seen = 0;
    for (const int handle : descriptors()) {
        bool ours = handle != server.handle;
        for (const int old : before) ours = ours && old != handle;
        if (!ours) continue;
        ++seen;
        CHECK((fcntl(handle, F_GETFD) & FD_CLOEXEC) != 0);
        CHECK((fcntl(handle, F_GETFL) & O_NONBLOCK) != 0);
        int no_delay = 0;
        socklen_t size = sizeof no_delay;
        if (getsockopt(handle, IPPROTO_TCP, TCP_NODELAY, &no_delay, &size) == 0) CHECK(no_delay != 0);
    }
    CHECK(seen == 3);
}

TEST_CASE("Socket leaks no descriptor and no list of addresses in 1000 calls") {
    const Server server, refusing("127.0.0.1", false);
    REQUIRE(fcntl(server.handle, F_SETFL, O_NONBLOCK) == 0);
    const auto sweep = [&] {
        for (int peer; (peer = accept(server.handle, nullptr, nullptr)) >= 0;) close(peer);
    };
    const std::vector<int> before = descriptors();
    {
        Socket kept;
        for (int i = 0; i < 1000; ++i) {
            Socket fresh;
            Socket& socket = i % 4 == 0 ? fresh : kept;
            switch (i % 3) {
            case 0: REQUIRE(dial(socket, "127.0.0.1", server.port).is_ready()); break;
            case 1: REQUIRE_FALSE(socket.dial("127.0.0.1", server.port).is_failed()); break;
            case 2: REQUIRE(dial(socket, "127.0.0.1", refusing.port).is_failed()); break;
            }
            if (&socket == &kept || i % 8 == 0) socket.hang_up();
            sweep();
        }
    }
    sweep();
    CHECK(descriptors() == before);
    CHECK(names::lists_held == 0);
}

TEST_CASE("Socket uses the heap for nothing but the resolver's list of addresses") {
    const Server server;
    bool moved = false, answered = false;
    {
        const support::HeapTrap trap;
        Socket socket;
        IoResult io = IoResult::would_block();
        {
            const support::HeapTrap::Pause resolving;
            io = socket.dial("127.0.0.1", server.port);
        }
        if (io.is_would_block()) {
            socket.wait(Interest::write, soon_ms);
            const support::HeapTrap::Pause freeing;
            io = socket.dial("127.0.0.1", server.port);
        }
        char byte = 'x';
        moved = io.is_ready() && socket.push(&byte, 1).is_bytes() && socket.pull(&byte, 1).is_would_block();
        socket.wake();
        answered = socket.wait(Interest::read, soon_ms).is_ready();
        socket.hang_up();
    }
    CHECK(moved);
    CHECK(answered);
}

TEST_CASE("Socket's clock goes forward in milliseconds") {
    const Socket socket;
    const uint32_t before = clock_ms(), begun = socket.now_ms();
    CHECK(begun - before <= clock_ms() - before);
    usleep(30000);
    CHECK(socket.now_ms() - begun >= 29);
    CHECK(socket.now_ms() - begun < soon_ms);
}
