// The functions for C.
#define OPENAI_STREAM_C_API
#define OPENAI_STREAM_SOCKET
#include "openai_stream.hpp"
