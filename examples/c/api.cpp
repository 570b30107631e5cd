// The one C++ file of these programs: the functions that C calls.
#define OPENAI_STREAM_C_API
#if !defined(NO_SOCKET)
#define OPENAI_STREAM_SOCKET  // oai_link; with OPENAI_STREAM_MBEDTLS https, too
#endif
#include "openai_stream.hpp"
