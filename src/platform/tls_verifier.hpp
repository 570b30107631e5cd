#pragma once
// What is asked of a certificate besides mbedTLS's own questions, and what is wrong with it, in words.
#include "mbedtls_library.hpp"
#include "tls_names.hpp"
#include "tls_problem.hpp"
#include "tls_settings.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// mbedTLS asks it about each certificate of the chain, the CA's first, the server's last. It never takes an objection
// back but that about dates, which it decides itself, by the clock of the settings.
class Verifier {
public:
    // Nothing seen yet. The host, without brackets, must live as long as the handshake.
    void begin(const TlsSettings& settings, StringView host) noexcept {
        settings_ = &settings;
        host_ = host;
        address_ = parse_address(host);
        problem_ = TlsProblem::none;
        sentence_.clear();
        has_seen_server_ = false;
        now_ = clock(settings);
        valid_until_ = INT64_MAX;
    }
    void use_in(mbedtls_ssl_config& config) noexcept {
        mbedtls_ssl_conf_authmode(&config, MBEDTLS_SSL_VERIFY_REQUIRED);
        mbedtls_ssl_conf_verify(&config, on_certificate, this);
    }

    static int64_t clock(const TlsSettings& settings) noexcept {
        return settings.unix_time ? settings.unix_time(settings.unix_time_context) : mbedtls_library::unix_time();
    }

    bool is_address() const noexcept { return address_.size != 0; }
    bool has_seen_server() const noexcept { return has_seen_server_; }  // its certificate, or refused it
    bool checks_dates() const noexcept { return now_ >= 0; }
    int64_t valid_until() const noexcept { return valid_until_; }       // the chain as a whole
    TlsProblem problem() const noexcept { return problem_; }
    const MessageBuffer& sentence() const noexcept { return sentence_; }

    // What is worst is told: who signed it, before dates, before the name.
    static TlsProblem worst(uint32_t flags, bool is_lonely) noexcept {
        return flags & MBEDTLS_X509_BADCERT_REVOKED       ? TlsProblem::revoked
               : flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED ? is_lonely ? TlsProblem::self_signed
                                                                      : TlsProblem::unknown_ca
               : flags & MBEDTLS_X509_BADCERT_EXPIRED     ? TlsProblem::expired
               : flags & MBEDTLS_X509_BADCERT_FUTURE      ? TlsProblem::not_yet_valid
               : flags & (MBEDTLS_X509_BADCERT_BAD_MD | MBEDTLS_X509_BADCERT_BAD_PK | MBEDTLS_X509_BADCERT_BAD_KEY)
                   ? TlsProblem::weak_certificate
               : flags & MBEDTLS_X509_BADCERT_CN_MISMATCH ? TlsProblem::wrong_name
               : flags & MBEDTLS_X509_BADCERT_OTHER       ? TlsProblem::wrong_pin
               : flags & (MBEDTLS_X509_BADCERT_KEY_USAGE | MBEDTLS_X509_BADCERT_EXT_KEY_USAGE |
                          MBEDTLS_X509_BADCERT_NS_CERT_TYPE)
                   ? TlsProblem::wrong_use
                   : TlsProblem::bad_certificate;
    }

private:
    static int on_certificate(void* self, mbedtls_x509_crt* certificate, int depth, uint32_t* flags) noexcept {
        static_cast<Verifier*>(self)->look_at(*certificate, depth, *flags);
        return 0;  // the flags say it
    }

    void look_at(const mbedtls_x509_crt& certificate, int depth, uint32_t& flags) noexcept {
        const bool is_server = depth == 0;
        flags &= ~static_cast<uint32_t>(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
        const int64_t from = time_of(certificate.valid_from), to = time_of(certificate.valid_to);
        if (to < valid_until_) valid_until_ = to;
        if (now_ >= 0 && now_ > to) flags |= MBEDTLS_X509_BADCERT_EXPIRED;
        if (now_ >= 0 && now_ < from) flags |= MBEDTLS_X509_BADCERT_FUTURE;
        if (is_server) {
            has_seen_server_ = true;
            if (!Names(certificate).match(host_, address_)) flags |= MBEDTLS_X509_BADCERT_CN_MISMATCH;
            if (!settings_->pins.empty() && !is_pinned(certificate)) flags |= MBEDTLS_X509_BADCERT_OTHER;
        }
        if (flags != 0) note(certificate, is_server, flags);
    }

    static int64_t time_of(const mbedtls_x509_time& time) noexcept {
        return unix_time_of(time.year, time.mon, time.day, time.hour, time.min, time.sec);
    }

    bool is_pinned(const mbedtls_x509_crt& certificate) const noexcept {
        unsigned char hash[32] = {};
        const mbedtls_md_info_t* const sha256 = mbedtls_md_info_from_type(MBEDTLS_MD_SHA256);
        if (sha256 == nullptr || mbedtls_md(sha256, certificate.pk_raw.p, certificate.pk_raw.len, hash) != 0)
            return false;
        for (const TlsPin& pin : settings_->pins)
            if (memcmp(pin.sha256, hash, sizeof hash) == 0) return true;
        return false;
    }

    static bool is_signed_by_itself(const mbedtls_x509_crt& certificate) noexcept {
        const mbedtls_x509_buf &issuer = certificate.issuer_raw, &subject = certificate.subject_raw;
        return issuer.len == subject.len && memcmp(issuer.p, subject.p, issuer.len) == 0;
    }

    // The first certificate with a fault is the one that is told of.
    void note(const mbedtls_x509_crt& certificate, bool is_server, uint32_t flags) noexcept {
        if (problem_ != TlsProblem::none) return;
        problem_ = worst(flags, is_server && is_signed_by_itself(certificate));
        sentence_.clear();
        if (problem_ == TlsProblem::wrong_name) return say_names(certificate);
        if (is_server) sentence_ << "the server's certificate ";
        else common_name(sentence_ << "the certificate of ", certificate.subject) << " ";
        if (problem_ == TlsProblem::unknown_ca && is_signed_by_itself(certificate)) {
            sentence_ << "is not among the trusted CAs";
        } else if (problem_ == TlsProblem::unknown_ca) {
            common_name(sentence_ << "was issued by ", certificate.issuer);
            sentence_ << ", who is not among the trusted CAs (or did the server leave out an intermediate "
                         "certificate?)";
        } else if (problem_ == TlsProblem::self_signed) {
            sentence_ << "is signed by itself, and it is not among the trusted";
        } else if (problem_ == TlsProblem::expired) {
            date(sentence_ << "expired on ", certificate.valid_to) << ", ";
            sentence_.days(now_ - time_of(certificate.valid_to)) << " ago";
        } else if (problem_ == TlsProblem::not_yet_valid) {
            date(sentence_ << "is not valid before ", certificate.valid_from) << ", in ";
            sentence_.days(time_of(certificate.valid_from) - now_) << " by the clock here";
        } else {
            sentence_ << (problem_ == TlsProblem::wrong_pin          ? "has a key that is none of the pinned keys"
                          : problem_ == TlsProblem::weak_certificate ? "has a key or a signature that is too weak"
                          : problem_ == TlsProblem::wrong_use        ? "is not meant for servers"
                          : problem_ == TlsProblem::revoked          ? "has been revoked"
                                                                     : "cannot be used");
        }
    }

    void say_names(const mbedtls_x509_crt& certificate) noexcept {
        const Names names(certificate);
        sentence_ << "the certificate is not for " << host_;
        if (!names.is_empty()) names.list(sentence_ << ", but for ");
        else common_name(sentence_ << ": it has no subjectAltName (the common name ", certificate.subject)
                 << " does not count)";
    }

    static MessageBuffer& date(MessageBuffer& sentence, const mbedtls_x509_time& time) noexcept {
        return sentence.date(time.year, time.mon, time.day, time.hour, time.min, time.sec);
    }

    // The common name of somebody, else the organization, in quotes.
    static MessageBuffer& common_name(MessageBuffer& sentence, const mbedtls_x509_name& somebody) noexcept {
        constexpr unsigned char attributes[] = {3, 10};  // 2.5.4.3 and 2.5.4.10, RFC 5280 appendix A.1
        for (const unsigned char attribute : attributes)
            for (const mbedtls_x509_name* part = &somebody; part != nullptr; part = part->next) {
                const mbedtls_x509_buf& oid = part->oid;
                if (oid.len != 3 || oid.p[0] != 0x55 || oid.p[1] != 4 || oid.p[2] != attribute) continue;
                return (sentence << "\"").foreign(part->val.p, part->val.len < 64 ? part->val.len : 64) << "\"";
            }
        return sentence << "somebody without a name";
    }

    const TlsSettings* settings_ = nullptr;
    StringView host_;
    Address address_;
    int64_t now_ = -1, valid_until_ = INT64_MAX;
    TlsProblem problem_ = TlsProblem::none;
    bool has_seen_server_ = false;
    MessageBuffer sentence_;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
