#pragma once
// Which server a connection leads to.
#include "../request/endpoint.hpp"

OPENAI_STREAM_BEGIN

// Host, port and TLS of a connection, byte for byte and in memory of its own: the Endpoint may be changed in place
// while its connection is kept, and two hosts may have one hash. A request that went over the wrong connection would
// give one server's key to another.
class ServerKey {
public:
    // The longest DNS labels of hosted services (Azure: 64 and a domain) fit. The connection to a longer host carries
    // one conversation.
    static constexpr size_t max_host_bytes = 95;

    constexpr ServerKey() noexcept = default;

    void set(const Endpoint& endpoint) noexcept {
        host_bytes_ = 0;
        if (endpoint.host.size() > max_host_bytes) return;
        host_bytes_ = static_cast<uint8_t>(endpoint.host.size());
        if (host_bytes_ != 0) memmove(host_, endpoint.host.data(), host_bytes_);
        port_ = endpoint.effective_port();
        is_tls_ = endpoint.tls;
    }
    // Returns false also if the host was too long to be kept.
    bool is_of(const Endpoint& endpoint) const noexcept {
        return host_bytes_ != 0 && is_tls_ == endpoint.tls && port_ == endpoint.effective_port() &&
               endpoint.host == StringView(host_, host_bytes_);
    }

private:
    bool is_tls_ = false;
    uint8_t host_bytes_ = 0;  // 0: none
    uint16_t port_ = 0;
    char host_[max_host_bytes] = {};
};

OPENAI_STREAM_END
