#pragma once
// What Socket asks of the system, in the words of POSIX. socket_winsock.hpp offers the same names.
#include "../io/transport.hpp"

#if defined(OPENAI_STREAM_SOCKET)
#if !defined(_WIN32)
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

namespace detail::system_sockets {

using Handle = int;
constexpr Handle no_handle = -1;

struct Library {};  // nothing to begin or end

inline int last_error() noexcept { return errno; }
inline bool is_would_block(int error) noexcept { return error == EAGAIN || error == EWOULDBLOCK; }
// For a connect(): an interrupted one goes on all the same (POSIX).
inline bool is_under_way(int error) noexcept { return error == EINPROGRESS || error == EINTR; }
constexpr int under_way = EINPROGRESS;

inline void close_handle(Handle& handle) noexcept {
    if (handle != no_handle) ::close(handle);  // not again after EINTR: the number may be somebody else's by then
    handle = no_handle;
}

inline bool set_nonblocking(Handle handle) noexcept {
    ::fcntl(handle, F_SETFD, FD_CLOEXEC);
    return ::fcntl(handle, F_SETFL, O_NONBLOCK) == 0;
}

// A socket that neither blocks nor outlives exec nor raises SIGPIPE. Returns false if that failed: last_error() says
// why.
inline bool open_handle(int family, Handle& handle) noexcept {
#if defined(SOCK_CLOEXEC)
    constexpr int type_flags = SOCK_CLOEXEC;  // at birth: another thread may be about to start a program
#else
    constexpr int type_flags = 0;
#endif
    handle = ::socket(family, SOCK_STREAM | type_flags, 0);
    if (handle < 0 || !set_nonblocking(handle)) return false;
#if defined(SO_NOSIGPIPE)
    const int on = 1;
    ::setsockopt(handle, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
    return true;
}

// Bytes moved, 0 at the peer's end, -1: last_error().
inline ptrdiff_t receive(Handle handle, char* into, size_t room) noexcept {
    ssize_t count;
    do count = ::recv(handle, into, room, 0);
    while (count < 0 && errno == EINTR);
    return count;
}
inline ptrdiff_t transmit(Handle handle, const char* from, size_t count) noexcept {
#if defined(MSG_NOSIGNAL)
    constexpr int flags = MSG_NOSIGNAL;
#else
    constexpr int flags = 0;  // SO_NOSIGPIPE does it
#endif
    ssize_t sent;
    do sent = ::send(handle, from, count, flags);
    while (sent < 0 && errno == EINTR);
    return sent;
}

// 0 when the connection stands, is_under_way(), or why there is none.
inline int result_of_connect(Handle handle) noexcept {
    pollfd attempt = {handle, POLLOUT, 0};
    const int count = ::poll(&attempt, 1, 0);
    if (count <= 0) return count == 0 ? EINPROGRESS : errno;
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(handle, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

// What ends a wait from outside: a pipe. The first wait makes it, since a program that waits for its connections by
// other means has no use for two descriptors more of each.
class WakePipe {
public:
    WakePipe() noexcept = default;
    WakePipe(const WakePipe&) = delete;
    WakePipe& operator=(const WakePipe&) = delete;
    ~WakePipe() {
        close_handle(out_);
        close_handle(in_);
    }
    // To be called before each wait. Returns false if nothing can end it: out of descriptors.
    bool open() noexcept {
        int ends[2];
        if (out_ != no_handle) return true;
        if (::pipe(ends) != 0) return false;
        set_nonblocking(ends[0]);
        set_nonblocking(ends[1]);
        out_ = ends[0];
        __atomic_store_n(&in_, ends[1], __ATOMIC_SEQ_CST);
        return true;
    }
    // Whether notify() was called before there was a pipe. In any race one of the two sees the other, since each writes
    // before it reads: open() the pipe, notify() the flag.
    bool take_early() noexcept { return __atomic_exchange_n(&early_, '\0', __ATOMIC_SEQ_CST) != 0; }
    Handle handle() const noexcept { return out_; }  // readable once notified
    void notify() noexcept {
        if (__atomic_load_n(&in_, __ATOMIC_SEQ_CST) == no_handle) __atomic_store_n(&early_, '\1', __ATOMIC_SEQ_CST);
        const Handle in = __atomic_load_n(&in_, __ATOMIC_SEQ_CST);
        if (in == no_handle) return;
        const int saved = errno;
        const char byte = 0;
        const ssize_t ignored = ::write(in, &byte, 1);  // full: it is notified already
        static_cast<void>(ignored);
        errno = saved;
    }
    void drain() noexcept {
        char bytes[64];
        while (::read(out_, bytes, sizeof bytes) == static_cast<ssize_t>(sizeof bytes)) {
        }
    }

private:
    Handle out_ = no_handle, in_ = no_handle;
    char early_ = 0;
};

// Until one of the handles (some may be no_handle) can be read or written, or the wake pipe is notified: 1; 0 after
// that time; -1: last_error(). A signal ends it likewise.
constexpr size_t max_waited_for = 8;
inline int wait_for(const Handle* handles, size_t count, bool reads, bool writes, WakePipe& wake_pipe,
                    uint32_t milliseconds) noexcept {
    const short events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
    if (wake_pipe.take_early()) return 1;
    pollfd polled[1 + max_waited_for] = {{wake_pipe.handle(), POLLIN, 0}};
    nfds_t size = 1;
    for (size_t i = 0; i != count && events != 0; ++i) polled[size++] = {handles[i], events, 0};
    const int limit = milliseconds < uint32_t{INT_MAX} ? static_cast<int>(milliseconds) : INT_MAX;
    const int found = ::poll(polled, size, limit);
    if (found < 0) return errno == EINTR ? 1 : -1;
    if (polled[0].revents != 0) wake_pipe.drain();
    return found > 0 ? 1 : 0;
}

inline uint32_t now_ms() noexcept {
    timespec now = {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint32_t>(now.tv_sec) * 1000u + static_cast<uint32_t>(now.tv_nsec / 1000000);
}

// ---- errors in words ----------------------------------------------------------------------------------------------

// What strerror_r returns is a text with glibc, and a number elsewhere, as POSIX has it.
inline const char* text_of(const char* text, Buffer) noexcept { return text; }
inline const char* text_of(int error, Buffer memory) noexcept { return error == 0 ? memory.data : ""; }

inline const char* words_of_error(int error, Buffer memory) noexcept {
    return text_of(::strerror_r(error, memory.data, memory.size), memory);
}
inline const char* words_of_resolver(int code, Buffer) noexcept { return ::gai_strerror(code); }

}  // namespace detail::system_sockets

OPENAI_STREAM_END
#endif
#endif
