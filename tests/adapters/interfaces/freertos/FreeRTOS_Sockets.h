#pragma once
#include "FreeRTOS_IP.h"

struct xSOCKET;
typedef struct xSOCKET* Socket_t;
struct xSOCKET_SET;
typedef struct xSOCKET_SET* SocketSet_t;
typedef uint32_t EventBits_t;
#define FREERTOS_INVALID_SOCKET ((Socket_t)(~(uintptr_t)0))
#define FREERTOS_AF_INET 2
#define FREERTOS_SOCK_STREAM 1
#define FREERTOS_IPPROTO_TCP 6
#define FREERTOS_SO_RCVTIMEO 0
#define FREERTOS_SO_SNDTIMEO 1
#define FREERTOS_SHUT_RDWR 2
struct freertos_sockaddr {
    uint8_t sin_len, sin_family;
    uint16_t sin_port;
    uint32_t sin_flowinfo;
    uint32_t sin_addr;
};
enum { eSELECT_READ = 1, eSELECT_WRITE = 2, eSELECT_EXCEPT = 4, eSELECT_INTR = 8, eSELECT_ALL = 15 };
extern "C" {
uint16_t FreeRTOS_htons(uint16_t value);
uint32_t FreeRTOS_gethostbyname(const char* name);
Socket_t FreeRTOS_socket(BaseType_t domain, BaseType_t type, BaseType_t protocol);
BaseType_t FreeRTOS_setsockopt(Socket_t socket, int32_t level, int32_t name, const void* value, size_t size);
BaseType_t FreeRTOS_connect(Socket_t socket, const struct freertos_sockaddr* address, uint32_t size);
BaseType_t FreeRTOS_recv(Socket_t socket, void* buffer, size_t length, BaseType_t flags);
BaseType_t FreeRTOS_send(Socket_t socket, const void* buffer, size_t length, BaseType_t flags);
BaseType_t FreeRTOS_shutdown(Socket_t socket, BaseType_t how);
BaseType_t FreeRTOS_closesocket(Socket_t socket);
SocketSet_t FreeRTOS_CreateSocketSet(void);
void FreeRTOS_FD_SET(Socket_t socket, SocketSet_t set, EventBits_t bits);
void FreeRTOS_FD_CLR(Socket_t socket, SocketSet_t set, EventBits_t bits);
BaseType_t FreeRTOS_select(SocketSet_t set, TickType_t ticks);
}
