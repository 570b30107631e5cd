// What a server says in the head of its answer about its limits and its time.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::counted_answer;
using conversation::short_answer;
using oai::Event;
using oai::ResponseInfo;
using oai::Stream;
using oai::Tristate;
using support::ScriptedTransport;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

struct Row {
    const char* name;
    std::string headers;
    int64_t requests[3];  // limit, remaining, reset in ms
    int64_t tokens[3];
    int64_t processing_ms;
    Tristate should_retry;
};
const int none = -1;
const Row rows[] = {
    {"nothing is said", "", {none, none, none}, {none, none, none}, none, Tristate::unset},
    {"as OpenAI says it",
     "x-ratelimit-limit-requests: 10000\r\nx-ratelimit-limit-tokens: 2000000\r\nx-ratelimit-remaining-requests: 9999\r\n"
     "x-ratelimit-remaining-tokens: 1999971\r\nx-ratelimit-reset-requests: 6ms\r\nx-ratelimit-reset-tokens: 6m0s\r\n"
     "openai-processing-ms: 512\r\n",
     {10000, 9999, 6}, {2000000, 1999971, 360000}, 512, Tristate::unset},
    {"as Azure says it, in plain seconds",
     "X-RateLimit-Limit-Requests: 60\r\nX-RateLimit-Remaining-Requests: 0\r\nX-RateLimit-Reset-Requests: 10\r\n",
     {60, 0, 10000}, {none, none, none}, none, Tristate::unset},
    {"as Groq says it, with fractions", "x-ratelimit-reset-tokens: 7.66s\r\nx-ratelimit-reset-requests: 2m59.56s\r\n",
     {none, none, 179560}, {none, none, 7660}, none, Tristate::unset},
    {"words that are no numbers", "x-ratelimit-limit-requests: many\r\nopenai-processing-ms: \r\nx-should-retry: 1\r\n",
     {none, none, none}, {none, none, none}, none, Tristate::unset},
    {"numbers that are too large",
     "x-ratelimit-limit-tokens: 99999999999999999999999999\r\nx-ratelimit-reset-tokens: 99999999999999999999d\r\n",
     {none, none, none}, {none, none, none}, none, Tristate::unset},
    {"a value that is longer than any of ours",
     "x-ratelimit-limit-tokens: 1" + std::string(2000, ' ') + "2\r\nx-ratelimit-limit-requests: 5\r\n", {5, none, none},
     {none, none, none}, none, Tristate::unset},
    {"names that begin like ours", "x-ratelimit-limit-requests-and-more: 7\r\nx-ratelimit-limit: 7\r\n" +
     std::string(300, 'x') + ": 7\r\n", {none, none, none}, {none, none, none}, none, Tristate::unset},
    {"numbers with a fraction, and with something else after them",
     "openai-processing-ms: 12.75\r\nx-ratelimit-limit-tokens: 9,5\r\n", {none, none, none}, {none, none, none}, 12,
     Tristate::unset},
    {"whether to try again", "x-should-retry: false\r\n", {none, none, none}, {none, none, none}, none, Tristate::no},
};

}  // namespace

TEST_CASE("limits and times, whole and byte by byte") {
    for (const Row& row : rows) {
        for (const size_t piece : {ScriptedTransport::any_size, size_t(1), size_t(7)}) {
            ROW(std::string(row.name) + (piece == ScriptedTransport::any_size ? "" : ", " + std::to_string(piece)));
            ScriptedTransport link;
            link.answer(counted_answer(200, "text/event-stream", short_answer, row.headers), piece);
            link.answer(counted_answer(200, "text/event-stream", short_answer), piece);
            char memory[2048];
            ResponseInfo info;
            Stream stream(link.transport(), memory, info);
            CHECK(stream.open(server, ask) == oai::Error::none);
            Event event;
            while (stream.next(event)) {}
            CHECK(stream.error() == oai::Error::none);
            CHECK_EQ(info.requests.limit, row.requests[0]);
            CHECK_EQ(info.requests.remaining, row.requests[1]);
            CHECK_EQ(info.requests.reset_ms, row.requests[2]);
            CHECK_EQ(info.tokens.limit, row.tokens[0]);
            CHECK_EQ(info.tokens.remaining, row.tokens[1]);
            CHECK_EQ(info.tokens.reset_ms, row.tokens[2]);
            CHECK_EQ(info.processing_ms, row.processing_ms);
            CHECK(info.should_retry == row.should_retry);
        }
    }
}

TEST_CASE("several listen to one head, also without a Stream") {
    const std::string answer = counted_answer(200, "text/event-stream", short_answer,
                                              "openai-processing-ms: 5\r\nretry-after-ms: 7.9\r\n");
    const auto check = [](const ResponseInfo& info) {
        CHECK_EQ(info.processing_ms, 5);
        CHECK_EQ(info.retry_after_ms, 7);
    };
    {
        ROW("of a Stream");
        ScriptedTransport link;
        link.answer(answer);
        ResponseInfo info;
        oai::RetryPolicy retries;
        oai::ResumePolicy resume;
        char memory[2048];
        Stream stream(link.transport(), memory, info);
        stream.use(retries);
        stream.use(resume);
        CHECK(stream.open(server, ask) == oai::Error::none);
        Event event;
        while (stream.next(event)) {}
        check(info);
        check(retries.info());
        check(resume.info());
    }
    ROW("of an Exchange, one of them given twice");
    char memory[2048];
    oai::Exchange exchange(memory);
    ResponseInfo first, second;
    CHECK(exchange.begin(server, ask) == oai::Error::none);
    for (ResponseInfo* info : {&first, &second, &first}) exchange.add_header_listener(*info);
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
    const oai::Buffer room = exchange.incoming();
    REQUIRE(room.size >= answer.size());
    memcpy(room.data, answer.data(), answer.size());
    exchange.received(answer.size());
    Event event;
    while (exchange.poll(event) == oai::Poll::event) {}
    CHECK(exchange.error() == oai::Error::none);
    check(first);
    check(second);
}

TEST_CASE("each answer speaks for itself") {
    ScriptedTransport link;
    link.wait_end = oai::IoResult::would_block();  // a kept connection stays
    link.answer(counted_answer(200, "text/event-stream", short_answer, "openai-processing-ms: 5\r\nX-Request-Id: a\r\n"));
    link.answer(counted_answer(200, "text/event-stream", short_answer));
    char memory[2048];
    ResponseInfo info;
    Stream stream(link.transport(), memory, info);
    for (const int64_t processing_ms : {5, -1}) {
        CHECK(stream.open(server, ask) == oai::Error::none);
        Event event;
        while (stream.next(event)) {}
        CHECK_EQ(info.processing_ms, processing_ms);
        CHECK_EQ(std::string(stream.stats().request_id), processing_ms == 5 ? "a" : "");
        CHECK_EQ(stream.stats().is_reused, processing_ms != 5);
    }
    CHECK_EQ(link.connections(), 1);
}

TEST_CASE("durations") {
    struct Case {
        const char* text;
        int64_t ms;
    };
    const Case cases[] = {
        {"1s", 1000}, {"6m0s", 360000}, {"17ms", 17}, {"1h2m3.5s", 3723500}, {"1d", 86400000}, {"60", 60000},
        {"0", 0}, {"0.5", 500}, {"1.2345s", 1234}, {"1m86.4s", 146400}, {"12.9ms", 12}, {"", -1}, {"s", -1}, {"-1s", -1},
        {"1x", -1}, {"1s2", 3000}, {"1.s", 1000}, {".5s", -1}, {"1 s", -1}, {"1us", -1}, {"99999999999s", -1},
        {"9999999999d", 863999999913600000}, {"9999999999d9999999999d", -1},
        {"9999999999d9999999999d9999999999d9999999999d9999999999d9999999999d"
         "9999999999d9999999999d9999999999d9999999999d9999999999d9999999999d", -1},
    };
    for (const Case& one : cases) {
        ROW(std::string("\"") + one.text + "\"");
        CHECK_EQ(ResponseInfo::duration_ms(one.text), one.ms);
    }
}
