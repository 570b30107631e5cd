// Sockets as POSIX has them, and as Windows does.
#pragma once

#ifdef _WIN32
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif

#include <cstdint>
#include <string_view>

namespace local_server::sockets {

#ifdef _WIN32
using Descriptor = SOCKET;
using Count = int;
constexpr Descriptor none = INVALID_SOCKET;
constexpr int sends = SD_SEND;
constexpr bool frees_ports_late = false;  // SO_REUSEADDR would give one to two

inline bool start() {
    WSADATA unused;
    return WSAStartup(MAKEWORD(2, 2), &unused) == 0;
}
inline bool never_wait(Descriptor descriptor) {
    unsigned long on = 1;
    return ioctlsocket(descriptor, static_cast<long>(FIONBIO), &on) == 0;
}
inline bool may_try_again() { return WSAGetLastError() == WSAEWOULDBLOCK; }
inline void close(Descriptor descriptor) { closesocket(descriptor); }
inline int wait(pollfd* watched, unsigned count, int ms) { return WSAPoll(watched, count, ms); }
#else
using Descriptor = int;
using Count = size_t;
constexpr Descriptor none = -1;
constexpr int sends = SHUT_WR;
constexpr bool frees_ports_late = true;

inline bool start() { return true; }
inline bool never_wait(Descriptor descriptor) { return fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0; }
inline bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }
inline void close(Descriptor descriptor) { ::close(descriptor); }
inline int wait(pollfd* watched, unsigned count, int ms) { return poll(watched, count, ms); }
#endif

template <class Value> bool set_option(Descriptor descriptor, int level, int name, const Value& value) {
    return setsockopt(descriptor, level, name, reinterpret_cast<const char*>(&value), sizeof value) == 0;
}

// Bytes; negative: none, and may_try_again() says whether for ever.
inline long long send_some(Descriptor descriptor, std::string_view bytes) {
    return send(descriptor, bytes.data(), static_cast<Count>(bytes.size()), 0);
}
inline long long receive_some(Descriptor descriptor, char* into, size_t room) {
    return recv(descriptor, into, static_cast<Count>(room), 0);
}

// On 127.0.0.1, for what is told there; port 0: a free one, which becomes `port`. none: errno or its like says why.
inline Descriptor open_local(int type, uint16_t& port) {
    const Descriptor descriptor = socket(AF_INET, type, 0);
    sockaddr_in address{};
    socklen_t size = sizeof address;
    sockaddr* const any_address = reinterpret_cast<sockaddr*>(&address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor == none) return none;
    if (type == SOCK_STREAM && frees_ports_late) set_option(descriptor, SOL_SOCKET, SO_REUSEADDR, 1);
    if (!never_wait(descriptor) ||
        bind(descriptor, any_address, size) != 0 || getsockname(descriptor, any_address, &size) != 0 ||
        (type == SOCK_DGRAM && connect(descriptor, any_address, size) != 0)) {
        close(descriptor);
        return none;
    }
    port = ntohs(address.sin_port);
    return descriptor;
}

}  // namespace local_server::sockets
