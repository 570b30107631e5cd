// The engine without I/O: bytes out, bytes in, events out, and how it ends.
#include "io/exchange_support.hpp"

namespace oai = openai_stream;

using conversation::chunked;
using conversation::counted_answer;
using conversation::done;
using conversation::feed;
using conversation::finish;
using conversation::hear;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::sse;
using conversation::text;
using exchange_support::ask;
using exchange_support::Outcome;
using exchange_support::send_all;
using exchange_support::server;
using oai::Error;
using oai::Event;
using oai::Exchange;
using oai::Poll;
using oai::Quirk;
using oai::Verdict;

namespace {

// How a link ends.
enum class Ends { closes, breaks, is_cut_off };

void end(Exchange& exchange, Ends how) {
    if (how == Ends::closes) exchange.ended();
    else exchange.failed(how == Ends::breaks ? -104 : oai::IoResult::cut_off().code());
}

}  // namespace

TEST_CASE("after the end there is room for what shows that the link has ended, however full the buffer was") {
    const std::string answer = conversation::chunked_answer(text("a") + finish() + done);
    for (size_t size = 512; size <= 800; ++size) {
        ROW(std::to_string(size));
        support::GuardedBuffer memory(size);
        Exchange exchange(oai::Buffer(memory.data(), memory.size()));
        REQUIRE(exchange.begin(server, ask) == Error::none);
        send_all(exchange);
        Heard heard;
        CHECK(feed(exchange, answer, heard) == Poll::done);
        CHECK(exchange.is_reusable());
        CHECK(exchange.incoming().size != 0);
    }
}

TEST_CASE("what came before an error is delivered before it") {
    struct Row {
        const char* name;
        std::string bytes;  // after a head that says chunked
        Ends ends;          // then
        Error error;
        Verdict verdict;
    };
    const std::string two = text("a") + text("b");
    const std::string framed = chunked(two, conversation::one_chunk, false);
    const Row rows[] = {
        {"the peer closes", framed, Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes after the last chunk", chunked(two), Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes in a chunk", framed + "20\r\ndata: {", Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes in a chunk's size", framed + "2", Ends::closes, Error::truncated, Verdict::truncated},
        {"the peer closes in an event", chunked(two + text("c").substr(0, 50)), Ends::closes, Error::truncated,
         Verdict::truncated},
        {"the peer closes without the last chunk, all finished",
         chunked(two + finish(), conversation::one_chunk, false), Ends::closes, Error::truncated, Verdict::truncated},
        {"the link breaks", framed, Ends::breaks, Error::connection_lost, Verdict::failed},
        {"the link is cut off", framed, Ends::is_cut_off, Error::truncated, Verdict::truncated},
        {"the link breaks in an event", chunked(two + text("c").substr(0, 50), 999, false), Ends::breaks,
         Error::connection_lost, Verdict::failed},
        {"the link breaks after the last chunk", chunked(two), Ends::breaks, Error::truncated, Verdict::truncated},
        {"a chunk without a size", framed + "\r\n", Ends::closes, Error::bad_chunk, Verdict::failed},
        {"a chunk of no size", framed + "zz\r\n", Ends::closes, Error::bad_chunk, Verdict::failed},
        {"a chunk longer than it says", framed.substr(0, framed.size() - 2) + "xx", Ends::closes, Error::bad_chunk,
         Verdict::failed},
        {"not JSON", chunked(two + sse("{]")), Ends::closes, Error::bad_json, Verdict::failed},
        {"an error", chunked(two + sse("{\"error\":\"x\"}")), Ends::closes, Error::server_error, Verdict::failed},
    };
    const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (const Row& row : rows) {
        ROW(row.name);
        corpus::for_each_cut(head + row.bytes, false, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            char memory[1024];
            Exchange exchange{oai::Buffer(memory)};
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Outcome outcome;
            for (size_t index = 0; index < pieces.size(); ++index) {
                const oai::Buffer room = exchange.incoming();
                if (outcome.said == Poll::pending && index + 1 == pieces.size() && room.size >= pieces[index].size()) {
                    // The last piece and the end at the same time.
                    memcpy(room.data, pieces[index].data(), pieces[index].size());
                    exchange.received(pieces[index].size());
                } else if (outcome.said == Poll::pending) {
                    outcome.said = feed(exchange, pieces[index], outcome.heard);
                }
            }
            end(exchange, row.ends);
            outcome.said = hear(exchange, outcome.heard);
            outcome.look(exchange);
            CHECK_EQ(outcome.heard.story,
                     "started(c1,m1) text(a) text(b)" +
                         std::string(row.bytes.find("stop") == std::string::npos ? "" : " finish(stop)"));
            CHECK_EQ(name(outcome.error), name(row.error));
            CHECK(outcome.verdict == row.verdict);
            CHECK(outcome.consistent);
            CHECK_EQ(exchange.failure().transport_code, row.ends == Ends::breaks ? -104 : 0);
        });
    }
}

TEST_CASE("a link that breaks is no end, also where only the end of the link ends the body") {
    struct Row {
        const char* name;
        std::string body;
        Ends ends;
        Error error;
    };
    const Row rows[] = {
        {"it closes, all finished", text("a") + finish(), Ends::closes, Error::none},
        {"it breaks, all finished", text("a") + finish(), Ends::breaks, Error::connection_lost},
        {"it is cut off, all finished", text("a") + finish(), Ends::is_cut_off, Error::truncated},
        {"it is cut off after the end marker", text("a") + finish() + done, Ends::is_cut_off, Error::none},
        {"it closes in the middle", text("a"), Ends::closes, Error::truncated},
        {"it breaks in the middle", text("a"), Ends::breaks, Error::connection_lost},
        {"it breaks after the end marker", text("a") + finish() + done, Ends::breaks, Error::none},
        {"it breaks after an error", text("a") + sse("{\"error\":\"x\"}"), Ends::breaks, Error::server_error},
    };
    for (const Row& row : rows) {
        for (const bool engine : {false, true}) {
            ROW(std::string(row.name) + (engine ? ", begin_body" : ""));
            char memory[1024];
            Exchange exchange{oai::Buffer(memory)};
            if (engine) {
                REQUIRE(exchange.begin_body(oai::Api::chat, 200, "text/event-stream") == Error::none);
            } else {
                REQUIRE(exchange.begin(server, ask) == Error::none);
                send_all(exchange);
            }
            Outcome outcome;
            outcome.said = feed(exchange, (engine ? "" : "HTTP/1.1 200 OK\r\n\r\n") + row.body, outcome.heard);
            const bool is_over = !exchange.is_open();
            end(exchange, row.ends);
            outcome.said = hear(exchange, outcome.heard);
            CHECK_EQ(name(exchange.error()), name(row.error));
            CHECK_EQ(exchange.failure().transport_code, row.ends == Ends::breaks && !is_over ? -104 : 0);
        }
    }
}

TEST_CASE("the request comes out the same in pieces of any size, and not a byte of it after the end") {
    const std::string prompt(3000, 'p');
    const oai::ChatRequest large("m", oai::StringView(prompt));
    std::string whole;
    for (const size_t size : {512u, 1000u, 2048u, 16384u}) {
        for (const size_t piece : {100000u, 1u, 2u, 3u, 7u, 100u, 1000u}) {
            INFO("buffer ", size, ", pieces of ", piece);
            support::GuardedBuffer memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin(server, large) == Error::none);
            CHECK(exchange.wants_to_send());
            std::string sent;
            while (!exchange.outgoing().empty()) {
                const oai::StringView bytes = exchange.outgoing();
                CHECK(bytes.data() >= memory.data());
                CHECK(bytes.end() <= memory.data() + memory.size());
                const std::string now(bytes.take(piece));
                sent += now;
                exchange.sent(now.size());
                Heard heard;
                CHECK(hear(exchange, heard) == Poll::pending);
            }
            CHECK_FALSE(exchange.wants_to_send());
            if (whole.empty()) whole = sent;
            CHECK(sent == whole);
            CHECK_EQ(exchange.stats().sent_bytes, sent.size());
            Heard heard;
            CHECK(feed(exchange, conversation::chunked_answer(short_answer), heard) == Poll::done);
            CHECK(exchange.outgoing().empty());
        }
    }
    const size_t head = whole.find("\r\n\r\n") + 4;
    CHECK_EQ(whole.find("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n"), 0);
    CHECK(whole.find("\r\nContent-Length: " + std::to_string(whole.size() - head) + "\r\n") < head);
    CHECK_EQ(whole.substr(head, 13), "{\"model\":\"m\",");
}

TEST_CASE("outgoing stays as it is until sent says otherwise") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    const std::string prompt(3000, 'p');
    const oai::ChatRequest large("m", oai::StringView(prompt));
    REQUIRE(exchange.begin(server, large) == Error::none);
    const oai::StringView first = exchange.outgoing();
    const std::string bytes(first);
    Heard heard;
    CHECK(feed(exchange, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-Request-Id: abc\r\n", heard) ==
          Poll::pending);
    CHECK(exchange.outgoing().data() == first.data());
    CHECK(std::string(exchange.outgoing()) == bytes);
    exchange.sent(10);
    CHECK(exchange.outgoing().data() == first.data() + 10);
    CHECK(std::string(exchange.outgoing()) == bytes.substr(10));
}

TEST_CASE("without a conversation: nothing to send, no room, polls fail") {
    struct Row {
        const char* name;
        Error error;
        void (*run)(Exchange&);
    };
    const Row rows[] = {
        {"default-constructed", Error::not_open, [](Exchange& e) { e = Exchange(); }},
        {"with memory, not begun", Error::not_open, [](Exchange&) {}},
        {"begun without memory", Error::buffer_too_small, [](Exchange& e) { e = Exchange(), e.begin(server, ask); }},
        {"begun without memory, a body", Error::buffer_too_small,
         [](Exchange& e) { e = Exchange(), e.begin_body(oai::Api::chat, 200, ""); }},
        {"stopped", Error::cancelled, [](Exchange& e) {
             e.begin(server, ask);
             e.stop(Verdict::cancelled, Error::cancelled);
         }},
        {"done", Error::none, [](Exchange& e) {
             Heard heard;
             e.begin_body(oai::Api::chat, 200, "");
             feed(e, done, heard);
         }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[1024];
        Exchange exchange{oai::Buffer(memory)};
        row.run(exchange);
        for (int twice = 0; twice < 2; ++twice) {
            CHECK_EQ(name(exchange.error()), name(row.error));
            CHECK(exchange.outgoing().empty());
            CHECK_EQ(exchange.incoming().size, 0);
            CHECK_FALSE(exchange.is_open());
            CHECK_FALSE(exchange.wants_to_send());
            CHECK_FALSE(exchange.is_reusable());
            CHECK_FALSE(exchange.can_drain());
            Event event;
            oai::SseEvent raw;
            CHECK(exchange.poll(event) == (row.error == Error::none ? Poll::done : Poll::failed));
            CHECK(exchange.poll(raw) == (row.error == Error::none ? Poll::done : Poll::failed));
            exchange.ended();
            exchange.failed(1);
            exchange.stop_sending();
            exchange.stop(Verdict::failed, Error::closed);
        }
    }
}

TEST_CASE("begin in the middle of an answer forgets all of it") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    for (size_t cut = 1; cut < short_answer.size(); cut += 3) {
        INFO("after ", cut, " bytes");
        Heard heard;
        REQUIRE(exchange.begin_body(oai::Api::chat, 200, "text/event-stream") == Error::none);
        feed(exchange, std::string_view(short_answer).substr(0, cut), heard);
        CHECK_EQ(exchange.begin_body(oai::Api::chat, 200, ""), Error::none);
        CHECK_EQ(exchange.stats().received_bytes, 0);
        heard = Heard();
        CHECK(feed(exchange, short_answer, heard) == Poll::done);
        CHECK_EQ(heard.story, short_story);
    }
}

TEST_CASE("typed and raw polls cannot be mixed in one answer") {
    for (const bool typed_first : {true, false}) {
        ROW(typed_first ? "typed first" : "raw first");
        char memory[1024];
        Exchange exchange{oai::Buffer(memory)};
        exchange.begin_body(oai::Api::chat, 200, "");
        Event event;
        oai::SseEvent raw;
        CHECK((typed_first ? exchange.poll(event) : exchange.poll(raw)) == Poll::pending);
        CHECK((typed_first ? exchange.poll(raw) : exchange.poll(event)) == Poll::failed);
        CHECK_EQ(name(exchange.error()), name(Error::mode_fixed));
        CHECK(exchange.failure().category == oai::ErrorCategory::caller);
        CHECK(exchange.poll(event) == Poll::failed);
        CHECK(exchange.poll(raw) == Poll::failed);
        // The next answer may be read the other way.
        exchange.begin_body(oai::Api::chat, 200, "");
        CHECK((typed_first ? exchange.poll(raw) : exchange.poll(event)) == Poll::pending);
    }
}

TEST_CASE("stats and quirks are counted") {
    char memory[2048];
    Exchange exchange{oai::Buffer(memory)};
    Heard heard;
    exchange.begin_body(oai::Api::chat, 200, "");
    std::string body = ": one\n\n: two\n\n";
    body += sse("null") + sse(": a comment") + "data:\n\ndata:\n\n" + sse("{\"object\":\"ping\"}");
    body += text("a\xFF") + text("\\ud800 ") + text("\\udc00") + finish("eos") + text(std::string(700, 'l'));
    CHECK(feed(exchange, body, heard) == Poll::pending);
    exchange.ended();
    CHECK(hear(exchange, heard) == Poll::done);
    const oai::Stats& stats = exchange.stats();
    CHECK_EQ(stats.received_bytes, body.size());
    CHECK_EQ(stats.sent_bytes, 0);
    CHECK_EQ(stats.keepalives, 2);
    CHECK_EQ(stats.events, heard.events);
    CHECK_EQ(stats.largest_event_bytes, text(std::string(700, 'l')).size() - 8);
    CHECK(stats.peak_buffer_bytes > 700);
    CHECK(stats.peak_buffer_bytes <= sizeof memory);
    const oai::Quirks& quirks = exchange.quirks();
    CHECK_EQ(int{quirks.count(Quirk::comment_in_data)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::empty_data)}, 2);
    CHECK_EQ(int{quirks.count(Quirk::unknown_event)}, 2);
    CHECK_EQ(int{quirks.count(Quirk::bad_utf8)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::lone_surrogate)}, 2);
    CHECK_EQ(int{quirks.count(Quirk::unknown_finish_reason)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::no_end_marker)}, 1);
    CHECK_EQ(int{quirks.count(Quirk::provisional_piece)}, 0);
}

TEST_CASE("a count of quirks stops at 15") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    Heard heard;
    exchange.begin_body(oai::Api::chat, 200, "");
    for (int times = 0; times < 300; ++times) feed(exchange, "data:\n\n", heard);
    CHECK_EQ(int{exchange.quirks().count(Quirk::empty_data)}, 15);
    CHECK_FALSE(exchange.quirks().has(Quirk::bad_utf8));
    exchange.begin_body(oai::Api::chat, 200, "");
    CHECK_FALSE(exchange.quirks().has(Quirk::empty_data));
}

TEST_CASE("whether the connection may carry another request") {
    struct Row {
        const char* name;
        std::string bytes;
        bool can_drain, reusable;
    };
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string framed = ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60);
    const Row rows[] = {
        {"chunked, complete", framed, true, true},
        {"chunked, [DONE] and no last chunk", framed.substr(0, framed.size() - 5), true, false},
        {"chunked, half of the last chunk", framed.substr(0, framed.size() - 3), true, false},
        {"chunked, with a trailer", framed.substr(0, framed.size() - 2) + "X: y\r\n\r\n", true, true},
        {"counted, complete", counted_answer(200, "text/event-stream", short_answer), true, true},
        {"counted, bytes to come",
         counted_answer(200, "text/event-stream", short_answer + "\n\n")
             .substr(0, counted_answer(200, "text/event-stream", short_answer + "\n\n").size() - 2),
         true, false},
        {"something after the message", framed + "H", false, false},
        {"Connection: close", ok + "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(short_answer),
         false, false},
        {"HTTP/1.0",
         "HTTP/1.0 200 OK\r\nContent-Length: " + std::to_string(short_answer.size()) + "\r\n\r\n" + short_answer, false,
         false},
        {"HTTP/1.0 with keep-alive",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: " + std::to_string(short_answer.size()) +
             "\r\n\r\n" + short_answer,
         true, true},
        {"until close", ok + "\r\n" + short_answer, false, false},
        {"a chunk after [DONE]",
         ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false) + chunked("data: x\n\n"), true,
         true},
        {"a bad chunk after [DONE]",
         ok + "Transfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false) + "zz\r\n", false, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u}) {
            std::vector<char> memory(size);
            Exchange exchange(oai::Buffer(memory.data(), memory.size()));
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Heard heard;
            // In one piece after the last event, so that it is there when [DONE] is read.
            const size_t marker = row.bytes.rfind("data: [DONE]") == std::string::npos
                                      ? row.bytes.size() - 60
                                      : row.bytes.rfind("data: [DONE]");
            CHECK(feed(exchange, std::string_view(row.bytes).substr(0, marker), heard) == Poll::pending);
            const oai::Buffer room = exchange.incoming();
            REQUIRE(room.size >= row.bytes.size() - marker);
            memcpy(room.data, row.bytes.data() + marker, row.bytes.size() - marker);
            exchange.received(row.bytes.size() - marker);
            CHECK(hear(exchange, heard) == Poll::done);
            CHECK_EQ(heard.story, short_story);
            CHECK_EQ(exchange.can_drain(), row.can_drain);
            CHECK_EQ(exchange.is_reusable(), row.reusable);
            exchange.ended();
            CHECK_FALSE(exchange.is_reusable());
            CHECK_FALSE(exchange.can_drain());
        }
    }
}

TEST_CASE("what is left of a message after [DONE] can be drained, however it comes") {
    const std::string ok = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false);
    const std::string rests[] = {"0\r\n\r\n", "0\r\nTrailer: x\r\n\r\n", chunked("data: more\n\n"),
                                 chunked(std::string(9000, '\n'), 1000)};
    for (const std::string& rest : rests) {
        corpus::for_each_cut(rest, rest.size() > 1000, [&](const corpus::Pieces& pieces) {
            char memory[512];
            Exchange exchange{oai::Buffer(memory)};
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Heard heard;
            REQUIRE(feed(exchange, ok, heard) == Poll::done);
            for (std::string_view piece : pieces) {
                while (!piece.empty()) {
                    CHECK(exchange.can_drain());
                    CHECK_FALSE(exchange.is_reusable());
                    const oai::Buffer room = exchange.incoming();
                    const size_t count = std::min(room.size, piece.size());
                    REQUIRE(count > 0);
                    memcpy(room.data, piece.data(), count);
                    exchange.received(count);
                    exchange.drain();
                    piece.remove_prefix(count);
                }
            }
            CHECK(exchange.is_reusable());
            CHECK(exchange.verdict() == Verdict::done_marker);
            CHECK(hear(exchange, heard) == Poll::done);
            CHECK_EQ(heard.story, short_story);
        });
    }
}

TEST_CASE("views of an event stay as they are until the next call") {
    char memory[1024];
    Exchange exchange{oai::Buffer(memory)};
    exchange.begin_body(oai::Api::chat, 200, "");
    const oai::Buffer room = exchange.incoming();
    memcpy(room.data, short_answer.data(), short_answer.size());
    exchange.received(short_answer.size());
    Event event;
    while (exchange.poll(event) == Poll::event) {
        const std::string text_then(event.text), id_then(event.id), name_then(event.name);
        const Exchange& looking = exchange;
        static_cast<void>(looking.failure().message);
        static_cast<void>(looking.stats().events);
        CHECK_EQ(std::string(event.text), text_then);
        CHECK_EQ(std::string(event.id), id_then);
        CHECK_EQ(std::string(event.name), name_then);
    }
}

TEST_CASE("an exchange can be copied to another place in the middle of anything: it does not point into itself") {
    const std::string bytes = conversation::chunked_answer(short_answer, 50);
    for (size_t cut = 0; cut <= bytes.size(); ++cut) {
        INFO("after ", cut, " bytes");
        char memory[1024];
        Exchange here{oai::Buffer(memory)};
        REQUIRE(here.begin(server, ask) == Error::none);
        send_all(here);
        Heard heard;
        feed(here, std::string_view(bytes).substr(0, cut), heard);
        Exchange there = here;
        memset(static_cast<void*>(&here), 0x5A, sizeof here);
        const Poll said = feed(there, std::string_view(bytes).substr(cut), heard);
        CHECK(said == Poll::done);
        CHECK_EQ(heard.story, short_story);
    }
}

TEST_CASE("what an Exchange is not ready for changes nothing") {
    char memory[2048];
    Exchange exchange(memory);
    Heard heard;
    exchange.resend();
    exchange.keep_request();
    exchange.release_request();
    exchange.take_turn();
    CHECK(exchange.error() == Error::not_open);
    CHECK(exchange.outgoing().empty());
    REQUIRE(exchange.begin(server, ask) == Error::none);
    const std::string request(exchange.outgoing());
    exchange.take_turn();
    exchange.keep_request();
    CHECK(exchange.is_kept());
    exchange.release_request();  // it has to go out first
    CHECK(exchange.is_kept());
    CHECK_EQ(std::string(exchange.outgoing()), request);
    send_all(exchange);
    CHECK(exchange.can_restart());
    exchange.release_request();
    CHECK_FALSE(exchange.can_restart());
    CHECK(feed(exchange, conversation::chunked_answer(short_answer), heard) == Poll::done);
    CHECK_EQ(heard.story, short_story);
    exchange.keep_request();
    exchange.resend();
    CHECK(exchange.outgoing().empty());
    CHECK(exchange.error() == Error::none);
    // The next request waits for its turn, and is kept all the same.
    exchange.leave(true);
    REQUIRE(exchange.begin(server, ask) == Error::none);
    exchange.keep_request();
    exchange.release_request();
    CHECK(exchange.is_kept());
    exchange.take_turn();
    CHECK_EQ(std::string(exchange.outgoing()), request);
    exchange.stop(Verdict::cancelled, Error::cancelled);
    exchange.resend();
    CHECK(exchange.outgoing().empty());
    CHECK(exchange.error() == Error::cancelled);
}

TEST_CASE("a refusal is polled in one mode, too") {
    char memory[2048];
    Exchange exchange(memory);
    REQUIRE(exchange.begin_body(oai::Api::chat, 500, "text/plain") == Error::none);
    Event event;
    oai::SseEvent raw;
    CHECK(exchange.poll(event) == Poll::pending);
    CHECK(exchange.poll(raw) == Poll::failed);
    CHECK(exchange.error() == Error::mode_fixed);
    CHECK_EQ(exchange.failure().http_status, 500);
}

TEST_CASE("an event that is like others and not there to its end is what it is, whatever the link says then") {
    const std::string events = text("a") + text("b") + text("c") + text("d");
    const std::string cut = text("e");
    for (const bool is_counted : {true, false}) {
        for (size_t size = 1; size < cut.size(); ++size) {
            ROW(std::string(is_counted ? "counted, " : "until the link ends, ") + std::to_string(size) + " bytes");
            const std::string body = events + cut.substr(0, size);
            const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
            const std::string answer =
                is_counted ? counted_answer(200, "text/event-stream", body) : head + "\r\n" + body;
            char memory[8192];
            Exchange exchange(memory);
            REQUIRE(exchange.begin(server, ask) == Error::none);
            send_all(exchange);
            Heard heard;
            const oai::Buffer room = exchange.incoming();
            REQUIRE_GE(room.size, answer.size());
            memcpy(room.data, answer.data(), answer.size());
            exchange.received(answer.size());
            exchange.ended();
            CHECK(hear(exchange, heard) == Poll::failed);
            CHECK_EQ(name(exchange.error()), name(Error::truncated));
            const bool is_whole = size >= cut.size() - 2;  // but for the blank line
            const std::string story = "started(c1,m1) text(a) text(b) text(c) text(d)";
            CHECK_EQ(heard.story, story + (is_whole ? " text(e)" : ""));
        }
    }
}

TEST_CASE("events that are alike may be cut by chunks, though the link has ended before they are read") {
    const std::string events = text("a") + text("b") + text("c") + text("d") + finish() + done;
    for (size_t chunk = 1; chunk <= 120; ++chunk) {
        ROW("chunks of " + std::to_string(chunk));
        const std::string answer = conversation::chunked_answer(events, chunk);
        char memory[8192];
        Exchange exchange(memory);
        REQUIRE(exchange.begin(server, ask) == Error::none);
        send_all(exchange);
        const oai::Buffer room = exchange.incoming();
        REQUIRE_GE(room.size, answer.size());
        memcpy(room.data, answer.data(), answer.size());
        exchange.received(answer.size());
        exchange.ended();
        Heard heard;
        CHECK(hear(exchange, heard) == Poll::done);
        CHECK_EQ(heard.story, "started(c1,m1) text(a) text(b) text(c) text(d) finish(stop)");
    }
}

TEST_CASE("a request that is kept, and what comes before it has gone out, leave room for each event") {
    for (size_t prompt_bytes = 0; prompt_bytes < 2400; prompt_bytes += 120) {
        for (size_t text_bytes = 300; text_bytes < 2000; text_bytes += 85) {
            for (const bool is_early : {false, true}) {
                ROW(std::to_string(prompt_bytes) + " bytes asked, " + std::to_string(text_bytes) + " answered" +
                    (is_early ? ", early" : ""));
                const std::string prompt(prompt_bytes, 'p');
                const oai::ChatRequest request("m", prompt);
                support::GuardedBuffer memory(4096);
                Exchange exchange(oai::Buffer(memory.data(), memory.size()));
                REQUIRE(exchange.begin(server, request) == Error::none);
                exchange.keep_request();
                const std::string field(80, 'f');
                std::string answer = "HTTP/1.1 200 OK\r\nX-Request-Id: " + field + "\r\nLocation: " + field +
                                     "\r\nContent-Type: " + field + "\r\n\r\n";
                std::string expected, heard;
                for (const char c : {'x', 'y', 'z', 'a'}) {
                    expected += std::string(text_bytes, c);
                    answer += text(std::string(text_bytes, c));
                }
                Event event;
                const auto take = [&](size_t most) {
                    const oai::Buffer room = exchange.incoming();
                    const size_t count = std::min({room.size, answer.size(), most});
                    memcpy(room.data, answer.data(), count);
                    exchange.received(count);
                    answer.erase(0, count);
                };
                if (is_early) take(answer.size());
                send_all(exchange);
                do {
                    take(text_bytes / 6);
                    while (exchange.poll(event) == Poll::event)
                        if (event.kind == oai::EventKind::text) heard += std::string(event.text);
                } while (!answer.empty() && exchange.is_open());
                CHECK_EQ(name(exchange.error()), name(Error::none));
                CHECK_EQ(heard, expected);
            }
        }
    }
}
