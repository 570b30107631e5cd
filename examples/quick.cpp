// Build: c++ -std=c++17 -I.. quick.cpp -o quick
// Run: ./quick ["question"]
//
// Asks one question and prints the answer while it comes. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY,
// OPENAI_MODEL.
#define OPENAI_STREAM_SOCKET
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>

namespace oai = openai_stream;

static const char* setting(const char* name, const char* otherwise) {
    const char* value = getenv(name);
    return value ? value : otherwise;
}

int main(int count, char** words) {
    oai::Socket socket;
    char memory[16 * 1024];
    oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    oai::ChatRequest ask(setting("OPENAI_MODEL", "local"), count > 1 ? words[1] : "Why is the sky blue?");
    oai::Stream stream(oai::transport_of(socket), memory);
    stream.open(server, ask);
    for (const oai::Event& e : stream)
        if (e.kind == oai::EventKind::text) {
            fwrite(e.text.data(), 1, e.text.size(), stdout);
            fflush(stdout);
        }
    puts("");
    if (stream.error() == oai::Error::none) return 0;

    const oai::Failure failure = stream.failure();
    const oai::StringView reason = failure.message;  // the server's own words, or nothing
    fprintf(stderr, "%s", oai::describe(failure));
    if (!reason.empty()) fprintf(stderr, ": %.*s", static_cast<int>(reason.size()), reason.data());
    fputs("\n", stderr);
    return 1;
}
