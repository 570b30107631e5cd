// A client over Tls, for the tests in this folder: dials 127.0.0.1 whatever the host, asks, and says as one line of JSON
// for each request how it went. The words it takes are NAME=VALUE, see read_word().
#define OPENAI_STREAM_SOCKET
#define OPENAI_STREAM_MBEDTLS
#include "support/header.hpp"

#include "counted_heap.hpp"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace oai = openai_stream;

namespace {

using oai::Interest;
using oai::Io;
using oai::StringView;

struct Options {
    std::vector<std::string> urls;  // asked in turn
    std::string api_key, ca, ca_path, certificate, key, key_password, server_name;
    std::vector<unsigned char> pins;  // 32 bytes each
    size_t count = 1;                 // of requests
    bool keeps = false;               // the connection
    bool stutters = false;            // the link below: a byte at a time, and every other call would block
    bool has_clock = true;            // to check dates with
    int64_t unix_time = 0;            // not 0: what that clock says
    uint32_t handshake_ms = 10000;
};

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fprintf(stderr, "client: cannot read %s\n", path.c_str());
        exit(2);
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// False when there is no such word.
bool read_word(Options& options, const std::string& name, const std::string& value) {
    if (name == "url") options.urls.push_back(value);
    else if (name == "api_key") options.api_key = value;
    else if (name == "ca") options.ca = content_of(value);
    else if (name == "ca_path") options.ca_path = value;
    else if (name == "certificate") options.certificate = content_of(value);
    else if (name == "key") options.key = content_of(value);
    else if (name == "key_password") options.key_password = value;
    else if (name == "server_name") options.server_name = value;
    else if (name == "count") options.count = strtoul(value.c_str(), nullptr, 10);
    else if (name == "keeps") options.keeps = value == "yes";
    else if (name == "stutters") options.stutters = value == "yes";
    else if (name == "clock" && value == "none") options.has_clock = false;
    else if (name == "clock") options.unix_time = strtoll(value.c_str(), nullptr, 10);
    else if (name == "handshake_ms") options.handshake_ms = static_cast<uint32_t>(strtoul(value.c_str(), nullptr, 10));
    else if (name == "pin")
        for (size_t at = 0; at + 1 < value.size(); at += 2)
            options.pins.push_back(static_cast<unsigned char>(strtoul(value.substr(at, 2).c_str(), nullptr, 16)));
    else return false;
    return true;
}

// A Socket to this machine, which notes what the layer above does against the contract of a Transport.
class Here {
public:
    explicit Here(bool stutters) : stutters_(stutters) {}

    Io dial(StringView, uint16_t port) noexcept {
        if (!is_dialled_) ++dials;
        is_dialled_ = true;
        return socket_.dial("127.0.0.1", port);
    }
    Io pull(char* into, size_t room) noexcept {
        if (room == 0) ++breaches;
        if (is_off_beat()) return Io::would_block();
        return socket_.pull(into, stutters_ ? 1 : room);
    }
    Io push(const char* from, size_t count) noexcept {
        if (count == 0 || (blocked_count_ != 0 && (from != blocked_from_ || count != blocked_count_))) ++breaches;
        const Io io = is_off_beat() ? Io::would_block() : socket_.push(from, stutters_ ? 1 : count);
        blocked_from_ = from;
        blocked_count_ = io.is_would_block() ? count : 0;
        return io;
    }
    void hang_up() noexcept {
        if (!is_dialled_) ++breaches;
        is_dialled_ = false;
        blocked_count_ = 0;
        socket_.hang_up();
    }
    Io wait(Interest interest, uint32_t ms) noexcept {
        if (is_off_) return Io::ready();
        return socket_.wait(interest, ms);
    }
    void wake() noexcept { socket_.wake(); }
    uint32_t now_ms() const noexcept { return socket_.now_ms(); }

    bool is_dialled() const noexcept { return is_dialled_; }

    int dials = 0;
    int breaches = 0;

private:
    bool is_off_beat() noexcept { return stutters_ && (is_off_ = !is_off_); }

    oai::Socket socket_;
    const bool stutters_;
    bool is_off_ = false;
    bool is_dialled_ = false;
    const char* blocked_from_ = nullptr;
    size_t blocked_count_ = 0;  // not 0: the last push would block
};

// The whole of an answer, without the heap.
struct Text {
    char bytes[4096];
    size_t size = 0;
    void add(StringView more) {
        const size_t count = more.size() < sizeof bytes - size ? more.size() : sizeof bytes - size;
        memcpy(bytes + size, more.data(), count);
        size += count;
    }
};

void print_string(const char* name, StringView text) {
    printf("\"%s\": \"", name);
    for (const char c : text) {
        if (c == '"' || c == '\\') printf("\\%c", c);
        else if (c >= 0 && c < 32) printf("\\u%04x", static_cast<unsigned>(c));
        else putchar(c);
    }
    printf("\", ");
}

void print_number(const char* name, long long number) { printf("\"%s\": %lld, ", name, number); }

int run(const Options& options) {
    oai::TlsSettings settings;
    settings.ca = options.ca;
    settings.ca_path = options.ca_path;
    settings.client_certificate = options.certificate;
    settings.client_key = options.key;
    settings.client_key_password = options.key_password;
    settings.server_name = options.server_name;
    settings.handshake_ms = options.handshake_ms;

    std::vector<oai::Endpoint> servers;
    for (const std::string& url : options.urls) servers.emplace_back(url, options.api_key);
    const oai::ChatRequest request("local", "ping");
    static char memory[16 * 1024];

    Here here(options.stutters);
    const bool counts_heap = counted_heap::works();
    const size_t held_before = counted_heap::end().live;
    counted_heap::begin();
    oai::Tls tls(oai::transport_of(here), settings);
    oai::Stream stream(oai::transport_of(tls), memory);
    for (size_t asked = 0; asked < options.count; ++asked) {
        if (asked != 0) counted_heap::begin();
        const uint32_t begun_ms = here.now_ms();
        Text text;
        if (!options.keeps) stream = oai::Stream(oai::transport_of(tls), memory);
        stream.open(servers[asked % servers.size()], request);
        for (const oai::Event& event : stream)
            if (event.kind == oai::EventKind::text) text.add(event.text);
        const uint32_t took_ms = here.now_ms() - begun_ms;
        const counted_heap::Counts heap = counted_heap::end();

        const oai::Failure failure = stream.failure();
        printf("{");
        print_string("text", StringView(text.bytes, text.size));
        print_string("error", oai::describe(stream.error()));
        print_number("transport_code", failure.transport_code);
        print_number("http_status", failure.http_status);
        print_string("body", failure.body_prefix);
        print_number("ms", took_ms);
        print_number("dials", here.dials);
        if (counts_heap) {
            print_number("own", static_cast<long long>(heap.own));
            print_number("mbedtls", static_cast<long long>(heap.mbedtls));
            print_number("others", static_cast<long long>(heap.others));
            print_number("live", static_cast<long long>(heap.live - held_before));
            print_number("peak", static_cast<long long>(heap.peak - held_before));
        }
        print_number("breaches", here.breaches);
        printf("\"asked\": %zu}\n", asked);
        fflush(stdout);
    }
    stream.close();
    if (!here.is_dialled() && here.breaches == 0) return 0;
    fprintf(stderr, "client: the link is %s; %d breaches\n", here.is_dialled() ? "up" : "down", here.breaches);
    return 1;
}

}  // namespace

int main(int count, char** words) {
    Options options;
    for (int at = 1; at < count; ++at) {
        const std::string word = words[at];
        const size_t equals = word.find('=');
        if (equals == word.npos || !read_word(options, word.substr(0, equals), word.substr(equals + 1))) {
            fprintf(stderr, "client: what is %s?\n", words[at]);
            return 2;
        }
    }
    return run(options);
}
