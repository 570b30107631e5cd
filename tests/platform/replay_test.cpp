// Recorder, Replay and Faults over scripted transports.
#define OPENAI_STREAM_REPLAY
#include "io/conversation.hpp"
#include "support/guard_page.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <functional>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using oai::CallKind;
using oai::Error;
using oai::Event;
using oai::Fault;
using oai::Faults;
using oai::IoResult;
using oai::Poll;
using oai::Recorder;
using oai::Replay;
using oai::Stream;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1", "sk-secret");
const oai::ChatRequest ask("m", "hi");
const std::string answer = chunked_answer(short_answer, 50);

void append(void* text, const char* bytes, size_t count) { static_cast<std::string*>(text)->append(bytes, count); }

struct Outcome {
    std::string story;
    Error error = Error::none;
    bool operator==(const Outcome& other) const { return story == other.story && error == other.error; }
};

// One conversation after the other on one Stream.
std::vector<Outcome> converse(const oai::Transport& link, size_t buffer_bytes, size_t conversations = 1,
                              bool waits = true, oai::Timeouts timeouts = {}) {
    std::vector<char> memory(buffer_bytes);
    Stream stream(link, oai::Buffer(memory.data(), memory.size()), timeouts);
    std::vector<Outcome> outcomes;
    for (size_t i = 0; i != conversations; ++i) {
        Heard heard;
        Event event;
        stream.open(server, ask);
        if (waits) {
            while (stream.next(event)) heard.add(event);
        } else {
            for (int polls = 0; polls < 10000 && conversation::hear(stream, heard) == Poll::pending; ++polls) continue;
        }
        outcomes.push_back({heard.story, stream.error()});
    }
    return outcomes;
}

// What is recorded, and how it ended.
std::string record(const oai::Transport& link, size_t buffer_bytes, std::vector<Outcome>& outcomes,
                   size_t conversations = 1) {
    std::string recorded;
    Recorder recorder(link, append, &recorded);
    outcomes = converse(recorder.transport(), buffer_bytes, conversations);
    return recorded;
}

}  // namespace

TEST_CASE("a recording is text that can be read") {
    ScriptedTransport link;
    link.push_takes(60).push_says(IoResult::would_block());
    link.dial_says(IoResult::would_block());
    link.pull_says(IoResult::would_block()).answer("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    link.wait_says(IoResult::ready()).wait_says(IoResult::would_block());
    std::vector<Outcome> outcomes;
    const std::string recorded = record(link.transport(), 2048, outcomes);
    CHECK_EQ(name(outcomes[0].error), name(Error::http_status));
    const std::string begin =
        "openai_stream recording 1 dial hang_up wait wake now_ms\n"
        "0 dial 80 h would_block\n"
        "0 dial 80 h ready\n"
        "0 push ";
    CHECK_EQ(recorded.substr(0, begin.size()), begin);
    CHECK(recorded.find(" bytes 60\nPOST /v1/chat/completions HTTP/1.1\r\n") != std::string::npos);
    CHECK(recorded.find("\n0 pull ") != std::string::npos);
    CHECK(recorded.find(" would_block\n") != std::string::npos);
    const std::string end =
        " bytes 45\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n\n0 hang_up\n";
    REQUIRE(recorded.size() > end.size());
    CHECK_EQ(recorded.substr(recorded.size() - end.size()), end);
}

TEST_CASE("a replay is the same conversation, byte for byte and call for call") {
    struct Row {
        const char* name;
        void (*script)(ScriptedTransport&);
        size_t conversations = 1;
        bool is_of_waits = false;  // who waits otherwise hears something else
    };
    const Row rows[] = {
        {"a whole answer in one piece", [](ScriptedTransport& link) { link.answer(answer); }},
        {"in pieces of 7 bytes", [](ScriptedTransport& link) { link.answer(answer, 7); }},
        {"with waits in between",
         [](ScriptedTransport& link) {
             for (size_t at = 0; at < answer.size(); at += 33) {
                 link.answer(answer.substr(at, 33)).pull_says(IoResult::would_block());
                 link.wait_says(IoResult::ready());
             }
         }},
        {"bytes of every value, and lines as a recording has them",
         [](ScriptedTransport& link) {
             std::string body = "0 hang_up\n0 pull 5 bytes 3\n\n";
             for (int byte = 0; byte != 256; ++byte) body += static_cast<char>(byte);
             link.answer(counted_answer(200, "text/event-stream", body + "\n\n" + short_answer), 10);
         }},
        {"with time that passes in every call",
         [](ScriptedTransport& link) {
             link.answer(answer, 100);
             for (const Call call : {Call::dial, Call::push, Call::pull, Call::hang_up})
                 for (size_t index = 0; index != 20; ++index) link.on(call, index, [&link] { link.now += 3; });
         }},
        {"refused", [](ScriptedTransport& link) { link.dial_says(IoResult::failed(-111)); }},
        {"refused for good", [](ScriptedTransport& link) { link.dial_says(IoResult::refused(-0x2700)); }},
        {"no such host", [](ScriptedTransport& link) { link.dial_says(IoResult::unresolved(-2)); }},
        {"dialled as TLS is, which reads",
         [](ScriptedTransport& link) {
             link.dial_says(IoResult::would_block(oai::Interest::read))
                 .dial_says(IoResult::would_block(oai::Interest::work_left));
             link.answer(answer);
         }},
        {"dialled for some time",
         [](ScriptedTransport& link) {
             link.dial_says(IoResult::would_block()).dial_says(IoResult::would_block()).answer(answer);
         }},
        {"the request goes out in small pieces",
         [](ScriptedTransport& link) {
             for (int i = 0; i != 5; ++i) link.push_takes(20).push_says(IoResult::would_block());
             link.answer(answer);
         }},
        {"the link takes no more, an early answer",
         [](ScriptedTransport& link) {
             link.push_takes(20).push_says(IoResult::closed());
             link.answer(counted_answer(413, "application/json", "{\"error\":{\"message\":\"large\"}}"));
         }},
        {"the peer leaves", [](ScriptedTransport& link) { link.answer(answer.substr(0, 200)); }},
        {"the connection breaks",
         [](ScriptedTransport& link) { link.answer(answer.substr(0, 200)).pull_says(IoResult::failed(104)); }},
        {"a breach of the contract", [](ScriptedTransport& link) { link.pull_says(IoResult::bytes(0)); }},
        {"a lie about the count", [](ScriptedTransport& link) { link.pull_says(IoResult::bytes(100000)); }},
        {"a wait that fails",
         [](ScriptedTransport& link) {
             link.pull_says(IoResult::would_block());
             link.wait_says(IoResult::failed(9));
         },
         1, true},
        {"three conversations over one connection",
         [](ScriptedTransport& link) {
             for (int i = 0; i != 3; ++i) link.answer(answer);
             for (int i = 0; i != 3; ++i) link.wait_says(IoResult::would_block());
         },
         3},
        {"two, each over its own",
         [](ScriptedTransport& link) {
             link.answer(chunked_answer(short_answer, 50, "Connection: close\r\n"));
             link.answer(chunked_answer(short_answer, 20, "Connection: close\r\n"));
         },
         2},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t buffer : {size_t{512}, size_t{2048}}) {
            CAPTURE(buffer);
            ScriptedTransport link;
            row.script(link);
            std::vector<Outcome> outcomes, replayed;
            const std::string recorded = record(link.transport(), buffer, outcomes, row.conversations);
            Replay replay(recorded);
            const std::string again = record(replay.transport(), buffer, replayed, row.conversations);
            CHECK(outcomes == replayed);
            CHECK_EQ(recorded, again);
            CHECK(replay.is_whole());
            CHECK_EQ(std::string(oai::StringView(replay.difference().what)), "");
            // Another buffer, and a program that does not wait: the same bytes all the same.
            for (const bool waits : {true, false}) {
                if (row.is_of_waits) continue;
                Replay other(recorded, Replay::Pushed::ignored);
                CHECK(converse(other.transport(), 4096, row.conversations, waits) == outcomes);
                CHECK_EQ(std::string(oai::StringView(other.difference().what)), "");
            }
        }
    }
}

TEST_CASE("a replay keeps the times of its recording, and does not wait") {
    ScriptedTransport link;
    link.now = UINT32_MAX - 1000;  // wraps around
    link.answer(answer.substr(0, 200)).pull_says(IoResult::would_block());
    link.pull_end = link.wait_end = IoResult::would_block();
    std::string recorded;
    Recorder recorder(link.transport(), append, &recorded);
    oai::Timeouts timeouts;
    timeouts.idle_ms = 5000;
    const std::vector<Outcome> outcomes = converse(recorder.transport(), 2048, 1, true, timeouts);
    CHECK_EQ(name(outcomes[0].error), name(Error::idle_timeout));
    CAPTURE(recorded.substr(recorded.size() - 100));
    CHECK(recorded.find("\n5000 wait 1 5000 would_block\n") != std::string::npos);
    Replay replay(recorded);
    CHECK(converse(replay.transport(), 2048, 1, true, timeouts) == outcomes);
    CHECK_EQ(replay.transport().now_ms(&replay), 5000);
    // Who waits longer than the recording did comes to its end, and later in its own time.
    timeouts.idle_ms = 0;
    Replay longer(recorded);
    CHECK_EQ(name(converse(longer.transport(), 2048, 1, true, timeouts)[0].error), name(Error::truncated));
}

TEST_CASE("a transport made of another one can do what that one can") {
    for (unsigned missing = 0; missing != 32; ++missing) {
        ROW("without those of the bits of " + std::to_string(missing));
        ScriptedTransport link;
        oai::Transport wires = link.transport();
        if (missing & 1) wires.dial = nullptr;
        if (missing & 2) wires.hang_up = nullptr;
        if (missing & 4) wires.wait = nullptr;
        if (missing & 8) wires.wake = nullptr;
        if (missing & 16) wires.now_ms = nullptr;
        wires.secure = missing % 3 == 0;
        std::string recorded;
        Recorder recorder(wires, append, &recorded);
        Replay replay(recorded);
        Fault faults[] = {Fault::cut(oai::at_call(CallKind::pull, 0))};
        Faults harm(wires, faults);
        CHECK_EQ(std::string(oai::StringView(replay.difference().what)), "");
        for (const oai::Transport& made : {recorder.transport(), replay.transport(), harm.transport()}) {
            CHECK((made.pull != nullptr && made.push != nullptr));
            CHECK_EQ(made.dial != nullptr, wires.dial != nullptr);
            CHECK_EQ(made.wait != nullptr, wires.wait != nullptr);
            CHECK_EQ(made.wake != nullptr, wires.wake != nullptr);
            CHECK_EQ(made.now_ms != nullptr, wires.now_ms != nullptr);
            CHECK_EQ(made.secure, wires.secure);
        }
        CHECK_EQ(recorder.transport().hang_up != nullptr, wires.hang_up != nullptr);
        CHECK_EQ(replay.transport().hang_up != nullptr, wires.hang_up != nullptr);
    }
}

TEST_CASE("keys are not recorded, however a request is cut") {
    struct Row {
        const char* name;
        std::string pushed, recorded;
    };
    const Row rows[] = {
        {"Authorization", "A: b\r\nAuthorization: Bearer sk-1\r\nC: d\r\n\r\n{}",
         "A: b\r\nAuthorization: ****** ****\r\nC: d\r\n\r\n{}"},
        {"of any case", "AUTHORIZATION:sk\r\nx", "AUTHORIZATION:**\r\nx"},
        {"api-key, and names that end so", "api-key: 1:2\r\nx-api-key:3\n", "api-key: ***\r\nx-api-key:*\n"},
        {"a name longer than is looked at", std::string(100, 'x') + "-authorization: k\r\n",
         std::string(100, 'x') + "-authorization: *\r\n"},
        {"others stay", "authorizatio: k\r\napi-keys: k\r\nkey: k\r\n: k\r\n",
         "authorizatio: k\r\napi-keys: k\r\nkey: k\r\n: k\r\n"},
        {"in a value it is a word like others", "A: api-key: k\r\n", "A: api-key: k\r\n"},
        {"the second request of a connection", "{\"a\":1}POST /\r\nauthorization: k\r\n",
         "{\"a\":1}POST /\r\nauthorization: *\r\n"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (size_t step = 1; step <= row.pushed.size(); ++step) {
            CAPTURE(step);
            ScriptedTransport link;
            link.transport_without_dial();
            std::string recorded, bytes;
            Recorder recorder(link.transport_without_dial(), append, &recorded);
            const oai::Transport wires = recorder.transport();
            for (size_t at = 0; at < row.pushed.size(); at += step) {
                const size_t count = std::min(step, row.pushed.size() - at);
                CHECK_EQ(wires.push(wires.context, row.pushed.data() + at, count).count(), count);
            }
            CHECK_EQ(link.pushed(), row.pushed);
            Replay replay(recorded);
            const oai::Transport played = replay.transport();
            for (size_t at = 0; at < row.pushed.size(); ++at) {
                CHECK_EQ(played.push(played.context, row.pushed.data() + at, 1).count(), 1);
            }
            CHECK_EQ(std::string(oai::StringView(replay.difference().what)), "");
            CHECK(replay.is_whole());
            for (size_t at = recorded.find('\n') + 1; at < recorded.size();) {
                at = recorded.find('\n', at) + 1;
                bytes += recorded.substr(at, std::min(step, row.recorded.size() - bytes.size()));
                at += step + 1;
            }
            CHECK_EQ(bytes, row.recorded);
        }
    }
}

TEST_CASE("a connection that broke within a key hides nothing of the next one") {
    ScriptedTransport link;
    std::string recorded;
    Recorder recorder(link.transport(), append, &recorded);
    const auto talk = [](const oai::Transport& wires, const char* first) {
        wires.dial(wires.context, "h", 80);
        wires.push(wires.context, first, std::strlen(first));
        wires.hang_up(wires.context);
    };
    for (const char* const first : {"api-key: a", "b: c"}) talk(recorder.transport(), first);
    CHECK(recorded.find("\napi-key: *\n") != std::string::npos);
    CHECK(recorded.find("\nb: c\n") != std::string::npos);
    Replay replay(recorded);
    for (const char* const first : {"api-key: a", "b: c"}) talk(replay.transport(), first);
    CHECK_EQ(std::string(oai::StringView(replay.difference().what)), "");
}

TEST_CASE("a replay says where the program differs from the recorded one") {
    ScriptedTransport link;
    link.answer(answer);
    std::vector<Outcome> outcomes;
    const std::string recorded = record(link.transport(), 2048, outcomes);
    const auto place = [&](const char* text) { return recorded.find(text); };
    struct Row {
        const char* name;
        const char* url;
        const char* key;
        const char* model;
        const char* question;
        size_t conversations;
        std::string what;
        size_t at;
    };
    const Row rows[] = {
        {"it does not", "http://h/v1", "sk-secret", "m", "hi", 1, "", 0},
        {"another key of that length", "http://h/v1", "sk-geheim", "m", "hi", 1, "", 0},
        {"another question", "http://h/v1", "sk-secret", "m", "ho", 1, "other bytes are pushed", place("hi\"}") + 1},
        {"another model", "http://h/v1", "sk-secret", "n", "hi", 1, "other bytes are pushed", place("m\",")},
        {"a longer question", "http://h/v1", "sk-secret", "m", "hiho", 1, "other bytes are pushed",
         place("Content-Length: ") + 17},
        {"another host", "http://g/v1", "sk-secret", "m", "hi", 1, "another server is dialled", place("0 dial")},
        {"another port", "http://h:81/v1", "sk-secret", "m", "hi", 1, "another server is dialled", place("0 dial")},
        {"a conversation more", "http://h/v1", "sk-secret", "m", "hi", 2, "more is pushed than was recorded",
         place("0 hang_up")},
    };
    for (const Row& row : rows) {
        for (const bool compares : {true, false}) {
            ROW(std::string(row.name) + (compares ? "" : ", which is ignored"));
            Replay replay(recorded, compares ? Replay::Pushed::compared : Replay::Pushed::ignored);
            const oai::Endpoint other(row.url, row.key);
            const oai::ChatRequest request(row.model, row.question);
            char memory[2048];
            Stream stream(replay.transport(), memory);
            for (size_t i = 0; i != row.conversations; ++i) {
                Heard heard;
                Event event;
                stream.open(other, request);
                while (stream.next(event)) heard.add(event);
                if (i == 0) CHECK_EQ(heard.story, short_story);
                else CHECK_EQ(name(stream.error()), name(Error::connect_failed));  // none more was recorded
            }
            if (compares || row.conversations == 1) {
                const std::string what = compares ? row.what : std::string();
                CHECK_EQ(std::string(oai::StringView(replay.difference().what)), what);
                CHECK_EQ(replay.difference().at, what.empty() ? 0 : row.at);
            }
        }
    }
}

TEST_CASE("a recording may be anything") {
    ScriptedTransport link;
    link.dial_says(IoResult::would_block()).push_takes(20).push_says(IoResult::would_block());
    link.answer(answer, 100);
    std::vector<Outcome> outcomes;
    const std::string recorded = record(link.transport(), 2048, outcomes);
    const auto play = [&](const std::string& text) {
        support::GuardedBuffer guarded(text.size());
        if (!text.empty()) std::memcpy(guarded.data(), text.data(), text.size());
        Replay replay(oai::StringView(guarded.data(), text.size()));
        oai::Timeouts timeouts;
        timeouts.connect_ms = timeouts.headers_ms = timeouts.idle_ms = 1000;
        const std::vector<Outcome> played = converse(replay.transport(), 512, 1, true, timeouts);
        CHECK_LE(replay.difference().at, text.size());
        CHECK((!played[0].story.empty() || played[0].error != Error::none));
        return std::string(oai::StringView(replay.difference().what));
    };
    SUBCASE("any part of one") {
        for (size_t size = 0; size <= recorded.size(); ++size) play(recorded.substr(0, size));
        CHECK_EQ(play(""), "this is no recording");
        CHECK_EQ(play("openai_stream recording 2\n"), "this is no recording");
    }
    SUBCASE("with any byte changed") {
        for (size_t at = 0; at < recorded.size(); ++at)
            for (const char c : {'0', '9', ' ', '\n', 'x', '\0'}) {
                std::string changed = recorded;
                changed[at] = c;
                play(changed);
            }
    }
    SUBCASE("lines") {
        const char* const lines[] = {
            "0 pull 10 bytes 11\n01234567890\n",
            "0 pull 10 bytes 10\n0123",
            "0 pull 10 bytes 99999999999999999999\n",
            "0 pull 99999999999 bytes 1073741824\n",
            "99999999999 pull 1 closed\n",
            "0 pull  closed\n",
            "0 pull 10 failed\n",
            "0 pull 10 failed 4294967295\n",
            "0 jump\n",
            "0 wait 9 1 ready\n",
            "0 hang_up now\n",
        };
        for (const char* const line : lines) {
            ROW(line);
            CHECK_EQ(play("openai_stream recording 1 wait now_ms\n" + std::string(line)), "this is no record");
        }
    }
}

// ---- faults --------------------------------------------------------------------------------------------------------

TEST_CASE("what a fault does to a conversation") {
    struct Row {
        const char* name;
        std::function<std::vector<Fault>(Stream&)> faults;
        std::string story;
        Error error;
        int code = 0;
    };
    const auto at = [](CallKind call, uint64_t index) { return oai::at_call(call, index); };
    const size_t first_text = answer.find("Hello") + 80;  // its event has come, the next one has not
    const std::string half = "started(c1,m1) role(assistant) text(Hello)";
    const Row rows[] = {
        {"none", [](Stream&) { return std::vector<Fault>(); }, short_story, Error::none},
        {"cut before the first byte",
         [](Stream&) -> std::vector<Fault> { return {Fault::cut(oai::at_byte(CallKind::pull, 0))}; }, "",
         Error::no_response},
        {"cut at a byte",
         [&](Stream&) -> std::vector<Fault> { return {Fault::cut(oai::at_byte(CallKind::pull, first_text))}; }, half,
         Error::truncated},
        {"reset at a byte",
         [&](Stream&) -> std::vector<Fault> { return {Fault::reset(oai::at_byte(CallKind::pull, first_text), 104)}; },
         half, Error::connection_lost, 104},
        {"reset at a call", [&](Stream&) -> std::vector<Fault> { return {Fault::reset(at(CallKind::pull, 0), 104)}; },
         "", Error::connection_lost, 104},
        {"refused", [&](Stream&) -> std::vector<Fault> { return {Fault::reset(at(CallKind::dial, 0), 111)}; }, "",
         Error::connect_failed, 111},
        {"never connected", [&](Stream&) -> std::vector<Fault> { return {Fault::stall(at(CallKind::dial, 0))}; }, "",
         Error::connect_timeout},
        {"the request is stuck",
         [&](Stream&) -> std::vector<Fault> {
             return {Fault::stall(oai::at_byte(CallKind::push, 50)), Fault::stall(at(CallKind::pull, 0))};
         },
         "", Error::idle_timeout},
        {"no answer", [&](Stream&) -> std::vector<Fault> { return {Fault::stall(at(CallKind::pull, 0))}; }, "",
         Error::headers_timeout},
        {"stalled in the body",
         [&](Stream&) -> std::vector<Fault> { return {Fault::stall(oai::at_byte(CallKind::pull, first_text))}; }, half,
         Error::idle_timeout},
        {"a wait fails",
         [&](Stream&) -> std::vector<Fault> {
             return {Fault::would_block_for(at(CallKind::pull, 1), 1), Fault::reset(at(CallKind::wait, 0), 9)};
         },
         "started(c1,m1) role(assistant)", Error::connection_lost, 9},
        {"a storm at one call",
         [&](Stream&) -> std::vector<Fault> { return {Fault::would_block_for(at(CallKind::pull, 1), 50)}; },
         short_story, Error::none},
        {"storms everywhere",
         [&](Stream&) -> std::vector<Fault> {
             return {Fault::would_block_before_each(at(CallKind::dial, 0), 3),
                     Fault::would_block_before_each(at(CallKind::push, 0), 2),
                     Fault::would_block_before_each(at(CallKind::pull, 0), 5),
                     Fault::limit_bytes(at(CallKind::push, 0), 7), Fault::limit_bytes(at(CallKind::pull, 0), 1)};
         },
         short_story, Error::none},
        {"slices of none are of one",
         [&](Stream&) -> std::vector<Fault> { return {Fault::limit_bytes(at(CallKind::pull, 0), 0)}; }, short_story,
         Error::none},
        {"closed from inside a call",
         [&](Stream& stream) -> std::vector<Fault> {
             return {Fault::call(at(CallKind::pull, 1), [](void* s) { static_cast<Stream*>(s)->close(); }, &stream)};
         },
         "started(c1,m1) role(assistant)", Error::closed},
        {"cancelled from inside a call",
         [&](Stream& stream) -> std::vector<Fault> {
             return {Fault::call(at(CallKind::push, 0), [](void* s) { static_cast<Stream*>(s)->cancel(); }, &stream)};
         },
         "", Error::cancelled},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        link.answer(answer, answer.find("Hello") - 10);
        oai::Timeouts timeouts;
        char memory[2048];
        Stream stream;
        std::vector<Fault> faults = row.faults(stream);
        Faults harm(link.transport(), oai::Span<Fault>(faults.data(), faults.size()));
        stream = Stream(harm.transport(), memory, timeouts);
        // Nobody else moves the clock: a wait in vain takes as long as it may.
        link.wait_end = IoResult::would_block();
        Heard heard;
        Event event;
        stream.open(server, ask);
        while (stream.next(event)) heard.add(event);
        CHECK_EQ(heard.story, row.story);
        CHECK_EQ(name(stream.error()), name(row.error));
        CHECK_EQ(stream.failure().transport_code, row.code);
        for (size_t i = 0; i != faults.size(); ++i) {
            CAPTURE(i);
            CHECK(faults[i].triggered());
        }
        stream.close();
        CHECK_EQ(link.hang_ups(), link.connections());
        CHECK_EQ(harm.bytes(CallKind::push), link.pushed().size());
        // To wait for nothing but the time is what a stall is.
        for (const std::string& violation : link.violations())
            if (violation.compare(0, 4, "wait") != 0) FAIL_CHECK(violation);
    }
}

TEST_CASE("a replay is harmed like a connection") {
    ScriptedTransport link;
    for (size_t at = 0; at < answer.size(); at += 33) {
        link.answer(answer.substr(at, 33)).pull_says(IoResult::would_block());
        link.wait_says(IoResult::ready());
    }
    std::vector<Outcome> outcomes;
    const std::string recorded = record(link.transport(), 2048, outcomes);
    REQUIRE_EQ(outcomes[0].story, short_story);
    const size_t first_text = answer.find("Hello") + 80;
    const std::string half = "started(c1,m1) role(assistant) text(Hello)";
    struct Row {
        const char* name;
        Fault fault;
        Outcome outcome;
    };
    const Row rows[] = {
        {"cut", Fault::cut(oai::at_byte(CallKind::pull, first_text)), {half, Error::truncated}},
        {"reset", Fault::reset(oai::at_byte(CallKind::pull, first_text), 104), {half, Error::connection_lost}},
        {"stalled", Fault::stall(oai::at_byte(CallKind::pull, first_text)), {half, Error::idle_timeout}},
        {"not answered", Fault::stall(oai::at_call(CallKind::pull, 0)), {"", Error::headers_timeout}},
        {"never connected", Fault::stall(oai::at_call(CallKind::dial, 0)), {"", Error::connect_timeout}},
        {"in slices", Fault::limit_bytes(oai::at_call(CallKind::pull, 0), 2), {short_story, Error::none}},
        {"in storms", Fault::would_block_before_each(oai::at_call(CallKind::pull, 0), 20), {short_story, Error::none}},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Replay replay(recorded);
        Fault faults[] = {row.fault};
        Faults harm(replay.transport(), faults);
        const Outcome outcome = converse(harm.transport(), 2048)[0];
        CHECK_EQ(outcome.story, row.outcome.story);
        CHECK_EQ(name(outcome.error), name(row.outcome.error));
        CHECK(faults[0].triggered());
    }
}

TEST_CASE("a fault is over when the connection is") {
    for (const Fault& one : {Fault::reset(oai::at_call(CallKind::dial, 0), 111),
                             Fault::cut(oai::at_call(CallKind::pull, 0)),
                             Fault::reset(oai::at_byte(CallKind::pull, 30), 104)}) {
        ScriptedTransport link;
        link.answer(answer.substr(0, 30));
        Fault faults[] = {one};
        Faults harm(link.transport(), faults);
        char memory[2048];
        Stream stream(harm.transport(), memory);
        Event event;
        stream.open(server, ask);
        CHECK_FALSE(stream.next(event));
        CHECK(faults[0].triggered());
        Heard heard;
        const bool has_spoken = link.calls(Call::pull) != 0;
        link.answer(has_spoken ? answer : answer.substr(30));
        stream.open(server, ask);
        while (stream.next(event)) heard.add(event);
        CHECK_EQ(heard.story, short_story);
    }
}

TEST_CASE("faults, recordings and replays use no heap") {
    if (!support::HeapTrap::works()) {
        tally::skip("the heap trap: malloc cannot be replaced here");
        return;
    }
    static char recorded[8192];
    static size_t size;
    size = 0;
    ScriptedTransport link;
    link.answer(answer, 50);
    const auto keep = [](void*, const char* bytes, size_t count) {
        if (count > sizeof recorded - size) return;
        std::memcpy(recorded + size, bytes, count);
        size += count;
    };
    Error errors[2] = {};
    {
        const support::HeapTrap trap;
        Fault faults[] = {Fault::limit_bytes(oai::at_call(CallKind::pull, 0), 3)};
        Faults harm(link.transport(), faults);
        Recorder recorder(harm.transport(), keep, nullptr);
        char memory[2048];
        Event event;
        Stream stream(recorder.transport(), memory);
        stream.open(server, ask);
        while (stream.next(event)) continue;
        errors[0] = stream.error();
        stream.close();
        Replay replay(oai::StringView(recorded, size));
        Stream again(replay.transport(), memory);
        again.open(server, ask);
        while (again.next(event)) continue;
        errors[1] = again.error();
    }
    CHECK_EQ(name(errors[0]), name(Error::none));
    CHECK_EQ(name(errors[1]), name(Error::none));
}
