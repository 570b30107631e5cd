#pragma once
// Whether a certificate is for a host: RFC 6125 and RFC 9525 as browsers apply them. Only subjectAltName counts, the
// common name does not.
#include "../base/ascii.hpp"
#include "mbedtls_library.hpp"
#include "tls_message_buffer.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// An IPv4 or IPv6 address as the bytes a certificate has.
struct Address {
    unsigned char bytes[16] = {};
    size_t size = 0;  // 4, 16, or 0: the text is no address
};

// Four numbers of at most 255 without leading zeros.
inline bool parse_ipv4(StringView text, unsigned char* into) noexcept {
    for (int part = 0; part < 4; ++part) {
        unsigned value = 0;
        size_t digits = 0;
        while (digits < text.size() && digits < 3 && ascii::is_digit(text[digits]))
            value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
        if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0')) return false;
        into[part] = static_cast<unsigned char>(value);
        text = text.drop(digits);
        if (part == 3) return text.empty();
        if (text.empty() || text[0] != '.') return false;
        text = text.drop(1);
    }
    return false;
}

// RFC 4291 section 2.2; a zone identifier ("%eth0") is passed over.
inline bool parse_ipv6(StringView text, unsigned char* into) noexcept {
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] == '%') text = text.take(i);
    unsigned char bytes[16] = {};
    size_t count = 0, gap = 17;  // where "::" stands; 17: nowhere
    if (text.take(2) == "::") {
        gap = 0;
        text = text.drop(2);
    }
    while (!text.empty()) {
        if (count + 4 <= 16 && parse_ipv4(text, bytes + count)) {
            count += 4;
            text = StringView();
            break;
        }
        unsigned value = 0;
        size_t digits = 0;
        while (digits < text.size() && digits < 4 && ascii::hex_value(text[digits]) >= 0)
            value = value * 16 + static_cast<unsigned>(ascii::hex_value(text[digits++]));
        if (digits == 0 || count == 16) return false;
        bytes[count++] = static_cast<unsigned char>(value >> 8);
        bytes[count++] = static_cast<unsigned char>(value & 255);
        text = text.drop(digits);
        if (text.empty()) break;
        if (text.take(2) == "::") {
            if (gap != 17) return false;
            gap = count;
            text = text.drop(2);
        } else if (text[0] == ':' && text.size() > 1) {
            text = text.drop(1);
        } else {
            return false;
        }
    }
    if (gap == 17 ? count != 16 : count > 14) return false;
    const size_t after = gap == 17 ? 0 : count - gap;
    memset(into, 0, 16);
    memcpy(into, bytes, count - after);
    memcpy(into + 16 - after, bytes + count - after, after);
    return true;
}

inline Address parse_address(StringView text) noexcept {
    Address address;
    if (parse_ipv4(text, address.bytes)) address.size = 4;
    else if (parse_ipv6(text, address.bytes)) address.size = 16;
    return address;
}

inline bool equal_names(StringView left, StringView right) noexcept {
    if (left.size() != right.size()) return false;
    for (size_t i = 0; i < left.size(); ++i)
        if (ascii::to_lower(left[i]) != ascii::to_lower(right[i])) return false;
    return true;
}

// A star stands for one label, the leftmost, as a whole; what follows it has a dot ("*.com" is for nobody).
inline bool matches_name(StringView pattern, StringView host) noexcept {
    if (host.empty()) return false;
    if (pattern.take(2) != "*.") return equal_names(pattern, host);
    const StringView domain = pattern.drop(1);
    if (memchr(domain.data() + 1, '.', domain.size() - 1) == nullptr) return false;
    size_t label = 0;
    while (label < host.size() && host[label] != '.') ++label;
    return label != 0 && equal_names(domain, host.drop(label));
}

// The names of a certificate, as its subjectAltName lists them.
class Names {
public:
    explicit Names(const mbedtls_x509_crt& certificate) noexcept : first_(&certificate.subject_alt_names) {}

    bool is_empty() const noexcept { return first_->buf.p == nullptr; }

    // A host that is an address needs an iPAddress, any other a dNSName.
    bool match(StringView host, const Address& address) const noexcept {
        for (const mbedtls_x509_sequence* name = first_; name != nullptr; name = name->next) {
            if (name->buf.p == nullptr) continue;
            const bool is_match =
                address.size == 0 ? name->buf.tag == tag_dns && matches_name(text_of(*name), host)
                                  : name->buf.tag == tag_ip && name->buf.len == address.size &&
                                        memcmp(name->buf.p, address.bytes, address.size) == 0;
            if (is_match) return true;
        }
        return false;
    }

    // "a.example, *.b.example, 10.0.0.1 and 3 more"
    void list(MessageBuffer& sentence) const noexcept {
        size_t shown = 0, left_out = 0;
        for (const mbedtls_x509_sequence* name = first_; name != nullptr; name = name->next) {
            if (name->buf.p == nullptr || (name->buf.tag != tag_dns && name->buf.tag != tag_ip)) continue;
            if (shown == max_listed) {
                ++left_out;
                continue;
            }
            sentence << (shown++ == 0 ? "" : ", ");
            if (name->buf.tag == tag_dns) sentence.foreign(name->buf.p, name->buf.len < 64 ? name->buf.len : 64);
            else list_address(sentence, name->buf.p, name->buf.len);
        }
        if (left_out != 0) (sentence << " and ").number(left_out) << " more";
    }

private:
    static constexpr int tag_dns = 0x82, tag_ip = 0x87;  // [2] and [7] of GeneralName, RFC 5280 section 4.2.1.6
    static constexpr size_t max_listed = 3;

    static StringView text_of(const mbedtls_x509_sequence& name) noexcept {
        return {reinterpret_cast<const char*>(name.buf.p), name.buf.len};
    }
    static void list_address(MessageBuffer& sentence, const unsigned char* bytes, size_t size) noexcept {
        for (size_t i = 0; size == 4 && i < 4; ++i) (sentence << (i == 0 ? "" : ".")).number(bytes[i]);
        for (size_t i = 0; size == 16 && i < 16; i += 2) {
            sentence << (i == 0 ? "" : ":");
            const unsigned group = static_cast<unsigned>(bytes[i] << 8 | bytes[i + 1]);
            bool has_begun = false;
            for (int shift = 12; shift >= 0; shift -= 4) {
                has_begun = has_begun || (group >> shift & 15) != 0 || shift == 0;
                const char digit[] = {"0123456789abcdef"[group >> shift & 15]};
                if (has_begun) sentence << StringView(digit, 1);
            }
        }
        if (size != 4 && size != 16) sentence << "an address of no kind";
    }
    const mbedtls_x509_sequence* first_;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
