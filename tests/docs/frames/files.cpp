// The code of src/tour.txt, section "FILES IN REQUESTS".
// Prints: ^"image_url":\{"url":"data:image/png;base64,UE5H"\}\|A cat$
#include "openai_stream.hpp"
#include <stdio.h>
#include <string>

namespace oai = openai_stream;

// A link that has the answer already, and keeps what was sent.
static const char answer[] =
    "HTTP/1.1 200 OK\r\n\r\n"
    "data: {\"choices\":[{\"delta\":{\"content\":\"A cat\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
static size_t taken;
static std::string sent;
static oai::IoResult pull(void*, char* into, size_t room) {
    const oai::StringView rest = oai::StringView(answer).drop(taken).take(room);
    if (rest.empty()) return oai::IoResult::closed();
    memcpy(into, rest.data(), rest.size());
    taken += rest.size();
    return oai::IoResult::bytes(rest.size());
}
static oai::IoResult push(void*, const char* bytes, size_t count) {
    sent.append(bytes, count);
    return oai::IoResult::bytes(count);
}

static void show(const oai::Event& e) {
    const size_t at = sent.find("\"image_url\":");
    if (e.kind != oai::EventKind::text) return;
    printf("%s|%.*s", sent.substr(at, sent.find('}', at) + 1 - at).c_str(), static_cast<int>(e.text.size()),
           e.text.data());
}

//// the code

int main() {
    char memory[2048];
    oai::Transport link;
    link.pull = pull;
    link.push = push;
    oai::Stream stream(link, memory);
    const oai::Endpoint server("http://localhost/v1");
    FILE* const file = tmpfile();
    if (!file) return 1;
    fputs("PNG", file);
    const bool is_good = describe(stream, server, file, 3);
    fclose(file);
    return is_good ? 0 : 1;
}
