#pragma once
// TLS over a TCP connection in one object, for programs that have an operating system: what https:// needs.
#include "../io/transport_of.hpp"
#include "mbedtls.hpp"
#include "socket.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
#if defined(OPENAI_STREAM_SOCKET)
OPENAI_STREAM_BEGIN

namespace detail::tls {
struct SocketBelow {
    Socket socket_;
};
}  // namespace detail::tls

// TLS over a Socket, for transport_of(). See both.
class TlsSocket : detail::tls::SocketBelow, public Tls {
public:
    explicit TlsSocket(const TlsSettings& settings = TlsSettings()) noexcept
        : Tls(transport_of(socket_), settings) {}

    void set_resolver(SocketResolver resolver, void* context) noexcept { socket_.set_resolver(resolver, context); }
};

OPENAI_STREAM_END
#endif
#endif
