// The same over TLS, to a URL that is https.
#define OPENAI_STREAM_SOCKET
#define OPENAI_STREAM_MBEDTLS
#include <openai_stream.hpp>
#include <stdio.h>
namespace oai = openai_stream;
int main(int, char** words) {
    oai::TlsSocket socket;
    char memory[16 * 1024], why[500];
    oai::Endpoint server(words[1]);
    oai::ChatRequest ask("local", "Say hello.");
    oai::Stream stream(oai::transport_of(socket), memory);
    stream.open(server, ask);
    for (const oai::Event& e : stream)
        if (e.kind == oai::EventKind::text) fwrite(e.text.data(), 1, e.text.size(), stdout);
    if (stream.error() != oai::Error::none) { puts(stream.explain(why)); return 1; }
}
