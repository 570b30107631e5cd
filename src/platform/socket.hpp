#pragma once
// A TCP connection by the sockets of the operating system, POSIX, not encrypted: a transport for transport_of().
#include "../base/ascii.hpp"
#include "../io/transport.hpp"

#if defined(OPENAI_STREAM_SOCKET)
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

OPENAI_STREAM_BEGIN

// One connection at a time; after hang_up() the next may be dialled. Neither copied nor moved, because a Transport made
// of it keeps its address.
// Waits: wait() does, and the first dial() to a host that is a name, for as long as the system's resolver takes.
// Memory: none from the heap but the resolver's list of addresses, until dial() is ready() or failed(), or hang_up().
// Errors: failed() carries errno, unresolved() an EAI_ value of getaddrinfo.
// Threads: one at a time, but for wake().
class Socket {
public:
    Socket() noexcept {
        int ends[2];
        if (::pipe(ends) != 0) return;  // out of descriptors: wait() sleeps in slices instead
        wake_out_ = ends[0];
        wake_in_ = ends[1];
        set_nonblocking(wake_out_);
        set_nonblocking(wake_in_);
    }
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        hang_up();
        close_handle(wake_out_);
        close_handle(wake_in_);
    }

    // would_block() until one of the host's addresses, in the resolver's order, has taken the connection: ready(). When
    // none has: failed(). A name or a numeric address, IPv6 with or without brackets; read by the first call only.
    // Where a connection stands already: ready().
    Io dial(StringView host, uint16_t port) noexcept {
        if (addresses_ == nullptr) {
            if (socket_ >= 0) return Io::ready();
            const int code = resolve(host, port);
            if (code != 0) return Io::unresolved(code);
            untried_ = addresses_;
            error_ = 0;
        } else {
            const int error = result_of_connect();
            if (error == 0) return connected();
            if (is_under_way(error)) return Io::would_block();
            error_ = error;
        }
        return try_next_address();
    }

    // The peer's orderly end is closed(), a reset is failed(ECONNRESET).
    Io pull(char* into, size_t room) noexcept {
        ssize_t count;
        do count = ::recv(socket_, into, at_most(room), 0);
        while (count < 0 && errno == EINTR);
        return count > 0 ? Io::bytes(static_cast<size_t>(count)) : count == 0 ? Io::closed() : nothing_moved();
    }

    // Never raises SIGPIPE: a peer that has gone is failed(EPIPE) or failed(ECONNRESET).
    Io push(const char* from, size_t count) noexcept {
        ssize_t sent;
        do sent = ::send(socket_, from, at_most(count), send_flags);
        while (sent < 0 && errno == EINTR);
        return sent >= 0 ? Io::bytes(static_cast<size_t>(sent)) : nothing_moved();
    }

    // ready() when the connection is, after wake() (even an earlier one), on a signal, and seldom without a reason;
    // would_block() after that time. UINT32_MAX: no limit. While dialling, any interest means "until dial() can go on".
    Io wait(Interest interest, uint32_t milliseconds) noexcept {
        const bool can_wake = wake_out_ >= 0;
        const uint32_t longest_ms = can_wake ? uint32_t{INT_MAX} : slice_ms;
        const bool reads = has(interest, Interest::read), writes = has(interest, Interest::write);
        const short events =
            addresses_ != nullptr ? POLLOUT : static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
        pollfd polled[2] = {{events != 0 ? socket_ : -1, events, 0}, {wake_out_, POLLIN, 0}};
        const int count = ::poll(polled, 2, static_cast<int>(milliseconds < longest_ms ? milliseconds : longest_ms));
        if (count < 0) return errno == EINTR ? Io::ready() : Io::failed(errno);
        if (polled[1].revents != 0) forget_wakes();
        return count > 0 || milliseconds > longest_ms ? Io::ready() : Io::would_block();
    }

    // Ends the wait() of now, or else the next one. From any thread or signal handler, as long as the Socket exists.
    void wake() noexcept {
        const int saved = errno;
        const char byte = 0;
        const ssize_t ignored = ::write(wake_in_, &byte, 1);  // full: it is awake already
        static_cast<void>(ignored);
        errno = saved;
    }

    // Also of a connection half made, or none.
    void hang_up() noexcept {
        forget_addresses();
        close_handle(socket_);
    }

    uint32_t now_ms() const noexcept {
        timespec now = {};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<uint32_t>(now.tv_sec) * 1000u + static_cast<uint32_t>(now.tv_nsec / 1000000);
    }

private:
    static constexpr uint32_t slice_ms = 50;                 // of a wait() nothing can end
    static constexpr size_t max_host_bytes = 255;          // RFC 1035 section 2.3.4; a zone identifier still fits
    static constexpr size_t max_transfer_bytes = 1 << 28;  // of one call: Io::bytes() holds 30 bits
#if defined(MSG_NOSIGNAL)
    static constexpr int send_flags = MSG_NOSIGNAL;
#else
    static constexpr int send_flags = 0;  // SO_NOSIGPIPE does it
#endif
#if defined(SOCK_CLOEXEC)
    static constexpr int type_flags = SOCK_CLOEXEC;  // at birth: another thread may be about to start a program
#else
    static constexpr int type_flags = 0;
#endif

    static size_t at_most(size_t count) noexcept { return count < max_transfer_bytes ? count : max_transfer_bytes; }

    static bool set_nonblocking(int handle) noexcept {
        ::fcntl(handle, F_SETFD, FD_CLOEXEC);
        return ::fcntl(handle, F_SETFL, O_NONBLOCK) == 0;
    }

    static void close_handle(int& handle) noexcept {
        if (handle >= 0) ::close(handle);  // not again after EINTR: the number may be somebody else's by then
        handle = -1;
    }

    static Io nothing_moved() noexcept {
        return errno == EAGAIN || errno == EWOULDBLOCK ? Io::would_block() : Io::failed(errno);
    }

    void forget_wakes() noexcept {
        char bytes[64];
        while (::read(wake_out_, bytes, sizeof bytes) == static_cast<ssize_t>(sizeof bytes)) {
        }
    }

    void forget_addresses() noexcept {
        if (addresses_ != nullptr) ::freeaddrinfo(addresses_);
        addresses_ = untried_ = nullptr;
    }

    // Fills addresses_; 0 or an EAI_ value. A numeric host is never looked up.
    int resolve(StringView host, uint16_t port) noexcept {
        const bool in_brackets = host.size() > 2 && host[0] == '[' && host[host.size() - 1] == ']';
        if (in_brackets) host = host.take(host.size() - 1).drop(1);
        const size_t size = host.size();
        if (size == 0 || size > max_host_bytes || memchr(host.data(), 0, size) != nullptr) return EAI_NONAME;
        char name[max_host_bytes + 1] = {};
        memcpy(name, host.data(), size);
        char digits[20], service[sizeof digits + 1] = {};
        const StringView number = ascii::format_decimal(port, digits);
        memcpy(service, number.data(), number.size());

        addrinfo hints = {};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
        int code = ::getaddrinfo(name, service, &hints, &addresses_);
        if (code == EAI_NONAME) {
            hints.ai_flags = AI_NUMERICSERV;
            code = ::getaddrinfo(name, service, &hints, &addresses_);
        }
        if (code != 0) addresses_ = nullptr;
        return code;
    }

    Io connected() noexcept {
        forget_addresses();
        return Io::ready();
    }

    // An interrupted connect() goes on all the same (POSIX).
    static bool is_under_way(int error) noexcept { return error == EINPROGRESS || error == EINTR; }

    // When all addresses have failed: the last error of an attempt that was under way, else the first that came at
    // once, so that "no route" to an IPv6 address does not hide "refused" by the IPv4 one.
    Io try_next_address() noexcept {
        while (untried_ != nullptr) {
            const addrinfo& address = *untried_;
            untried_ = address.ai_next;
            close_handle(socket_);
            const int error = start_connect(address);
            if (error == 0) return connected();
            if (is_under_way(error)) return Io::would_block();
            if (error_ == 0) error_ = error;
        }
        const int error = error_;
        hang_up();
        return Io::failed(error);
    }

    // Both: 0 when the connection stands, is_under_way(), or errno.
    int start_connect(const addrinfo& address) noexcept {
        socket_ = ::socket(address.ai_family, address.ai_socktype | type_flags, address.ai_protocol);
        if (socket_ < 0 || !set_nonblocking(socket_)) return errno;
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
#if defined(SO_NOSIGPIPE)
        ::setsockopt(socket_, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
        return ::connect(socket_, address.ai_addr, address.ai_addrlen) == 0 ? 0 : errno;
    }

    int result_of_connect() const noexcept {
        pollfd attempt = {socket_, POLLOUT, 0};
        const int count = ::poll(&attempt, 1, 0);
        if (count <= 0) return count == 0 ? EINPROGRESS : errno;
        int error = 0;
        socklen_t size = sizeof error;
        return ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
    }

    addrinfo* addresses_ = nullptr;  // not null: dialling
    addrinfo* untried_ = nullptr;    // the rest of them
    int socket_ = -1;
    int wake_out_ = -1, wake_in_ = -1;  // a pipe; the constructor alone sets them, hence wake() needs no lock
    int error_ = 0;                     // of the addresses tried so far
};

OPENAI_STREAM_END
#endif
