#pragma once
// Why a handshake failed: one TlsProblem from mbedTLS's result, what came over the wire and what the verifier saw.
// mbedTLS's own codes do not tell a server that wants a certificate from one that has no cipher in common.
#include "mbedtls_library.hpp"
#include "tls_problem.hpp"
#include "tls_records.hpp"
#include "tls_verifier.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// What a fatal alert means. has_own: the client has shown a certificate, or would have.
inline TlsProblem problem_of_alert(const Records& records, bool has_own) noexcept {
    switch (records.alert()) {
        case handshake_failure:
            if (!records.wants_client_certificate()) return TlsProblem::no_common_cipher;
            break;
        case bad_certificate:
        case unsupported_certificate:
        case certificate_revoked:
        case certificate_expired:
        case certificate_unknown:
        case unknown_ca:
        case access_denied:
        case certificate_required: break;
        case protocol_version: return TlsProblem::protocol_version;
        case insufficient_security: return TlsProblem::no_common_cipher;
        case unrecognized_name: return TlsProblem::unknown_server_name;
        case no_application_protocol: return TlsProblem::no_common_protocol;
        default: return TlsProblem::refused_by_server;
    }
    return has_own ? TlsProblem::client_certificate_refused : TlsProblem::client_certificate_required;
}

// result: mbedTLS's, of the step that failed. What the verifier objects to goes before it.
inline TlsProblem problem_of_handshake(int result, const mbedtls_ssl_context& ssl, const Records& records,
                                       const Verifier& verifier, bool has_own) noexcept {
    if (verifier.problem() != TlsProblem::none) return verifier.problem();
    if (records.has_begun() && !records.is_tls()) return TlsProblem::not_tls;
    if (result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) return problem_of_alert(records, has_own);
    // Some servers say no word, or "close_notify", where others say what they want.
    if (result == MBEDTLS_ERR_SSL_CONN_EOF || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        return records.wants_client_certificate() && !has_own ? TlsProblem::client_certificate_required
                                                              : TlsProblem::cut_in_handshake;
    // mbedTLS checks what a certificate may be used for after it has asked the verifier.
    const uint32_t flags = mbedtls_ssl_get_verify_result(&ssl);
    if (verifier.has_seen_server() && flags != 0 && flags != UINT32_MAX) return Verifier::worst(flags, false);
    if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) return TlsProblem::bad_certificate;
    if (mbedtls_library::is_protocol_version_error(result)) return TlsProblem::protocol_version;
    return TlsProblem::handshake_failed;
}

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
