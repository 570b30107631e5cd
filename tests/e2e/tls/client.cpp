// A client over Tls, for the tests in this folder: dials 127.0.0.1 whatever the host, asks, and says as one line of
// JSON for each request how it went. The words it takes are NAME=VALUE, see read_word().
#define OPENAI_STREAM_SOCKET
#define OPENAI_STREAM_MBEDTLS
#include "support/header.hpp"

#include "counted_heap.hpp"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace oai = openai_stream;

namespace {

using oai::Interest;
using oai::IoResult;
using oai::StringView;

struct Options {
    std::vector<std::string> urls;  // asked in turn
    std::string api_key, ca, ca_path, certificate, key, key_password, server_name;
    std::vector<oai::TlsPin> pins;
    size_t count = 1;       // of requests
    size_t padding = 0;     // dots after the question
    bool keeps = false;     // the connection
    bool resumes = true;    // the session
    bool is_plain = false;  // no Tls between
    bool polls = false;     // as a game does, and never waits
    bool stutters = false;  // the link below: a byte at a time, and every other call would block
    int64_t unix_time = 0;  // what the clock says, -1: there is none, 0: the system's own
    uint32_t handshake_ms = 10000;
    uint32_t idle_ms = 0;
};

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        fprintf(stderr, "client: cannot read %s\n", path.c_str());
        exit(2);
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

size_t number_of(const std::string& text) { return strtoul(text.c_str(), nullptr, 10); }

// From 64 hexadecimal digits.
oai::TlsPin pin_of(const std::string& digits) {
    oai::TlsPin pin = {};
    for (size_t at = 0; at < sizeof pin.sha256 && 2 * at + 1 < digits.size(); ++at)
        pin.sha256[at] = static_cast<unsigned char>(strtoul(digits.substr(2 * at, 2).c_str(), nullptr, 16));
    return pin;
}

// Returns false if there is no such word.
bool read_word(Options& options, const std::string& name, const std::string& value) {
    if (name == "url") options.urls.push_back(value);
    else if (name == "api_key") options.api_key = value;
    else if (name == "ca") options.ca = content_of(value);
    else if (name == "ca_path") options.ca_path = value;
    else if (name == "certificate") options.certificate = content_of(value);
    else if (name == "key") options.key = content_of(value);
    else if (name == "key_password") options.key_password = value;
    else if (name == "server_name") options.server_name = value;
    else if (name == "count") options.count = number_of(value);
    else if (name == "keeps") options.keeps = value == "yes";
    else if (name == "stutters") options.stutters = value == "yes";
    else if (name == "resume") options.resumes = value == "yes";
    else if (name == "polls") options.polls = value == "yes";
    else if (name == "plain") options.is_plain = value == "yes";
    else if (name == "padding") options.padding = number_of(value);
    else if (name == "clock") options.unix_time = value == "none" ? -1 : static_cast<int64_t>(number_of(value));
    else if (name == "handshake_ms") options.handshake_ms = static_cast<uint32_t>(number_of(value));
    else if (name == "idle_ms") options.idle_ms = static_cast<uint32_t>(number_of(value));
    else if (name == "pin") options.pins.push_back(pin_of(value));
    else return false;
    return true;
}

// A Socket to this machine, which notes what the layer above does against the contract of a Transport.
class Here {
public:
    explicit Here(bool stutters) : stutters_(stutters) {}

    IoResult dial(StringView, uint16_t port) noexcept {
        if (!is_dialled_) ++dials;
        is_dialled_ = true;
        return socket_.dial("127.0.0.1", port);
    }
    IoResult pull(char* into, size_t room) noexcept {
        if (room == 0) ++breaches;
        if (is_off_beat(pull_rests_)) return IoResult::would_block();
        return socket_.pull(into, stutters_ ? 1 : room);
    }
    IoResult push(const char* from, size_t count) noexcept {
        if (count == 0 || (blocked_count_ != 0 && (from != blocked_from_ || count != blocked_count_))) ++breaches;
        const IoResult io =
            is_off_beat(push_rests_) ? IoResult::would_block() : socket_.push(from, stutters_ ? 1 : count);
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
    IoResult wait(Interest interest, uint32_t ms) noexcept {
        const bool is_ready = (pull_rests_ && has(interest, Interest::read)) ||
                              (push_rests_ && has(interest, Interest::write));
        return is_ready ? IoResult::ready() : socket_.wait(interest, ms);
    }
    void wake() noexcept { socket_.wake(); }
    uint32_t now_ms() const noexcept { return socket_.now_ms(); }

    bool is_dialled() const noexcept { return is_dialled_; }

    int dials = 0;
    int breaches = 0;

private:
    bool is_off_beat(bool& rests) noexcept { return stutters_ && (rests = !rests); }

    oai::Socket socket_;
    const bool stutters_;
    bool pull_rests_ = false, push_rests_ = false;  // the last one would block, for no reason
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

// As next(), but by poll() alone, once in a "frame" of a millisecond.
bool polled(oai::Stream& stream, oai::Event& event, const Here& clock, uint32_t& longest_ms, uint32_t& frames) {
    for (;; ++frames) {
        const uint32_t begun_ms = clock.now_ms();
        const oai::Poll result = (stream.poll)(event);
        const uint32_t took_ms = clock.now_ms() - begun_ms;
        if (took_ms > longest_ms) longest_ms = took_ms;
        if (result != oai::Poll::pending) return result == oai::Poll::event;
        const timespec frame = {0, 1000000};
        nanosleep(&frame, nullptr);
    }
}

#if defined(MBEDTLS_SSL_PROTO_TLS1_3)
constexpr bool has_tls13 = true;
#else
constexpr bool has_tls13 = false;
#endif

const char* name_of(oai::TlsProblem problem) {
#define NAME(name) \
    case oai::TlsProblem::name: return #name;
    switch (problem) {
        NAME(none)
        NAME(no_trust_store)
        NAME(bad_settings)
        NAME(no_entropy)
        NAME(out_of_memory)
        NAME(bad_host)
        NAME(no_redial)
        NAME(unknown_ca)
        NAME(self_signed)
        NAME(expired)
        NAME(not_yet_valid)
        NAME(wrong_name)
        NAME(wrong_pin)
        NAME(wrong_use)
        NAME(weak_certificate)
        NAME(revoked)
        NAME(bad_certificate)
        NAME(not_tls)
        NAME(protocol_version)
        NAME(no_common_cipher)
        NAME(no_common_protocol)
        NAME(unknown_server_name)
        NAME(client_certificate_required)
        NAME(client_certificate_refused)
        NAME(handshake_timeout)
        NAME(cut_in_handshake)
        NAME(refused_by_server)
        NAME(handshake_failed)
        NAME(cut_off)
        NAME(damaged)
    }
#undef NAME
    return "?";
}

int run(const Options& options) {
    oai::TlsSettings settings;
    settings.ca = options.ca;
    settings.ca_path = options.ca_path;
    settings.client_certificate = options.certificate;
    settings.client_key = options.key;
    settings.client_key_password = options.key_password;
    settings.server_name = options.server_name;
    settings.pins = options.pins;
    settings.handshake_ms = options.handshake_ms;
    settings.resume = options.resumes;
    int64_t unix_time = options.unix_time;
    if (unix_time != 0) {
        settings.unix_time = [](void* time) { return *static_cast<int64_t*>(time); };
        settings.unix_time_context = &unix_time;
    }
    oai::Timeouts timeouts;
    timeouts.idle_ms = options.idle_ms;

    std::vector<oai::Endpoint> servers;
    for (const std::string& url : options.urls) servers.emplace_back(url, options.api_key);
    const std::string question = "ping" + std::string(options.padding, '.');
    const oai::ChatRequest request("local", question);
    static char memory[16 * 1024];

    Here here(options.stutters);
    const bool counts_heap = counted_heap::works();
    const size_t held_before = counted_heap::end().live;
    counted_heap::begin();
    oai::Tls tls(oai::transport_of(here), settings);
    const oai::Transport link = options.is_plain ? oai::transport_of(here) : oai::transport_of(tls);
    oai::Stream stream(link, memory, timeouts);
    for (size_t asked = 0; asked < options.count; ++asked) {
        if (asked != 0) counted_heap::begin();
        const uint32_t begun_ms = here.now_ms();
        Text text;
        if (!options.keeps) stream = oai::Stream(link, memory, timeouts);
        stream.open(servers[asked % servers.size()], request);
        uint32_t longest_ms = 0, frames = 0;
        const auto next = [&](oai::Event& event) {
            return options.polls ? polled(stream, event, here, longest_ms, frames) : stream.next(event);
        };
        for (oai::Event event; next(event);)
            if (event.kind == oai::EventKind::text) text.add(event.text);
        const uint32_t took_ms = here.now_ms() - begun_ms;
        const counted_heap::Counts heap = counted_heap::end();

        const oai::Failure failure = stream.failure();
        printf("{");
        print_string("text", StringView(text.bytes, text.size));
        print_string("error", oai::describe(stream.error()));
        print_string("problem", name_of(tls.problem()));
        print_string("said", tls.describe());
        print_number("code", tls.code());
        print_number("transport_code", failure.transport_code);
        print_number("secure", tls.secure());
        print_number("resumed", tls.is_resumed());
        print_number("dates_checked", tls.dates_checked());
        print_string("protocol", tls.protocol());
        print_string("library", "mbedTLS " MBEDTLS_VERSION_STRING);
        print_number("has_tls13", has_tls13);
        print_number("http_status", failure.http_status);
        print_string("body", failure.body_prefix);
        print_number("ms", took_ms);
        print_number("longest_ms", longest_ms);
        print_number("frames", frames);
        print_number("dials", here.dials);
        print_number("replaced", stream.stats().has_reconnected);
        if (counts_heap) {
            print_number("own", static_cast<long long>(heap.own));
            print_number("mbedtls", static_cast<long long>(heap.mbedtls));
            print_number("system", static_cast<long long>(heap.system));
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
