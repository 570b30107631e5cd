#pragma once
// mbedTLS, and what its versions 2.28, 3.6 and 4 call by different names or do differently.
#include "../base/string_view.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
#include <mbedtls/version.h>

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#endif
#if MBEDTLS_VERSION_NUMBER >= 0x04000000 || defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3)
#include <psa/crypto.h>
#endif
#if defined(MBEDTLS_HAVE_TIME_DATE)
#include <mbedtls/platform_time.h>
#endif
#if !defined(MBEDTLS_SSL_CLI_C) || !defined(MBEDTLS_X509_CRT_PARSE_C)
#error "openai_stream.hpp: this mbedTLS is configured without MBEDTLS_SSL_CLI_C or MBEDTLS_X509_CRT_PARSE_C"
#endif

OPENAI_STREAM_BEGIN

namespace detail::mbedtls_library {

constexpr unsigned version = MBEDTLS_VERSION_NUMBER >> 24;

// ---- random numbers ------------------------------------------------------------------------------------------------

// What collects entropy: 0, or an error of mbedTLS.
using Entropy = int (*)(void* context, unsigned char* into, size_t count);

// The generator of one Tls. Up to 3.6 its own; from 4 on that of PSA, which takes its entropy from the platform.
class Random {
public:
#if MBEDTLS_VERSION_NUMBER < 0x04000000
    Random() noexcept {
        mbedtls_entropy_init(&entropy_);
        mbedtls_ctr_drbg_init(&generator_);
    }
    ~Random() {
        mbedtls_ctr_drbg_free(&generator_);
        mbedtls_entropy_free(&entropy_);
    }
#else
    Random() noexcept = default;
#endif
    Random(const Random&) = delete;
    Random& operator=(const Random&) = delete;

    // Null: mbedTLS's own sources. 0, or an error of mbedTLS.
    int begin(Entropy entropy, void* context) noexcept {
#if MBEDTLS_VERSION_NUMBER < 0x04000000
        if (!entropy) context = &entropy_;
        const int error = mbedtls_ctr_drbg_seed(&generator_, entropy ? entropy : mbedtls_entropy_func, context,
                                                nullptr, 0);
        if (error != 0) return error;
#else
        static_cast<void>(entropy);
        static_cast<void>(context);
#endif
#if MBEDTLS_VERSION_NUMBER >= 0x04000000 || defined(MBEDTLS_USE_PSA_CRYPTO) || defined(MBEDTLS_SSL_PROTO_TLS1_3)
        return static_cast<int>(psa_crypto_init());  // counts nothing: it may be called again
#else
        return 0;
#endif
    }
    void use_in(mbedtls_ssl_config& config) noexcept {
#if MBEDTLS_VERSION_NUMBER < 0x04000000
        mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &generator_);
#else
        static_cast<void>(config);
#endif
    }
    int parse_key(mbedtls_pk_context& key, const unsigned char* text, size_t size, StringView password) noexcept {
        const auto* const word = reinterpret_cast<const unsigned char*>(password.data());
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
        return mbedtls_pk_parse_key(&key, text, size, word, password.size(), mbedtls_ctr_drbg_random, &generator_);
#else
        return mbedtls_pk_parse_key(&key, text, size, word, password.size());
#endif
    }
    // 0 when the public key belongs to the private one.
    int check_pair(const mbedtls_pk_context& public_key, const mbedtls_pk_context& key) noexcept {
#if MBEDTLS_VERSION_NUMBER >= 0x03000000 && MBEDTLS_VERSION_NUMBER < 0x04000000
        return mbedtls_pk_check_pair(&public_key, &key, mbedtls_ctr_drbg_random, &generator_);
#else
        return mbedtls_pk_check_pair(&public_key, &key);
#endif
    }

private:
#if MBEDTLS_VERSION_NUMBER < 0x04000000
    mbedtls_entropy_context entropy_;
    mbedtls_ctr_drbg_context generator_;
#endif
};

// ---- the connection ------------------------------------------------------------------------------------------------

inline void require_tls_1_2(mbedtls_ssl_config& config) noexcept {
#if MBEDTLS_VERSION_NUMBER < 0x03020000
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
#else
    mbedtls_ssl_conf_min_tls_version(&config, MBEDTLS_SSL_VERSION_TLS1_2);
#endif
}

// 3.6.6 and 4.1.0 offer RSA-PSS first and then refuse it from a server that speaks TLS 1.2 (mbedtls issue 10668): asked
// for last, most servers leave it alone there.
inline void avoid_pss_in_tls_1_2(mbedtls_ssl_config& config) noexcept {
#if MBEDTLS_VERSION_NUMBER == 0x03060600 || MBEDTLS_VERSION_NUMBER == 0x04010000
    static constexpr uint16_t algorithms[] = {
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP256R1_SHA256, MBEDTLS_TLS1_3_SIG_ECDSA_SECP384R1_SHA384,
        MBEDTLS_TLS1_3_SIG_ECDSA_SECP521R1_SHA512, MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA512,
        MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA384,       MBEDTLS_TLS1_3_SIG_RSA_PKCS1_SHA256,
        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA512,    MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA384,
        MBEDTLS_TLS1_3_SIG_RSA_PSS_RSAE_SHA256,    MBEDTLS_TLS1_3_SIG_NONE,
    };
    mbedtls_ssl_conf_sig_algs(&config, algorithms);
#else
    static_cast<void>(config);
#endif
}

// From 3.6.1 on tickets of TLS 1.3 are thrown away unless one asks to be told of them.
inline void want_tickets(mbedtls_ssl_config& config) noexcept {
#if defined(MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED) && defined(MBEDTLS_SSL_PROTO_TLS1_3) && \
    defined(MBEDTLS_SSL_SESSION_TICKETS)
    mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
        &config, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
#else
    static_cast<void>(config);
#endif
}

// Firmware may have room for small records only: then the server is asked for such.
inline void want_small_records(mbedtls_ssl_config& config) noexcept {
#if defined(MBEDTLS_SSL_MAX_FRAGMENT_LENGTH) && MBEDTLS_SSL_IN_CONTENT_LEN < 16384
    mbedtls_ssl_conf_max_frag_len(&config, MBEDTLS_SSL_IN_CONTENT_LEN >= 4096   ? MBEDTLS_SSL_MAX_FRAG_LEN_4096
                                           : MBEDTLS_SSL_IN_CONTENT_LEN >= 2048 ? MBEDTLS_SSL_MAX_FRAG_LEN_2048
                                           : MBEDTLS_SSL_IN_CONTENT_LEN >= 1024 ? MBEDTLS_SSL_MAX_FRAG_LEN_1024
                                                                                : MBEDTLS_SSL_MAX_FRAG_LEN_512);
#else
    static_cast<void>(config);
#endif
}

inline bool is_handshake_over(const mbedtls_ssl_context& ssl) noexcept {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    return ssl.state == MBEDTLS_SSL_HANDSHAKE_OVER;
#else
    return mbedtls_ssl_is_handshake_over(const_cast<mbedtls_ssl_context*>(&ssl)) != 0;
#endif
}

// A ticket of TLS 1.3 came: no error, the same call is to be made again.
inline bool is_new_ticket(int result) noexcept {
#if defined(MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET)  // elsewhere its number means something else
    return result == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET;
#else
    static_cast<void>(result);
    return false;
#endif
}

// A computation goes on elsewhere or later: the same call is to be made again.
inline bool is_in_progress(int result) noexcept {
    return result == MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS || result == MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS;
}

inline bool is_protocol_version_error(int result) noexcept {
#if MBEDTLS_VERSION_NUMBER < 0x03000000
    return result == MBEDTLS_ERR_SSL_BAD_HS_PROTOCOL_VERSION;
#else
    return result == MBEDTLS_ERR_SSL_BAD_PROTOCOL_VERSION;
#endif
}

inline bool is_out_of_memory(int result) noexcept {
#if MBEDTLS_VERSION_NUMBER < 0x04000000
    // Errors of two layers may be added up: the upper in the high bits, that of big numbers in the low ones.
    return result == MBEDTLS_ERR_SSL_ALLOC_FAILED || result == MBEDTLS_ERR_X509_ALLOC_FAILED ||
           result == MBEDTLS_ERR_PK_ALLOC_FAILED || (result < 0 && (-result & 0x7F) == 0x10);
#else
    return result == PSA_ERROR_INSUFFICIENT_MEMORY;
#endif
}

// ---- time ----------------------------------------------------------------------------------------------------------

// Seconds since 1970, or -1: this mbedTLS is configured for a machine without a wall clock.
inline int64_t unix_time() noexcept {
#if defined(MBEDTLS_HAVE_TIME_DATE)
    return static_cast<int64_t>(mbedtls_time(nullptr));
#else
    return -1;
#endif
}

}  // namespace detail::mbedtls_library

OPENAI_STREAM_END
#endif
