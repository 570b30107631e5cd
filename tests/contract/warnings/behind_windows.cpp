// The socket after windows.h, as most programs include it, its macros min, max, near, far and interface included.
#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#endif
#define OPENAI_STREAM_SOCKET
#include "openai_stream.hpp"

openai_stream::Transport use_socket_behind_windows(openai_stream::Socket& socket) {
    return openai_stream::transport_of(socket);
}
