// Build: c++ -std=c++17 -fno-exceptions -I.. game_loop.cpp -o game_loop
// Run: ./game_loop ["question"]
//
// A game at 60 frames per second that fills a speech bubble while the answer arrives: poll() never waits, and a budget
// of events bounds what one frame spends on it. No threads, no exceptions, no heap. From the environment:
// OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL; for https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

namespace oai = openai_stream;

// The text above somebody's head, in memory of fixed size; what has no room is left out.
struct Bubble {
    char text[4096];
    size_t size = 0;

    void add(oai::StringView more) {
        if (more.empty() || more.size() > sizeof text - size) return;
        memcpy(text + size, more.data(), more.size());
        size += more.size();
    }
};

// Somebody in the game who has something to say.
class Npc {
public:
    Npc() : server_(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY")) {}

    void ask(const char* question) {
        request_ = oai::ChatRequest(setting("OPENAI_MODEL", "local"), question);
        stream_.open(server_, request_);
    }

    // Once per frame. Returns false if the answer is over; stream() says how.
    bool tick() {
        oai::Event event;
        for (int budget = 32; budget > 0; --budget)
            switch (stream_.poll(event)) {
                case oai::Poll::event:
                    if (event.is_text()) bubble_.add(event.text);
                    break;
                case oai::Poll::pending: return true;
                case oai::Poll::done:
                case oai::Poll::failed: return false;
            }
        return true;
    }

    const Bubble& bubble() const { return bubble_; }
    const oai::Stream& stream() const { return stream_; }

private:
    char memory_[8 * 1024];
    oai::Endpoint server_;
    Connection connection_{server_};
    oai::ChatRequest request_;
    oai::Stream stream_{connection_, memory_};
    Bubble bubble_;
};

static long microseconds(clockid_t clock) {
    timespec now = {};
    clock_gettime(clock, &now);
    return static_cast<long>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

// The rest of the frame. A real game moves and draws its world here; this one shows a wheel that must not stop.
static void play(long frame, size_t bubble_size, long frame_begin) {
    fprintf(stderr, "\r%c frame %ld, %zu bytes in the bubble", "-\\|/"[frame / 4 % 4], frame, bubble_size);
    const long left = frame_begin + 1000000 / 60 - microseconds(CLOCK_MONOTONIC);
    const timespec rest = {0, left > 0 ? left * 1000 : 0};
    nanosleep(&rest, nullptr);
}

int main(int count, char** words) {
    Npc keeper;
    keeper.ask(count > 1 ? words[1] : "Why is the sky blue?");  // waits if a name has to be looked up; tick() never

    long frames = 0, worst = 0;
    for (bool is_talking = true; is_talking; ++frames) {
        const long begin = microseconds(CLOCK_MONOTONIC), cpu_begin = microseconds(CLOCK_THREAD_CPUTIME_ID);
        is_talking = keeper.tick();
        const long spent = microseconds(CLOCK_THREAD_CPUTIME_ID) - cpu_begin;
        if (spent > worst) worst = spent;
        play(frames, keeper.bubble().size, begin);
    }
    fputs("\n", stderr);
    printf("%.*s\n", static_cast<int>(keeper.bubble().size), keeper.bubble().text);
    printf("%ld frames; the worst spent %ld microseconds on polling\n", frames, worst);
    return is_good(keeper.stream()) ? 0 : 1;
}
