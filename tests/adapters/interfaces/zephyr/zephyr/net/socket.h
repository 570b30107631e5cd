#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef size_t socklen_t;
struct sockaddr;
struct zsock_addrinfo {
    struct zsock_addrinfo* ai_next;
    int ai_flags, ai_family, ai_socktype, ai_protocol, ai_eflags;
    socklen_t ai_addrlen;
    struct sockaddr* ai_addr;
    char* ai_canonname;
};
struct zsock_pollfd {
    int fd;
    short events, revents;
};
#define ZSOCK_POLLIN 1
#define ZSOCK_POLLOUT 4
#define ZSOCK_MSG_DONTWAIT 0x40
#define SOCK_STREAM 1
#define IPPROTO_TCP 6
#define IPPROTO_TLS_1_2 258
#define SOL_SOCKET 1
#define SO_ERROR 4
#define SOL_TLS 282
#define TLS_SEC_TAG_LIST 1
#define TLS_HOSTNAME 2
#define TLS_PEER_VERIFY 5
#define TLS_PEER_VERIFY_REQUIRED 2
#define F_SETFL 4
#define O_NONBLOCK 0x4000

extern "C" {
int zsock_socket(int family, int type, int proto);
int zsock_close(int sock);
int zsock_connect(int sock, const struct sockaddr* addr, socklen_t addrlen);
ssize_t zsock_send(int sock, const void* buf, size_t len, int flags);
ssize_t zsock_recv(int sock, void* buf, size_t max_len, int flags);
int zsock_fcntl(int sock, int cmd, int flags);
int zsock_poll(struct zsock_pollfd* fds, int nfds, int timeout);
int zsock_getsockopt(int sock, int level, int optname, void* optval, socklen_t* optlen);
int zsock_setsockopt(int sock, int level, int optname, const void* optval, socklen_t optlen);
int zsock_getaddrinfo(const char* host, const char* service, const struct zsock_addrinfo* hints,
                      struct zsock_addrinfo** res);
void zsock_freeaddrinfo(struct zsock_addrinfo* ai);
}
