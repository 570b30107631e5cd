// RetryStats after the first: which there are, when, and what is told of them. By a clock that the test turns; no test
// waits.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::sse;
using conversation::text;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::RetryPolicy;
using oai::Stream;
using oai::Timeouts;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");
const std::string ok = chunked_answer(short_answer);
const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";

// What one attempt meets.
struct Meets {
    enum What { answer, no_connection, no_name, refused, reset, end_at_once, silence, nonsense } what = answer;
    std::string bytes;
};
const Meets no_connection{Meets::no_connection, ""}, no_name{Meets::no_name, ""},
    refused{Meets::refused, ""}, reset{Meets::reset, ""},
    end_at_once{Meets::end_at_once, ""}, silence{Meets::silence, ""}, nonsense{Meets::nonsense, ""};
Meets says(const std::string& bytes) { return {Meets::answer, bytes}; }
Meets refuses(int status, const std::string& headers = "", const std::string& body = "{\"error\":\"x\"}") {
    return says(counted_answer(status, "application/json", body, headers));
}

// A link whose dials meet one thing each; the last one for ever.
class Server : public ScriptedTransport {
public:
    std::vector<uint32_t> dialled_at_ms;

    explicit Server(const std::vector<Meets>& attempts) {
        wait_end = IoResult::would_block();
        now = start;
        for (size_t index = 0; index != attempts.size(); ++index) {
            const Meets meets = attempts[index];
            on(Call::dial, index, [this, meets] {
                dialled_at_ms.push_back(now - start);
                dial_end = meets.what == Meets::no_connection ? IoResult::failed(111)
                           : meets.what == Meets::no_name     ? IoResult::unresolved(-2)
                           : meets.what == Meets::refused     ? IoResult::refused(-9984)
                           : meets.what == Meets::nonsense    ? IoResult::bytes(7)
                                                              : IoResult::ready();
                pull_end = meets.what == Meets::silence ? IoResult::would_block()
                           : meets.what == Meets::reset ? IoResult::failed(104)
                                                        : IoResult::closed();
                answer(meets.bytes);
            });
        }
    }
    // The pauses between the attempts, in ms.
    std::vector<uint32_t> waits() const {
        std::vector<uint32_t> all;
        for (size_t index = 1; index < dialled_at_ms.size(); ++index)
            all.push_back(dialled_at_ms[index] - dialled_at_ms[index - 1]);
        return all;
    }

    static constexpr uint32_t start = UINT32_MAX - 700;  // it wraps around in the first pause
};

using Waits = std::vector<uint32_t>;

struct Row {
    const char* name;
    std::vector<Meets> attempts;
    Waits waits;          // one for each further attempt
    Error error;          // at the end
    uint32_t declined_ms = 0;
};

const std::string quota = "{\"error\":{\"message\":\"m\",\"type\":\"insufficient_quota\",\"code\":\"insufficient_quota\"}}";
const std::string billing = "{\"error\":{\"message\":\"m\",\"code\":\"billing_hard_limit_reached\"}}";
const std::string rate = "{\"error\":{\"message\":\"m\",\"type\":\"requests\",\"code\":\"rate_limit_exceeded\"}}";

// Without jitter: 500, 1000, 2000, ... up to 8000 ms.
const Row rows[] = {
    {"what works is not tried again", {says(ok)}, {}, Error::none},
    {"no connection", {no_connection, says(ok)}, {500}, Error::none},
    {"no connection, twice", {no_connection, no_connection, says(ok)}, {500, 1000}, Error::none},
    {"two further attempts, and no more", {no_connection, no_connection, no_connection, says(ok)}, {500, 1000},
     Error::connect_failed},
    {"a name that is not found", {no_name, says(ok)}, {500}, Error::none},
    {"a connection that is closed before a byte", {end_at_once, says(ok)}, {500}, Error::none},
    {"one that is reset before a byte", {reset, says(ok)}, {500}, Error::none},
    {"a byte of an answer is an answer", {says("H"), says(ok)}, {}, Error::truncated},
    {"a head without an event", {says(head), says(ok)}, {}, Error::truncated},
    {"text that ends in the middle", {says(head + text("a")), says(ok)}, {}, Error::truncated},
    {"what is not HTTP", {says("220 mail.example.com ESMTP\r\n"), says(ok)}, {}, Error::bad_status_line},
    {"an error in the stream, before anything else, with the code of a status",
     {says(chunked_answer(sse("{\"error\":{\"code\":503}}"))), says(ok)}, {500}, Error::none},
    {"the same as a string", {says(chunked_answer(sse("{\"error\":{\"code\":\"429\"}}"))), says(ok)}, {500},
     Error::none},
    {"the same in a chunk of the answer",
     {says(head + sse("{\"id\":\"g\",\"choices\":[],\"error\":{\"message\":\"m\",\"code\":503}}")), says(ok)}, {500},
     Error::none},
    {"the same after a keep-alive", {says(head + ": ping\n\n" + sse("{\"error\":{\"code\":500}}")), says(ok)}, {500},
     Error::none},
    {"an error in the stream with the code of another refusal",
     {says(chunked_answer(sse("{\"error\":{\"code\":400}}"))), says(ok)}, {}, Error::server_error},
    {"an error in the stream with a number that is no status",
     {says(chunked_answer(sse("{\"error\":{\"code\":1302}}"))), says(ok)}, {}, Error::server_error},
    {"an error in the stream with a word", {says(chunked_answer(sse("{\"error\":{\"code\":\"500x\"}}"))), says(ok)},
     {}, Error::server_error},
    {"an error in the stream, without a code", {says(chunked_answer(sse("{\"error\":\"x\"}"))), says(ok)}, {},
     Error::server_error},
    {"an error in the stream about money",
     {says(chunked_answer(sse("{\"error\":{\"type\":\"insufficient_quota\",\"code\":429}}"))), says(ok)}, {},
     Error::server_error},
    {"an error in the stream after text",
     {says(chunked_answer(text("a") + sse("{\"error\":{\"code\":503}}"))), says(ok)}, {}, Error::server_error},
    {"a transport that breaks its contract", {nonsense, says(ok)}, {}, Error::transport_contract},
    {"a connection that is refused for good", {refused, says(ok)}, {}, Error::connect_failed},

    {"408", {refuses(408), says(ok)}, {500}, Error::none},
    {"409", {refuses(409), says(ok)}, {500}, Error::none},
    {"429", {refuses(429, "", rate), says(ok)}, {500}, Error::none},
    {"500", {refuses(500), says(ok)}, {500}, Error::none},
    {"503 in HTML", {says(counted_answer(503, "text/html", "<html>")), says(ok)}, {500}, Error::none},
    {"529, which no standard knows", {refuses(529), says(ok)}, {500}, Error::none},
    {"a refusal, then none", {refuses(500), no_connection, says(ok)}, {500, 1000}, Error::none},
    {"400", {refuses(400), says(ok)}, {}, Error::http_status},
    {"401", {refuses(401), says(ok)}, {}, Error::http_status},
    {"404", {refuses(404), says(ok)}, {}, Error::http_status},
    {"422", {refuses(422), says(ok)}, {}, Error::http_status},
    {"a redirect", {refuses(307, "Location: http://elsewhere/\r\n"), says(ok)}, {}, Error::http_status},
    {"a quota that is used up", {refuses(429, "", quota), says(ok)}, {}, Error::http_status},
    {"a billing limit", {refuses(429, "", billing), says(ok)}, {}, Error::http_status},

    {"x-should-retry: true, where it is not usual", {refuses(400, "x-should-retry: true\r\n"), says(ok)}, {500},
     Error::none},
    {"x-should-retry: false, where it is usual", {refuses(503, "X-Should-Retry: false\r\n"), says(ok)}, {},
     Error::http_status},
    {"x-should-retry with another word", {refuses(503, "x-should-retry: maybe\r\n"), says(ok)}, {500}, Error::none},
    {"x-should-retry counts for its own answer",
     {refuses(400, "x-should-retry: true\r\n"), refuses(400), says(ok)}, {500}, Error::http_status},

    {"Retry-After in seconds", {refuses(429, "Retry-After: 3\r\n"), says(ok)}, {3000}, Error::none},
    {"Retry-After 0", {refuses(429, "Retry-After: 0\r\n"), says(ok)}, {0}, Error::none},
    {"Retry-After with a fraction", {refuses(429, "Retry-After: 1.25\r\n"), says(ok)}, {1250}, Error::none},
    {"retry-after-ms", {refuses(429, "retry-after-ms: 42\r\n"), says(ok)}, {42}, Error::none},
    {"retry-after-ms with a fraction", {refuses(429, "retry-after-ms: 42.9\r\n"), says(ok)}, {42}, Error::none},
    {"retry-after-ms before Retry-After", {refuses(429, "Retry-After: 9\r\nretry-after-ms: 42\r\n"), says(ok)}, {42},
     Error::none},
    {"retry-after-ms before Retry-After, in the other order",
     {refuses(429, "retry-after-ms: 42\r\nRetry-After: 9\r\n"), says(ok)}, {42}, Error::none},
    {"retry-after-ms that is no number leaves Retry-After",
     {refuses(429, "retry-after-ms: soon\r\nRetry-After: 2\r\n"), says(ok)}, {2000}, Error::none},
    {"retry-after-ms twice: the last one counts",
     {refuses(429, "retry-after-ms: 42\r\nretry-after-ms: 43\r\n"), says(ok)}, {43}, Error::none},
    {"Retry-After with a unit that is none", {refuses(429, "Retry-After: 3{\r\n"), says(ok)}, {500}, Error::none},
    {"Retry-After of more than can be counted", {refuses(429, "Retry-After: 4294968\r\n"), says(ok)}, {},
     Error::http_status, UINT32_MAX - 1},
    {"a date after more than can be counted",
     {refuses(429, "Retry-After: Sat, 06 Nov 2094 08:49:37 GMT\r\n"), says(ok)}, {}, Error::http_status, UINT32_MAX},
    {"Retry-After that is negative", {refuses(429, "Retry-After: -1\r\n"), says(ok)}, {500}, Error::none},
    {"Retry-After NaN", {refuses(429, "Retry-After: NaN\r\n"), says(ok)}, {500}, Error::none},
    {"Retry-After Infinity", {refuses(429, "Retry-After: Infinity\r\n"), says(ok)}, {500}, Error::none},
    {"Retry-After without a value", {refuses(429, "Retry-After:\r\n"), says(ok)}, {500}, Error::none},
    {"Retry-After at the cap", {refuses(429, "Retry-After: 60\r\n"), says(ok)}, {60000}, Error::none},
    {"Retry-After above the cap", {refuses(429, "Retry-After: 60.001\r\n"), says(ok)}, {}, Error::http_status, 60001},
    {"Retry-After of a day", {refuses(429, "Retry-After: 86400\r\n"), says(ok)}, {}, Error::http_status, 86400000},
    {"a date, ten seconds away", {refuses(429, "Retry-After: Sun, 06 Nov 1994 08:49:47 GMT\r\n"), says(ok)}, {10000},
     Error::none},
    {"a date that is now", {refuses(429, "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), says(ok)}, {0},
     Error::none},
    {"a date that is past", {refuses(429, "Retry-After: Sun, 06 Nov 1994 08:49:36 GMT\r\n"), says(ok)}, {500},
     Error::none},
    {"a date that is far", {refuses(503, "Retry-After: Mon, 07 Nov 1994 08:49:37 GMT\r\n"), says(ok)}, {},
     Error::http_status, 86400000},
    {"the wait grows with each attempt, what the server asks for does not count",
     {refuses(500), refuses(429, "Retry-After: 1\r\n"), says(ok)}, {500, 1000}, Error::none},
};

struct Conversation {
    std::string story;
    oai::RetryStats stats;
    Error error;
    Verdict verdict;
};
// By next(), or by poll() in frames of 50 ms.
Conversation talk(Server& link, RetryPolicy& retries, Timeouts timeouts, bool is_in_frames) {
    char memory[2048];
    Stream stream(link.transport(), memory, timeouts);
    stream.use(retries);
    Heard heard;
    Event event;
    if (stream.open(server, ask) == Error::none || !is_in_frames) {
        while (!is_in_frames && stream.next(event)) heard.add(event);
        for (Poll said = Poll::pending; is_in_frames && (said == Poll::pending || said == Poll::event);) {
            said = stream.poll(event);
            if (said == Poll::event) heard.add(event);
            if (said != Poll::pending) continue;
            const uint32_t left_ms = stream.next_deadline_ms();
            link.now += left_ms < 50 ? left_ms : 50;
        }
    }
    return {heard.story, retries.stats(), stream.error(), stream.verdict()};
}

RetryPolicy without_jitter() {
    RetryPolicy retries;
    retries.random = [](void*) -> uint32_t { return 0; };
    retries.wall_clock = [](void*) -> int64_t { return 784111777; };  // Sun, 06 Nov 1994 08:49:37 GMT
    return retries;
}

std::string listed(const Waits& waits) {
    std::string all;
    for (const uint32_t ms : waits) all += std::to_string(ms) + " ";
    return all;
}

}  // namespace

TEST_CASE("what is tried again, how often, and after how long") {
    for (const Row& row : rows) {
        for (const bool is_in_frames : {false, true}) {
            ROW(std::string(row.name) + (is_in_frames ? ", in frames" : ", waiting"));
            Server link(row.attempts);
            RetryPolicy retries = without_jitter();
            const Conversation made = talk(link, retries, Timeouts(), is_in_frames);
            CHECK_EQ(listed(link.waits()), listed(row.waits));
            CHECK_EQ(name(made.error), name(row.error));
            if (row.error == Error::none && made.story.find("keepalive") != 0) CHECK_EQ(made.story, short_story);
            CHECK_EQ(made.stats.retries, row.waits.size());
            uint32_t sum = 0;
            for (const uint32_t ms : row.waits) sum += ms;
            CHECK_EQ(made.stats.waited_ms, sum);
            CHECK_EQ(made.stats.declined_ms, row.declined_ms);
            CHECK_EQ(link.hang_ups(), link.connections());
            CHECK(link.violations().empty());
            const std::string request = link.pushed().substr(0, link.pushed().find("POST ", 1));
            std::string again;
            while (again.size() < link.pushed().size()) again += request;
            CHECK_EQ(again, link.pushed());  // each attempt is the same request, from its first byte
        }
    }
}

TEST_CASE("without a wall clock a date says nothing") {
    Server link({refuses(429, "Retry-After: Sun, 06 Nov 1994 08:49:47 GMT\r\n"), says(ok)});
    RetryPolicy retries = without_jitter();
    retries.wall_clock = nullptr;
    talk(link, retries, Timeouts(), false);
    CHECK_EQ(listed(link.waits()), "500 ");
}

TEST_CASE("a request that is longer than the buffer is sent again from where it lies") {
    const std::string prompt(5000, 'p');
    const oai::ChatRequest long_ask("m", prompt);
    for (const size_t size : {size_t{1024}, size_t{2048}, size_t{16384}}) {
        ROW(std::to_string(size) + " bytes");
        Server link({refuses(503), reset, says(ok)});
        RetryPolicy retries = without_jitter();
        std::string memory(size, '\0');
        Stream stream(link.transport(), oai::Buffer(&memory[0], size), retries);
        REQUIRE(stream.open(server, long_ask) == Error::none);
        Heard heard;
        Event event;
        while (stream.next(event)) heard.add(event);
        CHECK_EQ(heard.story, short_story);
        CHECK_EQ(retries.stats().retries, 2);
        size_t requests = 0;
        for (size_t at = 0; (at = link.pushed().find(prompt, at)) != std::string::npos; at += prompt.size())
            ++requests;
        CHECK_EQ(requests, 3);
        CHECK_EQ(link.pushed().size() % 3, 0);
    }
}

TEST_CASE("next() waits in a pause by the clock alone where the transport cannot wait") {
    Server link({no_connection, says(ok)});
    oai::Transport transport = link.transport();
    transport.wait = nullptr;
    static uint32_t now;
    now = 0;
    transport.now_ms = [](void*) { return now += 7; };
    RetryPolicy retries = without_jitter();
    char memory[2048];
    Stream stream(transport, memory, retries);
    REQUIRE(stream.open(server, ask) == Error::none);
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK_GE(now, 500);
}

TEST_CASE("a request that is not sent for want of TLS is not kept for another attempt") {
    Server link({says(ok)});
    RetryPolicy retries = without_jitter();
    char memory[2048];
    Stream stream(link.transport(), memory, retries);
    const oai::Endpoint secure("https://h/v1", "sk-secret");
    CHECK(stream.open(secure, ask) == Error::needs_tls);
    CHECK_EQ(std::string(memory, sizeof memory).find("sk-secret"), std::string::npos);
    CHECK_EQ(retries.stats().retries, 0);
    CHECK_EQ(link.connections(), 0);
}

TEST_CASE("the reason of the last attempt is told") {
    Server link({refuses(503), no_connection, says(ok)});
    RetryPolicy retries = without_jitter();
    const Conversation made = talk(link, retries, Timeouts(), false);
    CHECK_EQ(name(made.stats.reason), name(Error::connect_failed));
    CHECK_EQ(made.stats.http_status, 0);
    Server other({refuses(503), says(ok)});
    const Conversation second = talk(other, retries, Timeouts(), false);
    CHECK_EQ(name(second.stats.reason), name(Error::http_status));
    CHECK_EQ(second.stats.http_status, 503);
    CHECK_EQ(second.stats.retries, 1);  // those of the conversation before do not count
}

TEST_CASE("waits double up to 8 s, and are up to a quarter shorter by chance") {
    struct Case {
        const char* name;
        uint32_t number;
        Waits waits;
    };
    const Case cases[] = {
        {"chance says 0", 0, {500, 1000, 2000, 4000, 8000, 8000, 8000}},
        {"chance says the most of the first", 125, {375, 875, 1875, 3875, 7875, 7875, 7875}},
        {"chance says 2000", 2000, {500 - 2000 % 126, 1000 - 2000 % 251, 2000 - 2000 % 501, 4000 - 2000 % 1001, 6000,
                                    6000, 6000}},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        Server link(std::vector<Meets>(8, no_connection));
        RetryPolicy retries = without_jitter();
        retries.max_retries = 7;
        uint32_t number = one.number;
        retries.context = &number;
        retries.random = [](void* context) { return *static_cast<uint32_t*>(context); };
        talk(link, retries, Timeouts(), false);
        CHECK_EQ(listed(link.waits()), listed(one.waits));
    }
    ROW("without a source of chance the clock is one, within the same bounds");
    for (uint32_t seed = 0; seed != 200; ++seed) {
        Server link({no_connection, says(ok)});
        link.now += seed * 37;
        RetryPolicy retries;
        talk(link, retries, Timeouts(), false);
        REQUIRE_EQ(link.waits().size(), 1);
        CHECK(link.waits()[0] >= 375);
        CHECK(link.waits()[0] <= 500);
    }
}

TEST_CASE("a wait that would pass the total time is declined, and the total time ends a wait") {
    Timeouts timeouts;
    timeouts.total_ms = 2000;
    {
        Server link({refuses(429, "Retry-After: 2\r\n"), says(ok)});
        RetryPolicy retries = without_jitter();
        const Conversation made = talk(link, retries, timeouts, false);
        CHECK_EQ(name(made.error), name(Error::http_status));
        CHECK_EQ(made.stats.declined_ms, 2000);
        CHECK_EQ(link.connections(), 1);
    }
    {
        Server link({refuses(429, "Retry-After: 1\r\n"), silence});
        RetryPolicy retries = without_jitter();
        const Conversation made = talk(link, retries, timeouts, false);
        CHECK_EQ(name(made.error), name(Error::total_timeout));
        CHECK_EQ(link.now - Server::start, 2000);
        CHECK_EQ(link.connections(), 2);
        CHECK_EQ(made.stats.declined_ms, 0);
    }
}

TEST_CASE("each attempt has its own time to connect and to answer") {
    Timeouts timeouts;
    timeouts.headers_ms = 1000;
    Server link({silence});
    RetryPolicy retries = without_jitter();
    char memory[2048];
    Stream stream(link.transport(), memory, timeouts);
    stream.use(retries);
    CHECK(stream.open(server, ask) == Error::none);
    Event event;
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::headers_timeout));
    CHECK_EQ(link.connections(), 3);
    CHECK_EQ(link.now - Server::start, 1000 + 500 + 1000 + 1000 + 1000);
}

TEST_CASE("while it waits for the next attempt a Stream wants nothing, and can be cancelled, closed, moved and opened") {
    struct Case {
        const char* name;
        Error error;
        void (*act)(Stream& stream);
    };
    const Case cases[] = {
        {"cancel", Error::cancelled, [](Stream& stream) { stream.cancel(); }},
        {"close", Error::closed, [](Stream& stream) { stream.close(); }},
        {"open", Error::none, [](Stream& stream) { CHECK(stream.open(server, ask) == Error::none); }},
        {"move", Error::none, [](Stream& stream) {
             Stream other(std::move(stream));
             stream = std::move(other);
         }},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        Server link({no_connection, says(ok)});
        RetryPolicy retries = without_jitter();
        char memory[2048];
        Timeouts timeouts;
        Stream stream(link.transport(), memory, timeouts);
        stream.use(retries);
        CHECK(stream.open(server, ask) == Error::none);
        Event event;
        CHECK(stream.poll(event) == Poll::pending);
        CHECK(stream.wants() == oai::Interest::none);
        CHECK_EQ(stream.next_deadline_ms(), 500);
        CHECK(stream.error() == Error::none);
        CHECK(stream.verdict() == Verdict::still_open);
        one.act(stream);
        Heard heard;
        while (stream.next(event)) heard.add(event);
        CHECK_EQ(name(stream.error()), name(one.error));
        CHECK_EQ(heard.story, one.error == Error::none ? short_story : "");
        stream.close();
        CHECK_EQ(link.hang_ups(), link.connections());
        CHECK(link.violations().empty());
    }
}

TEST_CASE("keep-alives are no event: after them a refusal of the stream's own is still final, a lost link too") {
    Server link({says(head + ": OPENROUTER PROCESSING\n\n"), says(ok)});
    RetryPolicy retries = without_jitter();
    const Conversation made = talk(link, retries, Timeouts(), false);
    CHECK_EQ(name(made.error), name(Error::truncated));
    CHECK_EQ(link.connections(), 1);
}

TEST_CASE("without a clock, or without dial, nothing is tried again") {
    for (const bool has_clock : {true, false}) {
        ROW(has_clock ? "without dial" : "without a clock");
        Server link({end_at_once, says(ok)});
        oai::Transport transport = has_clock ? link.transport_without_dial() : link.transport();
        if (!has_clock) transport.now_ms = nullptr;
        RetryPolicy retries = without_jitter();
        char memory[2048];
        Stream stream(transport, memory);
        stream.use(retries);
        CHECK(stream.open(server, ask) == Error::none);
        Event event;
        CHECK_FALSE(stream.next(event));
        CHECK_EQ(name(stream.error()), name(Error::no_response));
        CHECK_EQ(link.hang_ups(), 1);
        CHECK_EQ(retries.stats().retries, 0);
    }
}

TEST_CASE("a kept connection that gives no byte is replaced at once, and that is no attempt") {
    struct Case {
        const char* name;
        IoResult end;
        Error error;
        bool has_clock;
    };
    const Case cases[] = {
        {"closed", IoResult::closed(), Error::none, true},
        {"reset", IoResult::failed(104), Error::none, true},
        {"closed, without a clock", IoResult::closed(), Error::none, false},
        {"closed, and the fresh one too", IoResult::closed(), Error::no_response, true},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        ScriptedTransport link;
        link.answer(ok).pull_says(one.end);
        if (one.error == Error::none) link.answer(ok);
        oai::Transport transport = link.transport();
        transport.wait = nullptr;  // so that it is not seen before the request is sent
        if (!one.has_clock) transport.now_ms = nullptr;
        RetryPolicy retries = without_jitter();
        retries.max_retries = 0;
        char memory[2048];
        Stream stream(transport, memory);
        stream.use(retries);
        for (const bool is_second : {false, true}) {
            CHECK(stream.open(server, ask) == Error::none);
            Heard heard;
            Event event;
            while (stream.next(event)) heard.add(event);
            const bool is_answered = !is_second || one.error == Error::none;
            CHECK_EQ(name(stream.error()), name(is_answered ? Error::none : one.error));
            CHECK_EQ(heard.story, is_answered ? short_story : "");
            if (is_second) CHECK_EQ(link.connections(), 2);
            CHECK_EQ(stream.stats().has_reconnected, is_second && link.connections() == 2);
            CHECK_EQ(retries.stats().retries, 0);
        }
    }
}

TEST_CASE("the attempt after a refusal over a kept connection has a fresh one, which is not taken for stale") {
    ScriptedTransport link;
    link.wait_end = IoResult::would_block();
    link.answer(ok).answer(counted_answer(503, "text/plain", "busy"));
    RetryPolicy retries = without_jitter();
    retries.max_retries = 1;
    char memory[2048];
    Stream stream(link.transport(), memory);
    stream.use(retries);
    for (const bool is_second : {false, true}) {
        CHECK(stream.open(server, ask) == Error::none);
        Event event;
        while (stream.next(event)) {}
        CHECK_EQ(name(stream.error()), name(is_second ? Error::no_response : Error::none));
    }
    CHECK_FALSE(stream.stats().has_reconnected);
    CHECK_FALSE(stream.stats().is_reused);
    CHECK_EQ(retries.stats().retries, 1);
    CHECK_EQ(link.connections(), 2);
}

TEST_CASE("an idempotency key of the user's goes with each attempt") {
    static constexpr oai::http::HeaderField headers[] = {{"Idempotency-Key", "once-4711"}};
    oai::Endpoint with_key("http://h/v1");
    with_key.headers = headers;
    Server link({refuses(500), refuses(500), says(ok)});
    RetryPolicy retries = without_jitter();
    char memory[2048];
    Timeouts timeouts;
    Stream stream(link.transport(), memory, timeouts);
    stream.use(retries);
    CHECK(stream.open(with_key, ask) == Error::none);
    Event event;
    while (stream.next(event)) {}
    CHECK(stream.error() == Error::none);
    size_t count = 0;
    for (size_t at = 0; (at = link.pushed().find("\r\nIdempotency-Key: once-4711\r\n", at)) != std::string::npos; ++at)
        ++count;
    CHECK_EQ(count, 3);
}

TEST_CASE("a conversation that has failed stays so, whatever the clock or the settings say at the next poll") {
    struct Case {
        const char* name;
        Meets attempt;
        Error error;
        void (*change)(RetryPolicy& retries, Stream& stream);
    };
    const Case cases[] = {
        {"a date that was too far away comes nearer",
         refuses(503, "Retry-After: Sun, 06 Nov 1994 09:49:37 GMT\r\n"), Error::http_status,
         [](RetryPolicy& retries, Stream&) { retries.wall_clock = [](void*) -> int64_t { return 784115370; }; }},
        {"more attempts are allowed", no_connection, Error::connect_failed,
         [](RetryPolicy& retries, Stream&) { retries.max_retries = 9; }},
        {"longer waits are allowed", refuses(429, "Retry-After: 61\r\n"), Error::http_status,
         [](RetryPolicy& retries, Stream&) { retries.max_backoff_ms = 61000; }},
        {"other attempts are to be made from the next open() on", refuses(429, "Retry-After: 61\r\n"),
         Error::http_status,
         [](RetryPolicy&, Stream& stream) {
             static RetryPolicy other;
             other = without_jitter();
             other.max_backoff_ms = 61000;
             stream.use(other);
         }},
    };
    for (const Case& one : cases) {
        for (const bool is_waiting : {false, true}) {
            ROW(std::string(one.name) + (is_waiting ? ", by next()" : ", by poll()"));
            Server link({one.attempt, one.attempt, one.attempt, says(ok)});
            RetryPolicy retries = without_jitter();
            char memory[2048];
            Timeouts timeouts;
            Stream stream(link.transport(), memory, timeouts);
            stream.use(retries);
            static_cast<void>(stream.open(server, ask));
            Event event;
            while (stream.next(event)) {}
            REQUIRE_EQ(name(stream.error()), name(one.error));
            const size_t calls = link.all_calls(), hang_ups = link.hang_ups();
            const uint32_t now = link.now;
            one.change(retries, stream);
            if (is_waiting) CHECK_FALSE(stream.next(event));
            else CHECK(stream.poll(event) == Poll::failed);
            CHECK_EQ(name(stream.error()), name(one.error));
            CHECK(stream.verdict() == Verdict::failed);
            CHECK_EQ(link.all_calls(), calls);
            CHECK_EQ(link.hang_ups(), hang_ups);
            CHECK_EQ(link.now, now);
        }
    }
}

TEST_CASE("a Stream that was moved from leaves the RetryPolicy to the one that was moved to") {
    Server link({no_connection, says(ok)});
    RetryPolicy retries = without_jitter();
    char memory[2048];
    Timeouts timeouts;
    Stream from(link.transport(), memory, timeouts);
    from.use(retries);
    CHECK(from.open(server, ask) == Error::none);
    Event event;
    CHECK(from.poll(event) == Poll::pending);
    Stream to(std::move(from));
    CHECK_EQ(retries.stats().retries, 1);
    CHECK_EQ(name(from.open(server, ask)), name(Error::buffer_too_small));
    CHECK_EQ(retries.stats().retries, 1);
    Heard heard;
    while (to.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
}
