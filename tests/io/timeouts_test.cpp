// What may take how long, by a clock that the test turns. No test waits.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::text;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using oai::Timeouts;
using oai::Verdict;
using support::ScriptedTransport;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");
const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
constexpr uint32_t never = UINT32_MAX;

Timeouts limits(uint32_t connect_ms, uint32_t headers_ms, uint32_t idle_ms, uint32_t content_ms = 0,
                uint32_t total_ms = 0) {
    Timeouts timeouts;
    timeouts.content_ms = content_ms;
    timeouts.total_ms = total_ms;
    timeouts.connect_ms = connect_ms;
    timeouts.headers_ms = headers_ms;
    timeouts.idle_ms = idle_ms;
    return timeouts;
}

// Something that happens to the link at a time.
struct Happening {
    uint32_t at_ms;
    std::function<void(ScriptedTransport&)> what;
};
using Story = std::vector<Happening>;

Happening connects(uint32_t at_ms) {
    return {at_ms, [](ScriptedTransport& link) { link.dial_end = IoResult::ready(); }};
}
Happening takes_bytes(uint32_t at_ms, size_t count) {
    return {at_ms, [count](ScriptedTransport& link) { link.push_takes(count); }};
}
Happening takes_all(uint32_t at_ms) {
    return {at_ms, [](ScriptedTransport& link) { link.push_end = IoResult::ready(); }};
}
Happening says(uint32_t at_ms, const std::string& bytes) {
    return {at_ms, [bytes](ScriptedTransport& link) { link.answer(bytes); }};
}

struct Row {
    const char* name;
    Timeouts timeouts;
    Story story;
    Error error;
    uint32_t at_ms;  // when it ends; never: it goes on
};

Story begun(Story more) {
    Story story = {connects(0), takes_all(0)};
    for (Happening& one : more) story.push_back(one);
    return story;
}
// Each piece 500 ms after the one before, from 500 on.
Story trickle(const std::string& bytes, size_t piece) {
    Story story;
    for (size_t at = 0; at < bytes.size(); at += piece)
        story.push_back(says(static_cast<uint32_t>(500 * (at / piece + 1)), bytes.substr(at, piece)));
    return begun(story);
}

const Row rows[] = {
    {"a link that never comes up", limits(1000, 0, 0), {}, Error::connect_timeout, 1000},
    {"one that comes up in time", limits(1000, 0, 0), {connects(900)}, Error::none, never},
    {"without a limit it may take for ever", limits(0, 1000, 1000), {}, Error::none, never},
    {"a peer that takes nothing", limits(0, 0, 1000), {connects(300)}, Error::idle_timeout, 1300},
    {"one that takes a byte now and then", limits(0, 0, 1000),
     {connects(0), takes_bytes(900, 1), takes_bytes(1800, 1), takes_bytes(2700, 1)}, Error::idle_timeout, 3700},
    {"nothing is said", limits(0, 1000, 200), begun({}), Error::headers_timeout, 1000},
    {"the time for an answer begins with the last byte of the request", limits(0, 1000, 5000),
     {connects(0), takes_bytes(900, 1), takes_all(1800)}, Error::headers_timeout, 2800},
    {"a head must come as a whole", limits(0, 3000, 700), trickle(head, 5), Error::headers_timeout, 3000},
    {"the time between bytes is not that for a head", limits(0, 0, 700), trickle(head, 5), Error::idle_timeout,
     500 * static_cast<uint32_t>((head.size() + 4) / 5) + 700},
    {"a body that stops", limits(0, 1000, 1500), begun({says(100, head + text("a"))}), Error::idle_timeout, 1600},
    {"each byte counts", limits(0, 0, 700), trickle(head + ": a comment\n\n" + text("a"), 40), Error::idle_timeout,
     500 * static_cast<uint32_t>((head.size() + 13 + text("a").size() + 39) / 40) + 700},
    {"comments are no content", limits(0, 0, 700, 2000), trickle(head + text("a") + std::string(400, ':') + "\n", 60),
     Error::content_timeout, 2000 + 500 * static_cast<uint32_t>((head.size() + text("a").size() + 59) / 60)},
    {"events are", limits(0, 0, 0, 1000),
     begun({says(100, head), says(1000, text("a")), says(1900, text("b")), says(2800, text("c"))}),
     Error::content_timeout, 3800},
    {"the time for content begins with the body", limits(0, 0, 0, 1000), begun({says(900, head)}),
     Error::content_timeout, 1900},
    {"the whole takes too long, however much comes", limits(0, 0, 0, 0, 3000), trickle(head + text("abc"), 10),
     Error::total_timeout, 3000},
    {"the whole takes too long, while it connects", limits(0, 0, 0, 0, 300), {}, Error::total_timeout, 300},
    {"the first limit that is reached counts", limits(500, 0, 0, 0, 400), {}, Error::total_timeout, 400},
    {"the first limit that is reached counts, the other way", limits(400, 0, 0, 0, 500), {}, Error::connect_timeout,
     400},
    {"without limits nothing is late", limits(0, 0, 0), begun({says(100, head + text("a"))}), Error::none, never},
    {"a refusal stays one though its body stops", limits(0, 0, 1000),
     begun({says(100, "HTTP/1.1 500 x\r\nContent-Length: 20\r\n\r\n{\"er")}), Error::http_status, 1100},
    {"an early refusal is an answer", limits(0, 1000, 1000),
     {connects(0), says(500, "HTTP/1.1 413 x\r\nContent-Length: 2\r\n\r\n{}")}, Error::http_status, 500},
};

}  // namespace

TEST_CASE("each wait has its own limit and its own error, also where the clock wraps around") {
    for (const Row& row : rows) {
        for (const uint32_t start : {0u, UINT32_MAX - 600u, 0x80000000u - 1u}) {
            ROW(std::string(row.name) + ", from " + std::to_string(start));
            ScriptedTransport link;
            link.pull_end = link.push_end = link.dial_end = IoResult::would_block();
            link.now = start;
            char memory[2048];
            Timeouts timeouts = row.timeouts;
            Stream stream(link.transport(), memory, timeouts);
            REQUIRE(stream.open(server, ask) == Error::none);
            Heard heard;
            Event event;
            Poll said = Poll::pending;
            uint32_t at_ms = 0;
            for (; at_ms <= 20000 && said == Poll::pending; at_ms += 100) {
                link.now = start + at_ms;
                for (const Happening& one : row.story)
                    if (one.at_ms == at_ms) one.what(link);
                const uint32_t deadline_ms = stream.next_deadline_ms();
                while ((said = stream.poll(event)) == Poll::event) heard.add(event);
                if (said == Poll::failed && category(row.error) == oai::ErrorCategory::transport)
                    CHECK_EQ(deadline_ms, 0);
            }
            CHECK_EQ(name(stream.error()), name(row.error));
            CHECK_EQ(said == Poll::pending ? never : at_ms - 100, row.at_ms);
            if (row.error == Error::none) continue;
            CHECK(stream.verdict() == Verdict::failed);
            CHECK_EQ(link.hang_ups(), 1);
            CHECK_EQ(stream.next_deadline_ms(), never);
            CHECK(link.violations().empty());
        }
    }
}

TEST_CASE("what came before the limit is not lost") {
    ScriptedTransport link;
    link.pull_end = IoResult::would_block();
    link.answer(head + text("a"));
    char memory[2048];
    Timeouts timeouts = limits(0, 0, 1000);
    Stream stream(link.transport(), memory, timeouts);
    REQUIRE(stream.open(server, ask) == Error::none);
    Heard heard;
    Event event;
    while (stream.poll(event) == Poll::event) heard.add(event);
    link.now = 5000;
    link.answer(text("b"));  // it is late, but it is there
    while (stream.poll(event) == Poll::event) heard.add(event);
    CHECK_EQ(heard.story, "started(c1,m1) text(a) text(b)");
    CHECK(stream.error() == Error::none);
    link.now = 6000;
    CHECK(stream.poll(event) == Poll::failed);
    CHECK_EQ(name(stream.error()), name(Error::idle_timeout));
}

TEST_CASE("next() waits no longer than is left, and ends by itself") {
    struct Case {
        const char* name;
        Timeouts timeouts;
        bool has_wake;
        Error error;
        uint32_t took_ms;
    };
    const Case cases[] = {
        {"the link", limits(1000, 2000, 3000), true, Error::connect_timeout, 1000},
        {"the link, without wake", limits(1010, 2000, 3000), false, Error::connect_timeout, 1010},
        {"the answer", limits(0, 2000, 3000), true, Error::headers_timeout, 2000},
        {"the answer, without wake", limits(0, 2010, 3000), false, Error::headers_timeout, 2010},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        ScriptedTransport link;
        link.pull_end = link.wait_end = IoResult::would_block();
        if (one.timeouts.connect_ms != 0) link.dial_end = IoResult::would_block();
        link.now = UINT32_MAX - 70;
        oai::Transport transport = link.transport();
        if (!one.has_wake) transport.wake = nullptr;
        char memory[2048];
        Timeouts timeouts = one.timeouts;
        Stream stream(transport, memory, timeouts);
        REQUIRE(stream.open(server, ask) == Error::none);
        Event event;
        CHECK_FALSE(stream.next(event));
        CHECK_EQ(name(stream.error()), name(one.error));
        CHECK_EQ(link.now - (UINT32_MAX - 70), one.took_ms);
    }
}

TEST_CASE("how long it took: to the head, to the first token, the longest gap, tokens per second") {
    ScriptedTransport link;
    link.pull_end = IoResult::would_block();
    link.now = UINT32_MAX - 100;
    char memory[2048];
    Timeouts timeouts;
    Stream stream(link.transport(), memory, timeouts);
    CHECK(timeouts.latency().first_token_ms == oai::Latency::unknown);
    REQUIRE(stream.open(server, ask) == Error::none);
    Event event;
    const auto at = [&](uint32_t ms, const std::string& bytes) {
        link.now = UINT32_MAX - 100 + ms;
        link.answer(bytes);
        while (stream.poll(event) == Poll::event) {}
    };
    at(50, "");
    at(120, head);
    at(180, ": a comment\n\n");
    at(200, conversation::choice("\"delta\":{\"role\":\"assistant\"}"));
    at(300, text("a"));
    CHECK_EQ(timeouts.latency().tokens_per_second(), 0);
    at(400, text("b"));
    at(900, text("c"));
    CHECK_EQ(timeouts.latency().headers_ms, 120);
    CHECK_EQ(timeouts.latency().first_event_ms, 200);
    CHECK_EQ(timeouts.latency().first_token_ms, 300);
    CHECK_EQ(timeouts.latency().last_token_ms, 900);
    CHECK_EQ(timeouts.latency().longest_gap_ms, 500);
    CHECK_EQ(timeouts.latency().tokens, 3);
    CHECK_EQ(timeouts.latency().tokens_per_second(), doctest::Approx(2000.0 / 600));
    at(910, conversation::sse("{\"choices\":[],\"usage\":{\"completion_tokens\":13}}"));
    CHECK_EQ(timeouts.latency().tokens, 13);
    CHECK_EQ(timeouts.latency().tokens_per_second(), doctest::Approx(12000.0 / 600));
    CHECK_EQ(timeouts.latency().last_token_ms, 900);
    REQUIRE(stream.open(server, ask) == Error::none);
    CHECK(timeouts.latency().headers_ms == oai::Latency::unknown);
}

TEST_CASE("without a clock there are no limits") {
    ScriptedTransport link;
    link.pull_end = link.push_end = link.dial_end = IoResult::would_block();
    oai::Transport transport = link.transport();
    transport.now_ms = nullptr;
    char memory[2048];
    Timeouts timeouts = limits(1, 1, 1);
    Stream stream(transport, memory, timeouts);
    REQUIRE(stream.open(server, ask) == Error::none);
    Event event;
    for (int polls = 0; polls < 100; ++polls) CHECK(stream.poll(event) == Poll::pending);
    CHECK_EQ(stream.next_deadline_ms(), never);
}

TEST_CASE("each conversation has its own time, and a Stream that was moved keeps it") {
    ScriptedTransport link;
    link.pull_end = link.dial_end = IoResult::would_block();
    char memory[2048];
    Timeouts timeouts = limits(1000, 2000, 3000);
    Stream first(link.transport(), memory, timeouts);
    Event event;
    REQUIRE(first.open(server, ask) == Error::none);
    CHECK(first.poll(event) == Poll::pending);
    link.now = 900;
    CHECK_EQ(first.next_deadline_ms(), 100);
    REQUIRE(first.open(server, ask) == Error::none);
    CHECK_EQ(first.next_deadline_ms(), 1000);
    link.now = 1800;
    CHECK(first.poll(event) == Poll::pending);
    link.now = 1850;
    Stream second(std::move(first));
    CHECK_EQ(second.next_deadline_ms(), 50);
    CHECK_EQ(first.next_deadline_ms(), never);
    link.now = 1900;
    CHECK(second.poll(event) == Poll::failed);
    CHECK_EQ(name(second.error()), name(Error::connect_timeout));

    link.now = 2900;
    link.dial_end = IoResult::ready();
    link.answer(chunked_answer(short_answer, 60));
    REQUIRE(second.open(server, ask) == Error::none);
    Heard heard;
    while (second.poll(event) == Poll::event) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK(second.error() == Error::none);
}

namespace {

// A link on which something always comes: `head` once, then `babble` for ever. Each pull takes 10 ms; no wait ever
// waits. It closes when the limits should have ended the conversation long ago, so that a test ends, too.
struct Babbler {
    std::string head, babble;
    size_t piece = 1;  // bytes of a pull
    bool takes_all = true;  // of the request
    size_t at = 0;
    uint32_t now = UINT32_MAX - 500;
    uint32_t start = UINT32_MAX - 500;
    int hang_ups = 0;
    static constexpr uint32_t step_ms = 10, end_ms = 60000;

    IoResult dial(oai::StringView, uint16_t) { return IoResult::ready(); }
    void hang_up() { ++hang_ups; }
    IoResult push(const char*, size_t count) { return takes_all ? IoResult::bytes(count) : IoResult::would_block(); }
    IoResult pull(char* into, size_t room) {
        now += step_ms;
        if (now - start > end_ms) return IoResult::closed();
        if (at >= head.size() && babble.empty()) return IoResult::would_block();
        const size_t count = piece < room ? piece : room;
        for (size_t i = 0; i != count; ++i, ++at)
            into[i] = at < head.size() ? head[at] : babble[(at - head.size()) % babble.size()];
        return IoResult::bytes(count);
    }
    IoResult wait(oai::Interest, uint32_t) {
        now += step_ms;
        return IoResult::ready();
    }
    void wake() {}
    uint32_t now_ms() const { return now; }
};

struct Babble {
    const char* name;
    std::string head, babble;
    enum Content { none, some, by_buffer } content;  // by_buffer: as soon as the buffer is full
};

const std::string refusal = "HTTP/1.1 500 x\r\nContent-Type: text/html\r\n\r\n<html>";

// How a conversation with a Babbler ends.
template <class E> Error ended_by(Babbler& link, Timeouts timeouts, bool is_polled, size_t memory_bytes) {
    std::vector<char> memory(memory_bytes);
    Stream stream(oai::transport_of(link), oai::Buffer(memory.data(), memory.size()), timeouts);
    REQUIRE(stream.open(server, ask) == Error::none);
    E event;
    if (is_polled) {
        Poll said = Poll::pending;
        while (said == Poll::pending || said == Poll::event) said = stream.poll(event);
    } else {
        while (stream.next(event)) {}
    }
    return stream.error();
}

}  // namespace

TEST_CASE("a server that never stops sending does not outlast the limits") {
    const Babble babbles[] = {
        {"comments", head, ": still here\n", Babble::none},
        {"comments that are empty", head, ":\n\n", Babble::none},
        {"events without data", head, "event: ping\n\n", Babble::none},
        {"events of empty data", head, "data:\n\n", Babble::none},
        {"keep-alives in data", head, "data: : PROCESSING\n\n", Babble::none},
        {"unknown fields", head, "foo: bar\n", Babble::none},
        {"retry fields", head, "retry: 10\n\n", Babble::none},
        {"a comment that never ends", head + ":", "x", Babble::none},
        {"a line that never ends", head + "foo: ", "x", Babble::none},
        {"blank lines", head, "\n", Babble::none},
        {"events that say nothing", head, conversation::sse("{\"choices\":[]}"), Babble::none},
        {"text", head, text("a"), Babble::some},
        {"a text that never ends", head + "data: {\"choices\":[{\"delta\":{\"content\":\"", "x", Babble::by_buffer},
        {"chunks of one byte", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n:\r\n1\r\n\n\r\n",
         Babble::none},
        {"a chunk extension that never ends", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x",
         Babble::none},
    };
    for (const Babble& babble : babbles) {
        for (const size_t piece : {size_t{1}, size_t{500}}) {
            for (const bool is_polled : {true, false}) {
                for (const bool is_raw : {false, true}) {
                    for (const size_t memory_bytes : {size_t{512}, size_t{16384}}) {
                        ROW(std::string(babble.name) + ", in pieces of " + std::to_string(piece) +
                            (is_polled ? ", poll" : ", next") + (is_raw ? ", raw, " : ", ") +
                            std::to_string(memory_bytes));
                        for (const int variant : {0, 1, 2, 3}) {
                            const bool is_total = variant % 2 == 0;
                            INFO(variant);
                            Babbler link;
                            link.takes_all = variant < 2;  // else the answer comes before its request has gone out
                            link.head = babble.head;
                            link.babble = babble.babble;
                            link.piece = piece;
                            const Timeouts timeouts = is_total ? limits(0, 0, 0, 0, 5000) : limits(0, 0, 0, 1000, 5000);
                            const auto run = is_raw ? ended_by<oai::SseEvent> : ended_by<Event>;
                            const Error error = run(link, timeouts, is_polled, memory_bytes);
                            CHECK_EQ(link.hang_ups, 1);
                            const uint32_t took_ms = link.now - link.start;
                            // What is framed wrongly, or too large for raw mode, ends by itself.
                            if (error == Error::bad_chunk || error == Error::event_too_large ||
                                error == Error::head_too_large)
                                continue;
                            const bool is_content = !is_total && error == Error::content_timeout;
                            CHECK_EQ(name(error), name(is_content ? Error::content_timeout : Error::total_timeout));
                            const uint32_t limit_ms = is_content ? 1000 : 5000;
                            CHECK(took_ms >= limit_ms);
                            // The head comes first, byte by byte.
                            CHECK(took_ms <= limit_ms + (is_content ? (babble.head.size() + 20) * 10 : 200));
                            if (!is_total && !is_raw && babble.content != Babble::by_buffer)
                                CHECK_EQ(is_content, babble.content == Babble::none);
                        }
                    }
                }
            }
        }
    }
}

TEST_CASE("a head that never ends, a refusal that never ends, and waits that never wait: the limits end them") {
    struct Case {
        const char* name;
        std::string head, babble;
        Timeouts timeouts;
        Error error;
        uint32_t limit_ms;
    };
    const Case cases[] = {
        {"a field that never ends", "HTTP/1.1 200 OK\r\nX: ", "x", limits(0, 1000, 0), Error::headers_timeout, 1000},
        {"fields that never end", "HTTP/1.1 200 OK\r\n", "X: y\r\n", limits(0, 1000, 0), Error::headers_timeout, 1000},
        {"interim answers that never end", "", "HTTP/1.1 100 Continue\r\n\r\n", limits(0, 1000, 0),
         Error::headers_timeout, 1000},
        {"fields, by the total time", "HTTP/1.1 200 OK\r\n", "X: y\r\n", limits(0, 0, 0, 0, 1000),
         Error::total_timeout, 1000},
        {"a refusal in HTML", refusal, "x", limits(0, 0, 0, 0, 2000), Error::http_status, 2000},
        {"a refusal in HTML, by the content", refusal, "x", limits(0, 0, 0, 1000, 0), Error::http_status, 1000},
        {"nothing, and waits that never wait", "", "", limits(0, 1000, 0), Error::headers_timeout, 1000},
        {"a body that stops, and waits that never wait", head + text("a"), "", limits(0, 0, 1000),
         Error::idle_timeout, 1000},
    };
    for (const Case& one : cases) {
        for (const bool is_polled : {true, false}) {
            ROW(std::string(one.name) + (is_polled ? ", poll" : ", next"));
            Babbler link;
            link.head = one.head;
            link.babble = one.babble;
            link.piece = 1;
            CHECK_EQ(name(ended_by<Event>(link, one.timeouts, is_polled, 2048)), name(one.error));
            const uint32_t took_ms = link.now - link.start;
            CHECK(took_ms >= one.limit_ms);
            CHECK(took_ms <= one.limit_ms + (one.head.size() + 20) * Babbler::step_ms);
            CHECK_EQ(link.hang_ups, 1);
        }
    }
}

TEST_CASE("each kind of text is tokens, and what says no number leaves the count") {
    ScriptedTransport link;
    link.pull_end = IoResult::would_block();
    char memory[2048];
    Timeouts timeouts;
    Stream stream(link.transport(), memory, timeouts);
    REQUIRE(stream.open(server, ask) == Error::none);
    Event event;
    const struct {
        std::string bytes;
        uint32_t tokens;
    } steps[] = {
        {head, 0},
        {conversation::choice("\"delta\":{\"role\":\"assistant\"}"), 0},
        {conversation::choice("\"delta\":{\"reasoning_content\":\"a\"}"), 1},
        {conversation::choice("\"delta\":{\"refusal\":\"b\"}"), 2},
        {conversation::choice("\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"i\",\"function\":{\"name\":\"f\","
                              "\"arguments\":\"{}\"}}]}"), 3},
        {text("c"), 4},
        {conversation::sse("{\"choices\":[],\"usage\":{\"prompt_tokens\":7}}"), 4},
        {conversation::sse("{\"choices\":[],\"usage\":{\"completion_tokens\":0}}"), 0},
    };
    for (const auto& step : steps) {
        ROW(step.bytes);
        link.answer(step.bytes);
        while (stream.poll(event) == Poll::event) {}
        CHECK_EQ(timeouts.latency().tokens, step.tokens);
    }
}

TEST_CASE("a speed is said of two tokens at two times, and of nothing less") {
    const auto speed = [](uint32_t first_ms, uint32_t last_ms, uint32_t tokens) {
        oai::Latency latency;
        latency.first_token_ms = first_ms;
        latency.last_token_ms = last_ms;
        latency.tokens = tokens;
        return latency.tokens_per_second();
    };
    CHECK_EQ(speed(100, 600, 2), doctest::Approx(2));
    CHECK_EQ(speed(100, 600, 1), 0);
    CHECK_EQ(speed(100, 600, 0), 0);
    CHECK_EQ(speed(100, 100, 5), 0);
    CHECK_EQ(speed(oai::Latency::unknown, 600, 5), 0);
}

TEST_CASE("who asks before the limits have seen that bytes came is told the whole time") {
    struct Asks : oai::Interceptor {
        std::vector<uint32_t> told;
        Asks() : Interceptor(watch) {}
        static oai::Action watch(oai::Interceptor& self, oai::Conversation& conversation, oai::Occasion, Event*) {
            static_cast<Asks&>(self).told.push_back(conversation.left_ms());
            return oai::Action::deliver;
        }
    };
    ScriptedTransport link;
    link.pull_end = IoResult::would_block();
    char memory[2048];
    Timeouts timeouts = limits(0, 5000, 1000, 700);
    Asks asks;
    Stream stream(link.transport(), memory, timeouts);
    stream.use(asks);
    REQUIRE(stream.open(server, ask) == Error::none);
    Event event;
    const auto at = [&](uint32_t ms, const std::string& bytes) {
        asks.told.clear();
        link.now = ms;
        link.answer(bytes);
        while (stream.poll(event) == Poll::event) {}
    };
    at(0, "");
    at(400, head);  // each time bytes have moved, and then they were read
    REQUIRE_EQ(asks.told.size(), 2);
    CHECK_EQ(asks.told[0], 4600);
    CHECK_EQ(asks.told[1], 700);  // the body begins
    at(600, ":");
    REQUIRE_EQ(asks.told.size(), 2);
    CHECK_EQ(asks.told[0], 500);  // the content is waited for since then
    CHECK_EQ(asks.told[1], 500);
    timeouts.content_ms = 0;
    at(900, ":");
    REQUIRE_EQ(asks.told.size(), 2);
    CHECK_EQ(asks.told[0], 1000);  // a byte has come
    CHECK_EQ(asks.told[1], 1000);
}

TEST_CASE("limits over a link without a clock are none, also while next() waits") {
    ScriptedTransport link;
    link.pull_says(IoResult::would_block()).answer(chunked_answer(short_answer));
    oai::Transport transport = link.transport();
    transport.now_ms = nullptr;
    char memory[2048];
    Timeouts timeouts = limits(1, 1, 1, 1, 1);
    Stream stream(transport, memory, timeouts);
    REQUIRE(stream.open(server, ask) == Error::none);
    CHECK_EQ(stream.next_deadline_ms(), never);
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK_EQ(name(stream.error()), name(Error::none));
}
