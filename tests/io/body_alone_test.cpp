// An answer whose head was read by somebody else: begin_body() and what it is told of that head, and feed(), which takes
// bytes as they come and delivers the events.
#include "io/exchange_support.hpp"

namespace oai = openai_stream;

using conversation::done;
using conversation::name;
using conversation::short_answer;
using conversation::shown;
using conversation::sse;
using conversation::text;
using oai::Error;
using oai::Event;
using oai::Exchange;
using oai::Poll;
using oai::Verdict;

namespace {

struct Header {
    const char* name;
    std::string value;
};

// What was delivered, in one line.
struct Told {
    std::string story;
    void operator()(const Event& event) {
        if (event.kind == oai::EventKind::text) story += std::string(event.text) + "|";
        else if (event.kind == oai::EventKind::keepalive) story += ":|";
    }
    void operator()(const oai::SseEvent& event) { story += std::string(event.data) + "|"; }
};

template <class E> Poll feed_all(Exchange& exchange, const corpus::Pieces& pieces, Told& told) {
    Poll said = Poll::pending;
    for (const std::string_view piece : pieces)
        if (said == Poll::pending) said = exchange.feed<E>(oai::StringView(piece.data(), piece.size()), told);
    return said == Poll::pending ? exchange.finish<E>(told) : said;
}

}  // namespace

TEST_CASE("fields of a head that somebody else has read: what failure() shows is kept, the first of each counts") {
    struct Row {
        const char* name;
        std::vector<Header> headers;
        const char *content_type, *request_id, *location;
        int64_t retry_after_ms;
    };
    const std::string long_value(200, 'v');
    const std::string cut_value(oai::HeadFields::max_bytes, 'v');
    const Row rows[] = {
        {"none", {}, "-", "-", "-", -1},
        {"all of them", {{"content-type", "text/plain"}, {"x-request-id", "req_1"}, {"location", "/v2"},
                         {"retry-after", "2"}}, "text/plain", "req_1", "/v2", 2000},
        {"names in any case, blanks and line ends around values",
         {{"X-Request-ID", " req_2\t"}, {"Retry-After", "2\r\n"}}, "-", "req_2", "-", 2000},
        {"a date and milliseconds are for ResponseInfo", {{"retry-after-ms", "7"},
                                                          {"retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"}},
         "-", "-", "-", -1},
        {"the first of two", {{"x-request-id", "a"}, {"x-request-id", "b"}}, "-", "a", "-", -1},
        {"an empty one is there", {{"location", ""}, {"location", "/b"}}, "-", "-", "", -1},
        {"others are passed over, framing too", {{"content-length", "0"}, {"transfer-encoding", "chunked"},
                                                 {"content-encoding", "gzip"}, {"connection", "close"}, {"", ""},
                                                 {"x-request", "no"}, {"x-request-id-of-a-long-name", "no"}},
         "-", "-", "-", -1},
        {"long ones are cut", {{"content-type", long_value}, {"x-request-id", long_value}, {"location", long_value}},
         cut_value.c_str(), cut_value.c_str(), cut_value.c_str(), -1},
        {"nothing more fits", {{"content-type", long_value}, {"x-request-id", long_value}, {"location", long_value},
                               {"retry-after", long_value}, {"location", long_value}, {"retry-after", "2"}},
         cut_value.c_str(), cut_value.c_str(), cut_value.c_str(), 2000},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {size_t{512}, size_t{2048}}) {
            support::GuardedBuffer memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin_body(oai::Api::chat, 503) == Error::none);
            for (const Header& header : row.headers)
                exchange.add_header(header.name, oai::StringView(header.value.data(), header.value.size()));
            Told told;
            const std::string body = "{\"error\":{\"message\":\"M\",\"code\":\"c\"}}";
            CHECK(exchange.feed(oai::StringView(body.data(), body.size()), told) == Poll::pending);
            exchange.add_header("x-request-id", "too late");
            CHECK(exchange.finish(told) == Poll::failed);
            const oai::Failure failure = exchange.failure();
            CHECK_EQ(name(failure.error), name(Error::http_status));
            CHECK_EQ(failure.http_status, 503);
            CHECK_EQ(shown(failure.message), "M");
            CHECK_EQ(shown(failure.content_type), row.content_type);
            CHECK_EQ(shown(failure.request_id), row.request_id);
            CHECK_EQ(shown(failure.location), row.location);
            CHECK_EQ(failure.retry_after_ms, row.retry_after_ms);
            CHECK_EQ(shown(exchange.stats().request_id), row.request_id);
        }
    }
}

TEST_CASE("feed() takes all bytes, however they come and however small the buffer is, and finish() the rest") {
    struct Row {
        const char* name;
        int status;
        std::string body;
        const char* story;
        Error error;
        Verdict verdict;
    };
    const Row rows[] = {
        {"an answer", 200, text("a") + ": ping\n\n" + text("b") + conversation::finish() + done, "a|:|b|", Error::none,
         Verdict::done_marker},
        {"what comes after the end is not taken", 200, text("a") + conversation::finish() + done + text("b"), "a|",
         Error::none, Verdict::done_marker},
        {"no end", 200, text("a"), "a|", Error::truncated, Verdict::truncated},
        {"nothing", 200, "", "", Error::truncated, Verdict::truncated},
        {"an answer in JSON", 200, "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}", "a|",
         Error::none, Verdict::finish_then_eof},
        {"a page", 200, "<html><title>Log in</title>" + std::string(5000, '.'), "", Error::not_event_stream,
         Verdict::failed},
        {"a refusal", 401, "{\"error\":{\"message\":\"Log in\"}}", "", Error::http_status, Verdict::failed},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {size_t{512}, size_t{16384}}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                exchange.begin_body(oai::Api::chat, row.status, "text/event-stream");
                Told told;
                const Poll said = feed_all<Event>(exchange, pieces, told);
                CHECK_EQ(told.story, row.story);
                CHECK_EQ(name(exchange.error()), name(row.error));
                CHECK(exchange.verdict() == row.verdict);
                CHECK(conversation::is_consistent(exchange, said));
                CHECK_EQ(exchange.failure().http_status, row.status);
                CHECK_EQ(shown(exchange.failure().content_type), "text/event-stream");
                if (exchange.error() != Error::none && row.body.find("Log in") != std::string::npos)
                    CHECK_EQ(shown(exchange.failure().message), "Log in");
            });
        }
    }
}

TEST_CASE("a field that comes after bytes of the body, or of a request that is sent here, is not taken") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    Told told;
    exchange.begin_body(oai::Api::chat, 400);
    exchange.add_header("x-request-id", "a");
    memcpy(exchange.incoming().data, "{}", 2);
    exchange.received(2);
    exchange.add_header("location", "/late");
    CHECK(exchange.finish(told) == Poll::failed);
    CHECK_EQ(shown(exchange.failure().request_id), "a");
    CHECK_EQ(shown(exchange.failure().location), "-");
    CHECK_EQ(shown(exchange.failure().body_prefix), "{}");
    REQUIRE(exchange.begin(exchange_support::server, exchange_support::ask) == Error::none);
    exchange.add_header("x-request-id", "b");
    CHECK_EQ(shown(exchange.failure().request_id), "-");
}

TEST_CASE("raw mode by feed(), and a link that is cut off") {
    const std::string body = sse("a") + sse("b");
    char memory[1024];
    corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
        INFO(corpus::describe(pieces));
        Exchange exchange{oai::Buffer(memory)};
        exchange.begin_body(oai::Api::chat, 200);
        Told told;
        CHECK(feed_all<oai::SseEvent>(exchange, pieces, told) == Poll::done);
        CHECK_EQ(told.story, "a|b|");
        exchange.begin_body(oai::Api::chat, 200);
        Told cut;
        CHECK(exchange.feed(oai::StringView(body.data(), 3), cut) == Poll::pending);
        exchange.failed(7);
        CHECK(exchange.finish(cut) == Poll::failed);
        CHECK_EQ(name(exchange.error()), name(Error::connection_lost));
        CHECK_EQ(exchange.failure().transport_code, 7);
    });
}
