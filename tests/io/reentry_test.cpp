// A Stream that is closed, cancelled, polled or opened from inside its own transport's functions, and a wait that is
// ended by cancel().
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <memory>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::SseEvent;
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const std::string answer = chunked_answer(short_answer, 50);
const oai::Endpoint here("http://h/v1");

// A conversation in which every function is called several times: dial, push and pull would block now and then.
struct Eventful {
    ScriptedTransport link;
    std::string prompt = std::string(700, 'p');
    oai::ChatRequest ask{"m", oai::StringView(prompt)};
    char memory[1024];
    std::unique_ptr<Stream> stream;
    Heard heard;
    Error open_said = Error::none;

    Eventful() {
        link.dial_says(IoResult::would_block()).dial_says(IoResult::would_block());
        for (int block = 0; block < 4; ++block) link.push_takes(150).push_says(IoResult::would_block());
        for (size_t at = 0; at < answer.size(); at += 60)
            link.pull_says(IoResult::would_block()).answer(std::string_view(answer).substr(at, 60));
        stream = std::make_unique<Stream>(link.transport(), memory);
    }
    void run() {
        open_said = stream->open(here, ask);
        Event event;
        while (stream->next(event)) heard.add(event);
    }
};

struct Doing {
    const char* name;
    void (*run)(Stream&, std::vector<std::string>& wrong);
    Error error;  // that the conversation ends with
};

void expect(std::vector<std::string>& wrong, bool right, const char* what) {
    if (!right) wrong.push_back(what);
}

const oai::ChatRequest inner_ask("m", "inner");
const oai::Endpoint nowhere;

const Doing doings[] = {
    {"close", [](Stream& s, std::vector<std::string>& wrong) {
         s.close();
         expect(wrong, s.error() == Error::closed, "error() is not closed");
         expect(wrong, s.wants() == oai::Interest::none, "wants() something after close()");
     }, Error::closed},
    {"close twice", [](Stream& s, std::vector<std::string>&) { s.close(), s.close(); }, Error::closed},
    {"close, poll, close", [](Stream& s, std::vector<std::string>& wrong) {
         Event event;
         s.close();
         expect(wrong, s.poll(event) == Poll::failed, "poll() did not fail");
         s.close();
     }, Error::closed},
    {"cancel", [](Stream& s, std::vector<std::string>&) { s.cancel(); }, Error::cancelled},
    {"cancel twice", [](Stream& s, std::vector<std::string>&) { s.cancel(), s.cancel(); }, Error::cancelled},
    {"cancel, close", [](Stream& s, std::vector<std::string>&) { s.cancel(), s.close(); }, Error::closed},
    {"poll(Event)", [](Stream& s, std::vector<std::string>& wrong) {
         Event event;
         expect(wrong, s.poll(event) == Poll::failed, "poll() did not fail");
     }, Error::none},
    {"poll(SseEvent)", [](Stream& s, std::vector<std::string>& wrong) {
         SseEvent event;
         expect(wrong, s.poll(event) == Poll::failed, "poll() did not fail");
     }, Error::none},
    {"next(Event)", [](Stream& s, std::vector<std::string>& wrong) {
         Event event;
         expect(wrong, !s.next(event), "next() gave an event");
     }, Error::none},
    {"next(SseEvent)", [](Stream& s, std::vector<std::string>& wrong) {
         SseEvent event;
         expect(wrong, !s.next(event), "next() gave an event");
     }, Error::none},
    {"iterate", [](Stream& s, std::vector<std::string>& wrong) {
         for (const Event& event : s) expect(wrong, event.text.empty() && false, "an event");
     }, Error::none},
    {"open", [](Stream& s, std::vector<std::string>& wrong) {
         expect(wrong, s.open(here, inner_ask) == Error::reentered, "open() did not say reentered");
         expect(wrong, s.open(nowhere, inner_ask) == Error::reentered, "open() did not say reentered");
     }, Error::none},
    {"look at it", [](Stream& s, std::vector<std::string>&) {
         const oai::Failure failure = s.failure();
         static_cast<void>(failure.error), static_cast<void>(s.wants()), static_cast<void>(s.stats().events);
     }, Error::none},
};

}  // namespace

TEST_CASE("close, cancel, poll, next and open from inside dial, push, pull and wait") {
    struct Place {
        const char* name;
        Call call;
    };
    const Place places[] = {{"dial", Call::dial}, {"push", Call::push}, {"pull", Call::pull}, {"wait", Call::wait}};
    Eventful undisturbed;
    undisturbed.run();
    REQUIRE(undisturbed.heard.story == short_story);
    REQUIRE(undisturbed.stream->verdict() == Verdict::done_marker);
    size_t cells = 0;
    for (const Place& place : places) {
        const size_t calls = undisturbed.link.calls(place.call);
        REQUIRE(calls >= 3);
        for (const Doing& doing : doings) {
            ROW(std::string(doing.name) + " inside " + place.name);
            for (size_t index = 0; index < calls; ++index) {
                INFO("call ", index, " of ", calls);
                ++cells;
                Eventful talk;
                std::vector<std::string> wrong;
                bool was_run = false;
                talk.link.on(place.call, index, [&] {
                    was_run = true;
                    doing.run(*talk.stream, wrong);
                });
                talk.run();
                CHECK(was_run);
                for (const std::string& what : wrong) FAIL_CHECK(what);
                const bool in_open = place.call == Call::dial && index == 0;
                if (in_open && doing.error == Error::closed) CHECK_EQ(name(talk.open_said), name(Error::closed));
                else if (!in_open || doing.error == Error::none) CHECK_EQ(name(talk.open_said), name(Error::none));
                CHECK_EQ(name(talk.stream->error()), name(doing.error));
                CHECK(talk.stream->verdict() == (doing.error == Error::none     ? Verdict::done_marker
                                                 : doing.error == Error::closed ? Verdict::closed_by_caller
                                                                                : Verdict::cancelled));
                if (doing.error == Error::none) CHECK_EQ(talk.heard.story, short_story);
                else CHECK_EQ(short_story.compare(0, talk.heard.story.size(), talk.heard.story), 0);
                if (doing.error == Error::none) CHECK_EQ(talk.link.all_calls(), undisturbed.link.all_calls());
                CHECK_EQ(talk.link.hang_ups(), doing.error == Error::none ? 0 : 1);
                talk.stream.reset();
                CHECK_EQ(talk.link.hang_ups(), 1);
                CHECK_EQ(talk.link.connections(), 1);
                for (const std::string& violation : talk.link.violations()) FAIL_CHECK(violation);
            }
        }
    }
    std::printf("lifetime: %zu cells from inside dial, push, pull and wait\n", cells);
}

TEST_CASE("close, cancel, poll, next and open from inside hang_up") {
    struct Path {
        const char* name;
        void (*run)(Eventful&);
        Error error;  // afterwards; not_open: destroyed
    };
    const Path paths[] = {
        {"by close()", [](Eventful& t) { t.stream->open(here, t.ask), t.stream->close(); }, Error::closed},
        {"by the destructor", [](Eventful& t) { t.stream->open(here, t.ask), t.stream.reset(); }, Error::not_open},
        {"by the destructor, after the end", [](Eventful& t) { t.run(), t.stream.reset(); }, Error::not_open},
        {"by a refusal",
         [](Eventful& t) {
             t.link.intrude(0, IoResult::failed(-1));
             t.run();
         },
         Error::connect_failed},
        {"by a broken link",
         [](Eventful& t) { t.link.intrude(14, IoResult::failed(-1)).intrude(15, IoResult::failed(-1)), t.run(); },
         Error::connection_lost},
        {"by a cancelled poll",
         [](Eventful& t) {
             t.stream->open(here, t.ask);
             t.stream->cancel();
             Event event;
             CHECK(t.stream->poll(event) == Poll::failed);
         },
         Error::cancelled},
        {"by an assignment", [](Eventful& t) { t.stream->open(here, t.ask), *t.stream = Stream(); }, Error::not_open},
        {"by open() of another server",
         [](Eventful& t) {
             t.run();
             static const oai::Endpoint there("http://there/v1");
             CHECK(t.stream->open(there, inner_ask) == Error::none);
         },
         Error::none},
    };
    size_t cells = 0;
    for (const Path& path : paths) {
        for (const Doing& doing : doings) {
            ROW(std::string(doing.name) + " inside hang_up, called " + path.name);
            ++cells;
            Eventful talk;
            std::vector<std::string> wrong;
            bool was_run = false;
            Stream* const inside = talk.stream.get();
            talk.link.on(Call::hang_up, 0, [&] {
                was_run = true;
                const Error before = inside->error();
                std::vector<std::string> ignored;
                // close() has nothing left to do there, but for a running conversation that open() abandons.
                doing.run(*inside, doing.error == Error::closed ? ignored : wrong);
                if (before != Error::none && inside->error() != before) wrong.push_back("error() was changed");
            });
            path.run(talk);
            CHECK(was_run);
            for (const std::string& what : wrong) FAIL_CHECK(what);
            if (talk.stream) CHECK_EQ(name(talk.stream->error()), name(path.error));
            talk.stream.reset();
            CHECK_EQ(talk.link.hang_ups(), talk.link.connections());
            for (const std::string& violation : talk.link.violations()) FAIL_CHECK(violation);
        }
    }
    std::printf("lifetime: %zu cells from inside hang_up\n", cells);
}

TEST_CASE(
    "close, cancel, poll, next and open from inside the pull and the wait that look at a kept connection") {
    struct Place {
        const char* name;
        Call call;
        IoResult wait;
    };
    const Place places[] = {{"pull", Call::pull, IoResult::would_block()},
                            {"wait, which finds nothing", Call::wait, IoResult::would_block()},
                            {"wait, which finds something", Call::wait, IoResult::ready()}};
    for (const Place& place : places) {
        for (const Doing& doing : doings) {
            ROW(std::string(doing.name) + " inside " + place.name);
            char memory[1024];
            ScriptedTransport link;
            link.answer(answer.substr(0, answer.size() - 5)).answer(answer.substr(answer.size() - 5));
            link.wait_says(place.wait);
            Stream stream(link.transport(), memory);
            REQUIRE(stream.open(here, inner_ask) == Error::none);
            Heard heard;
            Event event;
            while (stream.next(event)) heard.add(event);
            REQUIRE(heard.story == short_story);
            std::vector<std::string> wrong, ignored;
            bool was_run = false;
            link.pull_says(IoResult::would_block()).answer(answer);
            link.on(place.call, link.calls(place.call), [&] {
                was_run = true;
                doing.run(stream, wrong);
            });
            // From open() on, all this means the new conversation.
            CHECK_EQ(name(stream.open(here, inner_ask)), name(Error::none));
            CHECK_FALSE(was_run);
            heard = Heard();
            while (stream.next(event)) heard.add(event);
            CHECK(was_run);
            for (const std::string& what : wrong) FAIL_CHECK(what);
            CHECK_EQ(name(stream.error()), name(doing.error));
            CHECK_EQ(heard.story, doing.error == Error::none ? short_story : "");
            REQUIRE_EQ(link.connections(), 1);
            stream.close();
            CHECK_EQ(link.hang_ups(), link.connections());
            for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
        }
    }
}

TEST_CASE("cancel ends a wait at once when there is a wake, and within a slice when there is none") {
    for (const bool has_wake : {true, false}) {
        ROW(has_wake ? "with wake" : "without wake");
        ScriptedTransport link;
        link.pull_end = link.wait_end = IoResult::would_block();
        oai::Transport wires = link.transport();
        uint32_t longest = 0;
        static uint32_t* told;
        told = &longest;
        if (!has_wake) wires.wake = nullptr;
        wires.wait = [](void* self, oai::Interest interest, uint32_t ms) {
            *told = std::max(*told, ms);
            ScriptedTransport& of = *static_cast<ScriptedTransport*>(self);
            return of.transport().wait(self, interest, ms);
        };
        char memory[1024];
        Stream stream(wires, memory);
        link.on(Call::wait, 2, [&] { stream.cancel(); });
        REQUIRE(stream.open(here, inner_ask) == Error::none);
        Event event;
        CHECK_FALSE(stream.next(event));
        CHECK_EQ(name(stream.error()), name(Error::cancelled));
        CHECK_EQ(link.wakes(), has_wake ? 1 : 0);
        CHECK_EQ(link.calls(Call::wait), 3);
        if (!has_wake) CHECK(longest <= 50);
        CHECK(longest > 0);
        stream.close();
        CHECK_EQ(link.hang_ups(), 1);
    }
}

TEST_CASE("an open() forgets an earlier cancel") {
    ScriptedTransport link;
    link.answer(answer);
    char memory[1024];
    Stream stream(link.transport(), memory);
    stream.cancel();
    REQUIRE(stream.open(here, inner_ask) == Error::none);
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    stream.close();
    CHECK_EQ(link.hang_ups(), 1);
}

TEST_CASE("close from inside hang_up ends a conversation that was about to connect once more") {
    struct Case {
        const char* name;
        Error error;          // that an undisturbed one ends with
        uint32_t headers_ms;  // 0: without limits
        bool is_kept;         // the connection, whose death is seen by the second conversation
        bool has_retries;
        void (*meet)(ScriptedTransport& link);
    };
    const Case cases[] = {
        {"for another attempt", Error::no_response, 0, false, true, [](ScriptedTransport&) {}},
        {"for another attempt, at once", Error::no_response, 0, false, true,
         [](ScriptedTransport& link) {
             link.answer(counted_answer(503, "text/plain", "busy", "Retry-After: 0\r\n"));
         }},
        {"for another attempt, after a time-out", Error::headers_timeout, 50, false, true,
         [](ScriptedTransport& link) { link.pull_end = link.wait_end = IoResult::would_block(); }},
        {"in place of a kept connection", Error::no_response, 0, true, false,
         [](ScriptedTransport& link) { link.answer(answer); }},
        {"in place of a kept connection, with a RetryPolicy", Error::no_response, 0, true, true,
         [](ScriptedTransport& link) { link.answer(answer); }},
    };
    for (const Case& one : cases) {
        for (const bool is_closed : {false, true}) {
            ROW(std::string(one.name) + (is_closed ? "" : ", undisturbed"));
            ScriptedTransport link;
            one.meet(link);
            oai::Transport wires = link.transport();
            if (one.is_kept) wires.wait = nullptr;  // so that it is not seen before the request is sent
            oai::Timeouts timeouts;
            if (one.headers_ms != 0) timeouts.headers_ms = one.headers_ms;
            char memory[1024];
            oai::RetryPolicy retries;
            retries.max_retries = 1;
            Stream stream(wires, memory);
            if (one.headers_ms != 0) stream = Stream(wires, memory, timeouts);
            if (one.has_retries) stream.use(retries);
            Event event;
            if (one.is_kept) {
                REQUIRE(stream.open(here, inner_ask) == Error::none);
                while (stream.next(event)) {}
                REQUIRE(stream.verdict() == Verdict::done_marker);
            }
            if (is_closed) link.on(Call::hang_up, 0, [&] { stream.close(); });
            REQUIRE(stream.open(here, inner_ask) == Error::none);
            for (int polls = 0; polls < 1000 && stream.poll(event) == Poll::pending; ++polls) link.now += 10;
            CHECK_EQ(name(stream.error()), name(is_closed ? Error::closed : one.error));
            CHECK(stream.verdict() == (is_closed ? Verdict::closed_by_caller : Verdict::failed));
            const bool tries_twice = one.is_kept && one.has_retries;  // the new connection does not answer either
            CHECK_EQ(link.connections(), is_closed ? 1 : tries_twice ? 3 : 2);
            CHECK_EQ(link.hang_ups(), link.connections());
            if (is_closed) CHECK_EQ(retries.stats().retries, 0);
            for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
        }
    }
}
