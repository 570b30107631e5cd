#pragma once
// A TCP connection by the sockets of the operating system, POSIX or Winsock, not encrypted: a transport for
// transport_of().
#include "../base/ascii.hpp"
#include "../io/transport.hpp"
#include "socket_posix.hpp"
#include "socket_winsock.hpp"

#if defined(OPENAI_STREAM_SOCKET)
OPENAI_STREAM_BEGIN

// One connection at a time; after hang_up() the next may be dialled. Neither copied nor moved, because a Transport made
// of it keeps its address.
// Waits: wait() does, and the first dial() to a host that is a name, for as long as the system's resolver takes.
// Memory: none from the heap but the resolver's list of addresses, until dial() is ready() or failed(), or hang_up().
// Errors: failed() carries errno or what WSAGetLastError() says, unresolved() an EAI_ value of getaddrinfo.
// Threads: one at a time, but for wake().
class Socket : system_sockets::Library {
public:
    Socket() noexcept = default;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { hang_up(); }

    // would_block() until one of the host's addresses, in the resolver's order, has taken the connection: ready(). When
    // none has: failed(). A name or a numeric address, IPv6 with or without brackets; read by the first call only.
    // Where a connection stands already: ready().
    Io dial(StringView host, uint16_t port) noexcept {
        if (addresses_ == nullptr) {
            if (socket_ != system_sockets::no_handle) return Io::ready();
            const int code = resolve(host, port);
            if (code != 0) return Io::unresolved(code);
            untried_ = addresses_;
            error_ = 0;
        } else {
            const int error = system_sockets::result_of_connect(socket_);
            if (error == 0) return connected();
            if (system_sockets::is_under_way(error)) return Io::would_block();
            error_ = error;
        }
        return try_next_address();
    }

    // The peer's orderly end is closed(), a reset is failed(ECONNRESET or WSAECONNRESET).
    Io pull(char* into, size_t room) noexcept {
        const ptrdiff_t count = system_sockets::receive(socket_, into, at_most(room));
        return count > 0 ? Io::bytes(static_cast<size_t>(count)) : count == 0 ? Io::closed() : nothing_moved();
    }

    // Never raises SIGPIPE: a peer that has gone is failed().
    Io push(const char* from, size_t count) noexcept {
        const ptrdiff_t sent = system_sockets::transmit(socket_, from, at_most(count));
        return sent >= 0 ? Io::bytes(static_cast<size_t>(sent)) : nothing_moved();
    }

    // ready() when the connection is, after wake() (even an earlier one), on a signal, and seldom without a reason;
    // would_block() after that time. UINT32_MAX: no limit. While dialling, any interest means "until dial() can go on".
    Io wait(Interest interest, uint32_t milliseconds) noexcept {
        const bool is_dialling = addresses_ != nullptr;
        const bool reads = !is_dialling && has(interest, Interest::read);
        const bool writes = is_dialling || has(interest, Interest::write);
        const uint32_t longest_ms = bell_.works() ? uint32_t{INT_MAX} : slice_ms;
        const uint32_t limit_ms = milliseconds < longest_ms ? milliseconds : longest_ms;
        const int ended = system_sockets::wait_for(socket_, reads, writes, bell_, limit_ms);
        if (ended < 0) return Io::failed(system_sockets::last_error());
        return ended > 0 || milliseconds > longest_ms ? Io::ready() : Io::would_block();
    }

    // Ends the wait() of now, or else the next one. From any thread or signal handler, as long as the Socket exists.
    void wake() noexcept { bell_.ring(); }

    // Also of a connection half made, or none.
    void hang_up() noexcept {
        forget_addresses();
        system_sockets::close_handle(socket_);
    }

    uint32_t now_ms() const noexcept { return system_sockets::now_ms(); }

    // The socket of the system, for programs that wait for many connections at once (epoll, kqueue, poll, select): for
    // what Stream::wants() says, then Stream::poll(). It may be another one after each dial(), also within one
    // conversation (the next address, a retry), so it is to be asked for again after each poll(); -1 (INVALID_SOCKET on
    // Windows) while there is none. It stays the Socket's: not to be read, written or closed.
    using Handle = system_sockets::Handle;
    Handle native_handle() const noexcept { return socket_; }

private:
    static constexpr uint32_t slice_ms = 50;               // of a wait() nothing can end
    static constexpr size_t max_host_bytes = 255;          // RFC 1035 section 2.3.4; a zone identifier still fits
    static constexpr size_t max_transfer_bytes = 1 << 28;  // of one call: Io::bytes() holds 30 bits

    static size_t at_most(size_t count) noexcept { return count < max_transfer_bytes ? count : max_transfer_bytes; }

    static Io nothing_moved() noexcept {
        const int error = system_sockets::last_error();
        return system_sockets::is_would_block(error) ? Io::would_block() : Io::failed(error);
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

    // When all addresses have failed: the last error of an attempt that was under way, else the first that came at
    // once, so that "no route" to an IPv6 address does not hide "refused" by the IPv4 one.
    Io try_next_address() noexcept {
        while (untried_ != nullptr) {
            const addrinfo& address = *untried_;
            untried_ = address.ai_next;
            system_sockets::close_handle(socket_);
            const int error = start_connect(address);
            if (error == 0) return connected();
            if (system_sockets::is_under_way(error)) return Io::would_block();
            if (error_ == 0) error_ = error;
        }
        const int error = error_;
        hang_up();
        return Io::failed(error);
    }

    // 0 when the connection stands, is_under_way(), or why there is none.
    int start_connect(const addrinfo& address) noexcept {
        if (!system_sockets::open_handle(address, socket_)) return system_sockets::last_error();
        const int on = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
        const int result = ::connect(socket_, address.ai_addr, static_cast<socklen_t>(address.ai_addrlen));
        return result == 0 ? 0 : system_sockets::last_error();
    }

    addrinfo* addresses_ = nullptr;  // not null: dialling
    addrinfo* untried_ = nullptr;    // the rest of them
    system_sockets::Handle socket_ = system_sockets::no_handle;
    system_sockets::Bell bell_;
    int error_ = 0;  // of the addresses tried so far
};

OPENAI_STREAM_END
#endif
