#pragma once
// The session of the last handshake, for a shorter one with the same server. A resumed handshake shows no certificate,
// so a session is used no longer than the certificate it was made with is valid, and never for another server.
#include "mbedtls_library.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// Memory: mbedTLS's heap. Neither copied nor moved. Whoever owns it forgets it when the server is another one, and when
// a handshake or a record was not what it should be.
class Session {
public:
    Session() noexcept { mbedtls_ssl_session_init(&session_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() { mbedtls_ssl_session_free(&session_); }

    bool is_there() const noexcept { return is_there_; }

    // Until when the certificate that was verified is valid, in seconds since 1970: before keep().
    void set_valid_until(int64_t wall_clock) noexcept { valid_until_ = wall_clock; }
    // That of this connection, in place of the one before.
    void keep(const mbedtls_ssl_context& ssl) noexcept {
        forget();
        is_there_ = mbedtls_ssl_get_session(&ssl, &session_) == 0;
        if (!is_there_) forget();
    }
    void forget() noexcept {
        mbedtls_ssl_session_free(&session_);
        mbedtls_ssl_session_init(&session_);
        is_there_ = false;
    }

    // Offers it to the server in the handshake that begins. now: negative without a wall clock.
    void offer(mbedtls_ssl_context& ssl, int64_t now) noexcept {
        if (is_there_ && now >= 0 && now > valid_until_) forget();
        if (is_there_ && mbedtls_ssl_set_session(&ssl, &session_) != 0) forget();
    }

private:
    mbedtls_ssl_session session_;
    int64_t valid_until_ = 0;
    bool is_there_ = false;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
