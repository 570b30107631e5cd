#pragma once
// A TCP connection by the sockets of the operating system, POSIX or Winsock, not encrypted: a transport for
// transport_of().
#include "../io/claim.hpp"
#include "../io/transport.hpp"
#include "socket_addresses.hpp"

#if defined(OPENAI_STREAM_SOCKET)
OPENAI_STREAM_BEGIN

// One connection at a time; after hang_up() the next may be dialled. Neither copied nor moved, because a Transport made
// of it keeps its address.
// Waits: wait() does, and resolve(), for as long as the system's resolver takes: Stream::open() calls it, poll() never.
// (A dial() to a host that was not resolved does so itself.)
// Memory: none from the heap but the resolver's list of addresses, until resolve() returns.
// Errors: failed() carries errno or what WSAGetLastError() says, unresolved() an EAI_ value of getaddrinfo.
// Threads: one at a time, but for wake().
class Socket : detail::system_sockets::Library, public detail::LinkOwner {
public:
    // After so long without a connection the host's next address is tried, too (RFC 8305 section 5); the first one that
    // takes the connection counts.
    static constexpr uint32_t next_address_ms = 250;

    Socket() noexcept = default;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() { hang_up(); }

    // Looks hosts up from now on, in place of the system: another DNS client, a fixed list, one that never waits. Null:
    // the system again. `context` is not owned. A numeric host is never looked up. While it says would_block(), wait()
    // returns every 50 ms, or at once after wake().
    void set_resolver(SocketResolver resolver, void* context) noexcept {
        resolver_ = resolver;
        resolver_context_ = context;
        forget_host();
    }

    // Looks the host up and remembers its addresses for each dial() to it, until the next call: ready(), unresolved(),
    // or would_block(): dial() goes on with it. A name or a numeric address, IPv6 with or without brackets.
    IoResult resolve(StringView host, uint16_t port) noexcept {
        static_cast<void>(port);
        end_race();  // to the addresses of before
        forget_host();
        return look_up(host);
    }

    // would_block() until one of the host's addresses, in the resolver's order, has taken the connection: ready(). When
    // none has: failed(). Where a connection stands already: ready().
    IoResult dial(StringView host, uint16_t port) noexcept {
        if (!is_dialling_) {
            if (socket_ != detail::system_sockets::no_handle) return IoResult::ready();
            const IoResult found = look_up(host);
            if (!found.is_ready()) return found;
            is_dialling_ = true;
            next_ = 0;
            error_ = 0;
        }
        return race(port);
    }

    // The peer's orderly end is closed(), a reset is failed(ECONNRESET or WSAECONNRESET).
    IoResult pull(char* into, size_t room) noexcept {
        const ptrdiff_t count = detail::system_sockets::receive(socket_, into, at_most(room));
        return count > 0    ? IoResult::bytes(static_cast<size_t>(count))
               : count == 0 ? IoResult::closed()
                            : nothing_moved();
    }

    // Never raises SIGPIPE: a peer that has gone is failed().
    IoResult push(const char* from, size_t count) noexcept {
        const ptrdiff_t sent = detail::system_sockets::transmit(socket_, from, at_most(count));
        return sent >= 0 ? IoResult::bytes(static_cast<size_t>(sent)) : nothing_moved();
    }

    // ready() when the connection is, after wake() (even an earlier one), on a signal, and seldom without a reason;
    // would_block() after that time. UINT32_MAX: no limit. While dialling, any interest means "until dial() can go on".
    IoResult wait(Interest interest, uint32_t milliseconds) noexcept {
        const bool reads = !is_dialling_ && has(interest, Interest::read);
        const bool writes = is_dialling_ || has(interest, Interest::write);
        uint32_t longest_ms = wake_pipe_.open() && !is_resolving_ ? uint32_t{INT_MAX} : slice_ms;
        if (is_dialling_ && next_ < addresses_.size() && left_ms() < longest_ms) longest_ms = left_ms();
        const uint32_t limit_ms = milliseconds < longest_ms ? milliseconds : longest_ms;
        const int ended = is_dialling_
                              ? detail::system_sockets::wait_for(attempts_, next_, reads, writes, wake_pipe_, limit_ms)
                              : detail::system_sockets::wait_for(&socket_, 1, reads, writes, wake_pipe_, limit_ms);
        if (ended < 0) return IoResult::failed(detail::system_sockets::last_error());
        return ended > 0 || milliseconds > longest_ms ? IoResult::ready() : IoResult::would_block();
    }

    // Ends the wait() of now, or else the next one. From any thread or signal handler, as long as the Socket exists.
    void wake() noexcept { wake_pipe_.notify(); }

    // Also of a connection half made, or none.
    void hang_up() noexcept {
        was_hung_up_ = true;
        end_race();
        detail::system_sockets::close_handle(socket_);
    }

    uint32_t now_ms() const noexcept { return detail::system_sockets::now_ms(); }

    // What the system calls an error of this class, for Stream::explain().
    const char* explain(IoResult io, Buffer memory) const noexcept {
        if (io.code() == 0 || memory.size == 0) return "";
        return io.is_unresolved() ? detail::system_sockets::words_of_resolver(io.code(), memory)
                                  : detail::system_sockets::words_of_error(io.code(), memory);
    }

    // The socket of the system, for programs that wait for many connections at once (epoll, kqueue, poll, select): for
    // what Stream::wants() says, then Stream::poll(). It may be another one after each dial(), also within one
    // conversation (the next address, a retry), so it is to be asked for again after each poll(); -1 (INVALID_SOCKET on
    // Windows) while there is none. While it connects this is the last attempt under way: such a program poll()s again
    // after next_address_ms. It stays the Socket's: not to be read, written or closed.
    using Handle = detail::system_sockets::Handle;
    Handle native_handle() const noexcept {
        for (size_t i = next_; i != 0; --i)
            if (attempts_[i - 1] != detail::system_sockets::no_handle) return attempts_[i - 1];
        return socket_;
    }

private:
    static constexpr uint32_t slice_ms = 50;               // of a wait() nothing can end
    static constexpr size_t max_host_bytes = 255;          // RFC 1035 section 2.3.4; a zone identifier still fits
    static constexpr size_t max_transfer_bytes = 1 << 28;  // of one call: IoResult::bytes() holds 30 bits

    static size_t at_most(size_t count) noexcept { return count < max_transfer_bytes ? count : max_transfer_bytes; }

    static IoResult nothing_moved() noexcept {
        const int error = detail::system_sockets::last_error();
        return detail::system_sockets::is_would_block(error) ? IoResult::would_block() : IoResult::failed(error);
    }

    // ---- names -------------------------------------------------------------------------------------------------

    void forget_host() noexcept {
        host_bytes_ = 0;
        is_resolving_ = false;
    }
    bool knows(StringView host) const noexcept { return host_bytes_ != 0 && host == StringView(host_, host_bytes_); }

    // Its addresses, from the last time or from the resolver. The host is compared byte by byte: it must never be
    // another one's address that is dialled.
    IoResult look_up(StringView host) noexcept {
        if (knows(host) && !is_resolving_) return IoResult::ready();
        if (host.empty() || host.size() > max_host_bytes || memchr(host.data(), 0, host.size()) != nullptr)
            return IoResult::unresolved(EAI_NONAME);
        if (!knows(host)) addresses_.clear();
        memcpy(host_, host.data(), host.size());
        host_[host.size()] = '\0';
        host_bytes_ = host.size();
        was_hung_up_ = false;
        const IoResult said = ask(host);
        if (was_hung_up_) {  // from inside the resolver
            forget_host();
            return IoResult::failed(0);
        }
        is_resolving_ = said.is_would_block();
        if (is_resolving_) return said;
        if (said.is_ready() && addresses_.size() != 0) return said;
        forget_host();
        return said.is_failed() ? said : IoResult::unresolved(EAI_NONAME);
    }
    IoResult ask(StringView host) noexcept {
        const bool in_brackets = host.size() > 2 && host[0] == '[' && host[host.size() - 1] == ']';
        char name[max_host_bytes + 1] = {};
        memcpy(name, in_brackets ? host_ + 1 : host_, in_brackets ? host.size() - 2 : host.size());
        int code = ask_system(name, AI_NUMERICHOST);
        if (code == EAI_NONAME && resolver_) return resolver_(resolver_context_, host, addresses_);
        if (code == EAI_NONAME) code = ask_system(name, 0);
        return code == 0 ? IoResult::ready() : IoResult::unresolved(code);
    }
    // 0 or an EAI_ value.
    int ask_system(const char* name, int flags) noexcept {
        addrinfo hints = {};
        hints.ai_family = AF_UNSPEC;
        hints.ai_socktype = SOCK_STREAM;
        hints.ai_flags = flags;
        addrinfo* list = nullptr;
        const int code = ::getaddrinfo(name, nullptr, &hints, &list);
        if (code != 0) return code;
        for (const addrinfo* one = list; one != nullptr; one = one->ai_next)
            addresses_.add(*one->ai_addr, static_cast<size_t>(one->ai_addrlen));
        ::freeaddrinfo(list);
        return 0;
    }

    // ---- connecting --------------------------------------------------------------------------------------------

    // The addresses of the host race: each begins next_address_ms after the one before, or as soon as all before it
    // have failed. When all have: the last error of an attempt that was under way, else the first that came at once, so
    // that "no route" to an IPv6 address does not hide "refused" by the IPv4 one.
    IoResult race(uint16_t port) noexcept {
        bool is_under_way = false;
        for (size_t i = 0; i != next_; ++i) {
            if (attempts_[i] == detail::system_sockets::no_handle) continue;
            const int error = detail::system_sockets::result_of_connect(attempts_[i]);
            if (error == 0) return won(i);
            if (detail::system_sockets::is_under_way(error)) {
                is_under_way = true;
            } else {
                error_ = error;
                detail::system_sockets::close_handle(attempts_[i]);
            }
        }
        while (next_ < addresses_.size() && (!is_under_way || left_ms() == 0)) {
            const size_t index = next_++;
            const int error = start_connect(index, port);
            if (error == 0) return won(index);
            is_under_way = is_under_way || detail::system_sockets::is_under_way(error);
            if (detail::system_sockets::is_under_way(error)) began_ms_ = now_ms();
            else if (error_ == 0) error_ = error;
        }
        if (is_under_way) return IoResult::would_block();
        const int error = error_;
        hang_up();
        return IoResult::failed(error);
    }
    // Until the next address is tried.
    uint32_t left_ms() const noexcept {
        const uint32_t passed_ms = now_ms() - began_ms_;
        return passed_ms < next_address_ms ? next_address_ms - passed_ms : 0;
    }
    IoResult won(size_t index) noexcept {
        socket_ = attempts_[index];
        attempts_[index] = detail::system_sockets::no_handle;
        end_race();
        return IoResult::ready();
    }
    void end_race() noexcept {
        for (size_t i = 0; i != next_; ++i) detail::system_sockets::close_handle(attempts_[i]);
        next_ = 0;
        is_dialling_ = false;
    }

    // 0 when the connection stands, is_under_way(), or why there is none; then the attempt holds no handle.
    int start_connect(size_t index, uint16_t port) noexcept {
        Handle& handle = attempts_[index];
        size_t size = 0;
        const sockaddr* const address = addresses_.address(index, port, size);
        int error = 0;
        if (!detail::system_sockets::open_handle(address->sa_family, handle)) {
            error = detail::system_sockets::last_error();
        } else {
            const int on = 1;
            ::setsockopt(handle, IPPROTO_TCP, TCP_NODELAY, reinterpret_cast<const char*>(&on), sizeof on);
            if (::connect(handle, address, static_cast<socklen_t>(size)) == 0) return 0;
            error = detail::system_sockets::last_error();
        }
        if (!detail::system_sockets::is_under_way(error)) detail::system_sockets::close_handle(handle);
        return error;
    }

    static_assert(SocketAddresses::max_count <= detail::system_sockets::max_waited_for,
                  "all may be waited for at once");

    SocketAddresses addresses_;  // of host_
    Handle attempts_[SocketAddresses::max_count] = {};  // to the first next_ of them, while they race
    size_t next_ = 0;
    Handle socket_ = detail::system_sockets::no_handle;
    detail::system_sockets::WakePipe wake_pipe_;
    SocketResolver resolver_ = nullptr;
    void* resolver_context_ = nullptr;
    uint32_t began_ms_ = 0;  // when the last of the attempts did
    int error_ = 0;          // of the addresses tried so far
    bool is_dialling_ = false, is_resolving_ = false, was_hung_up_ = false;
    size_t host_bytes_ = 0;  // 0: there are no addresses
    char host_[max_host_bytes + 1] = {};
};

OPENAI_STREAM_END
#endif
