// The code of examples/README.md, section "In firmware: two functions, one static buffer".
// Prints: ^POST /v1/chat/completions HTTP/1.1; It is 21 degrees.$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

// A UART whose other end has its answer ready; it moves few bytes at a time, and sometimes none.
struct Uart {
    oai::StringView answer;
    char sent[1024];
    size_t sent_count;
    unsigned calls;
};
static Uart uart0;

static size_t rx_take(void* u, char* into, size_t room) {
    Uart& uart = *static_cast<Uart*>(u);
    if (++uart.calls % 3 == 0) return 0;
    const oai::StringView some = uart.answer.take(room < 16 ? room : 16);
    memcpy(into, some.data(), some.size());
    uart.answer = uart.answer.drop(some.size());
    return some.size();
}
static size_t tx_put(void* u, const char* from, size_t count) {
    Uart& uart = *static_cast<Uart*>(u);
    if (++uart.calls % 3 == 0) return 0;
    if (count > 16) count = 16;
    memcpy(uart.sent + uart.sent_count, from, count);
    uart.sent_count += count;
    return count;
}

//// the code

int main() {
    uart0.answer =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"It is 21\"},\"finish_reason\":null}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" degrees.\"},\"finish_reason\":\"stop\"}]}\n\n"
        "data: [DONE]\n\n";
    oai::Stream stream = stream_over_uart();
    const oai::Endpoint server("http://127.0.0.1/v1");
    const oai::ChatRequest ask("local", "How warm is it?");
    char text[64];
    size_t size = 0;
    stream.open(server, ask);
    oai::Event event;
    for (oai::Poll said; (said = stream.poll(event)) == oai::Poll::event || said == oai::Poll::pending;) {
        if (said != oai::Poll::event || event.kind != oai::EventKind::text) continue;
        memcpy(text + size, event.text.data(), event.text.size());
        size += event.text.size();
    }
    const oai::StringView first_line = oai::StringView(uart0.sent, uart0.sent_count).take(34);
    printf("%.*s; %.*s", static_cast<int>(first_line.size()), first_line.data(), static_cast<int>(size), text);
    return stream.error() == oai::Error::none ? 0 : 1;
}
