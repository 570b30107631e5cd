// The frames of examples/game/ over an answer of a minute, without a window and in a moment: the clock is the test's,
// and so is the server, which pauses, makes up for it at once, and hands over its bytes in odd portions.
//
// Expected: no poll() makes more calls of the transport, and no frame moves more bytes, than the bounds say; all of the
// text is shown; what the library takes of a frame is at most 0.2 ms of this thread's processor time, in 99.9 % of the
// frames. Prints what it measured.
#include "support/checked.hpp"

#include "game/npc.hpp"
#include "openai_stream.hpp"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <algorithm>
#include <string>
#include <vector>

namespace oai = openai_stream;

namespace {

constexpr int seconds = 60, frames_per_second = 60;
constexpr double most_us = 2000;  // ten times what an idle machine keeps with ease: it is printed, and no benchmark
constexpr unsigned most_calls_per_poll = 9;       // eight that move something, and one that moves nothing
constexpr size_t most_bytes_per_poll = 8 * 1024;  // the stream's memory
// A frame stops at an event too many, and when what it has read waits to be shown.
constexpr size_t most_bytes_per_frame = 2 * most_bytes_per_poll;

constexpr const char* sentence =
    "The lamp turns, the sea replies \u2014 na\\u00efve \\\"waves\\\", \\ud83c\\udf0a again. ";
constexpr const char* spoken = "The lamp turns, the sea replies \u2014 na\u00efve \"waves\", \U0001F30A again. ";

size_t characters_of(const std::string& text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string quoted(const std::string& text) {
    std::string out;
    for (const char c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
    return out;
}

std::string chunk_of(const std::string& delta, const char* reason) {
    const std::string event =
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{\"index\":0,"
        "\"delta\":{\"content\":\"" +
        quoted(delta) + "\"},\"finish_reason\":" + reason + "}]}\n\n";
    char size[16];
    snprintf(size, sizeof size, "%zx\r\n", event.size());
    return size + event + "\r\n";
}

// An answer, and when each part of it may be received: 60 tokens a second for two seconds, nothing for three, then all
// that would have come and a burst of 300 more.
class Server {
public:
    explicit Server(size_t token_bytes = 6) {  // cuts no character of the sentence
        say(0, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        say(0, chunk_of("{\"emotion\":\"glad\",\"reply\":\"", "null"));
        std::string text;
        for (int i = 0; i < 500; ++i) text += sentence, expected_ += spoken;
        const std::string end = "\"}";
        text += end;
        size_t at = 0;
        for (uint32_t ms = 100; at < text.size(); ms += 17) {
            const uint32_t phase = ms % 5000;
            const bool is_burst = phase >= 4983;
            if (phase >= 2000 && !is_burst && ms < seconds * 1000 - 2000) continue;
            for (size_t left = is_burst                     ? 480
                               : ms > seconds * 1000 - 2000 ? 60
                                                            : 1;
                 left != 0 && at < text.size(); --left) {
                say(ms, chunk_of(text.substr(at, token_bytes), "null"));
                at += token_bytes;
            }
            last_ms_ = ms;
        }
        say(last_ms_, chunk_of("", "\"stop\"") + "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n");
    }
    // All of it is there at once.
    void hurry() {
        for (Part& part : parts_) part.ms = 0;
    }
    // The link breaks after so many words of the text, and nothing of the JSON ends.
    void break_after(const std::string& text) {
        parts_.resize(2);
        say(0, chunk_of(text, "null"));
        is_broken_ = true;
    }

    uint32_t now_ms() const { return now_ms_; }
    void set_time(uint32_t ms) { now_ms_ = ms; }
    const std::string& expected() const { return expected_; }

    // The transport.
    oai::IoResult pull(char* into, size_t room) {
        ++calls;
        size_t count = 0;
        // Portions as networks make them: of 1 to 4,000 bytes.
        seed_ = seed_ * 1103515245u + 12345u;
        room = std::min<size_t>(room, seed_ >> 16 & 1 ? 4000 : 1 + (seed_ >> 17) % 700);
        while (room != count && next_ != parts_.size() && parts_[next_].ms <= now_ms_) {
            const std::string& part = parts_[next_].text;
            const size_t fits = std::min(room - count, part.size() - offset_);
            memcpy(into + count, part.data() + offset_, fits);
            count += fits;
            offset_ += fits;
            if (offset_ == part.size()) ++next_, offset_ = 0;
        }
        bytes += count;
        if (count != 0) return oai::IoResult::bytes(count);
        return is_broken_ ? oai::IoResult::closed() : oai::IoResult::would_block();
    }
    oai::IoResult push(const char*, size_t size) {
        ++calls;
        bytes += size;
        return oai::IoResult::bytes(size);
    }
    oai::IoResult dial(oai::StringView, uint16_t) { return oai::IoResult::ready(); }

    unsigned calls = 0;  // to be set to 0 before what is to be counted
    size_t bytes = 0;

private:
    struct Part {
        uint32_t ms;
        std::string text;
    };
    void say(uint32_t ms, std::string text) { parts_.push_back({ms, std::move(text)}); }

    std::vector<Part> parts_;
    std::string expected_;
    size_t next_ = 0, offset_ = 0;
    bool is_broken_ = false;
    uint32_t now_ms_ = 0, last_ms_ = 0, seed_ = 1;
};

int failures = 0;

void expect(bool is_true, const char* what) {
    if (is_true) return;
    ++failures;
    printf("FAILED: %s\n", what);
}

double spent_us() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

uint32_t ms_of_frame(int frame) { return static_cast<uint32_t>(frame * 1000 / frames_per_second); }

// As many polls as it takes, one at a time.
void polls_are_bounded() {
    static Server server;
    static char memory[8 * 1024];
    const oai::Endpoint endpoint("http://127.0.0.1/v1");
    const oai::ChatRequest request("m", "?");
    oai::Timeouts timeouts;
    oai::Stream stream(oai::transport_of(server), memory, timeouts);
    stream.open(endpoint, request);
    unsigned most_calls = 0;
    size_t most_bytes = 0;
    oai::Poll poll = oai::Poll::pending;
    for (int frame = 0; frame < 2 * seconds * frames_per_second && poll <= oai::Poll::pending; ++frame) {
        server.set_time(ms_of_frame(frame));
        do {
            oai::Event event;
            server.calls = 0, server.bytes = 0;
            poll = stream.poll(event);
            most_calls = std::max(most_calls, server.calls);
            most_bytes = std::max(most_bytes, server.bytes);
        } while (poll == oai::Poll::event);
    }
    printf("one poll(): at most %u calls, %zu bytes\n", most_calls, most_bytes);
    expect(poll == oai::Poll::done, "the answer is complete");
    expect(most_calls <= most_calls_per_poll, "calls of one poll()");
    expect(most_bytes <= most_bytes_per_poll, "bytes of one poll()");
}

void frames_are_bounded() {
    static Server server;
    const oai::Endpoint endpoint("http://127.0.0.1/v1");
    static game::Npc npc(oai::transport_of(server), endpoint);
    npc.ask("m", "?");
    std::vector<double> spent;
    unsigned most_calls = 0;
    size_t most_bytes = 0, longest_wait = 0;
    int frame = 0;
    for (; frame < 2 * seconds * frames_per_second; ++frame) {
        server.set_time(ms_of_frame(frame));
        server.calls = 0, server.bytes = 0;
        const double began = spent_us();
        npc.tick();
        spent.push_back(spent_us() - began);
        most_calls = std::max(most_calls, server.calls);
        most_bytes = std::max(most_bytes, server.bytes);
        longest_wait = std::max(longest_wait, npc.waiting_bytes());
        const bool is_over = npc.state() == game::Npc::State::done || npc.state() == game::Npc::State::failed;
        if (is_over && npc.waiting_bytes() == 0) break;
    }
    std::sort(spent.begin(), spent.end());
    const auto at = [&](double share) {
        return spent[static_cast<size_t>(share * static_cast<double>(spent.size() - 1))];
    };
    printf("%d frames, %.0f s: at most %u calls, %zu bytes in one; %zu bytes waited to be shown\n", frame,
           frame / static_cast<double>(frames_per_second), most_calls, most_bytes, longest_wait);
    printf("the library took %.1f us of a frame, 99.9 %% at most %.0f, the worst %.0f\n", at(0.5), at(0.999), at(1));
    expect(npc.state() == game::Npc::State::done, "the answer is complete");
    expect(frame >= (seconds - 10) * frames_per_second, "it takes a minute");
    expect(npc.emotion() == game::Emotion::glad, "the face is the answer's");
    // Line ends take the place of blanks, and the last of those is not shown.
    expect(npc.characters() + 1 == characters_of(server.expected()), "all of the text is shown");
    expect(most_calls <= game::Npc::max_events_per_frame * most_calls_per_poll, "calls of one frame");
    expect(most_bytes <= most_bytes_per_frame, "bytes of one frame");
    expect(at(0.999) <= most_us, "99.9 % of the frames leave 2 ms to the library, whatever else the machine does");
}

// What comes faster than it is shown waits with the server; nothing of it is lost.
void haste_loses_nothing() {
    static Server server(85 * 6);
    server.hurry();
    const oai::Endpoint endpoint("http://127.0.0.1/v1");
    static game::Npc npc(oai::transport_of(server), endpoint);
    npc.ask("m", "?");
    size_t frame = 0, waited = 0;
    for (; npc.state() != game::Npc::State::done && frame < 10000; ++frame) {
        npc.tick();
        waited += server.bytes == 0;
        server.bytes = 0;
    }
    npc.skip();
    npc.tick();
    printf("all at once: read in %zu frames, in %zu of them nothing\n", frame, waited);
    expect(npc.state() == game::Npc::State::done, "the answer is complete");
    expect(npc.characters() + 1 == characters_of(server.expected()), "all of it is shown");
    expect(waited > 10, "frames in which there is no room for more");
}

void what_came_of_a_broken_answer_is_shown() {
    static Server server;
    server.break_after("and so to");
    const oai::Endpoint endpoint("http://127.0.0.1/v1");
    static game::Npc npc(oai::transport_of(server), endpoint);
    npc.ask("m", "?");
    for (int frame = 0; frame < 100; ++frame) npc.tick();
    expect(npc.state() == game::Npc::State::failed && npc.problem()[0] != '\0', "it says why it failed");
    expect(npc.said().line(0) == "and so to", "the last word is shown, though nothing comes after it");
}

}  // namespace

int main() {
    polls_are_bounded();
    frames_are_bounded();
    haste_loses_nothing();
    what_came_of_a_broken_answer_is_shown();
    printf("%d passed, %d failed\n", failures == 0, failures);
    return failures == 0 ? 0 : 1;
}
