// One Stream, several conversations: when the connection is used again, and what outlives an answer.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked;
using conversation::chunked_answer;
using conversation::count_of;
using conversation::counted_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::shown;
using conversation::story_of;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");
const std::string answer = chunked_answer(short_answer, 60);

}  // namespace

TEST_CASE("a complete answer leaves a connection that carries the next request, to the same server only") {
    struct Row {
        const char* name;
        std::string first;   // the answer, and what came with it
        std::string later;   // what comes before the next answer
        const char* url;     // of the second request
        bool reused;
        bool waits = false;  // for the end of the message, which never comes
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string open_end = ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false);
    const std::string counted = counted_answer(200, "text/event-stream", short_answer);
    const std::string json =
        "{\"id\":\"c1\",\"model\":\"m1\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},"
        "\"finish_reason\":\"stop\"}]}";
    const Row rows[] = {
        {"the same Endpoint written otherwise", answer, "", "http://h:80/v2/", true},
        {"another prefix", answer, "", "http://h/other/v1", true},
        {"Content-Length", counted, "", "http://h/v1", true},
        {"another host", answer, "", "http://i/v1", false},
        {"another port", answer, "", "http://h:8080/v1", false},
        {"the last chunk comes later", open_end, "0\r\n\r\n", "http://h/v1", true},
        {"the last chunk comes later, with a trailer", open_end, "0\r\nX: y\r\n\r\n", "http://h/v1", true},
        {"the last chunk never comes", open_end, "", "http://h/v1", false, true},
        {"more events than anybody wants to drain", open_end, chunked(std::string(100000, '\n')), "http://h/v1", false},
        {"something after the message", answer + "HTTP/1.1 200 OK\r\n", "", "http://h/v1", false},
        {"something after the message, later", open_end, "0\r\n\r\nX", "http://h/v1", false},
        {"Connection: close", chunked_answer(short_answer, 60, "Connection: close\r\n"), "", "http://h/v1", false},
        {"HTTP/1.0",
         "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(short_answer.size()) + "\r\n\r\n" + short_answer, "",
         "http://h/v1", false},
        {"no framing", ok + "\r\n" + short_answer, "", "http://h/v1", false},
        {"a bad chunk after [DONE]", open_end, "zz\r\n", "http://h/v1", false},
        {"a bad chunk after [DONE], of which no more came", open_end, "z", "http://h/v1", false},
        {"Connection: close, the last chunk comes later",
         ok + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false),
         "0\r\n\r\n", "http://h/v1", false},
        {"an answer in plain JSON", counted_answer(200, "application/json", json), "", "http://h/v1", true},
        {"a refusal", counted_answer(429, "application/json", "{\"error\":\"x\"}"), "", "http://h/v1", false},
        {"an error in the stream", chunked_answer(conversation::sse("{\"error\":\"x\"}")), "", "http://h/v1", false},
        {"a truncated answer", chunked_answer(conversation::text("a")), "", "http://h/v1", false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const bool has_dial : {true, false}) {
            INFO(has_dial);
            ScriptedTransport link;
            link.answer(row.first);
            char memory[1024];
            Stream stream(has_dial ? link.transport() : link.transport_without_dial(), memory);
            REQUIRE(stream.open(server, ask) == Error::none);
            // As much as the first answer is there for.
            Heard heard;
            Event event;
            Poll said;
            link.pull_end = IoResult::would_block();
            while ((said = stream.poll(event)) == Poll::event ||
                   (said == Poll::pending && has(stream.wants(), oai::Interest::work_left))) {
            }
            CHECK(said != Poll::pending);
            const size_t first_request = link.pushed().size();
            link.answer(row.later, 4000);
            link.pull_says(IoResult::would_block());
            if (row.later.size() < 100 && !row.waits) link.answer(answer);
            const oai::Endpoint next(row.url);
            const Error expected = has_dial || row.reused ? Error::none : Error::no_redial;
            // What comes after open() is looked at in poll().
            const bool is_decided_later = row.waits || (!row.later.empty() && !row.reused);
            CHECK_EQ(name(stream.open(next, ask)), name(is_decided_later ? Error::none : expected));
            if (row.waits) {
                CHECK_EQ(link.hang_ups(), 0);
                CHECK(stream.poll(event) == Poll::pending);
                CHECK(stream.wants() == oai::Interest::read);
                const uint32_t longest_ms = has_dial ? Stream::max_turn_ms : Stream::max_turn_ms_without_dial;
                CHECK_EQ(stream.next_deadline_ms(), longest_ms);
                link.now += longest_ms;
            }
            if (is_decided_later) {
                link.on(Call::hang_up, 0, [&link] { link.forget_answers(); });
                do stream.poll(event);
                while (has(stream.wants(), oai::Interest::work_left));
                CHECK_EQ(name(stream.error()), name(expected));
            }
            CHECK_EQ(link.connections(), !has_dial ? 0 : row.reused ? 1 : 2);
            CHECK_EQ(link.hang_ups(), row.reused ? 0 : 1);
            if (row.reused) {
                CHECK_EQ(story_of(stream), short_story);
                CHECK(stream.verdict() == Verdict::done_marker);
                CHECK(stream.stats().received_bytes == answer.size());
                CHECK(stream.stats().sent_bytes + first_request == link.pushed().size());
                CHECK_EQ(count_of(link.pushed(), "POST "), 2);
            }
            stream.close();
            CHECK_EQ(link.hang_ups(), has_dial ? link.connections() : 1);
            CHECK(link.violations().empty());
        }
    }
}

TEST_CASE("an Endpoint that was changed in place is asked as what it is now") {
    struct Row {
        const char* name;
        void (*change)(oai::Endpoint& endpoint, char* host);  // host: the bytes of endpoint.host
        bool reused;
        uint16_t port = 8080;  // at first
    };
    const Row rows[] = {
        {"nothing", [](oai::Endpoint&, char*) {}, true},
        {"another host", [](oai::Endpoint& endpoint, char*) { endpoint.host = "other"; }, false},
        {"a longer host", [](oai::Endpoint& endpoint, char*) { endpoint.host = "host1"; }, false},
        {"a shorter host", [](oai::Endpoint& endpoint, char*) { endpoint.host = "hos"; }, false},
        {"other bytes in the memory of the host", [](oai::Endpoint&, char* host) { host[0] = 'm'; }, false},
        {"the last of these bytes", [](oai::Endpoint&, char* host) { host[3] = 's'; }, false},
        {"two of these bytes in the other order", [](oai::Endpoint&, char* host) { host[1] = 's', host[2] = 'o'; },
         false},
        {"another port", [](oai::Endpoint& endpoint, char*) { endpoint.port = 8081; }, false},
        {"the port of the scheme", [](oai::Endpoint& endpoint, char*) { endpoint.port = 0; }, false},
        {"the port of the scheme, which it was", [](oai::Endpoint& endpoint, char*) { endpoint.port = 0; }, true, 80},
        {"the port of the scheme, said", [](oai::Endpoint& endpoint, char*) { endpoint.port = 80; }, true, 0},
        {"tls", [](oai::Endpoint& endpoint, char*) { endpoint.tls = true; }, false},
        {"tls, the port as it comes", [](oai::Endpoint& endpoint, char*) { endpoint.tls = true; }, false, 0},
        {"another server at once", [](oai::Endpoint& endpoint, char*) { endpoint = oai::Endpoint("http://i:9/v1"); },
         false},
        {"the same host elsewhere in memory", [](oai::Endpoint& endpoint, char*) { endpoint.host = "host"; }, true},
        {"the same server once more",
         [](oai::Endpoint& endpoint, char*) { endpoint = oai::Endpoint("http://host:8080/v1"); }, true},
        {"another prefix, key, organization and project",
         [](oai::Endpoint& endpoint, char*) {
             endpoint.prefix = "/v2";
             endpoint.key = endpoint.organization = endpoint.project = "x";
         },
         true},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const bool moves : {false, true}) {
            INFO(moves);
            char host[] = "host";
            oai::Endpoint endpoint("http://unused/v1");
            endpoint.host = oai::StringView(host, 4);
            endpoint.port = row.port;
            ScriptedTransport link;
            link.answer(answer).pull_says(IoResult::would_block()).answer(answer);
            oai::Transport transport = link.transport();
            transport.secure = true;
            char memory[1024];
            Stream first(transport, memory);
            REQUIRE(first.open(endpoint, ask) == Error::none);
            CHECK_EQ(link.host(), "host");
            CHECK_EQ(link.port(), row.port == 0 ? 80 : row.port);
            CHECK_EQ(story_of(first), short_story);
            CHECK_EQ(link.hang_ups(), 0);
            Stream second;
            if (moves) second = std::move(first);
            Stream& stream = moves ? second : first;
            row.change(endpoint, host);
            CHECK_EQ(name(stream.open(endpoint, ask)), name(Error::none));
            CHECK_EQ(link.connections(), row.reused ? 1 : 2);
            CHECK_EQ(link.hang_ups(), row.reused ? 0 : 1);
            CHECK_EQ(link.host(), std::string(endpoint.host));
            CHECK_EQ(link.port(), endpoint.effective_port());
            CHECK_EQ(story_of(stream), short_story);
            CHECK(stream.verdict() == Verdict::done_marker);
            CHECK_EQ(count_of(link.pushed(), "POST "), 2);
            const size_t line = link.pushed().rfind("\r\nHost: ") + 8;
            const uint16_t port = endpoint.effective_port();
            const std::string shown_port = port == endpoint.default_port() ? "" : ":" + std::to_string(port);
            CHECK_EQ(link.pushed().substr(line, link.pushed().find('\r', line) - line),
                     std::string(endpoint.host) + shown_port);
            // What it was changed to is remembered from now on.
            link.pull_says(IoResult::would_block()).answer(answer);
            CHECK_EQ(name(stream.open(endpoint, ask)), name(Error::none));
            CHECK_EQ(story_of(stream), short_story);
            CHECK_EQ(link.connections(), row.reused ? 1 : 2);
            stream.close();
            CHECK_EQ(link.hang_ups(), link.connections());
            CHECK(link.violations().empty());
        }
    }
}

TEST_CASE("two hosts are two, also those that have one FNV-1a hash on port 80") {
    for (const char* url : {"http://cwocfbn/v1", "http://dksxzcl/v1", "http://dksxzck:80"}) {
        ROW(url);
        ScriptedTransport link;
        link.answer(answer).pull_says(IoResult::would_block()).answer(answer);
        char memory[1024];
        Stream stream(link.transport(), memory);
        const oai::Endpoint first("http://dksxzck/v1"), second{oai::StringView(url)};
        REQUIRE(stream.open(first, ask) == Error::none);
        CHECK_EQ(story_of(stream), short_story);
        CHECK_EQ(name(stream.open(second, ask)), name(Error::none));
        CHECK_EQ(story_of(stream), short_story);
        const bool is_same = second.host == first.host;
        CHECK_EQ(link.connections(), is_same ? 1 : 2);
        CHECK_EQ(link.hang_ups(), is_same ? 0 : 1);
        CHECK(link.violations().empty());
    }
}

TEST_CASE("a hundred conversations over one connection") {
    ScriptedTransport link;
    char memory[2048];
    Stream stream(link.transport(), memory);
    for (int number = 0; number < 100; ++number) {
        link.pull_says(IoResult::would_block()).answer(answer, static_cast<size_t>(number) * 7 + 2);
        CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
        CHECK_EQ(story_of(stream), short_story);
    }
    CHECK_EQ(link.connections(), 1);
    CHECK_EQ(link.hang_ups(), 0);
    stream.close();
    CHECK_EQ(link.hang_ups(), 1);
    CHECK(link.violations().empty());
}

TEST_CASE("a conversation is abandoned by the next one: its connection is hung up, whatever it was in") {
    for (const size_t cut : {size_t{0}, size_t{10}, size_t{70}, size_t{100}, answer.size() - 30}) {
        ROW("after " + std::to_string(cut) + " bytes");
        ScriptedTransport link;
        link.answer(answer.substr(0, cut)).pull_says(IoResult::would_block());
        char memory[1024];
        Stream stream(link.transport(), memory);
        REQUIRE(stream.open(server, ask) == Error::none);
        Event event;
        while (stream.poll(event) == Poll::event) {
        }
        link.answer(answer);
        CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
        CHECK_EQ(link.hang_ups(), 1);
        CHECK_EQ(link.connections(), 2);
        CHECK_EQ(story_of(stream), short_story);
        stream.close();
        CHECK_EQ(link.hang_ups(), 2);
        CHECK(link.violations().empty());
    }
}

TEST_CASE("a server that has closed the kept connection is noticed before a request is sent over it") {
    for (const IoResult said : {IoResult::closed(), IoResult::failed(-104)}) {
        ROW(said.is_closed() ? "closed" : "reset");
        ScriptedTransport link;
        link.answer(answer).pull_says(said).answer(answer);
        char memory[1024];
        Stream stream(link.transport(), memory);
        REQUIRE(stream.open(server, ask) == Error::none);
        CHECK_EQ(story_of(stream), short_story);
        CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
        CHECK_EQ(story_of(stream), short_story);
        CHECK_EQ(name(stream.error()), name(Error::none));
        CHECK_EQ(link.connections(), 2);
        CHECK_EQ(link.hang_ups(), 1);
        CHECK(link.violations().empty());
    }
}

TEST_CASE("without dial a link that cannot be used again stays that way") {
    ScriptedTransport link;
    link.answer(answer.substr(0, 100)).pull_says(IoResult::closed());
    char memory[1024];
    Stream stream(link.transport_without_dial(), memory);
    REQUIRE(stream.open(server, ask) == Error::none);
    story_of(stream);
    CHECK_EQ(name(stream.error()), name(Error::truncated));
    for (int times = 0; times < 3; ++times) {
        CHECK_EQ(name(stream.open(server, ask)), name(Error::no_redial));
        CHECK(stream.failure().category == oai::ErrorCategory::caller);
        Event event;
        CHECK(stream.poll(event) == Poll::failed);
    }
    Stream moved(std::move(stream));
    CHECK_EQ(name(moved.open(server, ask)), name(Error::no_redial));
    CHECK_EQ(link.hang_ups(), 1);
    CHECK(link.violations().empty());
}

TEST_CASE("the views of a Failure outlive close and a move, until the next open") {
    struct Row {
        const char* name;
        std::string answer;
        Error error;
    };
    const std::string error =
        "{\"error\":{\"message\":\"a \\u00e9 message\",\"type\":\"T\",\"code\":1234,\"param\":\"P\"}}";
    const Row rows[] = {
        {"a refusal", counted_answer(429, "application/json", error, "X-Request-Id: req_1\r\n"), Error::http_status},
        {"a refusal in HTML", counted_answer(502, "text/html", "<html>x</html>", "X-Request-Id: req_1\r\n"),
         Error::http_status},
        {"an error in the stream",
         chunked_answer(conversation::text("a") + conversation::sse(error), 60, "X-Request-Id: req_1\r\n"),
         Error::server_error},
        {"HTML under 200", counted_answer(200, "text/html", "<html>x</html>", "X-Request-Id: req_1\r\n"),
         Error::not_event_stream},
        {"an id that does not fit",
         chunked_answer(conversation::sse("{\"id\":\"" + std::string(3000, 'i') + "\"}"), 60,
                        "X-Request-Id: req_1\r\n"),
         Error::event_too_large},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        link.answer(row.answer).answer(answer);
        std::vector<char> memory(1024);
        std::string before;
        const auto look = [](const Stream& stream) {
            const oai::Failure f = stream.failure();
            return shown(f.type) + "|" + shown(f.code) + "|" + shown(f.param) + "|" + shown(f.message) + "|" +
                   shown(f.request_id) + "|" + shown(f.content_type) + "|" + shown(f.body_prefix);
        };
        Stream moved;
        {
            Stream stream(link.transport(), oai::Buffer(memory.data(), memory.size()));
            REQUIRE(stream.open(server, ask) == Error::none);
            story_of(stream);
            CHECK_EQ(name(stream.error()), name(row.error));
            before = look(stream);
            CHECK(before.find("req_1") != std::string::npos);
            if (row.error == Error::event_too_large) CHECK(before.find("|id|") != std::string::npos);
            stream.close();
            stream.cancel();
            Event event;
            stream.poll(event);
            CHECK_EQ(look(stream), before);
            moved = std::move(stream);
        }
        CHECK_EQ(look(moved), before);
        moved.close();
        CHECK_EQ(look(moved), before);
        // And nothing of it is left in the next conversation.
        if (row.error == Error::event_too_large) continue;
        CHECK_EQ(name(moved.open(server, ask)), name(Error::none));
        CHECK_EQ(look(moved), "-|-|-|-|-|-|-");
        CHECK_EQ(moved.failure().http_status, 0);
    }
}

TEST_CASE("the longest name of a host is remembered, one that is longer is refused") {
    for (const size_t size : {size_t{1}, oai::http::max_host_bytes, oai::http::max_host_bytes + 1}) {
        ROW(std::to_string(size) + " bytes");
        ScriptedTransport link;
        link.answer(answer).pull_says(IoResult::would_block()).answer(answer);
        const std::string url = "http://" + std::string(size, 'h') + "/v1";
        const oai::Endpoint there{oai::StringView(url.data(), url.size())};
        char memory[2048];
        Stream stream(link.transport(), memory);
        const bool fits = size <= oai::http::max_host_bytes;
        for (int times = 0; times != 2; ++times) {
            CHECK_EQ(name(stream.open(there, ask)), name(fits ? Error::none : Error::bad_url));
            if (fits) CHECK_EQ(story_of(stream), short_story);
        }
        CHECK_EQ(link.connections(), fits ? 1 : 0);
        CHECK_EQ(link.hang_ups(), 0);
        CHECK(link.violations().empty());
    }
}

TEST_CASE("bytes of another server in the memory of the host, with the same FNV-1a hash: not over this connection") {
    char host[] = "dksxzck";
    oai::Endpoint endpoint("http://unused/v1", "key");
    endpoint.host = oai::StringView(host, 7);
    ScriptedTransport link;
    link.answer(answer).pull_says(IoResult::would_block()).answer(answer);
    char memory[1024];
    Stream stream(link.transport(), memory);
    REQUIRE(stream.open(endpoint, ask) == Error::none);
    CHECK_EQ(story_of(stream), short_story);
    memcpy(host, "cwocfbn", 7);
    CHECK_EQ(name(stream.open(endpoint, ask)), name(Error::none));
    CHECK_EQ(story_of(stream), short_story);
    CHECK_EQ(link.connections(), 2);
    CHECK_EQ(link.host(), "cwocfbn");
    CHECK(link.violations().empty());
}

TEST_CASE("a kept connection that dies before a byte of the answer is replaced once, at once") {
    struct Row {
        const char* name;
        std::string first;  // what comes over the kept connection
        IoResult pull_says, push_says;
        bool has_dial;
        bool is_replaced;
        Error error;        // at the end
        std::string second = answer;
    };
    const Row rows[] = {
        {"closed", "", IoResult::closed(), IoResult::ready(), true, true, Error::none},
        {"reset", "", IoResult::failed(104), IoResult::ready(), true, true, Error::none},
        {"closed while the request goes out", "", IoResult::closed(), IoResult::closed(), true, true, Error::none},
        {"reset while the request goes out", "", IoResult::failed(104), IoResult::failed(32), true, true, Error::none},
        {"closed in the middle of the request", "", IoResult::closed(), IoResult::would_block(), true, true,
         Error::none},
        {"the fresh one is closed, too", "", IoResult::closed(), IoResult::ready(), true, true, Error::no_response, ""},
        {"a byte has come", "H", IoResult::closed(), IoResult::ready(), true, false, Error::truncated},
        {"a byte has come, then a reset", "H", IoResult::failed(104), IoResult::ready(), true, false,
         Error::connection_lost},
        {"an interim answer has come", "HTTP/1.1 100 Continue\r\n\r\n", IoResult::closed(), IoResult::ready(), true,
         false, Error::truncated},
        {"without dial", "", IoResult::closed(), IoResult::ready(), false, false, Error::no_response},
        {"without dial, reset", "", IoResult::failed(104), IoResult::ready(), false, false, Error::connection_lost},
    };
    for (const Row& row : rows) {
        for (const bool is_raw : {false, true}) {
            ROW(std::string(row.name) + (is_raw ? ", raw" : ""));
            ScriptedTransport link;
            link.answer(answer);
            link.wait_end = IoResult::would_block();
            char memory[1024];
            oai::ResponseInfo info;
            Stream stream(row.has_dial ? link.transport() : link.transport_without_dial(), memory);
            stream.use(info);
            std::string request;
            size_t sent_before = 0;  // over the fresh connection
            for (const bool is_second : {false, true}) {
                request = link.pushed();
                CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
                if (is_second) {
                    link.answer(row.first).pull_says(row.pull_says);
                    if (row.push_says.is_would_block()) link.push_takes(100);
                    if (!row.push_says.is_ready()) link.push_says(row.push_says);
                    link.on(Call::dial, link.calls(Call::dial), [&link, &row, &sent_before] {
                        sent_before = link.pushed().size();
                        link.answer(row.second);
                    });
                }
                if (is_raw) {
                    oai::SseEvent event;
                    size_t events = 0;
                    while (stream.next(event)) ++events;
                    CHECK_EQ(events, stream.error() == Error::none ? 6 : 0);
                } else {
                    const std::string story = story_of(stream);
                    CHECK_EQ(story, stream.error() == Error::none ? short_story : "");
                }
            }
            CHECK_EQ(name(stream.error()), name(row.error));
            if (row.is_replaced) CHECK_EQ(link.pushed().substr(sent_before), request);
            CHECK_EQ(stream.stats().has_reconnected, row.is_replaced);
            CHECK_EQ(stream.stats().is_reused, !row.is_replaced);
            CHECK_EQ(link.connections(), !row.has_dial ? 0 : row.is_replaced ? 2 : 1);
            Event event;
            CHECK(stream.poll(event) == (row.error == Error::none ? Poll::done : Poll::failed));
            CHECK_EQ(link.hang_ups(), row.error == Error::none ? link.connections() - 1
                                      : row.has_dial          ? link.connections()
                                                               : 1);
            CHECK(link.violations().empty());
        }
    }
}

TEST_CASE("the replacement of a kept connection: closed and cancelled from inside, late, and refused") {
    struct Case {
        const char* name;
        void (*act)(ScriptedTransport& link, Stream& stream);
        Error error;
    };
    const Case cases[] = {
        {"close from inside hang_up",
         [](ScriptedTransport& link, Stream& stream) { link.on(Call::hang_up, 0, [&] { stream.close(); }); },
         Error::closed},
        {"cancel from inside hang_up",
         [](ScriptedTransport& link, Stream& stream) { link.on(Call::hang_up, 0, [&] { stream.cancel(); }); },
         Error::cancelled},
        {"close from inside dial",
         [](ScriptedTransport& link, Stream& stream) { link.on(Call::dial, 1, [&] { stream.close(); }); },
         Error::closed},
        {"no connection", [](ScriptedTransport& link, Stream&) { link.dial_says(IoResult::failed(111)); },
         Error::connect_failed},
        {"a connection that takes its time",
         [](ScriptedTransport& link, Stream&) { link.dial_says(IoResult::would_block()); }, Error::none},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        ScriptedTransport link;
        link.answer(answer);
        link.wait_end = IoResult::would_block();
        char memory[1024];
        Stream stream(link.transport(), memory);
        REQUIRE(stream.open(server, ask) == Error::none);
        CHECK_EQ(story_of(stream), short_story);
        CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
        link.pull_says(IoResult::closed());
        link.on(Call::push, link.calls(Call::push) + 1, [&link] { link.answer(answer); });
        one.act(link, stream);
        CHECK_EQ(story_of(stream), one.error == Error::none ? short_story : "");
        CHECK_EQ(name(stream.error()), name(one.error));
        stream.close();
        CHECK_EQ(link.hang_ups(), link.connections());
        CHECK(link.violations().empty());
    }
}
