#pragma once
// The other end of every board that is played here: takes a request and gives one answer, a few bytes at a time.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace canned {

inline const char answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello, \"}}]}\n\n"
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"board.\"},\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

inline char request[8192];
inline size_t sent, given;

// Whether the whole of a request has arrived: its body ends as JSON does.
inline bool is_asked() {
    const char* body = strstr(request, "\r\n\r\n");
    return body != nullptr && strstr(body, "\"messages\"") != nullptr && request[sent - 1] == '}';
}
inline size_t take(const void* from, size_t count) {
    if (count > 100) count = 100;
    if (sent + count >= sizeof request) abort();
    memcpy(request + sent, from, count);
    sent += count;
    return count;
}
inline size_t left() { return is_asked() ? sizeof answer - 1 - given : 0; }
inline size_t give(void* into, size_t room) {
    size_t count = left() < 7 ? left() : 7;
    if (count > room) count = room;
    memcpy(into, answer + given, count);
    given += count;
    return count;
}

}  // namespace canned
