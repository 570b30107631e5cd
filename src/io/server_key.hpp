#pragma once
// Which server a connection leads to.
#include "../base/bytes.hpp"
#include "../request/endpoint.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// Host, port and TLS of a connection, byte for byte and in memory of its own: the Endpoint may be changed in place
// while its connection is kept, or be gone, and two hosts may have one hash. A request that went over the wrong
// connection would give one server's key to another.
class ServerKey {
public:
    constexpr ServerKey() noexcept = default;

    // The host is one that was not refused: of at most http::max_host_bytes.
    void set(const Endpoint& endpoint) noexcept {
        const size_t size = endpoint.host.size();
        move_bytes(host_, endpoint.host.data(), size);
        host_[size] = '\0';
        host_bytes_ = static_cast<uint8_t>(size);
        port_and_tls_ = port_and_tls(endpoint);
    }
    bool is_of(const Endpoint& endpoint) const noexcept {
        return port_and_tls_ == port_and_tls(endpoint) && endpoint.host == host();
    }

    StringView host() const noexcept { return {host_, host_bytes_}; }  // with a NUL after it
    uint16_t port() const noexcept { return static_cast<uint16_t>(port_and_tls_ >> 1); }
    bool tls() const noexcept { return (port_and_tls_ & 1) != 0; }

private:
    OPENAI_STREAM_INLINE static uint32_t port_and_tls(const Endpoint& endpoint) noexcept {
        return uint32_t(endpoint.effective_port()) << 1 | uint32_t(endpoint.tls);
    }

    uint32_t port_and_tls_ = 0;
    uint8_t host_bytes_ = 0;
    char host_[http::max_host_bytes + 1] = {};
};

}  // namespace detail

OPENAI_STREAM_END
