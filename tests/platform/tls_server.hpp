#pragma once
// The other end of a Tls in the same thread: mbedTLS's server behind two strings of bytes, and certificates made when
// they are needed. For mbedTLS 2.28. Include the library with OPENAI_STREAM_MBEDTLS first.
#include "support/heap_trap.hpp"

#include <mbedtls/ssl_cache.h>

#include <algorithm>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tls_server {

using openai_stream::Interest;
using openai_stream::IoResult;
using openai_stream::StringView;

inline void must(int result, const char* what) {
    if (result < 0) throw std::runtime_error(std::string(what) + ": " + std::to_string(result));
}

// One for all: certificates and handshakes of a test need not be hard to guess.
class Dice {
public:
    static int roll(void*, unsigned char* into, size_t count) {
        static uint64_t state = 88172645463325252u;
        for (size_t i = 0; i < count; ++i) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            into[i] = static_cast<unsigned char>(state >> 32);
        }
        return 0;
    }
};

class Key {
public:
    Key() {
        mbedtls_pk_init(&pk_);
        must(mbedtls_pk_setup(&pk_, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), "pk_setup");
        must(mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pk_), Dice::roll, nullptr), "gen_key");
    }
    Key(const Key&) = delete;
    Key& operator=(const Key&) = delete;
    ~Key() { mbedtls_pk_free(&pk_); }
    mbedtls_pk_context& pk() { return pk_; }
    std::string der() {
        unsigned char bytes[512];
        const int size = mbedtls_pk_write_key_der(&pk_, bytes, sizeof bytes);
        must(size, "write_key_der");
        return std::string(reinterpret_cast<char*>(bytes) + sizeof bytes - size, static_cast<size_t>(size));
    }
    std::string pem() {
        unsigned char text[1024];
        must(mbedtls_pk_write_key_pem(&pk_, text, sizeof text), "write_key_pem");
        return reinterpret_cast<char*>(text);
    }

private:
    mbedtls_pk_context pk_;
};

struct Wish {
    std::string subject = "CN=server";
    std::vector<std::string> dns;        // of the subjectAltName
    std::vector<std::string> addresses;  // as bytes
    const char* from = "20260101000000";
    const char* to = "20261231235959";
    bool is_authority = false;
};
constexpr int64_t in_june_2026 = 1780272000;  // 2026-06-01 00:00:00 UTC

inline std::string make_certificate(const Wish& wish, Key& key, const std::string& issuer, Key& issuer_key) {
    mbedtls_x509write_cert writer;
    mbedtls_mpi serial;
    mbedtls_x509write_crt_init(&writer);
    mbedtls_mpi_init(&serial);
    must(mbedtls_mpi_lset(&serial, 1), "serial");
    mbedtls_x509write_crt_set_version(&writer, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&writer, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&writer, &key.pk());
    mbedtls_x509write_crt_set_issuer_key(&writer, &issuer_key.pk());
    must(mbedtls_x509write_crt_set_subject_name(&writer, wish.subject.c_str()), "subject");
    must(mbedtls_x509write_crt_set_issuer_name(&writer, issuer.c_str()), "issuer");
    must(mbedtls_x509write_crt_set_serial(&writer, &serial), "serial");
    must(mbedtls_x509write_crt_set_validity(&writer, wish.from, wish.to), "validity");
    must(mbedtls_x509write_crt_set_basic_constraints(&writer, wish.is_authority ? 1 : 0, -1), "constraints");
    std::string names;  // GeneralNames of less than 128 bytes, RFC 5280 section 4.2.1.6
    const auto add = [&names](char tag, const std::string& name) {
        names += tag;
        names += static_cast<char>(name.size());
        names += name;
    };
    for (const std::string& name : wish.dns) add('\x82', name);
    for (const std::string& address : wish.addresses) add('\x87', address);
    if (!names.empty()) {
        const std::string whole = std::string("\x30") + static_cast<char>(names.size()) + names;
        must(mbedtls_x509write_crt_set_extension(&writer, "\x55\x1d\x11", 3, 0,
                                                 reinterpret_cast<const unsigned char*>(whole.data()), whole.size()),
             "subjectAltName");
    }
    unsigned char bytes[2048];
    const int size = mbedtls_x509write_crt_der(&writer, bytes, sizeof bytes, Dice::roll, nullptr);
    must(size, "crt_der");
    mbedtls_mpi_free(&serial);
    mbedtls_x509write_crt_free(&writer);
    return std::string(reinterpret_cast<char*>(bytes) + sizeof bytes - size, static_cast<size_t>(size));
}

inline std::string pem_of(const std::string& der) {
    static const char* const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text = "-----BEGIN CERTIFICATE-----\n";
    for (size_t at = 0; at < der.size(); at += 3) {
        unsigned value = 0;
        for (size_t i = 0; i < 3; ++i)
            value = value << 8 | (at + i < der.size() ? static_cast<unsigned char>(der[at + i]) : 0u);
        for (size_t i = 0; i < 4; ++i) text += i <= der.size() - at ? digits[value >> (18 - 6 * i) & 63] : '=';
        if (at % 48 == 45) text += '\n';
    }
    return text + "\n-----END CERTIFICATE-----\n";
}

// The keys and authorities of a test program.
struct World {
    Key authority_key, other_authority_key, server_key, client_key;
    std::string authority = make("CN=Test Authority", authority_key);
    std::string other_authority = make("CN=Other Authority", other_authority_key);

    static World& get() {
        static World world;
        return world;
    }
    std::string issue(const Wish& wish) {
        return make_certificate(wish, server_key, "CN=Test Authority", authority_key);
    }
    std::string issue_to_client() {
        Wish wish;
        wish.subject = "CN=client";
        return make_certificate(wish, client_key, "CN=Test Authority", authority_key);
    }

private:
    static std::string make(const char* name, Key& key) {
        Wish wish;
        wish.subject = name;
        wish.from = "20200101000000";
        wish.to = "20400101000000";
        wish.is_authority = true;
        return make_certificate(wish, key, name, key);
    }
};

// A server of one connection at a time, which answers a request with `answer` and then does what its flags say.
class Server {
public:
    explicit Server(const std::string& certificate, const std::string& behind = "") {
        mbedtls_ssl_config_init(&config_);
        mbedtls_ssl_init(&ssl_);
        mbedtls_x509_crt_init(&certificate_);
        mbedtls_x509_crt_init(&client_authority_);
        mbedtls_ssl_cache_init(&cache_);
        add(certificate_, certificate);
        if (!behind.empty()) add(certificate_, behind);
        must(mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
                                         MBEDTLS_SSL_PRESET_DEFAULT),
             "config");
        mbedtls_ssl_conf_rng(&config_, Dice::roll, nullptr);
        mbedtls_ssl_conf_session_cache(&config_, &cache_, mbedtls_ssl_cache_get, mbedtls_ssl_cache_set);
        must(mbedtls_ssl_conf_own_cert(&config_, &certificate_, &World::get().server_key.pk()), "own_cert");
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        mbedtls_ssl_free(&ssl_);
        mbedtls_ssl_config_free(&config_);
        mbedtls_x509_crt_free(&certificate_);
        mbedtls_x509_crt_free(&client_authority_);
        mbedtls_ssl_cache_free(&cache_);
    }

    mbedtls_ssl_config& config() { return config_; }
    void require_client_certificate() {
        add(client_authority_, World::get().authority);
        mbedtls_ssl_conf_ca_chain(&config_, &client_authority_, nullptr);
        mbedtls_ssl_conf_authmode(&config_, MBEDTLS_SSL_VERIFY_REQUIRED);
    }

    std::string answer;           // to each request
    size_t record_bytes = 16384;  // of the answer, at most, in one record
    bool says_goodbye = false;    // close_notify after the answer
    bool hangs_up = false;        // the end of the link after the answer

    void take_connection() {
        if (is_set_up_)
            must(mbedtls_ssl_session_reset(&ssl_), "reset");
        else
            must(mbedtls_ssl_setup(&ssl_, &config_), "setup");
        is_set_up_ = true;
        handshake_done_ = has_ended_ = has_failed_ = is_told_goodbye_ = false;
        in_.clear();
        out_.clear();
        heard_.clear();
        mbedtls_ssl_set_bio(&ssl_, this, send, receive, nullptr);
    }
    void hear(const char* bytes, size_t count) { in_.append(bytes, count); }
    // Does what can be done.
    void run() {
        while (!has_ended_ && !has_failed_ && step()) {
        }
    }
    std::string& out() { return out_; }  // what the client has not taken yet
    bool has_hung_up() const { return has_failed_ || (has_ended_ && hangs_up); }
    const std::string& heard() const { return heard_; }        // decrypted, of this connection
    bool is_told_goodbye() const { return is_told_goodbye_; }  // close_notify came
    int alerts_or_errors() const { return has_failed_ ? error_ : 0; }

private:
    static void add(mbedtls_x509_crt& list, const std::string& der) {
        must(mbedtls_x509_crt_parse_der(&list, reinterpret_cast<const unsigned char*>(der.data()), der.size()),
             "parse");
    }
    static int send(void* self, const unsigned char* bytes, size_t count) {
        static_cast<Server*>(self)->out_.append(reinterpret_cast<const char*>(bytes), count);
        return static_cast<int>(count);
    }
    static int receive(void* self, unsigned char* into, size_t room) {
        std::string& in = static_cast<Server*>(self)->in_;
        if (in.empty()) return MBEDTLS_ERR_SSL_WANT_READ;
        const size_t count = std::min(room, in.size());
        memcpy(into, in.data(), count);
        in.erase(0, count);
        return static_cast<int>(count);
    }
    bool step() {
        int result;
        if (!handshake_done_) {
            result = mbedtls_ssl_handshake(&ssl_);
            handshake_done_ = result == 0;
        } else {
            unsigned char bytes[4096];
            result = mbedtls_ssl_read(&ssl_, bytes, sizeof bytes);
            if (result > 0) heard_.append(reinterpret_cast<char*>(bytes), static_cast<size_t>(result));
            if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) is_told_goodbye_ = true;
            if (!heard_.empty() && heard_.back() == '}') respond();
        }
        if (result == MBEDTLS_ERR_SSL_WANT_READ) return false;
        if (result >= 0) return true;
        has_failed_ = true;
        error_ = result;
        return false;
    }
    void respond() {
        heard_ += '\n';
        for (size_t at = 0; at < answer.size();) {
            const size_t count = std::min(record_bytes, answer.size() - at);
            const int sent =
                mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(answer.data()) + at, count);
            must(sent, "write");
            at += static_cast<size_t>(sent);
        }
        if (says_goodbye) must(mbedtls_ssl_close_notify(&ssl_), "close_notify");
        has_ended_ = says_goodbye || hangs_up;
    }

    mbedtls_ssl_config config_;
    mbedtls_ssl_context ssl_;
    mbedtls_x509_crt certificate_, client_authority_;
    mbedtls_ssl_cache_context cache_;
    bool is_set_up_ = false, handshake_done_ = false, has_ended_ = false, has_failed_ = false, is_told_goodbye_ = false;
    int error_ = 0;
    std::string in_, out_, heard_;
};

// The link between a Tls and a Server: moves as many bytes as the test wants, blocks when it wants, ends where it
// wants, and notes each breach of the transport contract.
class Pipe {
public:
    enum class End { none, closes, fails, stalls };
    static constexpr size_t any = static_cast<size_t>(-1);

    explicit Pipe(Server& server) : server_(&server) {}

    size_t most_pulled = any, most_pushed = any;  // in one call
    size_t blocks_every = 0;                      // n: each n-th call of pull and of push would block
    End end = End::none;                          // what happens to the client after end_at bytes
    size_t end_at = any;
    uint32_t now = 1000;
    std::function<void(size_t call)> on_call;  // from inside each pull and push

    size_t dials = 0, hang_ups = 0, waits = 0, calls = 0, delivered = 0;
    Interest last_interest = Interest::none;
    std::vector<std::string> violations;
    std::string host, sent;  // sent: all the client has pushed, as it was on the wire
    bool is_open = false;

    IoResult dial(StringView to, uint16_t) {
        const support::HeapTrap::Pause own_side;
        if (is_open) breach("dial on an open link");
        host = to;
        ++dials;
        is_open = true;
        has_ended_ = false;
        delivered = 0;
        sent.clear();
        blocked_from_ = nullptr;
        if (server_) server_->take_connection();
        return IoResult::ready();
    }
    IoResult pull(char* into, size_t room) {
        const support::HeapTrap::Pause own_side;
        if (!is_open) breach("pull on a closed link");
        if (room == 0) breach("pull without room");
        enter();
        if (!is_open) return IoResult::failed(9);  // closed from inside: the memory may be gone
        if (has_ended_) breach("pull after the end");
        if (blocks_every != 0 && ++pulls_ % blocks_every == 0) return IoResult::would_block();
        server_->run();
        std::string& out = server_->out();
        if (delivered >= end_at && end == End::stalls) return IoResult::would_block();
        if (delivered >= end_at || (out.empty() && server_->has_hung_up())) {
            has_ended_ = true;
            return end == End::fails ? IoResult::failed(104) : IoResult::closed();
        }
        if (out.empty()) return IoResult::would_block();
        size_t count = std::min({room, out.size(), most_pulled});
        if (end_at != any) count = std::min(count, end_at - delivered);
        memcpy(into, out.data(), count);
        out.erase(0, count);
        delivered += count;
        return IoResult::bytes(count);
    }
    IoResult push(const char* from, size_t count) {
        const support::HeapTrap::Pause own_side;
        if (!is_open) breach("push on a closed link");
        enter();
        if (!is_open) return IoResult::failed(9);
        if (count == 0) breach("push of nothing");
        if (blocked_from_ != nullptr && (from != blocked_from_ || count != blocked_count_))
            breach("push after would_block with other bytes");
        blocked_from_ = nullptr;
        if (blocks_every != 0 && ++pushes_ % blocks_every == 0) {
            blocked_from_ = from;
            blocked_count_ = count;
            return IoResult::would_block();
        }
        count = std::min(count, most_pushed);
        sent.append(from, count);
        server_->hear(from, count);
        server_->run();
        return IoResult::bytes(count);
    }
    void hang_up() {
        const support::HeapTrap::Pause own_side;
        if (!is_open) breach("hang_up on a closed link");
        is_open = false;
        ++hang_ups;
    }
    IoResult wait(Interest interest, uint32_t ms) {
        const support::HeapTrap::Pause own_side;
        ++waits;
        last_interest = interest;
        if (!is_open) breach("wait on a closed link");
        if (!openai_stream::has(interest, Interest::read | Interest::write)) breach("wait for nothing");
        if (openai_stream::has(interest, Interest::write)) return IoResult::ready();
        const bool is_stalled = end == End::stalls && delivered >= end_at;
        if (!is_stalled && (!server_->out().empty() || delivered >= end_at || server_->has_hung_up()))
            return IoResult::ready();
        if (blocks_every != 0 && !is_stalled) return IoResult::ready();
        now += ms == UINT32_MAX ? 1000 : ms;
        return IoResult::would_block();
    }
    void wake() {}
    uint32_t now_ms() { return now; }

private:
    void breach(const char* what) { violations.push_back(what); }
    void enter() {
        const size_t call = calls++;
        if (on_call) on_call(call);
    }
    Server* server_;
    bool has_ended_ = false;
    size_t pulls_ = 0, pushes_ = 0;
    const char* blocked_from_ = nullptr;
    size_t blocked_count_ = 0;
};

}  // namespace tls_server
