#pragma once
// OpenSSL over the library's own Socket. The server's certificate is verified before a byte of the request leaves: its
// chain, its name, its dates. Sessions are resumed. Run by tests/adapters (OpenSSL 3.0, TLS 1.2 and 1.3).
//
// Build with -DOPENAI_STREAM_SOCKET -lssl -lcrypto.
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#include "openai_stream.hpp"

class OpensslLink {
public:
    // Trusts the certificates in this file (PEM), or those of the system. Without any, secure() is false.
    explicit OpensslLink(const char* ca_file = nullptr) : context_(SSL_CTX_new(TLS_client_method())) {
        if (context_ == nullptr) return;
        SSL_CTX_set_min_proto_version(context_, TLS1_2_VERSION);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_AUTO_RETRY);
        SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
        SSL_CTX_sess_set_new_cb(context_, &OpensslLink::on_session);
        is_secure_ = (ca_file != nullptr ? SSL_CTX_load_verify_file(context_, ca_file)
                                         : SSL_CTX_set_default_verify_paths(context_)) == 1;
    }
    OpensslLink(const OpensslLink&) = delete;
    OpensslLink& operator=(const OpensslLink&) = delete;
    ~OpensslLink() {
        hang_up();
        SSL_SESSION_free(session_);
        SSL_CTX_free(context_);
    }

    bool secure() const { return is_secure_; }
    bool was_resumed() const { return was_resumed_; }

    openai_stream::IoResult resolve(openai_stream::StringView host, uint16_t port) { return socket_.resolve(host, port); }

    // Is ready when TCP and TLS are. OpenSSL says what the handshake waits for.
    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        if (!is_connected_) {
            const openai_stream::IoResult io = socket_.dial(host, port);
            if (!io.is_ready()) return io;
            is_connected_ = true;
        }
        if (ssl_ == nullptr && !begin(host)) return openai_stream::IoResult::refused(0);
        ERR_clear_error();
        const int result = SSL_connect(ssl_);
        if (result == 1) {
            was_resumed_ = SSL_session_reused(ssl_) == 1;
            return openai_stream::IoResult::ready();
        }
        verify_result_ = SSL_get_verify_result(ssl_);
        if (verify_result_ != X509_V_OK) return openai_stream::IoResult::refused(static_cast<int32_t>(verify_result_));
        return problem(result);
    }
    openai_stream::IoResult pull(char* into, size_t room) {
        size_t count = 0;
        ERR_clear_error();
        const int result = SSL_read_ex(ssl_, into, room, &count);
        return result == 1 ? openai_stream::IoResult::bytes(count) : problem(result);
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        size_t sent = 0;
        ERR_clear_error();
        const int result = SSL_write_ex(ssl_, from, count, &sent);
        return result == 1 ? openai_stream::IoResult::bytes(sent) : problem(result);
    }
    void hang_up() {
        if (ssl_ != nullptr) {
            if (SSL_is_init_finished(ssl_) != 0) SSL_shutdown(ssl_);
            SSL_free(ssl_);
            ssl_ = nullptr;
        }
        if (is_connected_) socket_.hang_up();
        is_connected_ = false;
    }

    // How waiting works: the socket below waits by poll(), for what the library or a handshake asked for.
    openai_stream::IoResult wait(openai_stream::Interest interest, uint32_t ms) { return socket_.wait(interest, ms); }
    void wake() { socket_.wake(); }
    uint32_t now_ms() { return socket_.now_ms(); }

    const char* explain(openai_stream::IoResult io, openai_stream::Buffer) const {
        if (verify_result_ != X509_V_OK && io.code() == static_cast<int32_t>(verify_result_))
            return X509_verify_cert_error_string(verify_result_);
        return io.code() > 0 ? strerror(io.code()) : "";
    }

private:
    bool begin(openai_stream::StringView host) {
        char name[256];
        if (host.empty() || host.size() >= sizeof name) return false;
        memcpy(name, host.data(), host.size());
        name[host.size()] = '\0';
        ssl_ = context_ != nullptr ? SSL_new(context_) : nullptr;
        if (ssl_ == nullptr) return false;
        SSL_set_app_data(ssl_, this);
        // The name must be in the certificate; one that is an address is compared as such, and not sent as a name.
        if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), name) != 1 &&
            (SSL_set1_host(ssl_, name) != 1 || SSL_set_tlsext_host_name(ssl_, name) != 1))
            return false;
        if (strcmp(name, session_host_) == 0 && session_ != nullptr) SSL_set_session(ssl_, session_);
        memcpy(session_host_, name, sizeof session_host_);
        return SSL_set_fd(ssl_, static_cast<int>(socket_.native_handle())) == 1;
    }
    openai_stream::IoResult problem(int result) {
        switch (SSL_get_error(ssl_, result)) {
            case SSL_ERROR_WANT_READ: return openai_stream::IoResult::would_block(openai_stream::Interest::read);
            case SSL_ERROR_WANT_WRITE: return openai_stream::IoResult::would_block(openai_stream::Interest::write);
            case SSL_ERROR_ZERO_RETURN: return openai_stream::IoResult::closed();  // close_notify
            case SSL_ERROR_SYSCALL: return openai_stream::IoResult::failed(errno);
            default: break;
        }
        const bool is_cut = ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
        return is_cut ? openai_stream::IoResult::cut_off() : openai_stream::IoResult::failed(-1);
    }
    // A session came, with TLS 1.3 after the handshake. It is ours now.
    static int on_session(SSL* ssl, SSL_SESSION* session) {
        auto* const self = static_cast<OpensslLink*>(SSL_get_app_data(ssl));
        SSL_SESSION_free(self->session_);
        self->session_ = session;
        return 1;
    }

    openai_stream::Socket socket_;
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    SSL_SESSION* session_ = nullptr;
    long verify_result_ = X509_V_OK;
    char session_host_[256] = "";
    bool is_secure_ = false, is_connected_ = false, was_resumed_ = false;
};
