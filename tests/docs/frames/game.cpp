// The code of examples/README.md, section "In a game: once per frame, never waits".
// Prints: ^Sunlight carries every color.*\.\nfinished: no error$
#define OPENAI_STREAM_SOCKET
#include "openai_stream.hpp"
#include <stdio.h>

namespace oai = openai_stream;

struct Bubble {
    bool is_finished = false;
    void finish() { is_finished = true; }
};

class Npc {
public:
    explicit Npc(const char* url) : server_(url) { stream_.open(server_, ask_); }
    bool tick();
    const char* end() const { return oai::describe(stream_.error()); }

private:
    void show(const oai::Event& event) {
        if (event.kind == oai::EventKind::text) fwrite(event.text.data(), 1, event.text.size(), stdout);
    }
    void fail(const oai::Failure& failure) { printf("failed: %d\n", failure.http_status); }

    oai::Socket socket_;
    char memory_[4096];
    oai::Endpoint server_;
    oai::ChatRequest ask_{"local", "Why is the sky blue?"};
    oai::Stream stream_{oai::transport_of(socket_), memory_};

public:
    Bubble bubble_;
};

//// the code

int main() {
    Npc npc("http://127.0.0.1:8080/v1");
    while (npc.tick()) {
    }
    printf("\n%s: %s", npc.bubble_.is_finished ? "finished" : "not finished", npc.end());
}
