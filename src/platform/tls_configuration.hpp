#pragma once
// What all connections of one Tls have in common: mbedTLS's configuration with what it points to, the credentials and
// the random generator. Made once, from the settings.
#include "mbedtls_library.hpp"
#include "tls_credentials.hpp"
#include "tls_report.hpp"
#include "tls_settings.hpp"
#include "tls_verifier.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// Memory: mbedTLS's heap. Neither copied nor moved: connections point into it.
class Configuration {
public:
    Configuration() noexcept { mbedtls_ssl_config_init(&config_); }
    Configuration(const Configuration&) = delete;
    Configuration& operator=(const Configuration&) = delete;
    ~Configuration() { mbedtls_ssl_config_free(&config_); }

    // Every certificate of a server is shown to the verifier, which must live as long. Returns false if there can be no
    // connection: the report says why.
    bool set_up(const TlsSettings& settings, Verifier& verifier, Report& report) noexcept {
        if (mbedtls_library::version >= 4 && settings.entropy)
            return report.refuse(TlsProblem::bad_settings, 0,
                                 "mbedTLS 4 takes its entropy from mbedtls_platform_get_entropy(), not from here");
        int error = random_.begin(settings.entropy, settings.entropy_context);
        if (error != 0) return report.refuse(TlsProblem::no_entropy, error);
        error = mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                            MBEDTLS_SSL_PRESET_DEFAULT);
        if (error != 0) return report.refuse(TlsProblem::bad_settings, error);
        if (!credentials_.set_up(config_, settings, random_, report)) return false;
        mbedtls_library::require_tls_1_2(config_);
        mbedtls_library::avoid_pss_in_tls_1_2(config_);
        mbedtls_library::want_tickets(config_);
        mbedtls_library::want_small_records(config_);
        random_.use_in(config_);
        verifier.use_in(config_);
#if defined(MBEDTLS_SSL_ALPN)
        error = mbedtls_ssl_conf_alpn_protocols(&config_, protocols_);
        if (error != 0) return report.refuse(TlsProblem::bad_settings, error);
#endif
        return true;
    }
    int use_in(mbedtls_ssl_context& ssl) const noexcept { return mbedtls_ssl_setup(&ssl, &config_); }

private:
    const char* protocols_[2] = {"http/1.1", nullptr};
    Credentials credentials_;
    mbedtls_library::Random random_;
    mbedtls_ssl_config config_;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
