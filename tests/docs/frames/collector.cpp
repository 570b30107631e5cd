// The code of examples/README.md, section "The whole message, and tools".
// Prints: ^get_time\(\{"city":"Bergen"\}\)\n$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

// A link that has the answer already.
static const char answer[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"get_time\","
    "\"arguments\":\"{\\\"city\\\":\"}}]}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"Bergen\\\"}\"}}]},"
    "\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
static size_t taken;
static oai::IoResult pull(void*, char* into, size_t room) {
    const oai::StringView rest = oai::StringView(answer).drop(taken).take(room);
    if (rest.empty()) return oai::IoResult::closed();
    memcpy(into, rest.data(), rest.size());
    taken += rest.size();
    return oai::IoResult::bytes(rest.size());
}
static oai::IoResult push(void*, const char*, size_t count) { return oai::IoResult::bytes(count); }

static void run(oai::StringView name, oai::StringView text) {
    printf("%.*s(%.*s)\n", static_cast<int>(name.size()), name.data(), static_cast<int>(text.size()), text.data());
}

int main() {
    char memory[2048];
    oai::Transport link;
    link.pull = pull;
    link.push = push;
    oai::Stream stream(link, memory);
    const oai::Endpoint server("http://localhost/v1");
    const oai::ChatRequest ask("m", "hi");
    oai::Event event;
    //// the code
    return stream.error() == oai::Error::none ? 0 : 1;
}
