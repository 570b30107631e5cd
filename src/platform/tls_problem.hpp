#pragma once
// Every way in which TLS can fail, and a sentence for each.
#include "../base/config.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

enum class TlsProblem : uint8_t {
    none,  // also where the link below failed: its own code says why
    // the settings, before anything is dialled: the transport is not secure()
    no_trust_store,               // no CA was given, and the system has none
    bad_settings,                 // a certificate, key, file or folder could not be read
    no_entropy,                   // the random generator could not be seeded
    out_of_memory,                // mbedTLS's heap
    // the call
    bad_host,                     // no host name, or one that is too long
    no_redial,                    // the link below cannot be dialled again
    // the certificate
    unknown_ca,                   // nobody who is trusted has signed it, or an intermediate certificate is missing
    self_signed,                  // by itself alone
    expired,
    not_yet_valid,
    wrong_name,                   // it is for other hosts
    wrong_pin,                    // its public key is none of TlsSettings::pins
    wrong_use,                    // it is not meant for servers
    weak_certificate,             // a short key, an old hash
    revoked,
    bad_certificate,              // none was shown, or it could not be read
    // the handshake
    not_tls,                      // the server speaks another protocol on this port
    protocol_version,             // no version both sides know; TLS 1.2 is the least
    no_common_cipher,             // no cipher, curve or signature both sides know
    no_common_protocol,           // the server does not speak http/1.1 on this port
    unknown_server_name,          // the server knows no host of this name
    client_certificate_required,
    client_certificate_refused,
    handshake_timeout,
    cut_in_handshake,             // the connection ended or broke
    refused_by_server,            // by an alert that is none of these
    handshake_failed,             // anything else
    // the connection
    cut_off,                      // it ended without close_notify
    damaged,                      // a record that is not what the server sent, or not allowed there
};

namespace detail {
// Whether another attempt will meet it, too: a certificate does not change within seconds, a busy server does.
constexpr bool is_final(TlsProblem problem) noexcept {
    return problem != TlsProblem::none && problem != TlsProblem::out_of_memory &&
           problem < TlsProblem::handshake_timeout;
}
}  // namespace detail

// One sentence in English without a final full stop; static, never null. Tls::describe() says more.
inline const char* describe(TlsProblem problem) noexcept {
    switch (problem) {
        case TlsProblem::none: return "no problem with TLS";
        case TlsProblem::no_trust_store: return "no trusted CAs: none were given, and the system has none";
        case TlsProblem::bad_settings: return "the TLS settings cannot be used";
        case TlsProblem::no_entropy: return "the random generator could not be seeded";
        case TlsProblem::out_of_memory: return "mbedTLS has run out of memory";
        case TlsProblem::bad_host: return "the host name is empty or too long";
        case TlsProblem::no_redial: return "the link below cannot connect again";
        case TlsProblem::unknown_ca: return "no trusted CA has signed the certificate";
        case TlsProblem::self_signed: return "the certificate is signed by itself and not trusted";
        case TlsProblem::expired: return "the certificate has expired";
        case TlsProblem::not_yet_valid: return "the certificate is not valid yet";
        case TlsProblem::wrong_name: return "the certificate is for another host";
        case TlsProblem::wrong_pin: return "the certificate's public key is not one of the pinned keys";
        case TlsProblem::wrong_use: return "the certificate is not meant for servers";
        case TlsProblem::weak_certificate: return "the certificate's key or signature is too weak";
        case TlsProblem::revoked: return "the certificate has been revoked";
        case TlsProblem::bad_certificate: return "the server showed no certificate, or a damaged one";
        case TlsProblem::not_tls: return "the server does not speak TLS on this port";
        case TlsProblem::protocol_version: return "the server speaks no version of TLS that is allowed here";
        case TlsProblem::no_common_cipher: return "the server and this client have no cipher in common";
        case TlsProblem::no_common_protocol: return "the server does not speak HTTP/1.1 on this port";
        case TlsProblem::unknown_server_name: return "the server knows no host of this name";
        case TlsProblem::client_certificate_required: return "the server requires a client certificate";
        case TlsProblem::client_certificate_refused: return "the server refused the client certificate";
        case TlsProblem::handshake_timeout: return "the TLS handshake took too long";
        case TlsProblem::cut_in_handshake: return "the connection ended during the TLS handshake";
        case TlsProblem::refused_by_server: return "the server refused the TLS connection";
        case TlsProblem::handshake_failed: return "the TLS handshake failed";
        case TlsProblem::cut_off: return "the connection ended without the end that TLS prescribes";
        case TlsProblem::damaged: return "what arrived was damaged or not allowed by TLS";
    }
    return "unknown problem with TLS";
}

OPENAI_STREAM_END
#endif
