#include <openai_stream.hpp>
#include <stdio.h>
namespace oai = openai_stream;
int main() {
    oai::Socket socket;
    oai::Stream stream(oai::transport_of(socket), oai::Buffer());
    puts(oai::describe(stream.error()));
}
