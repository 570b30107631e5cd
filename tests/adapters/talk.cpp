// Asks a server by one adapter of examples/adapters, as often as is said, and prints the answers: talk URL [CA_FILE]
// [TIMES]. ADAPTER_* names it; adapters.py builds and runs this.
#include <stdio.h>
#include <stdlib.h>

#define OPENAI_STREAM_SOCKET
#if defined(ADAPTER_openssl)
#include "examples/adapters/openssl.hpp"
#elif defined(ADAPTER_sdl_net)
#include "examples/adapters/sdl_net.hpp"
#elif defined(ADAPTER_at_modem)
#include "examples/adapters/at_modem.hpp"
#elif defined(ADAPTER_curl)
#include "examples/adapters/curl.hpp"
#endif

namespace oai = openai_stream;

static void show(const oai::Event& event) {
    if (event.kind == oai::EventKind::text) fwrite(event.text.data(), 1, event.text.size(), stdout);
}

#if defined(ADAPTER_at_modem)
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// The scripted modem at the other end of standard input, which is a socket.
struct Uart {
    size_t get(char* into, size_t room) {
        const ssize_t count = recv(0, into, room, MSG_DONTWAIT);
        return count > 0 ? static_cast<size_t>(count) : 0;
    }
    size_t put(const char* from, size_t count) {
        const ssize_t sent = send(0, from, count, MSG_DONTWAIT);
        return sent > 0 ? static_cast<size_t>(sent) : 0;
    }
    void sleep(uint32_t ms) {
        pollfd waiting = {0, POLLIN, 0};
        poll(&waiting, 1, ms < 100 ? static_cast<int>(ms) : 100);
    }
    uint32_t millis() {
        timespec now = {};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<uint32_t>(now.tv_sec) * 1000u + static_cast<uint32_t>(now.tv_nsec / 1000000);
    }
};
#endif

int main(int count, char** words) {
    if (count < 2) return 2;
    const char* const url = words[1];
    const char* const model = getenv("OPENAI_MODEL") != nullptr ? getenv("OPENAI_MODEL") : "local";
    const int times = count > 3 ? atoi(words[3]) : 1;
    const oai::ChatRequest ask(model, "Why is the sky blue?");
    char why[500];
#if defined(ADAPTER_curl)
    for (int time = 0; time < times; ++time) {
        CurlAnswer answer(url, "", ask, show);
        curl_easy_setopt(answer.handle(), CURLOPT_NOPROXY, "*");
        if (count > 2) curl_easy_setopt(answer.handle(), CURLOPT_CAINFO, words[2]);
        ask_by_curl(answer);
        puts("");
        if (answer.error() == oai::Error::none) continue;
        const auto code = static_cast<CURLcode>(answer.failure().transport_code);
        puts(oai::explain(answer.failure(), why, url, code != CURLE_OK ? curl_easy_strerror(code) : ""));
        return 1;
    }
#else
#if defined(ADAPTER_openssl)
    OpensslLink link(count > 2 ? words[2] : nullptr);
#elif defined(ADAPTER_sdl_net)
    SdlLink link;
#else
    Uart uart;
    AtModem<Uart> link(uart);
#endif
    char memory[4096];
    const oai::Endpoint server(url);
    oai::Timeouts timeouts;
    timeouts.idle_ms = 20000;
    oai::Stream stream(oai::transport_of(link), memory, timeouts);
    for (int time = 0; time < times; ++time) {
        stream.open(server, ask);
#if defined(ADAPTER_sdl_net)
        int frames = 0;
        while (answer_in_frame(stream, show)) SDL_Delay(2), ++frames;
        fprintf(stderr, "%d frames", frames);
#elif defined(ADAPTER_at_modem)
        ask_by_modem(stream, show);
#else
        for (const oai::Event& event : stream) show(event);
#endif
        puts("");
#if defined(ADAPTER_openssl)
        puts(link.was_resumed() ? "resumed" : "a new session");
#endif
        if (stream.error() == oai::Error::none) {
            stream.close();
            continue;
        }
        puts(stream.explain(why));
        return 1;
    }
#endif
    return 0;
}
