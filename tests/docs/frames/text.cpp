// The code of src/tour.txt, section "TEXT AS IT ARRIVES".
// Prints: ^0:ang\+0:ry\.1:Go \+1:away!\.$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

// A link that has the answer already.
static const char answer[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"{\\\"emotion\\\":\\\"ang\"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"ry\\\",\\\"reply\\\":\\\"Go \"}}]}\n\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"away!\\\"}\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
static size_t taken;
static oai::IoResult pull(void*, char* into, size_t room) {
    const oai::StringView rest = oai::StringView(answer).drop(taken).take(room);
    if (rest.empty()) return oai::IoResult::closed();
    memcpy(into, rest.data(), rest.size());
    taken += rest.size();
    return oai::IoResult::bytes(rest.size());
}
static oai::IoResult push(void*, const char*, size_t count) { return oai::IoResult::bytes(count); }

static void show(unsigned path, oai::StringView text, bool more) {
    printf("%u:%.*s%s", path, static_cast<int>(text.size()), text.data(), more ? "+" : ".");
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
    stream.open(server, ask);
    //// the code
    return stream.error() == oai::Error::none ? 0 : 1;
}
