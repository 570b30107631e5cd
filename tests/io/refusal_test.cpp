// Refusals: the status, what the head and the body say of it, and that nothing more is sent.
#include "io/exchange_support.hpp"

namespace oai = openai_stream;

using conversation::chunked;
using conversation::counted_answer;
using conversation::feed;
using conversation::hear;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::shown;
using conversation::sse;
using conversation::text;
using exchange_support::Outcome;
using exchange_support::outcome_of;
using exchange_support::printable;
using exchange_support::server;
using oai::Error;
using oai::Exchange;
using oai::Poll;
using oai::Verdict;

TEST_CASE("refusals: the status, the server's words and the first bytes of the body") {
    struct Row {
        const char* name;
        int status;
        std::string body;
        std::string message, type, code;
    };
    const Row rows[] = {
        {"400 with an error object", 400,
         "{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":\"P\",\"code\":\"C\"}}", "M", "T", "C"},
        {"400 with a code of null", 400, "{\"error\":{\"message\":\"M\",\"type\":\"T\",\"param\":\"P\",\"code\":null}}",
         "M", "T", "-"},
        {"401 with an error string", 401, "{\"error\":\"M\"}", "M", "-", "-"},
        {"402, and the end comes within the message", 402, "{\"error\":{\"type\":\"T\",\"message\":\"no cre", "no cre", "T",
         "-"},
        {"402, and the end comes within a number", 402, "{\"detail\":-22", "-22", "-", "-"},
        {"402, and the end comes within an error string", 402, "{\"error\":\"no cre", "no cre", "-", "-"},
        {"404 with a message", 404, "{\"message\":\"M\",\"code\":404}", "M", "-", "404"},
        {"422 with a detail", 422, "{\"detail\":\"M\"}", "M", "-", "-"},
        {"429 in a list", 429, "[{\"error\":{\"message\":\"M\",\"code\":429}}]", "M", "-", "429"},
        {"500 with older vLLM's object", 500, "{\"object\":\"error\",\"message\":\"M\",\"type\":\"T\",\"code\":500}",
         "M", "T", "500"},
        {"500 with a scalar", 500, "\"M\"", "\"M\"", "-", "-"},
        {"502 with HTML", 502, "<html>Bad Gateway</html>", "-", "-", "-"},
        {"503 with plain text", 503, "upstream connect error", "upstream connect error", "-", "-"},
        {"503 with an event stream", 503, "event: error\ndata: {\"error\":{\"message\":\"M\"}}\n\n", "M", "-", "-"},
        {"503 with an event stream, no type", 503, "data: {\"error\":{\"message\":\"M\"}}\n\n", "M", "-", "-"},
        {"504 with nothing", 504, "", "-", "-", "-"},
        {"400 with half of JSON", 400, "{\"error\":{\"mess", "-", "-", "-"},
        {"400 with JSON that goes wrong after the words", 400,
         "{\"error\":{\"message\":\"a\\u00e9\xFF\",\"type\":\"\\u0054\",\"code\":7}}}", "a\xC3\xA9?", "T", "7"},
        {"400 with an event stream that goes wrong after the words", 400,
         "data: {\"error\":{\"message\":\"a\\u00e9\xFF\",\"type\":\"\\u0054\",\"code\":7}}}\n\n", "a\xC3\xA9?", "T",
         "7"},
        {"400 with an answer", 400, short_answer, "-", "-", "-"},
        {"302 with nothing", 302, "", "-", "-", "-"},
        {"599 with JSON of no known shape", 599, "{\"a\":1}", "-", "-", "-"},
    };
    support::GuardedBuffer memory(2048);
    for (const Row& row : rows) {
        ROW(row.name);
        for (const bool http : {true, false}) {
            const std::string bytes = http ? counted_answer(row.status, "application/json", row.body) : row.body;
            corpus::for_each_cut(bytes, false, [&](const corpus::Pieces& pieces) {
                INFO(std::string(http ? "over HTTP, " : "body alone, "), corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), http, row.status, pieces);
                CHECK_EQ(name(outcome.error), name(Error::http_status));
                CHECK(outcome.verdict == Verdict::failed);
                CHECK(outcome.consistent);
                CHECK_EQ(outcome.heard.story, "");
                CHECK_EQ(outcome.status, row.status);
                CHECK_EQ(outcome.message, row.message);
                CHECK_EQ(outcome.type, row.type);
                CHECK_EQ(outcome.code, row.code);
                CHECK_EQ(outcome.body_prefix, row.body.empty() ? "-" : printable(row.body.substr(0, 256)));
                CHECK_FALSE(outcome.reusable);
            });
        }
    }
}

TEST_CASE("what a refusal says has no escapes, also where it is read in parts") {
    const std::string filler(3000, 'x');
    const std::string words = "\"code\":\"quota\\u0041\",\"type\":\"t\\u0042\",\"param\":\"p\\n\\u00e9\"";
    const std::string bodies[] = {
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":\"" + filler + "\"}",
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\",\"more\":\"" + filler,           // cut
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":[" + filler + "]}",    // no JSON
        "{\"error\":{" + words + ",\"message\":\"m\\u0043\"}}",
        "{" + words + ",\"message\":\"m\\u0043\",\"more\":\"" + filler + "\"}",
        "data: {\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":\"" + filler + "\"}\n\n",
        "data: {\"error\":{" + words + ",\"message\":\"m\\u0043\"},\"more\":\"" + filler,
    };
    for (const std::string& body : bodies) {
        ROW(body.substr(0, 30).c_str());
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            for (const int status : {429, 200}) {
                if (status == 200 && (body.back() != '}' || body.find('[') != std::string::npos)) continue;
                const std::string bytes = counted_answer(status, "application/json", body);
                corpus::for_each_cut(bytes, true, [&](const corpus::Pieces& pieces) {
                    INFO("buffer ", size, ", ", status, ", ", corpus::describe(pieces));
                    const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                    if (status != 200) CHECK_EQ(name(outcome.error), name(Error::http_status));
                    // not an error in every dialect
                    if (oai::category(outcome.error) != oai::ErrorCategory::server) return;
                    CHECK_EQ(outcome.code, "quotaA");
                    CHECK_EQ(outcome.type, "tB");
                    CHECK_EQ(outcome.param, "p\n\xC3\xA9");
                    CHECK_EQ(outcome.message, "mC");
                });
            }
        }
    }
}

TEST_CASE("a refusal whose end is missing: the beginning of its message is shown, whatever the cuts") {
    struct Row {
        const char* name;
        std::string before, after;  // of a message of 40 bytes
    };
    const std::string id(70, 'i'), type(100, 't'), code(30, 'c'), message = "Insufficient credits: 0.00 EUR are left.";
    const Row rows[] = {
        {"the message comes first", "data: {\"error\":{\"message\":\"", "\",\"type\":\"T\"}}\n\n"},
        {"a long type comes before it", "data: {\"error\":{\"type\":\"" + type + "\",\"message\":\"", "\"}}\n\n"},
        {"what nobody needs comes before it", "data: {\"x\":\"" + id + code + "\",\"detail\":\"", "\",\"y\":0}\n\n"},
        {"a long type and a code, as JSON", "{\"error\":{\"type\":\"" + type + "\",\"code\":\"" + code +
             "\",\"message\":\"", "\"}}"},
        {"an error string after another event", ": hi\n\ndata: {\"id\":\"" + id + "\"}\n\ndata: {\"error\":\"", "\"}"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string all = row.before + message + row.after;
        for (size_t size = 512; size <= 560; size += 8) {
            support::GuardedBuffer memory(size);
            for (size_t there = 1; there <= message.size() + row.after.size(); there += 5) {
                const std::string expected = message.substr(0, there);
                corpus::for_each_cut(all.substr(0, row.before.size() + there), true, [&](const corpus::Pieces& pieces) {
                    INFO("buffer ", size, ", ", there, " bytes from the message on, ", corpus::describe(pieces));
                    const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 402, pieces);
                    CHECK_EQ(name(outcome.error), name(Error::http_status));
                    CHECK_EQ(expected.substr(0, outcome.message.size()), outcome.message);
                    CHECK(outcome.message.size() >= std::min<size_t>(expected.size(), 16));
                });
            }
        }
    }
}

TEST_CASE("an event stream that refuses: what its last event says counts, and is text") {
    struct Row {
        const char* name;
        std::string body;
        std::string type, code, message;
    };
    const std::string ill_formed = std::string("\xFF") + std::string(700, '\x83');
    const Row rows[] = {
        {"a code that says nothing, and bytes that come after it",
         "data: {\"code\":0}\n\nevent: " + std::string(600, 'e'), "-", "-", "-"},
        {"a code that says nothing, and an event", "data: {\"code\":0}\n\n" + text(std::string(400, 'y')), "-", "-",
         "-"},
        {"an event with a message comes second", "data: {\"code\":0}\n\n" + sse("{\"error\":{\"message\":\"M\"}}"), "-",
         "-", "M"},
        {"the end comes within an escaped type", "data: {\"error\":{\"type\":\"\\u0054\",\"message\":\"M\",\"x\":\"" +
             std::string(700, 'x'), "T", "-", "M"},
        {"the end comes within what is not UTF-8", "data: {\"error\":{\"type\":\"\xFF\",\"message\":\"" + ill_formed,
         "?", "-", "*"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::GuardedBuffer memory(512);
        corpus::for_each_cut(row.body, true, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), false, 400, pieces);
            CHECK_EQ(name(outcome.error), name(Error::http_status));
            CHECK_EQ(outcome.type, row.type);
            CHECK_EQ(outcome.code, row.code);
            if (row.message != "*") CHECK_EQ(outcome.message, row.message);
            CHECK(conversation::is_utf8(outcome.message));
        });
    }
}

TEST_CASE("begin_body: statuses") {
    struct Row {
        int status;
        bool refused;
    };
    const Row rows[] = {{200, false}, {201, false}, {206, false}, {299, false}, {300, true}, {301, true},
                        {400, true},  {404, true},  {429, true},  {500, true},  {599, true}, {999, true}};
    for (const Row& row : rows) {
        ROW(std::to_string(row.status));
        char memory[1024];
        Heard heard;
        Exchange exchange{oai::Buffer(memory)};
        CHECK_EQ(name(exchange.begin_body(oai::Api::chat, row.status, "text/event-stream; charset=utf-8")),
                 name(Error::none));
        CHECK(exchange.outgoing().empty());
        CHECK_FALSE(exchange.wants_to_send());
        Poll said = feed(exchange, short_answer, heard);
        if (said == Poll::pending) {
            exchange.ended();
            said = hear(exchange, heard);
        }
        CHECK(said == (row.refused ? Poll::failed : Poll::done));
        CHECK_EQ(name(exchange.error()), name(row.refused ? Error::http_status : Error::none));
        CHECK_EQ(heard.story, row.refused ? "" : short_story);
        CHECK_EQ(exchange.failure().http_status, row.status);
        CHECK_EQ(shown(exchange.failure().content_type), "text/event-stream; charset=utf-8");
        CHECK_FALSE(exchange.is_reusable());
    }
}

TEST_CASE("the status stays known, whatever is wrong with the head") {
    struct Row {
        const char* name;
        std::string bytes;
        Error error;
        int status;
        std::string message;
    };
    const std::string body = "{\"error\":{\"message\":\"bad key\"}}";
    const Row rows[] = {
        {"a refusal with both lengths", "HTTP/1.1 401 Unauthorized\r\nContent-Length: 31\r\nTransfer-Encoding: "
                                        "chunked\r\n\r\n" + body, Error::http_status, 401, "bad key"},
        {"the other way round", "HTTP/1.1 400 Bad\r\nTransfer-Encoding: chunked\r\nContent-Length: 31\r\n\r\n" + body,
         Error::http_status, 400, "bad key"},
        {"a refusal with a line that is no field", "HTTP/1.1 400 Bad\r\nnonsense\r\n\r\n" + body, Error::http_status,
         400, "-"},
        {"a refusal with two lengths", "HTTP/1.1 503 Busy\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
         Error::http_status, 503, "-"},
        {"a refusal with an unknown transfer coding", "HTTP/1.1 429 Busy\r\nTransfer-Encoding: gzip\r\n\r\nabcd",
         Error::http_status, 429, "-"},
        {"a refusal whose head is too large", "HTTP/1.1 431 Large\r\nX: " + std::string(70000, 'x'), Error::http_status,
         431, "-"},
        {"a refusal whose head is cut off", "HTTP/1.1 500 Oops\r\nX: ", Error::http_status, 500, "-"},
        {"NUL in the reason", std::string("HTTP/1.1 403 For\0bidden\r\n\r\n", 26), Error::http_status, 403, "-"},
        {"a 200 with a line that is no field", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n", Error::bad_header, 200, "-"},
        {"a 200 with both lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
         Error::bad_framing, 200, "-"},
        {"a 200 after a 100 that is cut off", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX", Error::truncated,
         200, "-"},
        {"a 100 alone", "HTTP/1.1 100 Continue\r\nX: y", Error::truncated, 0, "-"},
        {"half a status", "HTTP/1.1 40", Error::truncated, 0, "-"},
        {"a status with something after it", "HTTP/1.1 4000 X\r\n\r\n", Error::bad_status_line, 0, "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(row.bytes, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK_EQ(outcome.status, row.status);
                CHECK_EQ(outcome.message, row.message);
                CHECK(outcome.consistent);
                CHECK_FALSE(outcome.reusable);
            });
        }
    }
}

TEST_CASE("the head: what ends the conversation and what is kept of it") {
    struct Row {
        const char* name;
        std::string head;  // without the framing
        Error error;
        std::string request_id, type;
        int64_t retry_after_ms;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string busy = "HTTP/1.1 429 Too Many Requests\r\n";
    const std::string long_id(1000, 'i');
    const Row rows[] = {
        {"nothing but the status", ok, Error::none, "-", "-", -1},
        {"x-request-id", ok + "X-Request-ID:  req_1 \r\n", Error::none, "req_1", "-", -1},
        {"x-request-id in small letters", ok + "x-request-id:req_1\r\n", Error::none, "req_1", "-", -1},
        {"an empty x-request-id", ok + "x-request-id:\r\n", Error::none, "", "-", -1},
        {"a long x-request-id", ok + "X-Request-Id: " + long_id + "\r\n", Error::none,
         std::string(oai::HeadFields::max_bytes, 'i'), "-", -1},
        {"two of them: the first", ok + "X-Request-Id: a\r\nX-Request-Id: b\r\n", Error::none, "a", "-", -1},
        {"content-type", ok + "Content-Type: text/event-stream; charset=utf-8\r\n", Error::none, "-",
         "text/event-stream; charset=utf-8", -1},
        {"a long content-type", ok + "Content-Type: " + std::string(500, 't') + "\r\n", Error::none, "-",
         std::string(oai::HeadFields::max_bytes, 't'), -1},
        {"all kept", ok + "Content-Type: " + std::string(500, 't') + "\r\nX-Request-Id: " + long_id + "\r\n",
         Error::none, std::string(oai::HeadFields::max_bytes, 'i'), std::string(oai::HeadFields::max_bytes, 't'), -1},
        {"identity", ok + "Content-Encoding: Identity\r\n", Error::none, "-", "-", -1},
        {"an empty encoding", ok + "Content-Encoding:\r\n", Error::none, "-", "-", -1},
        {"gzip", ok + "Content-Encoding: gzip\r\n", Error::content_encoding, "-", "-", -1},
        {"br", ok + "Content-Encoding: br\r\n", Error::content_encoding, "-", "-", -1},
        {"identity, gzip", ok + "Content-Encoding: identity, gzip\r\n", Error::content_encoding, "-", "-", -1},
        {"gzip, identity", ok + "Content-Encoding: gzip, identity\r\n", Error::content_encoding, "-", "-", -1},
        {"x-gzip", ok + "Content-Encoding: x-gzip\r\n", Error::content_encoding, "-", "-", -1},
        {"deflate", ok + "Content-Encoding: Deflate\r\n", Error::content_encoding, "-", "-", -1},
        {"zstd", ok + "Content-Encoding:zstd \r\n", Error::content_encoding, "-", "-", -1},
        {"compress", ok + "Content-Encoding: compress\r\n", Error::content_encoding, "-", "-", -1},
        {"one after the other", ok + "Content-Encoding: none , ,\tbr\r\n", Error::content_encoding, "-", "-", -1},
        {"in two fields", ok + "Content-Encoding: gzip\r\nContent-Encoding: identity\r\n", Error::content_encoding,
         "-", "-", -1},
        {"none is no coding", ok + "Content-Encoding: none\r\n", Error::none, "-", "-", -1},
        {"utf-8 is no coding", ok + "Content-Encoding: utf-8, none\r\n", Error::none, "-", "-", -1},
        {"a coding of a long name nobody knows", ok + "Content-Encoding: " + std::string(300, 'x') + "\r\n",
         Error::none, "-", "-", -1},
        {"a refusal that is compressed is still one", busy + "Content-Encoding: gzip\r\n", Error::http_status, "-", "-",
         -1},
        {"101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n", Error::unexpected_upgrade, "-", "-", -1},
        {"100 first", "HTTP/1.1 100 Continue\r\n\r\n" + ok, Error::none, "-", "-", -1},
        {"103 with headers first, twice",
         "HTTP/1.1 103 Early Hints\r\nX-Request-Id: no\r\nContent-Encoding: gzip\r\n\r\nHTTP/1.1 103 Early "
         "Hints\r\n\r\n" +
             ok + "X-Request-Id: yes\r\n",
         Error::none, "yes", "-", -1},
        {"retry-after in seconds", busy + "Retry-After: 7\r\n", Error::http_status, "-", "-", 7000},
        {"retry-after with a fraction, to the next second", busy + "Retry-After: 0.25\r\n", Error::http_status, "-", "-",
         1000},
        {"retry-after of 0", busy + "Retry-After: 0\r\n", Error::http_status, "-", "-", 0},
        {"retry-after-ms, which ResponseInfo knows", busy + "Retry-After-Ms: 1500\r\n", Error::http_status, "-", "-",
         -1},
        {"both: seconds", busy + "Retry-After: 7\r\nRetry-After-Ms: 1500\r\n", Error::http_status, "-", "-", 7000},
        {"a date, which ResponseInfo knows", busy + "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT\r\n",
         Error::http_status, "-", "-", -1},
        {"a negative number", busy + "Retry-After: -5\r\n", Error::http_status, "-", "-", -1},
        {"not a number", busy + "Retry-After: nan\r\n", Error::http_status, "-", "-", -1},
        {"points alone", busy + "Retry-After: ...\r\n", Error::http_status, "-", "-", -1},
        {"an empty one", busy + "Retry-After:\r\n", Error::http_status, "-", "-", -1},
        {"retry-after with more digits than count", busy + "Retry-After: 1.23456789\r\n", Error::http_status, "-", "-",
         2000},
        {"retry-after of 49 days", busy + "Retry-After: 4294959\r\n", Error::http_status, "-", "-", 4294959000},
        {"a longer one says nothing", busy + "Retry-After: 4294960\r\n", Error::http_status, "-", "-", -1},
        {"an absurd number", busy + "Retry-After: 99999999999999999999999999\r\n", Error::http_status, "-", "-", -1},
        {"a number of a thousand digits", busy + "Retry-After: " + std::string(1000, '9') + "\r\n", Error::http_status,
         "-", "-", -1},
        {"not HTTP", "SSH-2.0-OpenSSH_9.2\r\n", Error::bad_status_line, "-", "-", -1},
        {"HTTP/2", "HTTP/2 200 OK\r\n", Error::bad_status_line, "-", "-", -1},
        {"a header without a colon", ok + "nonsense\r\n", Error::bad_header, "-", "-", -1},
        {"a folded header", ok + "X: a\r\n b\r\n", Error::bad_header, "-", "-", -1},
        {"lengths that differ", ok + "Content-Length: 3\r\nContent-Length: 4\r\n", Error::bad_framing, "-", "-", -1},
        {"headers without end", ok + "X: " + std::string(oai::http::max_head_bytes, 'x') + "\r\n",
         Error::head_too_large, "-", "-", -1},
        {"long headers nobody needs", ok + "X: " + std::string(60000, 'x') + "\r\n", Error::none, "-", "-", -1},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            const std::string bytes = row.head + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60);
            corpus::for_each_cut(bytes, size != 2048, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const Outcome outcome = outcome_of(oai::Buffer(memory.data(), memory.size()), true, 0, pieces);
                CHECK_EQ(name(outcome.error), name(row.error));
                CHECK(outcome.consistent);
                CHECK_EQ(outcome.heard.story, row.error == Error::none ? short_story : "");
                if (row.error == Error::none || row.error == Error::http_status) {
                    CHECK_EQ(outcome.request_id, row.request_id);
                    CHECK_EQ(outcome.content_type, row.type);
                    CHECK_EQ(outcome.retry_after_ms, row.retry_after_ms);
                    CHECK_EQ(outcome.status, row.error == Error::none ? 200 : 429);
                }
            });
        }
    }
}

TEST_CASE("a refusal stops what is still to be sent, any other answer does not") {
    struct Row {
        const char* name;
        const char* head;
        bool goes_on;
    };
    const Row rows[] = {
        {"no answer yet", "", true},
        {"half of a head", "HTTP/1.1 413 X\r\nContent-Len", true},
        {"100", "HTTP/1.1 100 Continue\r\n\r\n", true},
        {"103", "HTTP/1.1 103 Early Hints\r\n\r\n", true},
        {"200", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n", true},
        {"299", "HTTP/1.1 299 X\r\nContent-Length: 50\r\n\r\n", true},
        {"300", "HTTP/1.1 300 X\r\nContent-Length: 50\r\n\r\n", false},
        {"413", "HTTP/1.1 413 X\r\nContent-Length: 50\r\n\r\n", false},
        {"500 after 100", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 X\r\nContent-Length: 50\r\n\r\n", false},
    };
    const std::string prompt(5000, 'p');
    const oai::Endpoint endpoint("http://h/v1");
    const oai::ChatRequest request("m", oai::StringView(prompt));
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[1024];
        Exchange exchange(memory);
        REQUIRE(exchange.begin(endpoint, request) == Error::none);
        exchange.sent(exchange.outgoing().size() / 2);
        Heard heard;
        CHECK(feed(exchange, row.head, heard) == Poll::pending);
        CHECK_EQ(exchange.wants_to_send(), row.goes_on);
        CHECK_EQ(exchange.outgoing().empty(), !row.goes_on);
        CHECK_FALSE(exchange.is_reusable());
        if (row.goes_on) continue;
        CHECK(feed(exchange, "{\"error\":\"no\"}" + std::string(36, ' '), heard) == Poll::failed);
        CHECK_EQ(name(exchange.error()), name(Error::http_status));
        CHECK_EQ(std::string(exchange.failure().message), "no");
        CHECK_FALSE(exchange.is_reusable());
        CHECK_FALSE(exchange.can_drain());
    }
}
