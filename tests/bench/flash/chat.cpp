// A chat client for bare metal: two functions over a UART, 2 KiB of static memory. It sends a conversation and prints the
// answer, how it ended, or why it failed. Built by ../flash.py, in the variants that the macros CLIENT_* name.
#include "board.hpp"

#if !defined(CLIENT_NONE)
#include BENCH_HEADER

namespace oai = openai_stream;

namespace {

char memory[2048];

oai::IoResult uart_pull(void*, char* into, size_t room) {
    const size_t count = board::receive(into, room);
    return count != 0 ? oai::IoResult::bytes(count) : oai::IoResult::would_block();
}
oai::IoResult uart_push(void*, const char* from, size_t count) {
    const size_t sent = board::transmit(from, count);
    return sent != 0 ? oai::IoResult::bytes(sent) : oai::IoResult::would_block();
}

#if defined(CLIENT_TIMEOUTS) || defined(CLIENT_RETRIES)
volatile uint32_t milliseconds;  // which nobody counts here
uint32_t clock(void*) { return milliseconds; }
#endif
#if defined(CLIENT_RETRIES)
oai::IoResult dial(void*, oai::StringView, uint16_t) { return oai::IoResult::ready(); }
#endif

void print(oai::StringView text) { board::print(text.data(), text.size()); }

#if !defined(CLIENT_RESPONSES)
constexpr oai::Message conversation[] = {
    oai::Message::system("You are a thermostat."),
    oai::Message::user("Say \"hello\".\nIt is 21 \xC2\xB0"
                       "C."),
};
#endif

}  // namespace

int main() {
#if defined(CLIENT_RUN_TIME_URL)
    char url[64];
    const size_t length = board::receive(url, sizeof url);
    const oai::Endpoint server(oai::StringView(url, length), "secret");
#else
    static constexpr oai::Endpoint server("http://chat.local:8080/v1", "secret");
#endif
#if defined(CLIENT_RESPONSES)
    oai::ResponseRequest ask("local", "Say \"hello\".\nIt is 21 \xC2\xB0"
                                      "C.");
    ask.instructions = "You are a thermostat.";
    ask.extra_json = "\"temperature\":0.2,\"max_output_tokens\":64";
#else
    oai::ChatRequest ask("local", conversation);
    ask.extra_json = "\"temperature\":0.2,\"max_tokens\":64";
#endif

    oai::Transport link;
    link.pull = uart_pull;
    link.push = uart_push;
#if defined(CLIENT_TIMEOUTS) || defined(CLIENT_RETRIES)
    link.now_ms = clock;
#endif
#if defined(CLIENT_RETRIES)
    link.dial = dial;
#endif
    oai::Stream stream(link, memory);
#if defined(CLIENT_TIMEOUTS)
    static oai::Timeouts timeouts;
    stream.use(timeouts);
#elif defined(CLIENT_RETRIES)
    static oai::RetryPolicy retries;
    stream.use(retries);
#endif
#if defined(CLIENT_EXTRAS)
    static constexpr oai::FieldPath rows[] = {{"timings.predicted_per_second"}};
    static oai::ExtraEvents extras(rows);
    ask.extras = &extras;
#endif
    stream.open(server, ask);
#if defined(CLIENT_FIELDS)
    static constexpr const char* paths[] = {"$.emotion", "$.reply"};
    char field_memory[64];
    oai::FieldStream fields(paths, field_memory);
    oai::FieldPiece piece;
#endif
#if defined(CLIENT_COLLECTOR)
    static char collected[2048];
    static oai::Collector message{oai::Buffer(collected)};
#endif
#if defined(CLIENT_RAW)
    oai::SseEvent event;
#else
    oai::Event event;
#endif
    oai::Poll state;
    while ((state = stream.poll(event)) == oai::Poll::event || state == oai::Poll::pending) {
        if (state == oai::Poll::pending) continue;  // here a firmware sleeps until the next interrupt
#if defined(CLIENT_RAW)
        print(event.data);
        print("\n");
#else
#if defined(CLIENT_FIELDS)
        if (event.kind == oai::EventKind::text) fields.feed(event.text);
        while (fields.next(piece)) print(piece.text);
#else
        if (event.kind == oai::EventKind::text) print(event.text);
#endif
#if defined(CLIENT_COLLECTOR)
        message.add(event);
#endif
#if defined(CLIENT_EXTRAS)
        if (event.kind == oai::EventKind::custom_field) print(event.text);
#endif
        if (event.kind == oai::EventKind::finish) board::print_line("\nfinish=", static_cast<int>(event.finish_reason));
#endif
    }
#if defined(CLIENT_COLLECTOR)
    message.end(stream.verdict());
    for (const oai::MessagePart& call : message.tool_calls())
        if (call.can_run()) print(call.text);
#if defined(CLIENT_TOOL_LOOP)
    static oai::Message next[3];
    next[0] = conversation[1];
    next[1] = message.as_message();
    next[2] = oai::Message::tool(message.id(), message.text());
    ask.messages = next;
    stream.open(server, ask);
    while ((state = stream.poll(event)) == oai::Poll::event || state == oai::Poll::pending) {}
#endif
#endif
    board::print_line("verdict=", static_cast<int>(stream.verdict()));
    if (state == oai::Poll::done) return 0;

    const oai::Failure failure = stream.failure();
    board::print_line("error=", static_cast<int>(failure.error));
    board::print_line("http_status=", failure.http_status);
    print(failure.message);
    print("\n");
#if defined(CLIENT_DESCRIBE)
    print(oai::describe(failure.error));
#endif
    return 1;
}

#else

// The same without the library: what it would link of the board.
namespace {
char memory[2048];
}
int main() {
    size_t count = 0;
    while (count != sizeof memory) count += board::receive(memory + count, sizeof memory - count);
    board::print(memory, board::transmit(memory, count));
    board::print_line("count=", static_cast<int>(count));
    return 1;
}

#endif
