#pragma once
// Looks over mbedTLS's shoulder during a handshake: what it keeps to itself, and what a good message about a failure
// needs to know.
#include "../base/config.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// The descriptions of alerts (RFC 8446 section 6).
enum Alert : int {
    no_alert = -1,
    handshake_failure = 40,
    bad_certificate = 42,
    unsupported_certificate = 43,
    certificate_revoked = 44,
    certificate_expired = 45,
    certificate_unknown = 46,
    unknown_ca = 48,
    access_denied = 49,
    protocol_version = 70,
    insufficient_security = 71,
    unrecognized_name = 112,
    certificate_required = 116,
    no_application_protocol = 120,
};

// The bytes received from the peer, as records (RFC 5246 section 6.2.1): type, version, length; and the handshake
// messages in them that are not encrypted.
class Records {
public:
    // Every byte from the first on, cut in any way.
    void feed(const unsigned char* bytes, size_t count) noexcept {
        for (size_t i = 0; i < count; ++i) feed(bytes[i]);
    }

    bool has_begun() const noexcept { return has_first_; }
    bool is_tls() const noexcept { return first_ >= type_change_cipher && first_ <= type_data; }
    // The fatal alert that came, if it came unencrypted.
    int alert() const noexcept { return alert_; }
    bool wants_client_certificate() const noexcept { return wants_client_certificate_; }

private:
    static constexpr unsigned type_change_cipher = 20, type_alert = 21, type_handshake = 22, type_data = 23;
    static constexpr unsigned message_certificate_request = 13;

    void feed(unsigned char byte) noexcept {
        if (!has_first_) first_ = byte;
        has_first_ = true;
        if (left_ == 0) {
            header_[header_size_++] = byte;
            if (header_size_ != sizeof header_) return;
            header_size_ = at_ = 0;
            left_ = static_cast<size_t>(header_[3]) << 8 | header_[4];
            size_ = left_;
            if (header_[0] == type_change_cipher || header_[0] == type_data) is_encrypted_ = true;
            return;
        }
        --left_;
        if (is_encrypted_) return;
        if (header_[0] == type_alert && size_ == 2) {
            if (at_++ == 0) is_fatal_ = byte == 2;
            else if (is_fatal_) alert_ = byte;
        } else if (header_[0] == type_handshake) {
            take_message(byte);
        }
    }
    void take_message(unsigned char byte) noexcept {
        if (message_left_ != 0) {
            --message_left_;
            return;
        }
        message_[message_size_++] = byte;
        if (message_size_ != sizeof message_) return;
        message_size_ = 0;
        message_left_ = static_cast<size_t>(message_[1]) << 16 | static_cast<size_t>(message_[2]) << 8 | message_[3];
        if (message_[0] == message_certificate_request) wants_client_certificate_ = true;
    }

    unsigned char header_[5] = {}, message_[4] = {};
    unsigned char first_ = 0;
    bool has_first_ = false, is_encrypted_ = false, is_fatal_ = false, wants_client_certificate_ = false;
    int alert_ = no_alert;
    size_t header_size_ = 0, message_size_ = 0;
    size_t size_ = 0, left_ = 0, at_ = 0;  // of the record's body
    size_t message_left_ = 0;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
