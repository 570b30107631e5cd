#pragma once
// The other end of a Socket, on a loopback address; POSIX and Winsock. Include the library with OPENAI_STREAM_SOCKET
// first: its headers are those of the system.
#include "support/tally.hpp"

#include <atomic>
#include <chrono>
#include <cstring>
#include <string_view>
#include <thread>

#if defined(_WIN32)
inline void close_socket(SOCKET handle) { closesocket(handle); }
#else
#include <arpa/inet.h>
inline void close_socket(int handle) { close(handle); }
#endif

namespace loopback {

namespace os = openai_stream::system_sockets;

#if defined(_WIN32)
constexpr int reset = WSAECONNRESET, not_a_socket = WSAENOTSOCK;
#else
constexpr int reset = ECONNRESET, not_a_socket = EBADF;
#endif

// Whether the system tells a reset of the peer from an orderly end. Wine does not: its server reads the error away.
inline bool tells_resets() {
#if defined(_WIN32)
    return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") == nullptr;
#else
    return true;
#endif
}

inline void sleep_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

// Until the other thread has set it.
inline void wait_for(const std::atomic<bool>& flag) {
    while (!flag) sleep_ms(1);
}

// One connection, seen by the server. It blocks.
class Peer {
public:
    explicit Peer(os::Handle handle) : handle_(handle) {}
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() { leave(); }

    bool is_there() const { return handle_ != os::no_handle; }
    // Returns false if the client has gone.
    bool says(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = os::transmit(handle_, bytes.data(), bytes.size());
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<size_t>(sent));
        }
        return true;
    }
    std::string hears() {
        char text[4096];
        const auto count = os::receive(handle_, text, sizeof text);
        return count > 0 ? std::string(text, static_cast<size_t>(count)) : std::string();
    }
    // Everything up to these bytes.
    std::string hears_until(std::string_view end) {
        std::string heard, more;
        while (heard.find(end) == std::string::npos && !(more = hears()).empty()) heard += more;
        return heard;
    }
    void leave() {
        if (is_there()) close_socket(handle_);
        handle_ = os::no_handle;
    }
    void resets() {
        linger abort = {};
        abort.l_onoff = 1;
        setsockopt(handle_, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&abort), sizeof abort);
        leave();
    }

private:
    os::Handle handle_;
};

// Binds a port of this address, and listens there if asked to; os::no_handle: this machine cannot.
inline os::Handle bound(const char* address, bool listens, int backlog, uint16_t& port) {
    sockaddr_in6 six = {};
    sockaddr_in four = {};
    six.sin6_family = AF_INET6;
    four.sin_family = AF_INET;
    const bool is_six = inet_pton(AF_INET6, address, &six.sin6_addr) == 1;
    if (!is_six) REQUIRE(inet_pton(AF_INET, address, &four.sin_addr) == 1);
    auto* const name = is_six ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
    socklen_t size = is_six ? sizeof six : sizeof four;
    const os::Handle handle = ::socket(is_six ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
    if (handle == os::no_handle) return handle;
    const bool is_bound = ::bind(handle, name, size) == 0 && (!listens || ::listen(handle, backlog) == 0) &&
                          ::getsockname(handle, name, &size) == 0;
    port = ntohs(is_six ? six.sin6_port : four.sin_port);
    if (is_bound) return handle;
    close_socket(handle);
    return os::no_handle;
}

// A port: bound, and listening or not (then it refuses).
class Server : os::Library {
public:
    explicit Server(const char* address = "127.0.0.1", bool listens = true)
        : handle_(bound(address, listens, 64, port_)) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        if (handle_ != os::no_handle) close_socket(handle_);
    }
    bool is_usable() const { return handle_ != os::no_handle; }
    uint16_t port() const { return port_; }
    // Waits for a client.
    Peer take() const { return Peer(::accept(handle_, nullptr, nullptr)); }

private:
    uint16_t port_ = 0;
    os::Handle handle_;
};

}  // namespace loopback
