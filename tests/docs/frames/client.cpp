// The code of src/tour.txt, section "A CHAT IN ONE OBJECT".
// Prints: ^Sunlight carries every color.*\.$
#define OPENAI_STREAM_CLIENT
#include "openai_stream.hpp"
#include <iostream>
#include <cstdlib>

namespace oai = openai_stream;

int main() {
#if !defined(_WIN32)
    setenv("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1", 1);
#endif
    //// the code
}
