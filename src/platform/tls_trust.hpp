#pragma once
// Certificates and keys from memory, files and the system into mbedTLS's lists. (mbedTLS copies them, into its heap.)
#include "mbedtls_library.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
#if defined(_WIN32)
#if !defined(NOMINMAX)  // windows.h: no macros min and max because of us
#define NOMINMAX
#include <windows.h>
#undef NOMINMAX
#else
#include <windows.h>
#endif
#include <wincrypt.h>
#if defined(_MSC_VER)
#pragma comment(lib, "crypt32.lib")  // elsewhere: link with -lcrypt32
#endif
#endif

OPENAI_STREAM_BEGIN

namespace detail::tls {

// One object in PEM, with its two lines: a certificate has 1 to 3 KiB, a key of 8192 bits 6.5.
constexpr size_t max_pem_bytes = 8192;
constexpr size_t max_path_bytes = 511;

inline size_t find(StringView text, StringView what) noexcept {
    for (size_t at = 0; at + what.size() <= text.size(); ++at)
        if (memcmp(text.data() + at, what.data(), what.size()) == 0) return at;
    return text.size();
}
inline bool is_pem(StringView text) noexcept { return find(text, "-----BEGIN") != text.size(); }

// The next object in PEM, with its two lines, taken off the text; empty: there is none.
inline StringView take_pem(StringView& text) noexcept {
    const StringView from = text.drop(find(text, "-----BEGIN"));
    const size_t end_line = find(from, "-----END");
    const StringView after = from.drop(end_line).drop(8);
    const size_t dashes = find(after, "-----");
    const size_t size = dashes == after.size() ? 0 : end_line + 8 + dashes + 5;
    text = size == 0 ? StringView() : from.drop(size);
    return from.take(size);
}

// Calls parse(text, size) with a text in PEM, and the NUL after it that mbedTLS asks for. Waits for nothing, but needs
// 8 KiB of stack, like a handshake.
template <class Parse> OPENAI_STREAM_NOINLINE int with_terminator(StringView text, const Parse& parse) noexcept {
    unsigned char copy[max_pem_bytes + 1];
    if (text.size() > max_pem_bytes) return MBEDTLS_ERR_X509_INVALID_FORMAT;
    memcpy(copy, text.data(), text.size());
    copy[text.size()] = 0;
    const int error = parse(copy, text.size() + 1);
    volatile unsigned char* secret = copy;  // it may have been a key
    for (size_t i = 0; i < text.size(); ++i) secret[i] = 0;
    return error;
}

inline const unsigned char* bytes_of(StringView text) noexcept {
    return reinterpret_cast<const unsigned char*>(text.data());
}

// All certificates of a text must be sound. 0 or an error of mbedTLS.
inline int add_certificates(mbedtls_x509_crt& list, StringView text) noexcept {
    if (!is_pem(text)) return mbedtls_x509_crt_parse_der(&list, bytes_of(text), text.size());
    for (StringView one = take_pem(text); !one.empty(); one = take_pem(text)) {
        const int error = with_terminator(one, [&list](const unsigned char* copy, size_t size) {
            return mbedtls_x509_crt_parse(&list, copy, size);
        });
        if (error != 0) return error < 0 ? error : MBEDTLS_ERR_X509_INVALID_FORMAT;
    }
    return list.raw.p != nullptr ? 0 : MBEDTLS_ERR_X509_INVALID_FORMAT;
}

inline int add_key(mbedtls_pk_context& key, StringView text, StringView password,
                   mbedtls_library::Random& random) noexcept {
    if (!is_pem(text)) return random.parse_key(key, bytes_of(text), text.size(), password);
    return with_terminator(text, [&](const unsigned char* copy, size_t size) {
        return random.parse_key(key, copy, size, password);
    });
}

// A file of certificates or a folder of such files; what is no certificate is passed over. 0 when there was one.
inline int add_path(mbedtls_x509_crt& list, StringView path) noexcept {
#if defined(MBEDTLS_FS_IO)
    char name[max_path_bytes + 1];
    if (path.size() > max_path_bytes) return MBEDTLS_ERR_X509_INVALID_FORMAT;
    memcpy(name, path.data(), path.size());
    name[path.size()] = '\0';
    int error = mbedtls_x509_crt_parse_path(&list, name);  // first: it knows a file from a folder
    if (error == MBEDTLS_ERR_X509_FILE_IO_ERROR && list.raw.p == nullptr)
        error = mbedtls_x509_crt_parse_file(&list, name);
    return list.raw.p != nullptr && error >= 0 ? 0 : error < 0 ? error : MBEDTLS_ERR_X509_INVALID_FORMAT;
#else
    static_cast<void>(list);
    static_cast<void>(path);
    return MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
#endif
}

// Adds the CAs that the system trusts. Returns 0 if there was one.
inline int add_system(mbedtls_x509_crt& list) noexcept {
#if defined(_WIN32)
    const HCERTSTORE store = ::CertOpenSystemStoreW(0, L"ROOT");
    if (store == nullptr) return MBEDTLS_ERR_X509_FILE_IO_ERROR;
    const CERT_CONTEXT* one = nullptr;
    while ((one = ::CertEnumCertificatesInStore(store, one)) != nullptr)
        if (one->dwCertEncodingType == X509_ASN_ENCODING)
            static_cast<void>(mbedtls_x509_crt_parse_der(&list, one->pbCertEncoded, one->cbCertEncoded));
    ::CertCloseStore(store, 0);
#elif defined(MBEDTLS_FS_IO)
    constexpr const char* bundles[] = {
        "/etc/ssl/certs/ca-certificates.crt",                 // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL
        "/etc/ssl/ca-bundle.pem",                             // openSUSE
        "/etc/ssl/cert.pem",                                  // Alpine, macOS, OpenBSD, FreeBSD
    };
    for (const char* const bundle : bundles)
        if (list.raw.p == nullptr) static_cast<void>(mbedtls_x509_crt_parse_file(&list, bundle));
#endif
    return list.raw.p != nullptr ? 0 : MBEDTLS_ERR_X509_FILE_IO_ERROR;
}

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
