#pragma once
// What a Tls is told. The defaults verify everything against the system's CAs.
#include "../base/buffer.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

// SHA-256 of a public key as the certificate has it (SubjectPublicKeyInfo, DER); as openssl prints it:
//   openssl x509 -in cert.pem -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256
struct TlsPin {
    unsigned char sha256[32];
};

// Memory: what is pointed to must live as long as the Tls.
struct TlsSettings {
    // Who is trusted: certificates in PEM (one or many) or DER. Empty, as is ca_path: the CAs of the system.
    StringView ca;
    // The same from a file, or from all files of a folder, where there is a file system.
    StringView ca_path;

    // Who we are, for servers that ask: certificate (and its chain) and key in PEM or DER.
    StringView client_certificate, client_key, client_key_password;

    // One of these keys the server's certificate must have, besides being valid. None: any key.
    Span<const TlsPin> pins;

    // The name the certificate must be for, and the server is asked for, if it is not the host that is dialled.
    StringView server_name;

    uint32_t handshake_ms = 10000;  // longest handshake by the clock of the transport below; 0: no limit
    bool resume = true;             // keep the session, to save most of the next handshake with the same server

    // Entropy for the random numbers (not with mbedTLS 4, which asks the platform): fills all bytes and returns 0, or
    // says an error of mbedTLS. Null: mbedTLS's own sources.
    int (*entropy)(void* context, unsigned char* into, size_t count) = nullptr;
    void* entropy_context = nullptr;

    // Seconds since 1970; negative: there is no wall clock (now), and dates are not checked: Tls::dates_checked() is
    // false then. Null: the clock mbedTLS has been configured with, if any.
    int64_t (*unix_time)(void* context) = nullptr;
    void* unix_time_context = nullptr;
};

OPENAI_STREAM_END
#endif
