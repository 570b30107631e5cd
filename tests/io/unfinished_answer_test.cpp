// The next conversation on a connection whose last answer has not quite ended: its end is waited for, within limits.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked;
using conversation::chunked_answer;
using conversation::count_of;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using conversation::story_of;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");
const std::string answer = chunked_answer(short_answer, 60);

const std::string without_end =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(short_answer, 60, false);

// A link over which one answer has come whose last chunk is still to come.
struct Unfinished {
    ScriptedTransport link;
    char memory[1024];
    Stream stream;
    explicit Unfinished(bool has_dial = true, bool has_clock = true, oai::Timeouts* timeouts = nullptr) {
        link.answer(without_end);
        link.pull_end = IoResult::would_block();
        oai::Transport transport = has_dial ? link.transport() : link.transport_without_dial();
        if (!has_clock) transport.now_ms = nullptr;
        stream = timeouts ? Stream(transport, memory, *timeouts) : Stream(transport, memory);
        REQUIRE(stream.open(server, ask) == Error::none);
        CHECK_EQ(story_of(stream), short_story);
        CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
        CHECK(stream.wants() == oai::Interest::read);
    }
};

}  // namespace

TEST_CASE("the end of an answer that comes after the next open() is waited for") {
    struct Row {
        const char* name;
        std::string later;
        IoResult end;  // after it
        bool reused;
    };
    const std::string last = "0\r\n\r\n";
    const Row rows[] = {
        {"the last chunk", last, IoResult::would_block(), true},
        {"with a trailer", "0\r\nX: y\r\n\r\n", IoResult::would_block(), true},
        {"after more events", chunked("data: x\n\n", 3), IoResult::would_block(), true},
        {"many bytes", "f00\r\n" + std::string(0xf00, '\n') + "\r\n" + last, IoResult::would_block(), true},
        {"more bytes than anybody waits for", chunked(std::string(5000, '\n'), 100), IoResult::would_block(), false},
        {"another answer after it", last + "HTTP/1.1 200 OK\r\n", IoResult::would_block(), false},
        {"no chunk", "zz\r\n", IoResult::would_block(), false},
        {"the connection is closed", "", IoResult::closed(), false},
        {"the connection is closed in the last chunk", "0\r\n", IoResult::closed(), false},
        {"the connection is reset", "", IoResult::failed(104), false},
    };
    for (const Row& row : rows) {
        for (const size_t piece : {size_t{1}, size_t{3}, ScriptedTransport::any_size}) {
            for (const bool has_dial : {true, false}) {
                ROW(std::string(row.name) + ", in pieces of " + std::to_string(piece) + (has_dial ? "" : ", no dial"));
                Unfinished talk(has_dial);
                Event event;
                CHECK(talk.stream.poll(event) == Poll::pending);
                CHECK_EQ(count_of(talk.link.pushed(), "POST "), 1);
                talk.link.answer(row.later, piece);
                if (!row.end.is_would_block()) talk.link.pull_says(row.end);
                // The answer comes when it was asked for, on whichever connection.
                const size_t first_request = talk.link.pushed().size();
                talk.link.on(Call::hang_up, 0, [&talk] { talk.link.forget_answers(); });
                talk.link.on(Call::push, talk.link.calls(Call::push), [&talk] { talk.link.answer(answer); });
                if (has_dial || row.reused) {
                    CHECK_EQ(story_of(talk.stream), short_story);
                    CHECK_EQ(talk.stream.stats().is_reused, row.reused);
                    CHECK(talk.stream.stats().received_bytes == answer.size());
                    CHECK(talk.stream.stats().sent_bytes + first_request == talk.link.pushed().size());
                    CHECK_EQ(count_of(talk.link.pushed(), "POST "), 2);
                    CHECK_EQ(talk.link.connections(), !has_dial ? 0 : row.reused ? 1 : 2);
                } else {
                    CHECK_FALSE(talk.stream.next(event));
                }
                const bool is_lost = !has_dial && !row.reused;
                CHECK_EQ(name(talk.stream.error()), name(is_lost ? Error::no_redial : Error::none));
                CHECK_FALSE(talk.stream.stats().has_reconnected);
                talk.stream.close();
                CHECK_EQ(talk.link.hang_ups(), has_dial ? talk.link.connections() : 1);
                CHECK(talk.link.violations().empty());
            }
        }
    }
}

TEST_CASE("an end that never comes is not waited for for ever, with a clock and without") {
    for (const bool has_dial : {true, false}) {
        for (const bool has_clock : {true, false}) {
            for (const bool is_polled : {true, false}) {
                ROW(std::string(has_dial ? "dial" : "no dial") + (has_clock ? ", a clock" : ", no clock") +
                    (is_polled ? ", poll" : ", next"));
                Unfinished talk(has_dial, has_clock);
                talk.link.wait_end = IoResult::would_block();
                const uint32_t began_ms = talk.link.now;
                talk.link.on(Call::push, talk.link.calls(Call::push), [&talk] { talk.link.answer(answer); });
                Event event;
                size_t polls = 0;
                if (is_polled) {
                    for (; talk.stream.error() == Error::none && talk.link.connections() < 2 && polls != 1000000;
                         ++polls) {
                        talk.stream.poll(event);
                        if (has_clock) talk.link.now += 10;
                    }
                } else {
                    story_of(talk.stream);
                }
                const uint32_t took_ms = talk.link.now - began_ms;
                const uint32_t longest_ms = has_dial ? Stream::max_turn_ms : Stream::max_turn_ms_without_dial;
                if (has_clock) CHECK(took_ms >= longest_ms);
                if (has_clock) CHECK(took_ms <= longest_ms + 10);
                if (!has_clock && is_polled) CHECK_EQ(polls, longest_ms);
                if (!has_clock && !is_polled) CHECK_EQ(took_ms, (longest_ms - 1) * Stream::blind_turn_wait_ms);
                CHECK_EQ(name(talk.stream.error()), name(has_dial ? Error::none : Error::no_redial));
                CHECK_EQ(talk.link.connections(), has_dial ? 2 : 0);
                talk.stream.close();
                CHECK_EQ(talk.link.hang_ups(), has_dial ? 2 : 1);
                CHECK(talk.link.violations().empty());
            }
        }
    }
}

TEST_CASE("while the end of an answer is waited for, a Stream can be closed, cancelled, moved, opened and late") {
    struct Case {
        const char* name;
        void (*act)(Unfinished& talk);
        Error error;
        size_t connections;
    };
    const Case cases[] = {
        {"close", [](Unfinished& talk) { talk.stream.close(); }, Error::closed, 1},
        {"cancel", [](Unfinished& talk) { talk.stream.cancel(); }, Error::cancelled, 1},
        {"close from inside pull",
         [](Unfinished& talk) {
             talk.link.on(Call::pull, talk.link.calls(Call::pull), [&talk] { talk.stream.close(); });
         },
         Error::closed, 1},
        {"close from inside the pull that brings the end",
         [](Unfinished& talk) {
             talk.link.answer("0\r\n\r\n");
             talk.link.on(Call::pull, talk.link.calls(Call::pull), [&talk] { talk.stream.close(); });
         },
         Error::closed, 1},
        {"cancel from inside pull",
         [](Unfinished& talk) {
             talk.link.on(Call::pull, talk.link.calls(Call::pull), [&talk] { talk.stream.cancel(); });
         },
         Error::cancelled, 1},
        {"move",
         [](Unfinished& talk) {
             Stream other(std::move(talk.stream));
             CHECK(other.wants() == oai::Interest::read);
             talk.link.answer("0\r\n\r\n");
             talk.stream = std::move(other);
         },
         Error::none, 1},
        {"open again",
         [](Unfinished& talk) {
             CHECK_EQ(name(talk.stream.open(server, ask)), name(Error::none));
             talk.link.answer("0\r\n\r\n");
         },
         Error::none, 1},
        {"open again, another server",
         [](Unfinished& talk) {
             static const oai::Endpoint other("http://i/v1");
             CHECK_EQ(name(talk.stream.open(other, ask)), name(Error::none));
         },
         Error::none, 2},
        {"a request that is wrong",
         [](Unfinished& talk) {
             static const oai::Endpoint other("http://h/v1", "\n");
             CHECK_EQ(name(talk.stream.open(other, ask)), name(Error::bad_header_value));
         },
         Error::bad_header_value, 1},
        {"a pull that lies", [](Unfinished& talk) { talk.link.pull_says(IoResult::bytes(0)); },
         Error::transport_contract, 1},
        {"a pull that says ready", [](Unfinished& talk) { talk.link.pull_says(IoResult::ready()); },
         Error::transport_contract, 1},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        Unfinished talk;
        one.act(talk);
        talk.link.on(Call::push, talk.link.calls(Call::push), [&talk] { talk.link.answer(answer); });
        const std::string story = story_of(talk.stream);
        CHECK_EQ(name(talk.stream.error()), name(one.error));
        CHECK_EQ(story, one.error == Error::none ? short_story : "");
        CHECK_EQ(talk.link.connections(), one.connections);
        talk.stream.close();
        CHECK_EQ(talk.link.hang_ups(), talk.link.connections());
        CHECK(talk.link.violations().empty());
    }
    ROW("the limits hold");
    oai::Timeouts timeouts;
    timeouts.total_ms = 100;
    Unfinished talk(true, true, &timeouts);
    talk.link.now += 99;
    Event event;
    CHECK(talk.stream.poll(event) == Poll::pending);
    talk.link.now += 1;
    CHECK(talk.stream.poll(event) == Poll::failed);
    CHECK_EQ(name(talk.stream.error()), name(Error::total_timeout));
}

TEST_CASE("the wait for the end of an answer is over when its time is, or that of the conversation") {
    Unfinished late;
    Event event;
    CHECK(late.stream.poll(event) == Poll::pending);
    CHECK_EQ(late.stream.next_deadline_ms(), Stream::max_turn_ms);
    late.link.now += Stream::max_turn_ms - 1;
    CHECK_EQ(late.stream.next_deadline_ms(), 1);
    late.link.now += 1;
    CHECK_EQ(late.stream.next_deadline_ms(), 0);
    late.link.now += 1;
    CHECK_EQ(late.stream.next_deadline_ms(), 0);
    oai::Timeouts timeouts;
    timeouts.total_ms = 100;
    Unfinished short_of_time(true, true, &timeouts);
    short_of_time.link.wait_end = IoResult::would_block();
    const uint32_t began_ms = short_of_time.link.now;
    CHECK_FALSE(short_of_time.stream.next(event));
    CHECK_EQ(name(short_of_time.stream.error()), name(Error::total_timeout));
    CHECK_EQ(short_of_time.link.now - began_ms, 100);
}
