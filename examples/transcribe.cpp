// Build: c++ -std=c++17 -I.. transcribe.cpp -o transcribe
// Run: ./transcribe RECORDING [--speakers]
//
// Prints what is said in a recording while the server listens to it. The file is read while it is sent, through 2 KiB,
// and is never in memory. With --speakers, who said it when. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY,
// OPENAI_TRANSCRIPTION_MODEL; for https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

namespace oai = openai_stream;

int main(int count, char** words) {
    const bool has_speakers = count > 2 && strcmp(words[2], "--speakers") == 0;
    FILE* const file = count > 1 ? fopen(words[1], "rb") : nullptr;
    if (!file) {
        fprintf(stderr, "usage: transcribe RECORDING [--speakers]\n");
        return 2;
    }
    oai::Source recording;
    fseek(file, 0, SEEK_END);
    recording.size = static_cast<uint64_t>(ftell(file));
    recording.context = file;
    recording.read_at = [](void* context, uint64_t offset, char* into, size_t size) {
        FILE* const from = static_cast<FILE*>(context);
        return fseek(from, static_cast<long>(offset), SEEK_SET) == 0 && fread(into, 1, size, from) == size;
    };
    const char* const slash = strrchr(words[1], '/');
    oai::TranscriptionRequest ask(setting("OPENAI_TRANSCRIPTION_MODEL", "local"),
                                  oai::Upload(recording, slash ? slash + 1 : words[1]));
    if (has_speakers) {
        ask.response_format = "diarized_json";
        ask.chunking_strategy = oai::ChunkingStrategy::automatic;
    }

    static char memory[2 * 1024];
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    Connection connection(server);
    oai::Stream stream(connection, memory);
    stream.open(server, ask);
    for (const oai::Event& e : stream) {
        if (e.is_text() && !has_speakers) print(e.text);
        if (e.kind != oai::EventKind::segment || !has_speakers) continue;
        if (e.text.data()) {
            print(e.text);
        } else {  // whose it was
            printf("\n    -- %.*s, %lld to %lld ms\n", static_cast<int>(e.name.size()), e.name.data(),
                   static_cast<long long>(e.place.begin), static_cast<long long>(e.place.end));
        }
    }
    if (!has_speakers) puts("");
    fclose(file);
    return is_good(stream) ? 0 : 1;
}
