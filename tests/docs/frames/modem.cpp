// The code of src/tour.txt, section "PORTING".
// Prints: ^Sunlight carries every color.*\.\nno error, no error; refused: the connection could not be made; dtr 4$
//
// The board is an emulated one: its modem answers like a SIM7600 and connects by the sockets of this machine.
#include "openai_stream.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

namespace oai = openai_stream;

namespace board {

static int link_ = -1;
static bool has_ended, is_low;
static char command[256];
static size_t command_size;
static char said[512];  // by the modem, not read yet
static size_t said_begin, said_end;
static unsigned dtr_changes;

static void modem_says(oai::StringView text) {
    memcpy(said + said_end, text.data(), text.size());
    said_end += text.size();
}

static void obey() {
    char host[64] = "";
    int port = 0;
    modem_says(oai::StringView(command, command_size));
    modem_says("\r\n");
    command[command_size] = '\0';
    if (sscanf(command, "AT+CIPOPEN=0,\"TCP\",\"%63[^\"]\",%d", host, &port) != 2) return modem_says("ERROR\r\n");
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, host, &address.sin_addr);
    link_ = socket(AF_INET, SOCK_STREAM, 0);
    has_ended = false;
    if (connect(link_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return modem_says("\r\nCONNECT 115200\r\n");
    close(link_);
    link_ = -1;
    modem_says("\r\nCONNECT FAIL\r\n");
}

static size_t uart_get(char* into, size_t room) {
    if (said_begin != said_end) {
        *into = said[said_begin++];
        return 1;
    }
    if (link_ < 0 || room == 0) return 0;
    const ssize_t count = recv(link_, into, room, MSG_DONTWAIT);
    has_ended |= count == 0;
    return count > 0 ? static_cast<size_t>(count) : 0;
}

static size_t uart_put(const char* from, size_t count) {
    if (count > 64) count = 64;
    if (link_ >= 0) {
        const ssize_t sent = send(link_, from, count, MSG_NOSIGNAL);
        return sent > 0 ? static_cast<size_t>(sent) : 0;
    }
    for (size_t at = 0; at != count; ++at) {
        if (from[at] == '\r') {
            obey();
            command_size = 0;
        } else {
            command[command_size++] = from[at];
        }
    }
    return count;
}

static bool uart_has() {
    pollfd input = {link_, POLLIN, 0};
    return said_begin != said_end || poll(&input, 1, 0) > 0;
}

static bool carrier() { return link_ >= 0 && !has_ended; }

static void dtr(bool is_high) {
    ++dtr_changes;
    is_low = !is_high;
    if (!is_low || link_ < 0) return;
    close(link_);
    link_ = -1;
}

static uint32_t millis() {
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint32_t>(now.tv_sec) * 1000 + static_cast<uint32_t>(now.tv_nsec / 1000000);
}

static void sleep(uint32_t milliseconds) {
    pollfd input = {link_, POLLIN, 0};
    poll(&input, 1, static_cast<int>(milliseconds < 1000 ? milliseconds : 1000));
}

}  // namespace board

//// the code

int main() {
    const oai::Endpoint server("http://127.0.0.1:8080/v1"), nobody("http://127.0.0.1:1/v1");
    const oai::ChatRequest ask("local", "Why is the sky blue?"), ping("local", "ping");
    stream.open(server, ask);
    for (const oai::Event& event : stream)
        if (event.kind == oai::EventKind::text) fwrite(event.text.data(), 1, event.text.size(), stdout);
    printf("\n%s, ", oai::describe(stream.error()));

    stream.open(server, ping);  // over the same connection
    oai::Event event;
    while (stream.next(event)) {
    }
    printf("%s; refused: ", oai::describe(stream.error()));
    stream.close();

    stream.open(nobody, ping);
    while (stream.next(event)) {
    }
    printf("%s; dtr %u", oai::describe(stream.error()), board::dtr_changes);
}
