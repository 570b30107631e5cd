// The code of src/tour.txt, section "COLLECTING".
// Prints: ^\{"model":"m",.*"extra_content":\{"google":\{"thought_signature":"c2ln"\}\}\}\]\},\{.*\n$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

// A link that has the answer already.
static const char answer[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"extra_content\":{\"google\":{\"thought_signature\":\"c2ln\"}},"
    "\"function\":{\"arguments\":\"{}\",\"name\":\"get_time\"},\"id\":\"a\"}]},\"finish_reason\":\"tool_calls\"}]}\n\n"
    "data: [DONE]\n\n";
static size_t taken;
static oai::IoResult pull(void*, char* into, size_t room) {
    const oai::StringView rest = oai::StringView(answer).drop(taken).take(room);
    if (rest.empty()) return oai::IoResult::closed();
    memcpy(into, rest.data(), rest.size());
    taken += rest.size();
    return oai::IoResult::bytes(rest.size());
}
static oai::IoResult push(void*, const char*, size_t count) { return oai::IoResult::bytes(count); }

int main() {
    char memory[2048], message_memory[2048];
    oai::Transport link;
    link.pull = pull;
    link.push = push;
    oai::Stream stream(link, memory);
    const oai::Endpoint server("http://localhost/v1");
    oai::ChatRequest ask("m", "hi");
    oai::Collector message(message_memory);
    oai::Event event;
    //// the code
    const oai::ChatRequest next("m", history);
    oai::RequestWriter writer;
    if (stream.error() != oai::Error::none || writer.begin_body(next) != oai::Error::none) return 1;
    char body[1024];
    printf("%.*s\n", static_cast<int>(writer.write(body, sizeof body)), body);
    return 0;
}
