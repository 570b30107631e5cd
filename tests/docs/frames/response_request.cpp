// The code of examples/README.md, section "What a request can say", block 2.
// Prints: ^\{"stream":true,"model":"gpt-5","input":"And in winter\?","previous_response_id":"resp_1",.*"web_search".*\}$
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

int main() {
    const oai::StringView last_id = "resp_1";
    //// the code
    oai::RequestWriter writer;
    char text[1024];
    writer.begin_body(ask);
    const size_t size = writer.write(text, sizeof text - 1);
    text[size] = '\0';
    fputs(text, stdout);
    return writer.finished() ? 0 : 1;
}
