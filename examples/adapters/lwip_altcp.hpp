#pragma once
// lwIP's own interface ("raw"), by altcp: TCP alone, or with TLS where altcp_tls_new() made the connection. lwIP calls
// back with what has arrived; it stays in lwIP's buffers until the library asks for it.
//
// All of it runs in lwIP's context: the main loop with NO_SYS, else its thread (tcpip_callback). Run by
// tests/firmware (TCP, NO_SYS).
#include <lwip/altcp.h>
#include <lwip/pbuf.h>
#include <string.h>

#include "openai_stream.hpp"

class LwipLink {
public:
    LwipLink() = default;
    LwipLink(const LwipLink&) = delete;
    LwipLink& operator=(const LwipLink&) = delete;
    ~LwipLink() { hang_up(); }

    // Of an address in digits. A name takes dns_gethostbyname(), which calls back, too: keep its result in resolve().
    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        if (pcb_ == nullptr && error_ == ERR_OK) {
            char text[IPADDR_STRLEN_MAX];
            ip_addr_t address;
            if (host.size() >= sizeof text) return openai_stream::IoResult::unresolved(0);
            memcpy(text, host.data(), host.size());
            text[host.size()] = '\0';
            if (ipaddr_aton(text, &address) == 0) return openai_stream::IoResult::unresolved(0);
            pcb_ = altcp_new(nullptr);
            if (pcb_ == nullptr) return openai_stream::IoResult::failed(ERR_MEM);
            altcp_arg(pcb_, this);
            altcp_recv(pcb_, &LwipLink::on_received);
            altcp_err(pcb_, &LwipLink::on_error);
            error_ = altcp_connect(pcb_, &address, port, &LwipLink::on_connected);
        }
        if (error_ != ERR_OK) return openai_stream::IoResult::failed(error_);
        return is_connected_ ? openai_stream::IoResult::ready() : openai_stream::IoResult::would_block();
    }

    openai_stream::IoResult pull(char* into, size_t room) {
        if (received_ != nullptr) {
            const auto limit = static_cast<u16_t>(room < 0xffff ? room : 0xffff);
            const u16_t count = pbuf_copy_partial(received_, into, limit, 0);
            received_ = pbuf_free_header(received_, count);
            if (pcb_ != nullptr) altcp_recved(pcb_, count);  // there is room again
            return openai_stream::IoResult::bytes(count);
        }
        if (error_ != ERR_OK) return openai_stream::IoResult::failed(error_);
        return is_at_end_ ? openai_stream::IoResult::closed() : openai_stream::IoResult::would_block();
    }

    openai_stream::IoResult push(const char* from, size_t count) {
        if (pcb_ == nullptr) return openai_stream::IoResult::failed(error_);
        const size_t room = altcp_sndbuf(pcb_);
        if (count > room) count = room;
        if (count == 0) return openai_stream::IoResult::would_block();
        const err_t error = altcp_write(pcb_, from, static_cast<u16_t>(count), TCP_WRITE_FLAG_COPY);
        if (error == ERR_MEM) return openai_stream::IoResult::would_block();
        if (error != ERR_OK) return openai_stream::IoResult::failed(error);
        altcp_output(pcb_);
        return openai_stream::IoResult::bytes(count);
    }

    void hang_up() {
        if (pcb_ != nullptr) {
            altcp_arg(pcb_, nullptr);
            altcp_recv(pcb_, nullptr);
            altcp_err(pcb_, nullptr);
            if (altcp_close(pcb_) != ERR_OK) altcp_abort(pcb_);
        }
        if (received_ != nullptr) pbuf_free(received_);
        pcb_ = nullptr;
        received_ = nullptr;
        error_ = ERR_OK;
        is_connected_ = is_at_end_ = false;
    }

private:
    static err_t on_connected(void* self, altcp_pcb*, err_t error) {
        static_cast<LwipLink*>(self)->is_connected_ = error == ERR_OK;
        return ERR_OK;
    }
    static err_t on_received(void* self, altcp_pcb* pcb, pbuf* bytes, err_t) {
        auto* const link = static_cast<LwipLink*>(self);
        if (link == nullptr) {  // hung up meanwhile
            if (bytes != nullptr) {
                altcp_recved(pcb, bytes->tot_len);
                pbuf_free(bytes);
            }
            return ERR_OK;
        }
        if (bytes == nullptr)
            link->is_at_end_ = true;
        else if (link->received_ == nullptr)
            link->received_ = bytes;
        else
            pbuf_cat(link->received_, bytes);
        return ERR_OK;
    }
    static void on_error(void* self, err_t error) {  // the connection is gone already
        auto* const link = static_cast<LwipLink*>(self);
        if (link == nullptr) return;
        link->pcb_ = nullptr;
        link->error_ = error;
    }

    altcp_pcb* pcb_ = nullptr;
    pbuf* received_ = nullptr;
    err_t error_ = ERR_OK;
    bool is_connected_ = false, is_at_end_ = false;
};

// Waiting: none. What drives lwIP (the driver's frames, sys_check_timeouts()) drives this: call it after each round of
// your main loop. Returns false when the answer is over.
inline bool poll_answer(openai_stream::Stream& stream, void (*show)(const openai_stream::Event&)) {
    openai_stream::Event event;
    while (true) switch (stream.poll(event)) {
            case openai_stream::Poll::event: show(event); break;
            case openai_stream::Poll::pending: return true;
            case openai_stream::Poll::done:
            case openai_stream::Poll::failed: return false;
        }
}
