// The code of examples/README.md, section "What else an answer can say".
// Prints: ^timings\.predicted_per_second=12\.5\n$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

// A link that has the answer already.
static const char answer[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],"
    "\"timings\":{\"predicted_per_second\":12.5}}\n\ndata: [DONE]\n\n";
static size_t taken;
static oai::IoResult pull(void*, char* into, size_t room) {
    const oai::StringView rest = oai::StringView(answer).drop(taken).take(room);
    if (rest.empty()) return oai::IoResult::closed();
    memcpy(into, rest.data(), rest.size());
    taken += rest.size();
    return oai::IoResult::bytes(rest.size());
}
static oai::IoResult push(void*, const char*, size_t count) { return oai::IoResult::bytes(count); }

static void show(oai::StringView name, oai::StringView text) {
    printf("%.*s=%.*s\n", static_cast<int>(name.size()), name.data(), static_cast<int>(text.size()), text.data());
}

int main() {
    char memory[2048];
    oai::Transport link;
    link.pull = pull;
    link.push = push;
    oai::Stream stream(link, memory);
    const oai::Endpoint server("http://localhost/v1");
    oai::ChatRequest ask("m", "hi");
    //// the code
    return stream.error() == oai::Error::none ? 0 : 1;
}
