// The code of examples/README.md, section "What a request can say".
// Prints: ^\{"model":"gpt-4o",.*"content":\[\{"type":"text",.*"temperature":0\.2,.*"name":"answer".*\}$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

int main() {
    const oai::StringView url = "http://127.0.0.1/a.png", schema = "{\"type\":\"object\"}";
    //// the code
    const oai::Endpoint anywhere("http://localhost");
    oai::RequestWriter writer;
    char text[2048];
    writer.begin(anywhere, ask);
    const size_t size = writer.write(text, sizeof text - 1);
    text[size] = '\0';
    fputs(strstr(text, "\r\n\r\n") + 4, stdout);
    return writer.finished() ? 0 : 1;
}
