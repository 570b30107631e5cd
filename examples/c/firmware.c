/* Build: cc -std=c99 -I../.. -c firmware.c board_posix.c && c++ -std=c++17 -I../.. -DNO_SOCKET api.cpp firmware.o board_posix.o -o firmware
 * Run: ./firmware ["question"]
 *
 * Firmware in C that asks over a UART: look at how two functions and 2 KiB are all it takes, and that the main loop never
 * waits. The board is board.h; board_posix.c is one made of a PC, whose modem is a socket to OPENAI_BASE_URL. For a
 * Cortex-M3 the same file is compiled by arm-none-eabi-gcc. */
#include "board.h"
#include "openai_stream.hpp"

static char memory[2048];
static oai_stream stream;

static int32_t pull(void* context, char* into, size_t room) {
    const size_t count = board_uart_get(into, room);
    (void)context;
    if (count != 0) return (int32_t)count;
    return board_carrier() ? OAI_IO_WOULD_BLOCK : OAI_IO_CLOSED;
}
static int32_t push(void* context, const char* from, size_t count) {
    (void)context;
    return (int32_t)board_uart_put(from, count); /* 0: nothing now */
}
static uint32_t now_ms(void* context) {
    (void)context;
    return board_millis();
}

static void begin(void) {
    oai_transport link = {0};
    link.pull = pull;
    link.push = push;
    link.now_ms = now_ms;
    oai_stream_init(&stream, &link, memory, sizeof memory);
    oai_stream_set_server(&stream, oai_str("http://modem/v1"), oai_str(NULL));
}

/* The messages are read until the first event has come, so they stay. */
static void ask(const char* question) {
    static oai_message messages[2];
    oai_chat chat = {0};
    oai_message_init(&messages[0], OAI_ROLE_SYSTEM, oai_str("Two sentences at most."));
    oai_message_init(&messages[1], OAI_ROLE_USER, oai_str(question));
    chat.model = oai_str("local");
    chat.messages = messages;
    chat.message_count = 2;
    chat.extra_json = oai_str("\"max_tokens\":100");
    oai_stream_open(&stream, &chat); /* what went wrong is said by the next poll */
}

/* One turn of the main loop. Returns 1 while there is more to come. */
static int turn(void) {
    oai_event event;
    char why[400];
    switch (oai_stream_poll(&stream, &event)) {
        case OAI_POLL_EVENT:
            if (event.kind == OAI_EVENT_TEXT) board_print(event.text.data, event.text.size);
            return 1;
        case OAI_POLL_PENDING: return 1;
        case OAI_POLL_DONE: board_print("\n", 1); return 0;
        default: break;
    }
    oai_stream_explain(&stream, why, sizeof why);
    board_print("\n", 1);
    board_print(why, strlen(why));
    board_print("\n", 1);
    return 0;
}

int main(int count, char** words) {
    board_begin();
    begin();
    ask(count > 1 ? words[1] : "Why is the sky blue?");
    while (turn()) board_idle();
    count = oai_stream_error(&stream) == OAI_ERROR_NONE ? 0 : 1;
    oai_stream_end(&stream);
    return count;
}
