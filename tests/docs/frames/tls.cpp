// The code of src/tour.txt, section "TLS".
#define OPENAI_STREAM_MBEDTLS
#include "openai_stream.hpp"

namespace oai = openai_stream;

extern const char root_certificate[];
int board_entropy(void* context, unsigned char* into, size_t count);
int64_t board_time(void* context);
void complain(const char* why);

//// the code

oai::Tls& over(oai::Transport modem);
oai::Tls& over(oai::Transport modem) { return tls_over(modem); }
