// The code of README.md, section "openai_stream.hpp", block 2.
// Prints: ^Sunlight carries every color.*\.$
#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <cstdlib>
#include <iostream>

namespace oai = openai_stream;

int main() {
#if !defined(_WIN32)
    setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1", 1);
#endif
    //// the code
}
