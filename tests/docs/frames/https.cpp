// The code of examples/README.md, section "https: TLS over any transport".
#define OPENAI_STREAM_SOCKET
#define OPENAI_STREAM_MBEDTLS
#include "openai_stream.hpp"

namespace oai = openai_stream;

void show(const oai::Event& event);
void complain(const char* why);
void run(const char* key, const oai::ChatRequest& ask);

void run(const char* key, const oai::ChatRequest& ask) {
    char memory[4096], why[500];
    oai::Event event;
    //// the code
}
