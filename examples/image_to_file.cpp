// Build: c++ -std=c++17 -I.. image_to_file.cpp -o image_to_file
// Run: ./image_to_file [--edit ORIGINAL] ["prompt" [FILE]]
//
// Has an image made, or one changed, and writes it to FILE (image.png) while it comes: an image of any size passes
// through 4 KiB, in both directions. Previews are told of. The file is there when all of it is. From the environment:
// OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_IMAGE_MODEL; for https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <string>

namespace oai = openai_stream;

// A file that a request reads while it is sent.
static oai::Source source_of(FILE* file) {
    oai::Source source;
    fseek(file, 0, SEEK_END);
    source.size = static_cast<uint64_t>(ftell(file));
    source.context = file;
    source.read_at = [](void* context, uint64_t offset, char* into, size_t count) {
        FILE* const from = static_cast<FILE*>(context);
        return fseek(from, static_cast<long>(offset), SEEK_SET) == 0 && fread(into, 1, count, from) == count;
    };
    return source;
}

// Returns true if all of an image has been written.
static bool receive(oai::Stream& stream, FILE* file) {
    oai::Base64Decoder base64;
    oai::Event event;
    size_t size = 0;
    while (stream.next(event)) {
        if (event.kind != oai::EventKind::image) continue;
        const bool is_preview = event.content_index >= 0;
        const oai::StringView bytes = base64.decode(event);
        if (!is_preview) size += fwrite(bytes.data(), 1, bytes.size(), file);
        else if (!event.more) printf("preview %d\n", event.content_index + 1);
    }
    if (!is_good(stream)) return false;
    if (size == 0 || base64.invalid_count() != 0) fprintf(stderr, "There is no image in the answer.\n");
    else printf("%zu bytes\n", size);
    return size != 0 && base64.invalid_count() == 0;
}

int main(int count, char** words) {
    const char* const original = count > 2 && strcmp(words[1], "--edit") == 0 ? words[2] : nullptr;
    if (original) count -= 2, words += 2;
    const char* const prompt = count > 1 ? words[1] : "A lighthouse at night";
    const std::string target = count > 2 ? words[2] : "image.png", unfinished = target + ".part";
    const char* const model = setting("OPENAI_IMAGE_MODEL", "local");
    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    static char memory[4 * 1024];
    Connection connection(server);
    oai::Stream stream(connection, memory);

    FILE* const source_file = original ? fopen(original, "rb") : nullptr;
    FILE* const target_file = fopen(unfinished.c_str(), "wb");
    if (!target_file || (original && !source_file)) {
        perror(target_file ? original : unfinished.c_str());
        return 1;
    }
    bool is_good = false;
    if (original) {
        const oai::Source source = source_of(source_file);
        const oai::Upload images[] = {{source, original, "image/png"}};
        oai::ImageEditRequest ask(model, prompt, images);
        ask.options.partial_images = 1;
        stream.open(server, ask);
        is_good = receive(stream, target_file);
        fclose(source_file);
    } else {
        oai::ImageRequest ask(model, prompt);
        ask.options.partial_images = 2;
        stream.open(server, ask);
        is_good = receive(stream, target_file);
    }
    is_good = fclose(target_file) == 0 && is_good;
    if (!is_good) remove(unfinished.c_str());
    return is_good && rename(unfinished.c_str(), target.c_str()) == 0 ? 0 : 1;
}
