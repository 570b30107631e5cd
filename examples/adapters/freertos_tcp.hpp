#pragma once
// FreeRTOS-Plus-TCP. Its calls return negative errors in place of errno, and 0 from FreeRTOS_recv() means "nothing
// within the time limit", not the end. Compiled against a declared interface, not run.
#include <FreeRTOS.h>
#include <FreeRTOS_IP.h>
#include <FreeRTOS_Sockets.h>
#include <string.h>
#include <task.h>

#include "openai_stream.hpp"

class FreeRtosLink {
public:
    FreeRtosLink() = default;
    FreeRtosLink(const FreeRtosLink&) = delete;
    FreeRtosLink& operator=(const FreeRtosLink&) = delete;
    ~FreeRtosLink() { hang_up(); }

    // Waits for the name, and for the connection up to connect_ms: there is no telling later how it went.
    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        char name[128];
        if (host.size() >= sizeof name) return openai_stream::IoResult::unresolved(0);
        memcpy(name, host.data(), host.size());
        name[host.size()] = '\0';
        freertos_sockaddr address;
        memset(&address, 0, sizeof address);
        address.sin_family = FREERTOS_AF_INET;
        address.sin_port = FreeRTOS_htons(port);
        address.sin_addr = FreeRTOS_gethostbyname(name);
        if (address.sin_addr == 0) return openai_stream::IoResult::unresolved(0);
        socket_ = FreeRTOS_socket(FREERTOS_AF_INET, FREERTOS_SOCK_STREAM, FREERTOS_IPPROTO_TCP);
        if (socket_ == FREERTOS_INVALID_SOCKET) return openai_stream::IoResult::failed(0);
        limit(pdMS_TO_TICKS(connect_ms));
        const BaseType_t result = FreeRTOS_connect(socket_, &address, sizeof address);
        limit(0);  // from here on nothing waits but wait()
        return result == 0 ? openai_stream::IoResult::ready() : openai_stream::IoResult::failed(static_cast<int32_t>(result));
    }
    openai_stream::IoResult pull(char* into, size_t room) {
        const BaseType_t count = FreeRTOS_recv(socket_, into, room, 0);
        if (count > 0) return openai_stream::IoResult::bytes(static_cast<size_t>(count));
        if (count == 0 || count == -pdFREERTOS_ERRNO_EWOULDBLOCK) return openai_stream::IoResult::would_block();
        return count == -pdFREERTOS_ERRNO_ENOTCONN ? openai_stream::IoResult::closed()
                                                   : openai_stream::IoResult::failed(static_cast<int32_t>(count));
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        const BaseType_t sent = FreeRTOS_send(socket_, from, count, 0);
        if (sent > 0) return openai_stream::IoResult::bytes(static_cast<size_t>(sent));
        const bool is_full = sent == 0 || sent == -pdFREERTOS_ERRNO_ENOSPC || sent == -pdFREERTOS_ERRNO_EWOULDBLOCK;
        return is_full ? openai_stream::IoResult::would_block() : openai_stream::IoResult::failed(static_cast<int32_t>(sent));
    }
    void hang_up() {
        if (socket_ == FREERTOS_INVALID_SOCKET) return;
        FreeRTOS_shutdown(socket_, FREERTOS_SHUT_RDWR);
        FreeRTOS_closesocket(socket_);
        socket_ = FREERTOS_INVALID_SOCKET;
    }
    // How waiting works: the task sleeps in FreeRTOS_select() until the socket says something.
    openai_stream::IoResult wait(openai_stream::Interest interest, uint32_t ms) {
        if (socket_ == FREERTOS_INVALID_SOCKET) {
            vTaskDelay(pdMS_TO_TICKS(ms));
            return openai_stream::IoResult::would_block();
        }
        EventBits_t bits = eSELECT_EXCEPT;
        if (openai_stream::has(interest, openai_stream::Interest::read)) bits |= eSELECT_READ;
        if (openai_stream::has(interest, openai_stream::Interest::write)) bits |= eSELECT_WRITE;
        if (set_ == nullptr) set_ = FreeRTOS_CreateSocketSet();
        FreeRTOS_FD_SET(socket_, set_, bits);
        const BaseType_t ready = FreeRTOS_select(set_, pdMS_TO_TICKS(ms));
        FreeRTOS_FD_CLR(socket_, set_, eSELECT_ALL);
        return ready != 0 ? openai_stream::IoResult::ready() : openai_stream::IoResult::would_block();
    }
    uint32_t now_ms() { return static_cast<uint32_t>(xTaskGetTickCount() * portTICK_PERIOD_MS); }

    uint32_t connect_ms = 10000;

private:
    void limit(TickType_t ticks) {
        FreeRTOS_setsockopt(socket_, 0, FREERTOS_SO_RCVTIMEO, &ticks, sizeof ticks);
        FreeRTOS_setsockopt(socket_, 0, FREERTOS_SO_SNDTIMEO, &ticks, sizeof ticks);
    }
    Socket_t socket_ = FREERTOS_INVALID_SOCKET;
    SocketSet_t set_ = nullptr;
};

inline void ask_in_task(openai_stream::Stream& stream, void (*show)(const openai_stream::Event&)) {
    for (const openai_stream::Event& event : stream) show(event);
}
