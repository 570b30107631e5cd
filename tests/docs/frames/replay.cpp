// The code of examples/README.md, section "Testing your own program".
// Prints: ^(Sunlight carries every color.*\.): no error\n\1: no error\n(?!\1)Sunlight.*: the connection broke\n$
#define OPENAI_STREAM_SOCKET
#define OPENAI_STREAM_REPLAY
#include "openai_stream.hpp"
#include <errno.h>
#include <stdio.h>
#include <string>

namespace oai = openai_stream;

static std::string recorded;
static void keep(void* file, const char* bytes, size_t count) { static_cast<std::string*>(file)->append(bytes, count); }

static void talk(oai::Stream& stream) {
    static const oai::Endpoint server("http://127.0.0.1:8080/v1", "sk-secret");
    static const oai::ChatRequest ask("local", "Why is the sky blue?");
    stream.open(server, ask);
    for (const oai::Event& event : stream)
        if (event.kind == oai::EventKind::text) fwrite(event.text.data(), 1, event.text.size(), stdout);
    printf(": %s\n", oai::describe(stream.error()));
}

int main() {
    oai::Socket socket;
    char memory[4096];
    std::string* const file = &recorded;
    //// the code
    return recorded.find("secret") == std::string::npos ? 0 : 1;
}
