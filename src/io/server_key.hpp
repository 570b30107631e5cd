#pragma once
// Which server a connection leads to.
#include "../base/bytes.hpp"
#include "../request/endpoint.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// Host, port and TLS of a connection, byte for byte and in memory of its own: the Endpoint may be changed in place
// while its connection is kept, and two hosts may have one hash. A request that went over the wrong connection would
// give one server's key to another.
class ServerKey {
public:
    // Names of hosted services fit, and private ones in a cloud (77). The connection to a longer host carries one
    // conversation.
    static constexpr size_t max_host_bytes = 79;

    constexpr ServerKey() noexcept = default;

    void set(const Endpoint& endpoint) noexcept {
        const size_t size = endpoint.host.size();
        host_bytes_ = size <= max_host_bytes ? static_cast<uint8_t>(size) : uint8_t(0);
        move_bytes(host_, endpoint.host.data(), host_bytes_);
        port_and_tls_ = port_and_tls(endpoint);
    }
    // Returns false also if the host was too long to be kept.
    bool is_of(const Endpoint& endpoint) const noexcept {
        return host_bytes_ != 0 && port_and_tls_ == port_and_tls(endpoint) &&
               endpoint.host == StringView(host_, host_bytes_);
    }

private:
    static uint32_t port_and_tls(const Endpoint& endpoint) noexcept {
        return uint32_t(endpoint.effective_port()) << 1 | uint32_t(endpoint.tls);
    }

    uint32_t port_and_tls_ = 0;
    uint8_t host_bytes_ = 0;  // 0: none
    char host_[max_host_bytes] = {};
};

}  // namespace detail

OPENAI_STREAM_END
