// What only shows after a long time: counters that wrap, memory that grows, a state that one conversation in 100,000
// leaves behind. soak EVENTS GIBIBYTES CONVERSATIONS; see soak.sh.
#include "support/header.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace oai = openai_stream;
using oai::Error;
using oai::Event;
using oai::EventKind;
using oai::IoResult;

namespace {

unsigned long failures = 0, checks = 0;
void check(bool holds, const char* what) {
    ++checks;
    if (holds) return;
    if (++failures < 20) std::printf("FAILED: %s\n", what);
}

long resident_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

const std::string event_of_text =
    "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"m\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":\"word \"},\"finish_reason\":null}]}\n\n";

// An answer whose middle comes again and again.
struct Endless {
    std::string head, middle, tail;
    uint64_t turns = 0, turn = 0;
    size_t at = 0;
    uint32_t now = UINT32_MAX - 1000;  // the clock wraps at once
    uint64_t pulls = 0;

    const std::string& part() const { return turn == 0 ? head : turn <= turns ? middle : tail; }
    IoResult pull(char* into, size_t room) {
        if (++pulls % 64 == 0) now += 7;
        size_t count = 0;
        while (count < room && turn <= turns + 1) {
            const std::string& text = part();
            const size_t size = std::min(room - count, text.size() - at);
            std::memcpy(into + count, text.data() + at, size);
            count += size;
            at += size;
            if (at == text.size()) at = 0, ++turn;
        }
        return count == 0 ? IoResult::closed() : IoResult::bytes(count);
    }
    IoResult push(const char*, size_t count) { return IoResult::bytes(count); }
    IoResult wait(oai::Interest, uint32_t ms) {
        now += ms;
        return IoResult::would_block();
    }
    uint32_t now_ms() const { return now; }
};

// So many events of one answer; the clock wraps around more than once.
void events(uint64_t count) {
    static char memory[4096];
    Endless link;
    link.head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    link.middle = event_of_text;
    link.tail = "data: [DONE]\n\n";
    link.turns = count;
    oai::Timeouts timeouts;
    timeouts.total_ms = 0;
    oai::Stream stream(oai::transport_of(link), memory);
    stream.use(timeouts);
    const oai::Endpoint server("http://localhost/v1");
    const oai::ChatRequest ask("m", "hi");
    stream.open(server, ask);
    Event event;
    uint64_t texts = 0, bytes = 0, wraps = 0;
    uint32_t last = link.now;
    long resident = 0;
    while (stream.next(event)) {
        if (event.kind == EventKind::text) {
            ++texts;
            bytes += event.text.size();
            if (texts % 4096 == 0) link.now += 4000000;  // 49 days pass every 1,074 times: within the limit of a wait
        }
        if (link.now < last) ++wraps;
        last = link.now;
        if (texts == count / 10) resident = resident_kib();
    }
    check(stream.error() == Error::none || stream.error() == Error::idle_timeout || stream.error() == Error::content_timeout,
          "the events end as they should");
    check(stream.error() == Error::none, "no limit was met");
    check(texts == count, "each event's text was delivered");
    check(bytes == 5 * count, "and all of it");
    check(resident_kib() - resident < 512, "the memory is flat");
    std::printf("%llu events, %llu bytes, the clock wrapped %llu times, %ld KiB more\n",
                static_cast<unsigned long long>(texts), static_cast<unsigned long long>(stream.stats().received_bytes),
                static_cast<unsigned long long>(wraps), resident_kib() - resident);
}

// One text that does not end before so many GiB, in one event that is read in parts, and the count of its bytes.
void large(uint64_t gibibytes) {
    static char memory[65536];
    Endless link;
    link.head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
    link.middle = std::string(1 << 20, 'x');
    link.tail = "\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    link.turns = gibibytes * 1024;
    oai::Stream stream(oai::transport_of(link), memory);
    const oai::Endpoint server("http://localhost/v1");
    const oai::ChatRequest ask("m", "hi");
    stream.open(server, ask);
    Event event;
    uint64_t bytes = 0;
    while (stream.next(event))
        if (event.kind == EventKind::text) bytes += event.text.size();
    check(stream.error() == Error::none, "an answer of many GiB ends well");
    check(bytes == link.turns << 20, "its text is whole");
    check(stream.stats().received_bytes == (link.turns << 20) + link.head.size() + link.tail.size(),
          "its bytes are counted beyond 4 GiB");
    std::printf("%llu bytes of one text\n", static_cast<unsigned long long>(bytes));
}

// A server that keeps connections, closes them, lets them die, refuses, cuts off, and a clock that goes on.
struct Server {
    uint64_t state = 0x9E3779B97F4A7C15u;
    uint64_t dials = 0, hang_ups = 0, answers = 0;
    bool is_up = false;
    uint32_t now = 0;
    std::string left;
    size_t at = 0;
    bool closes_after = false, dies = false, is_asked = false;

    unsigned chance(unsigned most) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return static_cast<unsigned>(state % most);
    }
    IoResult dial(oai::StringView, uint16_t) {
        check(!is_up, "one connection at a time");
        ++dials;
        if (chance(50) == 0) return IoResult::failed(111);
        is_up = true;
        left.clear();
        at = 0;
        closes_after = dies = is_asked = false;
        return IoResult::ready();
    }
    void hang_up() {
        ++hang_ups;
        is_up = false;
    }
    IoResult push(const char* bytes, size_t count) {
        if (dies) return IoResult::failed(32);
        if (chance(20) == 0) return IoResult::would_block();
        const size_t taken = 1 + chance(static_cast<unsigned>(count));
        // The body ends the request; each has one in this test.
        if (std::memchr(bytes, '}', taken) && bytes[taken - 1] == '}' && taken == count) answer();
        return IoResult::bytes(taken);
    }
    void answer() {
        at = 0;
        ++answers;
        is_asked = true;
        const unsigned what = chance(100);
        const std::string body = event_of_text + event_of_text + "data: [DONE]\n\n";
        char size[32];
        std::snprintf(size, sizeof size, "%zx\r\n", body.size());
        left = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
               std::string(size) + body + "\r\n0\r\n\r\n";
        if (what < 5) left = "HTTP/1.1 503 busy\r\nContent-Length: 2\r\n\r\n{}";
        else if (what < 8) left = "HTTP/1.1 429 slow\r\nRetry-After: 1\r\nContent-Length: 2\r\n\r\n{}";
        else if (what < 10) left = "HTTP/1.1 401 no\r\nContent-Length: 2\r\n\r\n{}";
        else if (what < 14) left.resize(chance(static_cast<unsigned>(left.size()))), closes_after = true;
        else if (what < 30) closes_after = true;
    }
    IoResult pull(char* into, size_t room) {
        if (dies) return chance(2) ? IoResult::closed() : IoResult::failed(104);
        if (chance(10) == 0) return IoResult::would_block();
        if (at == left.size()) return closes_after ? IoResult::closed() : IoResult::would_block();
        const size_t count = std::min({room, left.size() - at, size_t{1} + chance(400)});
        std::memcpy(into, left.data() + at, count);
        at += count;
        return IoResult::bytes(count);
    }
    IoResult wait(oai::Interest interest, uint32_t ms) {
        const bool is_there = dies || at != left.size() || (closes_after && is_asked);
        if (oai::has(interest, oai::Interest::write) || (interest != oai::Interest::none && is_there))
            return IoResult::ready();
        now += ms;
        return IoResult::would_block();
    }
    uint32_t now_ms() const { return now; }
};

void conversations(uint64_t count) {
    static char memory[2048];
    Server link;
    link.now = UINT32_MAX - 100000;
    oai::Timeouts timeouts;
    oai::RetryPolicy retries;
    oai::Stream stream(oai::transport_of(link), memory);
    stream.use(timeouts);
    stream.use(retries);
    const oai::Endpoint one("http://one/v1"), two("http://two/v1");
    const oai::ChatRequest ask("m", "hi");
    uint64_t done = 0, refused = 0, broken = 0, retried = 0, reused = 0;
    long resident = 0;
    for (uint64_t i = 0; i != count; ++i) {
        if (i == count / 10) resident = resident_kib();
        if (link.is_up && link.chance(7) == 0) link.dies = true;  // while nobody looks
        stream.open(link.chance(9) == 0 ? two : one, ask);
        Event event;
        std::string text;
        const bool gives_up = link.chance(40) == 0;
        while (stream.next(event)) {
            if (event.kind == EventKind::text) text += std::string(event.text);
            if (gives_up && !text.empty()) stream.close();
        }
        const Error error = stream.error();
        retried += retries.stats().retries;
        reused += stream.stats().is_reused;
        if (error == Error::none) {
            ++done;
            check(text == "word word ", "a whole answer has its text");
        } else if (error == Error::http_status) {
            ++refused;
            check(text.empty(), "a refusal has none");
        } else {
            ++broken;
            check(oai::category(error) == oai::ErrorCategory::transport || error == Error::closed ||
                      oai::category(error) == oai::ErrorCategory::protocol, "a broken answer says why");
            check(std::string("word word ").compare(0, text.size(), text) == 0, "and its text is the beginning");
        }
    }
    stream.close();
    check(!link.is_up && link.dials == link.hang_ups, "each connection was hung up once");
    check(done > count / 2 && refused != 0 && broken != 0 && retried != 0 && reused > count / 4, "all of it has happened");
    check(resident_kib() - resident < 512, "the memory is flat");
    std::printf("%llu conversations: %llu done, %llu refused, %llu broken; %llu retries, %llu connections, %llu reused, "
                "%ld KiB more\n",
                static_cast<unsigned long long>(count), static_cast<unsigned long long>(done),
                static_cast<unsigned long long>(refused), static_cast<unsigned long long>(broken),
                static_cast<unsigned long long>(retried), static_cast<unsigned long long>(link.dials),
                static_cast<unsigned long long>(reused), resident_kib() - resident);
}

}  // namespace

int main(int count, char** arguments) {
    const auto number = [&](int index, uint64_t otherwise) {
        return count > index ? std::strtoull(arguments[index], nullptr, 10) : otherwise;
    };
    conversations(number(3, 100000));
    events(number(1, 10000000));
    large(number(2, 5));
    std::printf("%lu passed, %lu failed\n", checks - failures, failures);
    return failures != 0;
}
