#pragma once
// Zephyr's sockets, with TLS by the kernel where a security tag is given (TLS_SEC_TAG_LIST, TLS_HOSTNAME). Compiled
// against a declared interface, not run.
#include <errno.h>
#include <string.h>
#include <zephyr/kernel.h>
#include <zephyr/net/socket.h>
#include <zephyr/net/tls_credentials.h>

#include "openai_stream.hpp"

class ZephyrLink {
public:
    // Without a tag TCP alone. The tag names the CA that tls_credential_add() was given.
    explicit ZephyrLink(sec_tag_t tag = 0) : tag_(tag) {}
    ZephyrLink(const ZephyrLink&) = delete;
    ZephyrLink& operator=(const ZephyrLink&) = delete;
    ~ZephyrLink() { hang_up(); }

    bool secure() const { return tag_ != 0; }  // TLS_PEER_VERIFY is required by default for clients, and set below

    // The name's look-up waits, and so does the kernel's TLS handshake; connecting by TCP alone does not.
    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        if (socket_ < 0) {
            const openai_stream::IoResult io = begin(host, port);
            if (!io.is_ready()) return io;
        }
        zsock_pollfd waiting = {socket_, ZSOCK_POLLOUT, 0};
        if (zsock_poll(&waiting, 1, 0) == 0) return openai_stream::IoResult::would_block();
        int error = 0;
        socklen_t size = sizeof error;
        zsock_getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size);
        return error == 0 ? openai_stream::IoResult::ready() : openai_stream::IoResult::failed(error);
    }
    openai_stream::IoResult pull(char* into, size_t room) {
        const ssize_t count = zsock_recv(socket_, into, room, ZSOCK_MSG_DONTWAIT);
        if (count == 0) return openai_stream::IoResult::closed();
        return count > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(count)) : or_again();
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        const ssize_t sent = zsock_send(socket_, from, count, ZSOCK_MSG_DONTWAIT);
        return sent > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(sent)) : or_again();
    }
    void hang_up() {
        if (socket_ >= 0) zsock_close(socket_);
        socket_ = -1;
    }
    // How waiting works: the thread sleeps in poll(); others run.
    openai_stream::IoResult wait(openai_stream::Interest interest, uint32_t ms) {
        zsock_pollfd waiting = {socket_, 0, 0};
        if (openai_stream::has(interest, openai_stream::Interest::read)) waiting.events |= ZSOCK_POLLIN;
        if (openai_stream::has(interest, openai_stream::Interest::write)) waiting.events |= ZSOCK_POLLOUT;
        const int count = zsock_poll(&waiting, 1, ms < 60000 ? static_cast<int>(ms) : 60000);
        if (count < 0) return openai_stream::IoResult::failed(errno);
        return count != 0 ? openai_stream::IoResult::ready() : openai_stream::IoResult::would_block();
    }
    uint32_t now_ms() { return k_uptime_get_32(); }

private:
    openai_stream::IoResult begin(openai_stream::StringView host, uint16_t port) {
        char name[128], digits[20] = {};
        if (host.size() >= sizeof name) return openai_stream::IoResult::unresolved(0);
        memcpy(name, host.data(), host.size());
        name[host.size()] = '\0';
        const openai_stream::StringView text = openai_stream::ascii::format_decimal(port, digits);
        char number[8] = {};
        memcpy(number, text.data(), text.size());
        zsock_addrinfo hints = {}, *found = nullptr;
        hints.ai_socktype = SOCK_STREAM;
        const int error = zsock_getaddrinfo(name, number, &hints, &found);
        if (error != 0) return openai_stream::IoResult::unresolved(error);
        socket_ = zsock_socket(found->ai_family, SOCK_STREAM, tag_ != 0 ? IPPROTO_TLS_1_2 : IPPROTO_TCP);
        bool is_good = socket_ >= 0;
        if (is_good && tag_ != 0) {
            const int required = TLS_PEER_VERIFY_REQUIRED;
            is_good = zsock_setsockopt(socket_, SOL_TLS, TLS_SEC_TAG_LIST, &tag_, sizeof tag_) == 0 &&
                      zsock_setsockopt(socket_, SOL_TLS, TLS_HOSTNAME, name, static_cast<socklen_t>(host.size() + 1)) == 0 &&
                      zsock_setsockopt(socket_, SOL_TLS, TLS_PEER_VERIFY, &required, sizeof required) == 0;
        } else if (is_good) {
            zsock_fcntl(socket_, F_SETFL, O_NONBLOCK);
        }
        if (is_good) is_good = zsock_connect(socket_, found->ai_addr, found->ai_addrlen) == 0 || errno == EINPROGRESS;
        const int code = errno;
        zsock_freeaddrinfo(found);
        return is_good ? openai_stream::IoResult::ready() : openai_stream::IoResult::failed(code);
    }
    static openai_stream::IoResult or_again() {
        return errno == EAGAIN || errno == EINTR ? openai_stream::IoResult::would_block()
                                                 : openai_stream::IoResult::failed(errno);
    }

    sec_tag_t tag_;
    int socket_ = -1;
};

inline void ask_in_thread(openai_stream::Stream& stream, void (*show)(const openai_stream::Event&)) {
    for (const openai_stream::Event& event : stream) show(event);
}
