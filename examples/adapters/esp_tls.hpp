#pragma once
// ESP-IDF's esp_tls, without waiting: the connection is made step by step, and reading says WANT_READ. The certificate
// is verified by ESP-IDF's bundle of root certificates. Compiled against a declared interface, not run.
#include <esp_crt_bundle.h>
#include <esp_timer.h>
#include <esp_tls.h>
#include <sys/select.h>

#include "openai_stream.hpp"

class EspTlsLink {
public:
    EspTlsLink() = default;
    EspTlsLink(const EspTlsLink&) = delete;
    EspTlsLink& operator=(const EspTlsLink&) = delete;
    ~EspTlsLink() { hang_up(); }

    bool secure() const { return true; }  // by crt_bundle_attach below

    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        if (tls_ == nullptr) {
            settings_ = {};
            settings_.crt_bundle_attach = esp_crt_bundle_attach;
            settings_.non_block = true;
            tls_ = esp_tls_init();
            if (tls_ == nullptr) return openai_stream::IoResult::failed(0);
        }
        // (The look-up of the name waits; so does ESP-IDF's own select, for timeout_ms at most.)
        const int result =
            esp_tls_conn_new_async(host.data(), static_cast<int>(host.size()), port, &settings_, tls_);
        if (result < 0) return openai_stream::IoResult::failed(result);
        return result == 0 ? openai_stream::IoResult::would_block() : openai_stream::IoResult::ready();
    }
    openai_stream::IoResult pull(char* into, size_t room) {
        const auto count = esp_tls_conn_read(tls_, into, room);
        if (count == 0) return openai_stream::IoResult::closed();
        return count > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(count)) : or_again(static_cast<int>(count));
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        const auto sent = esp_tls_conn_write(tls_, from, count);
        return sent > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(sent)) : or_again(static_cast<int>(sent));
    }
    void hang_up() {
        if (tls_ != nullptr) esp_tls_conn_destroy(tls_);
        tls_ = nullptr;
    }

    // How waiting works: the task sleeps in select() until the socket is ready. What TLS has decrypted already was
    // pulled before this is called.
    openai_stream::IoResult wait(openai_stream::Interest interest, uint32_t ms) {
        int socket = -1;
        if (tls_ == nullptr || esp_tls_get_conn_sockfd(tls_, &socket) != ESP_OK || socket < 0) socket = -1;
        fd_set reads, writes;
        FD_ZERO(&reads);
        FD_ZERO(&writes);
        if (socket >= 0 && openai_stream::has(interest, openai_stream::Interest::read)) FD_SET(socket, &reads);
        if (socket >= 0 && openai_stream::has(interest, openai_stream::Interest::write)) FD_SET(socket, &writes);
        timeval limit;
        limit.tv_sec = static_cast<decltype(limit.tv_sec)>(ms / 1000);
        limit.tv_usec = static_cast<decltype(limit.tv_usec)>(ms % 1000 * 1000);
        const int count = select(socket + 1, &reads, &writes, nullptr, &limit);
        return count != 0 ? openai_stream::IoResult::ready() : openai_stream::IoResult::would_block();
    }
    uint32_t now_ms() { return static_cast<uint32_t>(esp_timer_get_time() / 1000); }

private:
    static openai_stream::IoResult or_again(int code) {
        const bool is_again = code == 0 || code == ESP_TLS_ERR_SSL_WANT_READ || code == ESP_TLS_ERR_SSL_WANT_WRITE;
        return is_again ? openai_stream::IoResult::would_block() : openai_stream::IoResult::failed(code);
    }

    esp_tls_cfg_t settings_ = {};
    esp_tls_t* tls_ = nullptr;
};

// In a task of its own (8 KiB of stack: mbedTLS); the other tasks run while it sleeps.
inline void ask_in_task(openai_stream::Stream& stream, void (*show)(const openai_stream::Event&)) {
    for (const openai_stream::Event& event : stream) show(event);
}
