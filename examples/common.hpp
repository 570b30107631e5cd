// What several examples need and none of them is about: settings from the environment, and a connection that is
// encrypted when the URL says https. Each example that includes this still builds alone, by the line it opens with;
// https takes -DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509 -lmbedcrypto besides.
#pragma once

#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <optional>

// The value of an environment variable, or `otherwise` if it is not set or empty.
inline const char* setting(const char* name, const char* otherwise) {
    const char* const value = getenv(name);
    return value != nullptr && *value != '\0' ? value : otherwise;
}

#if defined(OPENAI_STREAM_SOCKET)
// A socket for an endpoint, with TLS below an https URL. In a program that was built without TLS, opening a stream over
// it fails with Error::needs_tls then. Its transport refers to it, so it stays where it is while a Stream uses it.
class Connection {
public:
    // The endpoint is only looked at here. The certificates in SSL_CERT_FILE are trusted, else those of the system.
    explicit Connection(const openai_stream::Endpoint& server) {
#if defined(OPENAI_STREAM_MBEDTLS)
        openai_stream::TlsSettings settings;
        settings.ca_path = getenv("SSL_CERT_FILE");
        if (server.tls) tls_.emplace(settings);
#else
        static_cast<void>(server);
#endif
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

#if defined(OPENAI_STREAM_MBEDTLS)
    openai_stream::Transport transport() {
        return tls_ ? openai_stream::transport_of(*tls_) : openai_stream::transport_of(socket_);
    }

private:
    std::optional<openai_stream::TlsSocket> tls_;
#else
    openai_stream::Transport transport() { return openai_stream::transport_of(socket_); }

private:
#endif
    openai_stream::Socket socket_;
};
#endif
