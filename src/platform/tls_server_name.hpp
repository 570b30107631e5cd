#pragma once
// Which server a certificate has to be for: the host of the URL as it is verified, with the NUL that mbedTLS asks for,
// and its port, so that a session is never offered to another server.
#include "../base/string_view.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

class ServerName {
public:
    static constexpr size_t max_host_bytes = 255;  // RFC 1035 section 2.3.4

    enum class Change : uint8_t { none, other_server, refused };

    // Copies the host, without brackets and without the dot of the root. refused: it is none; the last one stays.
    Change set(StringView host, uint16_t port) noexcept {
        if (host.size() > 2 && host[0] == '[' && host[host.size() - 1] == ']')
            host = host.take(host.size() - 1).drop(1);
        else if (!host.empty() && host[host.size() - 1] == '.')
            host = host.take(host.size() - 1);
        if (host.empty() || host.size() > max_host_bytes || memchr(host.data(), 0, host.size()) != nullptr)
            return Change::refused;
        const bool is_other = port != port_ || host != text();
        memcpy(name_, host.data(), host.size());
        name_[host.size()] = '\0';
        size_ = host.size();
        port_ = port;
        return is_other ? Change::other_server : Change::none;
    }

    StringView text() const noexcept { return {name_, size_}; }
    const char* c_str() const noexcept { return name_; }

private:
    size_t size_ = 0;
    uint16_t port_ = 0;
    char name_[max_host_bytes + 1] = {};
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
