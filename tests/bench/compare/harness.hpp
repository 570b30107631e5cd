// What is the same around every reader: it brings the bytes, hashes the text, and runs the jobs of the command line.
//
//     PROGRAM [API FRAMING READ FILE]...     prints, for each, the bytes of text and their hash
//
// API is chat or responses, FRAMING http or body, READ a number of bytes or "event": what FILE.cuts says. What happens
// within Reader::feed(), and outside of outside::, is the reader's work.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <valgrind/callgrind.h>

#include <memory>
#include <string>
#include <vector>

namespace outside {

constexpr size_t buffer_bytes = 16 * 1024;  // which every reader has

// Links give what a socket's read would.
struct Link {
    std::string wire;
    size_t read_bytes = 0;
    std::vector<size_t> ends;  // of the reads, when they follow events
    size_t at = 0;
    size_t next = 0;

    __attribute__((noinline)) size_t read(char* room, size_t size) {
        size_t count = wire.size() - at;
        if (next < ends.size()) {
            if (ends[next] == at) ++next;
            if (next < ends.size() && count > ends[next] - at) count = ends[next] - at;
        } else if (count > read_bytes) {
            count = read_bytes;
        }
        if (count > size) count = size;
        memcpy(room, wire.data() + at, count);
        at += count;
        return count;
    }
};

struct Text {
    uint64_t hash = 0xCBF29CE484222325u;
    size_t bytes = 0;

    __attribute__((noinline)) void add(const char* text, size_t size) {
        for (size_t at = 0; at != size; ++at) hash = (hash ^ static_cast<unsigned char>(text[at])) * 0x100000001B3u;
        bytes += size;
    }
};

inline std::string content(const std::string& path) {
    std::string bytes;
    FILE* const file = fopen(path.c_str(), "rb");
    if (!file) exit(2);
    char part[4096];
    for (size_t count; (count = fread(part, 1, sizeof part, file)) != 0;) bytes.append(part, count);
    fclose(file);
    return bytes;
}

inline Link link_of(const std::string& read, const std::string& path) {
    Link link;
    link.wire = content(path);
    link.read_bytes = static_cast<size_t>(atol(read.c_str()));
    if (read != "event") return link;
    link.read_bytes = link.wire.size();
    const std::string cuts = content(path.substr(0, path.rfind('.')) + ".cuts");
    size_t end = 0;
    for (const char* at = cuts.c_str(); *at;) {
        char* rest = nullptr;
        link.ends.push_back(end += strtoul(at, &rest, 10));
        at = rest;
    }
    return link;
}

// Reader: made of (is_responses, is_http), and bool feed(Link&, Text&): whether the answer was complete.
template <class Reader> int run(int argc, char** argv) {
    for (int at = 1; at + 3 < argc; at += 4) {
        Link link = link_of(argv[at + 2], argv[at + 3]);
        Text text;
        const bool is_responses = strcmp(argv[at], "responses") == 0, is_http = strcmp(argv[at + 1], "http") == 0;
        const auto reader = std::make_unique<Reader>(is_responses, is_http);
        if (!reader->feed(link, text)) {
            fprintf(stderr, "%s, reads of %s: not read to its end\n", argv[at + 3], argv[at + 2]);
            return 4;
        }
        printf("%zu %016llx\n", text.bytes, static_cast<unsigned long long>(text.hash));
        CALLGRIND_DUMP_STATS;  // and counts from zero again; does nothing when callgrind does not run
    }
    return 0;
}

}  // namespace outside
