#pragma once
// The addresses of a host, as Socket tries them.
#include "socket_posix.hpp"
#include "socket_winsock.hpp"

#if defined(OPENAI_STREAM_SOCKET)
OPENAI_STREAM_BEGIN

// In the order in which they are to be tried; those above max_count are left out. No memory but its own.
class SocketAddresses {
public:
    static constexpr size_t max_count = 8;  // hosted services announce 1 to 6

    // The bytes in the order in which they are written. Returns false if there is no room.
    bool add_ipv4(const uint8_t (&bytes)[4]) noexcept {
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        memcpy(&address.sin_addr, bytes, sizeof bytes);
        return add(&address, sizeof address);
    }
    // scope: the number of the interface, for link-local addresses.
    bool add_ipv6(const uint8_t (&bytes)[16], uint32_t scope = 0) noexcept {
        sockaddr_in6 address = {};
        address.sin6_family = AF_INET6;
        address.sin6_scope_id = scope;
        memcpy(&address.sin6_addr, bytes, sizeof bytes);
        return add(&address, sizeof address);
    }
    // One as the system writes it, AF_INET or AF_INET6; what else there may be is left out.
    bool add(const sockaddr& address, size_t size) noexcept {
        const bool is_known = (address.sa_family == AF_INET && size == sizeof(sockaddr_in)) ||
                              (address.sa_family == AF_INET6 && size == sizeof(sockaddr_in6));
        return is_known && add(&address, size);
    }
    void clear() noexcept { count_ = 0; }
    size_t size() const noexcept { return count_; }

    // For a connection to this port: the address in the system's words, and its size.
    const sockaddr* address(size_t index, uint16_t port, size_t& size) noexcept {
        Entry& entry = entries_[index];
        const uint16_t network_port = htons(port);
        if (entry.four.sin_family == AF_INET) {
            entry.four.sin_port = network_port;
            size = sizeof entry.four;
        } else {
            entry.six.sin6_port = network_port;
            size = sizeof entry.six;
        }
        return reinterpret_cast<const sockaddr*>(&entry);
    }

private:
    union Entry {
        sockaddr_in four;
        sockaddr_in6 six;
    };
    bool add(const void* address, size_t size) noexcept {
        if (count_ == max_count) return false;
        memcpy(&entries_[count_++], address, size);
        return true;
    }

    size_t count_ = 0;
    Entry entries_[max_count] = {};
};

// What looks a host up in place of the system's getaddrinfo(), see Socket::set_resolver(). Adds its addresses to `into`
// and says ready(), or would_block(): it is called again, at each dial(), until it says something else; or
// unresolved(code): there is none.
using SocketResolver = IoResult (*)(void* context, StringView host, SocketAddresses& into);

OPENAI_STREAM_END
#endif
