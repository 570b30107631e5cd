// The other end of a Socket, over loopback, and a resolver that a test can script: what the tests of Socket share. It
// includes the library itself, under another name, since the resolver has to be replaced before that.
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/heap_trap.hpp"
#include "support/tally.hpp"

// The resolver, replaced by one that counts and, when `script` is not empty, answers every name with these addresses.
namespace names {

inline std::vector<const char*> script;  // numeric addresses
constexpr const char* unusable = "255.255.255.255";  // no connection can be begun
inline int lookups = 0;                  // of names, which may block
inline int lists_held = 0;
inline addrinfo told[4];
inline sockaddr_storage told_addresses[4];

inline int get(const char* host, const char* service, const addrinfo* hints, addrinfo** list) {
    const bool numeric = (hints->ai_flags & AI_NUMERICHOST) != 0;
    if (!numeric) ++lookups;
    if (script.empty()) {
        const int code = ::getaddrinfo(host, service, hints, list);
        if (code == 0) ++lists_held;
        return code;
    }
    if (numeric) return EAI_NONAME;
    for (size_t i = 0; i < script.size(); ++i) {
        addrinfo numeric_hints = *hints;
        numeric_hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        addrinfo* one = nullptr;
        if (::getaddrinfo(script[i], service, &numeric_hints, &one) != 0) return EAI_FAIL;
        memcpy(&told_addresses[i], one->ai_addr, one->ai_addrlen);
        told[i] = *one;
        told[i].ai_addr = reinterpret_cast<sockaddr*>(&told_addresses[i]);
        told[i].ai_canonname = nullptr;
        told[i].ai_next = i + 1 < script.size() ? &told[i + 1] : nullptr;
        ::freeaddrinfo(one);
    }
    *list = told;
    ++lists_held;
    return 0;
}

inline void release(addrinfo* list) {
    --lists_held;
    if (list != told) ::freeaddrinfo(list);
}

}  // namespace names

inline int counted_getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** list) {
    return names::get(host, service, hints, list);
}
inline void counted_freeaddrinfo(addrinfo* list) { names::release(list); }

// The namespaces are renamed along, so that the linker does not mix this Socket with the one of other tests.
#define getaddrinfo counted_getaddrinfo
#define freeaddrinfo counted_freeaddrinfo
#define openai_stream openai_stream_with_counted_names
#define loopback loopback_with_counted_names
#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"
#undef getaddrinfo
#undef freeaddrinfo
#include "platform/loopback.hpp"

namespace oai = openai_stream;

namespace socket_peer {

using oai::Interest;
using oai::IoResult;
using oai::Socket;

inline constexpr uint32_t soon_ms = 20000;  // far more than anything here takes, also under valgrind

inline uint32_t clock_ms() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint32_t>(now.tv_sec) * 1000u + static_cast<uint32_t>(now.tv_nsec / 1000000);
}

inline bool readable(int handle) {
    pollfd polled = {handle, POLLIN, 0};
    return poll(&polled, 1, static_cast<int>(soon_ms)) == 1;
}

// A port of a loopback address: bound, and listening or not (then it refuses).
struct Server {
    uint16_t port = 0;
    int handle;
    bool usable;

    explicit Server(const char* address = "127.0.0.1", bool listens = true, int backlog = 64)
        : handle(loopback::bound(address, listens, backlog, port)), usable(handle >= 0) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        if (handle >= 0) close(handle);
    }
    int take() const {
        if (!readable(handle)) return -1;
        return accept(handle, nullptr, nullptr);
    }
};

inline bool has_ipv6() {
    const bool there = Server("::1").usable;
    if (!there) tally::skip("Socket over IPv6: this machine has no ::1");
    return there;
}

// Dials until it is decided. Every call must come back at once.
inline IoResult dial(Socket& socket, oai::StringView host, uint16_t port) {
    const uint32_t begun = clock_ms();
    IoResult io = socket.dial(host, port);
    while (io.is_would_block() && clock_ms() - begun < soon_ms) {
        CHECK(socket.wait(Interest::write, soon_ms).is_ready());
        io = socket.dial(host, port);
    }
    CHECK(clock_ms() - begun < soon_ms);
    return io;
}

// A Socket and what the server sees of it.
struct Pair {
    Server server;
    Socket socket;
    int peer = -1;

    Pair() {
        REQUIRE(server.usable);
        REQUIRE(dial(socket, "127.0.0.1", server.port).is_ready());
        peer = server.take();
        REQUIRE(peer >= 0);
    }
    ~Pair() { leave(); }
    void leave() {
        if (peer >= 0) close(peer);
        peer = -1;
    }
    void reset() {
        const linger abort = {1, 0};
        REQUIRE(setsockopt(peer, SOL_SOCKET, SO_LINGER, &abort, sizeof abort) == 0);
        leave();
    }
};

// Waits and pulls until something other than would_block comes.
inline IoResult pull(Socket& socket, char* into, size_t room) {
    IoResult io = socket.pull(into, room);
    for (int i = 0; i < 100 && io.is_would_block(); ++i) {
        CHECK(socket.wait(Interest::read, soon_ms).is_ready());
        io = socket.pull(into, room);
    }
    return io;
}

inline std::vector<int> descriptors() {
    std::vector<int> open;
    for (int handle = 0; handle < 1024; ++handle)
        if (fcntl(handle, F_GETFD) >= 0) open.push_back(handle);
    return open;
}

}  // namespace socket_peer
