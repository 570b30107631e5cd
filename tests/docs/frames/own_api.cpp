// The code of src/tour.txt, section "AN API OF YOUR OWN".
// Prints: ^POST /v1/v2/chat HTTP/1\.1; hm\|Hi\|finish\|9\+3\|hm\|Hi\|finish\|9\+3\|bad key\|$
#include "openai_stream.hpp"
#include <stdio.h>
#include <string.h>

namespace oai = openai_stream;

static void show(const oai::Event& event) {
    if (event.kind == oai::EventKind::text || event.kind == oai::EventKind::reasoning)
        printf("%.*s|", static_cast<int>(event.text.size()), event.text.data());
    if (event.kind == oai::EventKind::finish) printf("finish|");
    if (event.kind == oai::EventKind::usage)
        printf("%d+%d|", static_cast<int>(event.usage.prompt_tokens), static_cast<int>(event.usage.completion_tokens));
}

//// the code

static const char answer[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "event: message-start\ndata: {\"id\":\"c1\",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\"}}}\n\n"
    "data: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"thinking\":\"hm\"}}}}\n\n"
    "data: {\"type\":\"content-delta\",\"index\":1,\"delta\":{\"message\":{\"content\":{\"text\":\"Hi\"}}}}\n\n"
    "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\","
    "\"usage\":{\"tokens\":{\"input_tokens\":9,\"output_tokens\":3}}}}\n\n";
static const oai::StringView messages[] = {
    "{\"id\":\"c1\",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":\"assistant\"}}}",
    "{\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"thinking\":\"hm\"}}}}",
    "{\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"Hi\"}}}}",
    "{\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\","
    "\"usage\":{\"tokens\":{\"input_tokens\":9,\"output_tokens\":3}}}}",
};
static const oai::StringView refusal[] = {"{\"message\":\"bad key\"}"};

// A link that has the answer already.
static size_t taken;
static bool was_asked;
static oai::IoResult pull(void*, char* into, size_t room) {
    const oai::StringView rest = oai::StringView(answer).drop(taken).take(room);
    if (rest.empty()) return oai::IoResult::closed();
    memcpy(into, rest.data(), rest.size());
    taken += rest.size();
    return oai::IoResult::bytes(rest.size());
}
static oai::IoResult push(void*, const char* from, size_t count) {
    if (!was_asked) printf("%.*s; ", static_cast<int>(strcspn(from, "\r")), from);
    was_asked = true;
    return oai::IoResult::bytes(count);
}

int main() {
    static char memory[2048];
    oai::Transport link;
    link.pull = pull;
    link.push = push;
    oai::Stream stream(link, memory);
    const oai::Endpoint server("http://localhost/v1");
    if (!ask_cohere(stream, server, "{\"model\":\"command\",\"stream\":true,\"messages\":[]}")) return 1;
    static char more[2048];
    oai::Exchange exchange{oai::Buffer(more)};
    if (!read_messages(exchange, messages)) return 2;
    if (read_messages(exchange, refusal) || exchange.error() != oai::Error::server_error) return 3;
    printf("%.*s|", static_cast<int>(exchange.failure().message.size()), exchange.failure().message.data());
    return 0;
}
