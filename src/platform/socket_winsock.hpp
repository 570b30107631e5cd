#pragma once
// What Socket asks of the system, in the words of Winsock 2. socket_posix.hpp offers the same names.
#include "../io/transport.hpp"

#if defined(OPENAI_STREAM_SOCKET)
#if defined(_WIN32)
#if defined(_WINSOCKAPI_) && !defined(_WINSOCK2API_)
// Both declare the same things, differently.
#error "openai_stream.hpp: windows.h came first and brought winsock.h; define WIN32_LEAN_AND_MEAN before windows.h"
#endif
#if !defined(NOMINMAX)  // winsock2.h includes windows.h: no macros min and max because of us
#define NOMINMAX
#include <winsock2.h>
#undef NOMINMAX
#else
#include <winsock2.h>
#endif
#include <limits.h>
#include <ws2tcpip.h>
#if defined(_MSC_VER)
#pragma comment(lib, "ws2_32.lib")  // elsewhere: link with -lws2_32
#endif

OPENAI_STREAM_BEGIN

namespace detail::system_sockets {

using Handle = SOCKET;
constexpr Handle no_handle = INVALID_SOCKET;

// Winsock is there while one of these lives; Windows counts them. Without it every call says WSANOTINITIALISED.
class Library {
public:
    Library() noexcept {
        WSADATA data;
        is_there_ = ::WSAStartup(MAKEWORD(2, 2), &data) == 0;
    }
    Library(const Library&) = delete;
    Library& operator=(const Library&) = delete;
    ~Library() {
        if (is_there_) ::WSACleanup();
    }

private:
    bool is_there_;
};

inline int last_error() noexcept { return ::WSAGetLastError(); }
inline bool is_would_block(int error) noexcept { return error == WSAEWOULDBLOCK; }
constexpr int under_way = WSAEWOULDBLOCK;  // of a connect()
inline bool is_under_way(int error) noexcept { return error == under_way; }

inline void close_handle(Handle& handle) noexcept {
    if (handle != no_handle) ::closesocket(handle);
    handle = no_handle;
}

// A socket that neither blocks nor is inherited by other programs. Returns false if that failed: last_error() says why.
inline bool open_handle(int family, int type, int protocol, Handle& handle) noexcept {
    handle = ::WSASocketW(family, type, protocol, nullptr, 0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    u_long on = 1;
    return handle != no_handle && ::ioctlsocket(handle, static_cast<long>(FIONBIO), &on) == 0;
}
inline bool open_handle(int family, Handle& handle) noexcept {
    return open_handle(family, SOCK_STREAM, IPPROTO_TCP, handle);
}

// Bytes moved, 0 at the peer's end, -1: last_error().
inline ptrdiff_t receive(Handle handle, char* into, size_t room) noexcept {
    return ::recv(handle, into, static_cast<int>(room), 0);
}
inline ptrdiff_t transmit(Handle handle, const char* from, size_t count) noexcept {
    return ::send(handle, from, static_cast<int>(count), 0);
}

// select() and not WSAPoll(), which before Windows 10 2004 never tells that a connect() failed.
struct HandleSet : fd_set {
    HandleSet() noexcept { fd_count = 0; }
    void add(Handle handle) noexcept { fd_array[fd_count++] = handle; }  // of FD_SETSIZE, 64 or what the user defined
};

// 0 when the connection stands, is_under_way(), or why there is none: that is told by the third set alone.
inline int result_of_connect(Handle handle) noexcept {
    HandleSet connected, failed;
    connected.add(handle);
    failed.add(handle);
    timeval at_once = {0, 0};
    const int count = ::select(0, nullptr, &connected, &failed, &at_once);
    if (count <= 0) return count == 0 ? under_way : last_error();
    int error = 0, size = sizeof error;
    return ::getsockopt(handle, SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size) == 0 ? error
                                                                                                  : last_error();
}

// What ends a wait from outside: a datagram from a loopback socket to itself, since select() takes only sockets. It is
// connected to its own address, hence receives from nobody else. The constructor alone sets it, hence notify() needs no
// lock.
class WakePipe {
public:
    WakePipe() noexcept {
        sockaddr_in own = {};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
        sockaddr* const address = reinterpret_cast<sockaddr*>(&own);
        int size = sizeof own;
        const BOOL exclusive = TRUE;  // nobody else may bind the same port
        const char* const option = reinterpret_cast<const char*>(&exclusive);
        if (!open_handle(AF_INET, SOCK_DGRAM, IPPROTO_UDP, handle_) ||
            ::setsockopt(handle_, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, option, sizeof exclusive) != 0 ||
            ::bind(handle_, address, size) != 0 || ::getsockname(handle_, address, &size) != 0 ||
            ::connect(handle_, address, size) != 0)
            close_handle(handle_);
    }
    WakePipe(const WakePipe&) = delete;
    WakePipe& operator=(const WakePipe&) = delete;
    ~WakePipe() { close_handle(handle_); }
    bool open() const noexcept { return handle_ != no_handle; }  // false: nothing can end a wait
    Handle handle() const noexcept { return handle_; }  // readable once notified
    void notify() noexcept {
        const int saved = ::WSAGetLastError();
        const char byte = 0;
        ::send(handle_, &byte, 1, 0);  // full: it is notified already
        ::WSASetLastError(saved);
    }
    void drain() noexcept {
        char byte;
        while (::recv(handle_, &byte, 1, 0) > 0) {
        }
    }

private:
    Handle handle_ = no_handle;
};

// Until one of the handles (some may be no_handle) can be read or written, or the wake pipe is notified: 1; 0 after
// that time; -1: last_error().
constexpr size_t max_waited_for = 8;
inline int wait_for(const Handle* handles, size_t count, bool reads, bool writes, WakePipe& wake_pipe,
                    uint32_t milliseconds) noexcept {
    HandleSet readable, writable, failed;
    for (size_t i = 0; i != count; ++i) {
        if (handles[i] == no_handle) continue;
        if (reads) readable.add(handles[i]);
        if (writes) {
            writable.add(handles[i]);
            failed.add(handles[i]);
        }
    }
    if (wake_pipe.open()) readable.add(wake_pipe.handle());
    if (readable.fd_count + writable.fd_count == 0) {  // which select() refuses
        ::Sleep(milliseconds);
        return 0;
    }
    const uint32_t limit = milliseconds < uint32_t{INT_MAX} ? milliseconds : uint32_t{INT_MAX};
    timeval time = {static_cast<long>(limit / 1000), static_cast<long>(limit % 1000 * 1000)};
    const int found = ::select(0, &readable, &writable, &failed, &time);
    if (found < 0) return -1;
    for (u_int i = 0; i < readable.fd_count; ++i)
        if (readable.fd_array[i] == wake_pipe.handle()) wake_pipe.drain();
    return found > 0 ? 1 : 0;
}

inline uint32_t now_ms() noexcept { return static_cast<uint32_t>(::GetTickCount64()); }

// ---- errors in words ----------------------------------------------------------------------------------------------

// The resolver's codes are codes of the system, too.
inline const char* words_of_error(int error, Buffer memory) noexcept {
    const DWORD count = ::FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                                         static_cast<DWORD>(error), 0, memory.data, static_cast<DWORD>(memory.size),
                                         nullptr);
    return count != 0 ? memory.data : "";
}
inline const char* words_of_resolver(int code, Buffer memory) noexcept { return words_of_error(code, memory); }

}  // namespace detail::system_sockets

OPENAI_STREAM_END
#endif
#endif
