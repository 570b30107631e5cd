/* A board made of a PC: its UART leads to a modem that is connected to the server of OPENAI_BASE_URL. */
#define _POSIX_C_SOURCE 200112L
#include "board.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int line = -1;
static int is_up;

void board_begin(void) {
    const char* url = getenv("OPENAI_BASE_URL");
    char host[256] = "127.0.0.1", port[6] = "8080";
    struct addrinfo hints, *list = NULL;
    memset(&hints, 0, sizeof hints);
    hints.ai_socktype = SOCK_STREAM;
    if (url) sscanf(url, "http://%255[^:/]:%5[0-9]", host, port);
    if (getaddrinfo(host, port, &hints, &list) == 0) {
        line = socket(list->ai_family, SOCK_STREAM, 0);
        is_up = connect(line, list->ai_addr, list->ai_addrlen) == 0;
        freeaddrinfo(list);
    }
    if (is_up) fcntl(line, F_SETFL, O_NONBLOCK);
}
size_t board_uart_get(char* into, size_t room) {
    const ssize_t count = recv(line, into, room, 0);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK)) is_up = 0;
    return count > 0 ? (size_t)count : 0;
}
size_t board_uart_put(const char* from, size_t count) {
    const ssize_t sent = send(line, from, count, MSG_NOSIGNAL);
    return sent > 0 ? (size_t)sent : 0;
}
int board_carrier(void) { return is_up; }
uint32_t board_millis(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)now.tv_sec * 1000u + (uint32_t)(now.tv_nsec / 1000000);
}
void board_idle(void) {
    struct pollfd one;
    one.fd = line;
    one.events = POLLIN;
    one.revents = 0;
    poll(&one, 1, 10);
}
void board_print(const char* text, size_t count) {
    fwrite(text, 1, count, stdout);
    fflush(stdout);
}
