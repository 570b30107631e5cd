// What several examples need and none of them is about: settings from the environment, text for the terminal, and a
// connection that is encrypted when the URL says https. Each example that includes this still builds alone, by the line
// it opens with; https takes -DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509 -lmbedcrypto besides.
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

// Shows a piece of text at once.
inline void print(openai_stream::StringView text, FILE* where = stdout) {
    fwrite(text.data(), 1, text.size(), where);
    fflush(where);
}

// Returns false, and says why, if a conversation has failed.
inline bool is_good(const openai_stream::Stream& stream) {
    char why[500];
    if (stream.failed()) fprintf(stderr, "%s\n", stream.explain(why));
    return !stream.failed();
}

#if defined(OPENAI_STREAM_SOCKET)
// A socket for an endpoint, with TLS below an https URL. In a program that was built without TLS, opening a stream over
// it fails with Error::needs_tls then. A Stream is made of it; it stays where it is while one uses it.
class Connection {
public:
    using Result = openai_stream::IoResult;

    // The endpoint is only looked at here. The certificates in SSL_CERT_FILE are trusted, else those of the system.
    explicit Connection(const openai_stream::Endpoint& server) {
#if defined(OPENAI_STREAM_MBEDTLS)
        openai_stream::TlsSettings settings;
        settings.ca_path = getenv("SSL_CERT_FILE");
        if (server.tls) link_ = openai_stream::transport_of(tls_.emplace(settings));
#else
        static_cast<void>(server);
#endif
    }
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    openai_stream::Transport transport() { return link_; }

    // What a Stream asks of an object.
    bool secure() const { return link_.secure; }
    Result resolve(openai_stream::StringView host, uint16_t port) { return link_.resolve(link_.context, host, port); }
    Result dial(openai_stream::StringView host, uint16_t port) { return link_.dial(link_.context, host, port); }
    Result pull(char* into, size_t room) { return link_.pull(link_.context, into, room); }
    Result push(const char* from, size_t count) { return link_.push(link_.context, from, count); }
    Result wait(openai_stream::Interest interest, uint32_t ms) { return link_.wait(link_.context, interest, ms); }
    void wake() { link_.wake(link_.context); }
    void hang_up() { link_.hang_up(link_.context); }
    uint32_t now_ms() { return link_.now_ms(link_.context); }
    const char* explain(Result io, openai_stream::Buffer memory) { return link_.explain(link_.context, io, memory); }

private:
    openai_stream::Socket socket_;
#if defined(OPENAI_STREAM_MBEDTLS)
    std::optional<openai_stream::TlsSocket> tls_;
#endif
    openai_stream::Transport link_ = openai_stream::transport_of(socket_);
};
#endif
