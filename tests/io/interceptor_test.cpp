// Interceptors of a program's own: when they are asked, in which order, what they may do, and what does no harm.
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
using oai::Action;
using oai::Error;
using oai::Event;
using oai::EventKind;
using oai::IoResult;
using oai::Occasion;
using oai::Poll;
using oai::Stream;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");
const std::string ok = chunked_answer(short_answer);
const std::string busy = counted_answer(503, "text/plain", "busy");

// Does what the test says, and writes down what it was asked.
struct Spy : oai::Interceptor {
    using Act = std::function<Action(oai::Conversation&, Occasion, Event*)>;
    Act act;
    std::string letter, *story = nullptr;

    explicit Spy(Act what_to_do = nullptr, std::string* told = nullptr, const char* who = "")
        : Interceptor(watch), act(what_to_do), letter(who), story(told) {}

    static Action watch(Interceptor& interceptor, oai::Conversation& conversation, Occasion occasion, Event* event) {
        Spy& self = static_cast<Spy&>(interceptor);
        const char* const names[] = {"event", "pending", "done", "failed", "moved", "opened", "restarted"};
        if (self.story && occasion != Occasion::pending && occasion != Occasion::moved)
            *self.story += self.letter + names[static_cast<int>(occasion)] + " ";
        return self.act ? self.act(conversation, occasion, event) : Action::deliver;
    }
};

std::string story_of(Stream& stream) {
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    return heard.story;
}

Action restart_once(oai::Conversation& conversation, Occasion occasion, Event*) {
    if (occasion != Occasion::failed || !conversation.restart()) return Action::deliver;
    conversation.reconnect();
    return Action::again;
}

}  // namespace

TEST_CASE("the order of use() decides who sees what") {
    struct Row {
        const char* name;
        bool is_log_last;  // nearest to the link
        const char* story;
    };
    const Row rows[] = {
        {"a log that was given before sees the end, and no attempt that was not it", false,
         "opened restarted event event event event event event done "},
        {"one that was given after sees each attempt", true,
         "opened failed restarted event event event event event event done "},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        link.wait_end = IoResult::would_block();  // the time passes
        link.answer(busy).answer(ok);
        std::string story;
        Spy log(nullptr, &story);
        oai::RetryPolicy retries;
        char memory[2048];
        Stream stream(link.transport(), memory);
        if (!row.is_log_last) stream.use(log);
        stream.use(retries);
        if (row.is_log_last) stream.use(log);
        CHECK(stream.open(server, ask) == Error::none);
        CHECK_EQ(story_of(stream), short_story);
        CHECK_EQ(story, row.story);
        CHECK_EQ(retries.stats().retries, 1);
        CHECK_EQ(link.connections(), 2);
    }
}

TEST_CASE("an event that is dropped is seen by nobody after") {
    ScriptedTransport link;
    link.answer(ok);
    std::string story;
    Spy before([](oai::Conversation&, Occasion, Event* event) {
        return event && event->kind == EventKind::text ? Action::again : Action::deliver;
    }, &story, "1");
    Spy after(nullptr, &story, "2");
    char memory[2048];
    Stream stream(link.transport(), memory);
    stream.use(after);
    stream.use(before);
    CHECK(stream.open(server, ask) == Error::none);
    const std::string told = story_of(stream);
    CHECK_EQ(told.find("text("), std::string::npos);
    CHECK_NE(told.find("finish("), std::string::npos);
    CHECK_NE(story.find("1event 1event"), std::string::npos);
    CHECK_EQ(name(stream.error()), name(Error::none));
}

TEST_CASE("what may not be done at a time is refused, and changes nothing") {
    static const oai::RetrieveRequest rest("resp_1", 3);
    struct Row {
        const char* name;
        std::string answer;
        bool is_cancelled;
        Error error;
    };
    const Row rows[] = {
        {"an answer", ok, false, Error::none},
        {"a chat that breaks off, which cannot be resumed", chunked_answer(conversation::text("a")), false,
         Error::truncated},
        {"one that is cancelled", ok, true, Error::cancelled},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        link.wait_end = IoResult::would_block();
        link.answer(row.answer);
        unsigned refused = 0, allowed = 0;
        Spy spy([&](oai::Conversation& conversation, Occasion occasion, Event*) {
            const bool is_open = conversation.is_open();
            const std::string before = name(conversation.error());
            if (occasion != Occasion::opened) conversation.reconnect();  // nothing was restarted
            const bool has_restarted = conversation.resume_from(rest) || (is_open && conversation.restart());
            ++(has_restarted ? allowed : refused);
            CHECK_EQ(conversation.is_open(), is_open);
            CHECK_EQ(name(conversation.error()), before);
            return Action::deliver;
        });
        char memory[2048];
        Stream stream(link.transport(), memory, spy);
        REQUIRE(stream.open(server, ask) == Error::none);
        if (row.is_cancelled) stream.cancel();
        story_of(stream);
        CHECK_EQ(name(stream.error()), name(row.error));
        CHECK_EQ(allowed, 0);
        CHECK_GT(refused, 1);
        CHECK_EQ(link.connections(), 1);
    }
}

TEST_CASE("an interceptor that is given twice is asked once, and a new one from the next open() on") {
    ScriptedTransport link;
    link.wait_end = IoResult::would_block();
    link.answer(ok).answer(ok);
    std::string story;
    Spy first(nullptr, &story, "1"), second(nullptr, &story, "2");
    char memory[2048];
    Stream stream(link.transport(), memory, first);
    stream.use(first);
    CHECK(stream.open(server, ask) == Error::none);
    stream.use(second);
    stream.use(first);
    stream.use(second);
    story_of(stream);
    CHECK_EQ(story, "1opened 1event 1event 1event 1event 1event 1event 1done ");
    story.clear();
    CHECK(stream.open(server, ask) == Error::none);
    CHECK_EQ(story, "2opened 1opened ");
}

TEST_CASE("a copy of an interceptor is in no chain, and what is assigned to stays in its own") {
    ScriptedTransport link;
    link.answer(ok);
    oai::Timeouts timeouts;
    oai::RetryPolicy retries;
    char memory[2048];
    Stream stream(link.transport(), memory, timeouts);
    stream.use(retries);
    const oai::RetryPolicy copy = retries;
    CHECK(copy.next == nullptr);
    retries = oai::RetryPolicy();
    CHECK(retries.next == &timeouts);
    CHECK(stream.open(server, ask) == Error::none);
    CHECK_EQ(story_of(stream), short_story);
    CHECK(timeouts.latency().headers_ms != oai::Latency::unknown);
}

TEST_CASE("an end is told once, and what an interceptor says after it counts no more") {
    for (const bool is_done : {true, false}) {
        ROW(is_done ? "done" : "failed");
        ScriptedTransport link;
        link.answer(is_done ? ok : busy);
        std::string story;
        Spy spy([](oai::Conversation&, Occasion occasion, Event*) {
            return occasion == Occasion::done || occasion == Occasion::failed ? Action::again : Action::deliver;
        }, &story);
        char memory[2048];
        Stream stream(link.transport(), memory, spy);
        CHECK(stream.open(server, ask) == Error::none);
        story_of(stream);
        Event event;
        for (int polls = 0; polls != 3; ++polls)
            CHECK(stream.poll(event) == (is_done ? Poll::done : Poll::failed));
        CHECK_FALSE(stream.next(event));
        const std::string end = is_done ? "done " : "failed ";
        CHECK_EQ(story.substr(story.size() - end.size()), end);
        CHECK_EQ(story.find(end), story.size() - end.size());
        CHECK_EQ(name(stream.error()), name(is_done ? Error::none : Error::http_status));
    }
}

TEST_CASE("before a byte or a call of the transport, an interceptor may refuse a conversation") {
    for (const bool is_cancelled : {true, false}) {
        ROW(is_cancelled ? "cancelled" : "failed");
        ScriptedTransport link;
        Spy spy([is_cancelled](oai::Conversation& conversation, Occasion occasion, Event*) {
            if (occasion == Occasion::opened) {
                if (is_cancelled) conversation.cancel();
                else conversation.fail(Error::connect_failed);
            }
            return Action::deliver;
        });
        char memory[2048];
        Stream stream(link.transport(), memory, spy);
        const Error error = is_cancelled ? Error::cancelled : Error::connect_failed;
        CHECK_EQ(name(stream.open(server, ask)), name(error));
        CHECK(stream.verdict() == (is_cancelled ? oai::Verdict::cancelled : oai::Verdict::failed));
        CHECK_EQ(link.all_calls(), 0);
    }
}

TEST_CASE("what an interceptor must not restart stays as it is") {
    struct Row {
        const char* name;
        std::string answer;
        bool has_dial;
        void (*act)(Stream& stream);
        Error error;
    };
    const Row rows[] = {
        {"what was cancelled", "", true, [](Stream& stream) { stream.cancel(); }, Error::cancelled},
        {"what was closed", "", true, [](Stream& stream) { stream.close(); }, Error::closed},
        {"an answer of which an event was delivered",
         "HTTP/1.1 200 OK\r\n\r\n" + conversation::text("a"), true, [](Stream&) {}, Error::truncated},
        {"a link that cannot be made again", busy, false, [](Stream&) {}, Error::http_status},
        {"a request that is wrong", "", true,
         [](Stream& stream) {
             static const oai::Endpoint wrong("http://h/v1", "\n");
             CHECK_EQ(name(stream.open(wrong, ask)), name(Error::bad_header_value));
         },
         Error::bad_header_value},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        if (!row.answer.empty()) link.answer(row.answer).pull_says(IoResult::closed());
        else link.pull_end = IoResult::would_block();
        Spy spy(restart_once);
        char memory[2048];
        Stream stream(row.has_dial ? link.transport() : link.transport_without_dial(), memory, spy);
        CHECK(stream.open(server, ask) == Error::none);
        Event event;
        if (row.answer.empty()) CHECK(stream.poll(event) == Poll::pending);
        row.act(stream);
        story_of(stream);
        CHECK_EQ(name(stream.error()), name(row.error));
        CHECK_EQ(link.connections(), row.has_dial ? 1 : 0);
    }
    ROW("what is open, or was never opened");
    ScriptedTransport link;
    link.pull_end = IoResult::would_block();
    Spy spy([](oai::Conversation& conversation, Occasion, Event*) {
        CHECK_FALSE(conversation.restart());
        conversation.reconnect();
        return Action::deliver;
    });
    char memory[2048];
    Stream stream(link.transport(), memory, spy);
    Event event;
    CHECK(stream.poll(event) == Poll::failed);
    CHECK_EQ(name(stream.error()), name(Error::not_open));
    CHECK_EQ(link.all_calls(), 0);
}

TEST_CASE("only an answer of the Responses API can be resumed, and not in raw mode") {
    const std::string cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                            conversation::chunked("event: response.created\ndata: {\"type\":\"response.created\","
                                                  "\"sequence_number\":0,\"response\":{\"id\":\"r\"}}\n\n",
                                                  conversation::one_chunk, false);
    const oai::ResponseRequest response("m", "hi");
    const oai::RetrieveRequest rest("r", 0);
    for (const char* what : {"a chat", "raw", "a response"}) {
        ROW(what);
        const bool is_chat = what[2] == 'c', is_raw = what[0] == 'r', is_resumed = !is_chat && !is_raw;
        ScriptedTransport link;
        link.answer(is_chat ? "HTTP/1.1 200 OK\r\n\r\n" + conversation::text("a") : cut).pull_says(IoResult::closed());
        link.answer(busy);
        bool says = false;
        Spy spy([&](oai::Conversation& conversation, Occasion occasion, Event*) {
            if (occasion != Occasion::failed || link.connections() != 1) return Action::deliver;
            says = conversation.resume_from(rest);
            conversation.reconnect();
            return Action::again;
        });
        std::string memory(2048, '\xff');
        Stream stream(link.transport(), oai::Buffer(&memory[0], memory.size()), spy);
        CHECK((is_chat ? stream.open(server, ask) : stream.open(server, response)) == Error::none);
        oai::SseEvent raw;
        if (is_raw) while (stream.next(raw)) {}
        else story_of(stream);
        CHECK_EQ(says, is_resumed);
        CHECK_EQ(name(stream.error()), name(is_resumed ? Error::http_status : Error::truncated));
        CHECK_EQ(link.connections(), is_resumed ? 2 : 1);
        if (is_resumed) CHECK_NE(link.pushed().find("GET /v1/responses/r?"), std::string::npos);
    }
}

TEST_CASE("an interceptor that restarts for ever, or never lets poll() wait, does not make poll() endless") {
    for (const bool restarts : {true, false}) {
        ROW(restarts ? "restarts" : "says again");
        ScriptedTransport link;
        if (restarts) link.pull_end = IoResult::closed();
        else link.pull_end = IoResult::would_block();
        Spy spy([restarts](oai::Conversation& conversation, Occasion occasion, Event* event) {
            if (restarts) return restart_once(conversation, occasion, event);
            return occasion == Occasion::pending ? Action::again : Action::deliver;
        });
        char memory[2048];
        Stream stream(link.transport(), memory, spy);
        CHECK(stream.open(server, ask) == Error::none);
        Event event;
        for (int polls = 0; polls != 20; ++polls) {
            const size_t before = link.all_calls();
            CHECK(stream.poll(event) == Poll::pending);
            CHECK(oai::has(stream.wants(), oai::Interest::work_left));
            CHECK(link.all_calls() - before <= 40);
        }
        stream.close();
        CHECK_EQ(link.hang_ups(), link.connections());
        for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
    }
}

TEST_CASE("a conversation that goes on no longer than an interceptor says is polled by then") {
    struct Limit : oai::Interceptor {
        Limit() : Interceptor(watch, left) {}
        static Action watch(Interceptor&, oai::Conversation& conversation, Occasion occasion, Event*) {
            if (occasion == Occasion::pending && conversation.now_ms() >= 700) conversation.cancel();
            return Action::deliver;
        }
        static uint32_t left(const Interceptor&, const oai::Conversation& conversation) {
            return conversation.now_ms() < 700 ? 700 - conversation.now_ms() : 0;
        }
    } limit;
    ScriptedTransport link;
    link.pull_end = link.wait_end = IoResult::would_block();
    char memory[2048];
    Stream stream(link.transport(), memory, limit);
    CHECK(stream.open(server, ask) == Error::none);
    CHECK_EQ(stream.next_deadline_ms(), 700);
    Event event;
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::cancelled));
    CHECK_EQ(link.now, 700);
}

TEST_CASE("what failure() says of Retry-After is what a ResponseInfo has heard, with fractions and milliseconds") {
    for (const bool has_info : {true, false}) {
        ROW(has_info ? "with a ResponseInfo" : "without");
        ScriptedTransport link;
        link.answer(counted_answer(429, "text/plain", "busy", "Retry-After: 2\r\nretry-after-ms: 1250.5\r\n"));
        oai::ResponseInfo info;
        char memory[2048];
        Stream stream(link.transport(), memory);
        if (has_info) stream.use(info);
        CHECK(stream.open(server, ask) == Error::none);
        story_of(stream);
        CHECK_EQ(info.retry_after_ms, has_info ? 1250 : -1);
        CHECK_EQ(stream.failure().retry_after_ms, has_info ? 1250 : 2000);
    }
}

TEST_CASE("from inside an interceptor a Stream may be closed, and is not polled, opened or waited for") {
    for (const Occasion when : {Occasion::event, Occasion::pending, Occasion::done, Occasion::moved, Occasion::opened}) {
        for (const bool closes : {false, true}) {
            ROW(std::to_string(static_cast<int>(when)) + (closes ? ", closes" : ""));
            ScriptedTransport link;
            link.pull_says(IoResult::would_block()).answer(ok);
            link.wait_end = IoResult::would_block();
            Stream* inside = nullptr;
            int times = 0;
            Spy spy([&](oai::Conversation&, Occasion occasion, Event*) {
                if (occasion != when) return Action::deliver;
                ++times;
                Event event;
                CHECK(inside->poll(event) == Poll::failed);
                CHECK_FALSE(inside->next(event));
                CHECK_EQ(name(inside->open(server, ask)), name(Error::reentered));
                if (closes) inside->close();
                return Action::deliver;
            });
            char memory[2048];
            Stream stream(link.transport(), memory, spy);
            inside = &stream;
            const Error opened = stream.open(server, ask);
            CHECK_EQ(name(opened), name(closes && when == Occasion::opened ? Error::closed : Error::none));
            const std::string story = story_of(stream);
            CHECK(times > 0);
            const bool is_whole = !closes || when == Occasion::done;
            CHECK_EQ(name(stream.error()), name(is_whole ? Error::none : Error::closed));
            if (is_whole) CHECK_EQ(story, short_story);
            stream.close();
            CHECK_EQ(link.hang_ups(), link.connections());
            for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
        }
    }
}
