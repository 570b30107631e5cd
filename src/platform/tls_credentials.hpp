#pragma once
// Whom the client trusts and how it shows who it is: the settings' certificates and keys in mbedTLS's own form, which
// live as long as the Tls that uses them.
#include "mbedtls_library.hpp"
#include "tls_report.hpp"
#include "tls_settings.hpp"
#include "tls_trust.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// Memory: mbedTLS's heap. Neither copied nor moved: a configuration points into it.
class Credentials {
public:
    Credentials() noexcept {
        mbedtls_x509_crt_init(&trusted_);
        mbedtls_x509_crt_init(&own_certificate_);
        mbedtls_pk_init(&own_key_);
    }
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;
    ~Credentials() {
        mbedtls_x509_crt_free(&trusted_);
        mbedtls_x509_crt_free(&own_certificate_);
        mbedtls_pk_free(&own_key_);
    }

    // Reads them, once. Returns false if they cannot be used: the report says why.
    bool set_up(mbedtls_ssl_config& config, const TlsSettings& settings, mbedtls_library::Random& random,
                Report& report) noexcept {
        if (!read_trusted(settings, report) || !read_own(settings, random, report)) return false;
        mbedtls_ssl_conf_ca_chain(&config, &trusted_, nullptr);
        if (settings.client_key.empty()) return true;
        const int error = mbedtls_ssl_conf_own_cert(&config, &own_certificate_, &own_key_);
        return error == 0 || report.refuse(TlsProblem::bad_settings, error);
    }

private:
    bool read_trusted(const TlsSettings& settings, Report& report) noexcept {
        if (!settings.ca.empty()) {
            const int error = add_certificates(trusted_, settings.ca);
            if (error != 0) return refuse(report, "TlsSettings::ca holds no certificates in PEM or DER", error);
        }
        if (!settings.ca_path.empty()) {
            const int error = add_path(trusted_, settings.ca_path);
            if (error != 0) return refuse(report, "TlsSettings::ca_path has no certificates", error);
        }
        if (!settings.ca.empty() || !settings.ca_path.empty()) return true;
        const int error = add_system(trusted_);
        return error == 0 || report.refuse(TlsProblem::no_trust_store, error);
    }
    bool read_own(const TlsSettings& settings, mbedtls_library::Random& random, Report& report) noexcept {
        if (settings.client_certificate.empty() != settings.client_key.empty())
            return refuse(report, "a client certificate needs its key, and a key its certificate", 0);
        if (settings.client_key.empty()) return true;
        int error = add_certificates(own_certificate_, settings.client_certificate);
        if (error != 0) return refuse(report, "TlsSettings::client_certificate cannot be read", error);
        error = add_key(own_key_, settings.client_key, settings.client_key_password, random);
        if (error != 0) return refuse(report, "TlsSettings::client_key cannot be read", error);
        error = random.check_pair(own_certificate_.pk, own_key_);
        if (error != 0) return refuse(report, "TlsSettings::client_key is not that of client_certificate", error);
        return true;
    }
    static bool refuse(Report& report, const char* why, int error) noexcept {
        return report.refuse(TlsProblem::bad_settings, error, why);
    }

    mbedtls_x509_crt trusted_, own_certificate_;
    mbedtls_pk_context own_key_;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
