// Build: c++ -std=c++17 -I.. quick.cpp -o quick
// Run: ./quick ["question"]
//
// Asks one question and prints the answer while it comes. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY,
// OPENAI_MODEL. For https URLs add: -DOPENAI_STREAM_MBEDTLS -lmbedtls -lmbedx509 -lmbedcrypto; the certificates in
// SSL_CERT_FILE are trusted then, else those of the system.
#define OPENAI_STREAM_SOCKET
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>

namespace oai = openai_stream;

static const char* setting(const char* name, const char* otherwise) {
    const char* value = getenv(name);
    return value ? value : otherwise;
}

template <class Link> static bool ask(Link& link, const oai::Endpoint& server, const char* question) {
    char memory[16 * 1024];
    oai::ChatRequest request(setting("OPENAI_MODEL", "local"), question);
    oai::Stream stream(link, memory);
    stream.open(server, request);
    for (const oai::Event& e : stream)
        if (e.is_text()) {
            fwrite(e.text.data(), 1, e.text.size(), stdout);
            fflush(stdout);
        }
    puts("");
    if (!stream.failed()) return true;

    char why[500];
    fprintf(stderr, "%s\n", stream.explain(why));
    return false;
}

int main(int count, char** words) {
    const char* const question = count > 1 ? words[1] : "Why is the sky blue?";
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
#if defined(OPENAI_STREAM_MBEDTLS)
    if (server.tls) {
        oai::TlsSettings settings;
        settings.ca_path = getenv("SSL_CERT_FILE");
        oai::TlsSocket socket(settings);
        return ask(socket, server, question) ? 0 : 1;
    }
#endif
    oai::Socket socket;
    return ask(socket, server, question) ? 0 : 1;
}
