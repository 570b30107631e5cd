// What a Stream and its transport owe each other (src/io/transport.hpp): every answer of every callback in every phase.
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
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1");
const std::string answer = chunked_answer(short_answer, 50);

struct Step {
    Call call;
    const char* at;
    size_t size;
    IoResult said;
};

// EventMeaning what two functions tell it to, and notes every call.
struct Watched {
    std::vector<Step> steps;
    std::function<IoResult(char*, size_t)> on_pull;
    std::function<IoResult(const char*, size_t)> on_push;
    std::string pushed;

    IoResult pull(char* into, size_t room) {
        const IoResult io = on_pull(into, room);
        steps.push_back({Call::pull, into, room, io});
        return io;
    }
    IoResult push(const char* from, size_t count) {
        const IoResult io = on_push(from, count);
        if (io.is_bytes() && io.count() <= count) pushed.append(from, io.count());
        steps.push_back({Call::push, from, count, io});
        return io;
    }
    // The parts of an answer, one each call; then closed.
    void answers(std::vector<std::string> parts) {
        parts_ = std::move(parts);
        next_ = 0;
        on_pull = [this](char* into, size_t room) {
            if (next_ == parts_.size()) return IoResult::closed();
            std::string& part = parts_[next_];
            const size_t count = std::min(room, part.size());
            if (count == 0) {
                ++next_;
                return IoResult::would_block();
            }
            memcpy(into, part.data(), count);
            part.erase(0, count);
            if (part.empty()) ++next_;
            return IoResult::bytes(count);
        };
    }

private:
    std::vector<std::string> parts_;
    size_t next_ = 0;
};

size_t request_size(const oai::ChatRequest& ask) {
    Watched link;
    link.on_push = [](const char*, size_t count) { return IoResult::bytes(count); };
    link.answers({});
    char memory[4096];
    Stream stream(oai::transport_of(link), memory);
    REQUIRE(stream.open(server, ask) == Error::none);
    Event event;
    while (stream.next(event)) {
    }
    return link.pushed.size();
}

}  // namespace

TEST_CASE("a lie about a count touches no memory, neither the buffer nor what is after it") {
    struct Row {
        const char* name;
        Call call;
        std::function<IoResult(size_t)> lie;
    };
    const Row rows[] = {
        {"pull says bytes(0)", Call::pull, [](size_t) { return IoResult::bytes(0); }},
        {"pull says one byte more than there is room", Call::pull,
         [](size_t room) { return IoResult::bytes(room + 1); }},
        {"pull says a million bytes", Call::pull, [](size_t) { return IoResult::bytes(1000000); }},
        {"pull says ready()", Call::pull, [](size_t) { return IoResult::ready(); }},
        {"push says bytes(0)", Call::push, [](size_t) { return IoResult::bytes(0); }},
        {"push says one byte more than there are", Call::push, [](size_t count) { return IoResult::bytes(count + 1); }},
        {"push says a million bytes", Call::push, [](size_t) { return IoResult::bytes(1000000); }},
        {"push says ready()", Call::push, [](size_t) { return IoResult::ready(); }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 2048u, 16384u}) {
            support::GuardedBuffer memory(size);
            std::string before;
            Watched link;
            const auto look = [&] { before.assign(memory.data(), memory.size()); };
            link.on_push = [&](const char*, size_t count) {
                look();
                return row.call == Call::push ? row.lie(count) : IoResult::bytes(count);
            };
            link.on_pull = [&](char*, size_t room) {
                look();
                return row.lie(room);
            };
            Stream stream(oai::transport_of(link), oai::Buffer(memory.data(), memory.size()));
            const oai::ChatRequest ask("m", "hi");
            REQUIRE(stream.open(server, ask) == Error::none);
            Event event;
            CHECK_FALSE(stream.next(event));
            CHECK_EQ(name(stream.error()), name(Error::transport_contract));
            CHECK(stream.failure().category == oai::ErrorCategory::transport);
            CHECK(before == std::string(memory.data(), memory.size()));
            const size_t calls = link.steps.size();
            CHECK(stream.poll(event) == Poll::failed);
            CHECK_EQ(link.steps.size(), calls);
        }
    }
}

TEST_CASE("room and count are never 0 and stay inside the buffer, however small the pieces") {
    for (const size_t size : {512u, 513u, 700u, 1024u, 2048u, 8192u, 14336u, 16384u, 65536u}) {
        for (const size_t piece : {1u, 2u, 7u, 64u, 100000u}) {
            ROW("a buffer of " + std::to_string(size) + " bytes, pieces of " + std::to_string(piece));
            support::GuardedBuffer memory(size);
            const std::string long_prompt(3000, 'p');
            const oai::ChatRequest ask("m", oai::StringView(long_prompt));
            const std::string body = short_answer.substr(0, short_answer.size() - conversation::done.size()) +
                                     conversation::text(std::string(3000, 't')) + conversation::done;
            const std::string full = chunked_answer(body, 333, "X-Long: " + std::string(3000, 'h') + "\r\n");
            Watched link;
            size_t at = 0;
            bool breach = false;
            const auto check = [&](const char* from, size_t count) {
                breach = breach || count == 0 || from < memory.data() || from + count > memory.data() + memory.size();
            };
            link.on_push = [&](const char* from, size_t count) {
                check(from, count);
                return IoResult::bytes(std::min(piece, count));
            };
            link.on_pull = [&](char* into, size_t room) {
                check(into, room);
                const size_t count = std::min({piece, room, full.size() - at});
                if (count == 0) return IoResult::closed();
                memcpy(into, full.data() + at, count);
                at += count;
                return IoResult::bytes(count);
            };
            Stream stream(oai::transport_of(link), oai::Buffer(memory.data(), memory.size()));
            REQUIRE(stream.open(server, ask) == Error::none);
            Heard heard;
            Event event;
            while (stream.next(event)) heard.add(event);
            CHECK_EQ(name(stream.error()), name(Error::none));
            CHECK_FALSE(breach);
            CHECK_EQ(heard.text, "Hello, world" + std::string(3000, 't'));
            CHECK_EQ(link.pushed.size(), request_size(ask));
            CHECK_EQ(stream.stats().sent_bytes, link.pushed.size());
            CHECK_EQ(stream.stats().received_bytes, at);
        }
    }
}

TEST_CASE(
    "after a push that would block, the next push has the same pointer and the same bytes, whatever came in between") {
    struct Row {
        const char* name;
        std::vector<std::string> between;  // what pull gives, one after each blocked push
        Error error;
    };
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Request-Id: r\r\n\r\n";
    const Row rows[] = {
        {"nothing", {}, Error::none},
        {"an interim answer", {"HTTP/1.1 100 Continue\r\n\r\n"}, Error::none},
        {"a head in pieces", {head.substr(0, 9), head.substr(9, 30), head.substr(39)}, Error::none},
        {"a head and comments", {head, ": one\n\n", ": two\n\n"}, Error::none},
        {"a head and events", {head, conversation::text("a"), conversation::text("b")}, Error::none},
        {"an event larger than what is free meanwhile",
         {head, conversation::text(std::string(1500, 'x')), conversation::text("b")}, Error::none},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 1024u, 2048u, 16384u}) {
            for (const size_t taken : {1u, 50u, 5000u}) {
                INFO("buffer ", size, ", each push takes ", taken);
                std::vector<char> memory(size);
                const std::string long_prompt(4000, 'p');
                const oai::ChatRequest ask("m", oai::StringView(long_prompt));
                const size_t whole = request_size(ask);
                std::vector<std::string> parts = row.between;
                bool has_head = false;
                for (const std::string& part : parts) has_head = has_head || part.find("200") != std::string::npos;
                Watched link;
                parts.insert(parts.end(), 6000, std::string());  // as long as it takes to send
                link.answers(parts);
                bool blocks = false;
                const char* from_before = nullptr;
                std::string bytes_before;
                size_t changed = 0;
                link.on_push = [&](const char* from, size_t count) {
                    const std::string bytes(from, count);
                    if (from_before && (from != from_before || bytes != bytes_before)) ++changed;
                    blocks = !blocks;
                    from_before = blocks ? from : nullptr;
                    bytes_before = bytes;
                    return blocks ? IoResult::would_block() : IoResult::bytes(std::min(count, size_t{taken}));
                };
                Stream stream(oai::transport_of(link), oai::Buffer(memory.data(), memory.size()));
                REQUIRE(stream.open(server, ask) == Error::none);
                Heard heard;
                for (int polls = 0; polls < 20000 && link.pushed.size() < whole; ++polls)
                    if (conversation::hear(stream, heard) == Poll::failed) break;
                CHECK_EQ(name(stream.error()), name(row.error));
                CHECK_EQ(changed, 0);
                CHECK_EQ(link.pushed.size(), whole);
                // What came meanwhile is not lost.
                link.answers({(has_head ? "" : head) + conversation::text("end") + conversation::done});
                while (conversation::hear(stream, heard) == Poll::pending) {
                }
                CHECK_EQ(name(stream.error()), name(Error::none));
                CHECK(heard.text.find("end") != std::string::npos);
                CHECK_EQ(heard.torn, 0);
            }
        }
    }
}

TEST_CASE("while sending, at least 256 bytes stay free for receiving") {
    for (size_t size = oai::min_buffer_bytes; size <= 70000; size += size < 3000 ? 1 : size / 97) {
        INFO("a buffer of ", size, " bytes");
        std::vector<char> memory(size);
        const std::string long_prompt(100000, 'p');
        const oai::ChatRequest ask("m", oai::StringView(long_prompt));
        Watched link;
        size_t least_room = size, least_window = size;
        link.on_push = [&](const char*, size_t count) {
            least_window = std::min(least_window, count);
            return IoResult::would_block();
        };
        link.on_pull = [&](char*, size_t room) {
            least_room = std::min(least_room, room);
            return IoResult::would_block();
        };
        Stream stream(oai::transport_of(link), oai::Buffer(memory.data(), memory.size()));
        REQUIRE(stream.open(server, ask) == Error::none);
        Event event;
        CHECK(stream.poll(event) == Poll::pending);
        CHECK(stream.poll(event) == Poll::pending);
        CHECK(least_room >= 256);
        CHECK(least_window > 0);
        CHECK(least_window < size - 256);
    }
}

TEST_CASE("an early answer is read however little is free while the request is still going out") {
    struct Row {
        const char* name;
        std::string answer;
        int status;
        const char* message;
    };
    const std::string body = "{\"error\":{\"message\":\"too large\",\"type\":\"invalid_request_error\",\"code\":413}}";
    const std::string long_id =
        "X-Request-Id: " + std::string(400, 'i') + "\r\nContent-Type: " + std::string(200, 't') + "\r\n";
    const Row rows[] = {
        {"413", counted_answer(413, "application/json", body), 413, "too large"},
        {"413 with long headers that are kept", counted_answer(413, "application/json", body, long_id), 413,
         "too large"},
        {"413 with long headers nobody needs",
         counted_answer(413, "application/json", body, "X: " + std::string(5000, 'x') + "\r\n"), 413, "too large"},
        {"401 after 100 Continue", "HTTP/1.1 100 Continue\r\n\r\n" + counted_answer(401, "application/json", body),
         401, "too large"},
        {"413 until close", "HTTP/1.1 413 Payload Too Large\r\n\r\n" + body, 413, "too large"},
        {"413 with a long body",
         counted_answer(413, "application/json", "{\"detail\":\"" + std::string(3000, 'd') + "\"}"), 413, nullptr},
        {"307", "HTTP/1.1 307 Temporary Redirect\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", 307, ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {512u, 1024u, 8192u, 16384u}) {
            for (const size_t piece : {1u, 100u, 100000u}) {
                for (const size_t sent_before : {1u, 700u}) {
                    INFO("buffer ", size, ", pieces of ", piece, ", after ", sent_before, " bytes");
                    std::vector<char> memory(size);
                    const std::string long_prompt(1000000, 'p');
                    const oai::ChatRequest ask("m", oai::StringView(long_prompt));
                    ScriptedTransport link;
                    link.push_takes(sent_before);
                    link.push_end = IoResult::would_block();
                    link.answer(row.answer, piece);
                    link.pull_end = IoResult::closed();
                    Stream stream(link.transport(), oai::Buffer(memory.data(), memory.size()));
                    REQUIRE(stream.open(server, ask) == Error::none);
                    Event event;
                    CHECK_FALSE(stream.next(event));
                    CHECK_EQ(name(stream.error()), name(Error::http_status));
                    const oai::Failure failure = stream.failure();
                    CHECK_EQ(failure.http_status, row.status);
                    if (row.message) CHECK_EQ(std::string(failure.message), row.message);
                    else CHECK(std::string(failure.message).find("ddd") == 0);
                    CHECK(link.pushed().size() <= sent_before + size);
                    CHECK_EQ(link.hang_ups(), 1);
                    for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
                }
            }
        }
    }
}

TEST_CASE("pull is tried whenever push would block, and not before") {
    for (const size_t taken : {1u, 33u, 10000u}) {
        ROW("each push takes " + std::to_string(taken));
        const std::string long_prompt(2000, 'p');
        const oai::ChatRequest ask("m", oai::StringView(long_prompt));
        const size_t whole = request_size(ask);
        char memory[1024];
        Watched link;
        size_t calls = 0;
        link.on_push = [&](const char*, size_t count) {
            return ++calls % 3 == 0 ? IoResult::would_block() : IoResult::bytes(std::min(count, size_t{taken}));
        };
        link.on_pull = [&](char*, size_t) { return IoResult::would_block(); };
        Stream stream(oai::transport_of(link), memory);
        REQUIRE(stream.open(server, ask) == Error::none);
        Event event;
        for (int polls = 0; polls < 20000 && link.pushed.size() < whole; ++polls) {
            const size_t before = link.steps.size();
            CHECK(stream.poll(event) == Poll::pending);
            const size_t made = link.steps.size() - before;
            CHECK(made > 0);
            // All that can be done now was done: the last call was a pull that would block, or there is more to be
            // done.
            const bool blocked = link.steps.back().call == Call::pull;
            CHECK_EQ(has(stream.wants(), oai::Interest::work_left), !blocked);
            if (blocked && link.pushed.size() < whole)
                CHECK(stream.wants() == (oai::Interest::read | oai::Interest::write));
        }
        CHECK_EQ(link.pushed.size(), whole);
        size_t unasked = 0, skipped = 0, sent = 0;
        for (size_t index = 0; index < link.steps.size(); ++index) {
            const Step& step = link.steps[index];
            const bool last_blocked = index > 0 && link.steps[index - 1].call == Call::push &&
                                      link.steps[index - 1].said.is_would_block();
            if (step.call == Call::pull && sent < whole && !last_blocked) ++unasked;
            if (step.call == Call::push && last_blocked) ++skipped;
            if (step.call == Call::push && step.said.is_bytes()) sent += step.said.count();
        }
        CHECK_EQ(unasked, 0);
        CHECK_EQ(skipped, 0);
        // The request is out: only reading is left.
        CHECK(stream.poll(event) == Poll::pending);
        CHECK(stream.wants() == oai::Interest::read);
    }
}

TEST_CASE("closed or failed from push ends writing only") {
    struct Row {
        const char* name;
        IoResult io;
    };
    const Row rows[] = {{"closed", IoResult::closed()}, {"failed", IoResult::failed(-32)}};
    struct Then {
        const char* name;
        std::string answer;
        IoResult end;
        Error error;
        int32_t code;
    };
    const Then thens[] = {
        {"the whole answer comes", answer, IoResult::closed(), Error::none, 0},
        {"a refusal comes", counted_answer(413, "application/json", "{\"error\":\"no\"}"), IoResult::closed(),
         Error::http_status, 0},
        {"nothing comes", "", IoResult::closed(), Error::no_response, 0},
        {"half an answer comes", answer.substr(0, 150), IoResult::closed(), Error::truncated, 0},
        {"then reading fails too", "", IoResult::failed(-104), Error::connection_lost, -104},
        {"an answer, then reading fails", answer, IoResult::failed(-104), Error::none, 0},
        {"half an answer, then reading fails", answer.substr(0, 150), IoResult::failed(-104), Error::connection_lost,
         -104},
    };
    for (const Row& row : rows) {
        for (const Then& then : thens) {
            ROW(std::string(row.name) + ", " + then.name);
            for (const size_t taken : {0u, 1u, 300u, 1500u}) {
                const std::string long_prompt(2000, 'p');
                const oai::ChatRequest ask("m", oai::StringView(long_prompt));
                char memory[1024];
                ScriptedTransport link;
                const size_t takes = (taken + 99) / 100;
                for (size_t left = taken; left > 0; left -= std::min<size_t>(left, 100))
                    link.push_takes(std::min<size_t>(left, 100));
                link.push_says(row.io).pull_says(IoResult::would_block()).answer(then.answer, 33);
                link.pull_end = then.end;
                Stream stream(link.transport(), memory);
                REQUIRE(stream.open(server, ask) == Error::none);
                Event event;
                Heard heard;
                bool asked_to_write = false;
                for (Poll said = Poll::pending; said == Poll::pending || said == Poll::event;) {
                    said = stream.poll(event);
                    if (said == Poll::event) heard.add(event);
                    asked_to_write =
                        asked_to_write || (link.calls(Call::push) > takes && has(stream.wants(), oai::Interest::write));
                }
                CHECK_FALSE(asked_to_write);
                CHECK_EQ(link.calls(Call::push), takes + 1);
                CHECK(link.pushed().size() <= taken);
                CHECK_EQ(name(stream.error()), name(then.error));
                CHECK_EQ(stream.failure().transport_code, then.code);
                if (then.error == Error::none) CHECK_EQ(heard.story, short_story);
                // Half a request on it: never again.
                CHECK(stream.open(server, ask) == Error::none);
                CHECK_EQ(link.connections(), 2);
                stream.close();
                CHECK_EQ(link.hang_ups(), 2);
                for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
            }
        }
    }
}

TEST_CASE("an answer that is complete before the request is out: done, and the connection is not used again") {
    const std::string long_prompt(5000, 'p');
    const oai::ChatRequest ask("m", oai::StringView(long_prompt));
    char memory[1024];
    ScriptedTransport link;
    link.push_takes(100).push_says(IoResult::would_block());
    link.answer(answer);
    link.push_end = IoResult::would_block();
    Stream stream(link.transport(), memory);
    REQUIRE(stream.open(server, ask) == Error::none);
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK_EQ(name(stream.error()), name(Error::none));
    CHECK(stream.open(server, ask) == Error::none);
    CHECK_EQ(link.connections(), 2);
    stream.close();
    CHECK_EQ(link.hang_ups(), 2);
}

TEST_CASE("a poll makes a bounded number of calls, and says when there is work left") {
    ScriptedTransport link;
    link.answer(answer, 1);
    char memory[1024];
    Stream stream(link.transport(), memory);
    const oai::ChatRequest ask("m", "hi");
    REQUIRE(stream.open(server, ask) == Error::none);
    Heard heard;
    Event event;
    size_t most = 0, pending_without_reason = 0;
    for (Poll said = Poll::pending; said == Poll::pending || said == Poll::event;) {
        const size_t before = link.all_calls();
        said = stream.poll(event);
        most = std::max(most, link.all_calls() - before);
        if (said == Poll::event) heard.add(event);
        if (said == Poll::pending && stream.wants() != oai::Interest::work_left) ++pending_without_reason;
    }
    CHECK_EQ(heard.story, short_story);
    CHECK(most <= 16);
    CHECK_EQ(pending_without_reason, 0);
    CHECK_EQ(link.calls(Call::wait), 0);
    CHECK(stream.wants() == oai::Interest::none);
}

TEST_CASE("next waits for what is wanted, and only when nothing is left to do") {
    ScriptedTransport link;
    link.dial_says(IoResult::would_block()).dial_says(IoResult::would_block());
    link.push_says(IoResult::would_block()).push_takes(40).push_says(IoResult::would_block());
    link.pull_says(IoResult::would_block()).pull_says(IoResult::would_block());
    link.answer(answer.substr(0, 100)).pull_says(IoResult::would_block()).answer(answer.substr(100));
    char memory[1024];
    Stream stream(link.transport(), memory);
    const oai::ChatRequest ask("m", "hi");
    REQUIRE(stream.open(server, ask) == Error::none);
    CHECK(stream.wants() == oai::Interest::write);
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    const std::vector<oai::Interest> expected = {
        oai::Interest::write, oai::Interest::read | oai::Interest::write, oai::Interest::read | oai::Interest::write,
        oai::Interest::read};
    CHECK(link.interests() == expected);
}

TEST_CASE("a transport of pull and push alone is polled; next() would ask again and again, and is refused") {
    struct Uart {
        size_t at = 0, pulls = 0;
        std::string sent;
        IoResult pull(char* into, size_t room) {
            if (++pulls % 3 != 0) return IoResult::would_block();
            if (at == answer.size()) return IoResult::closed();
            const size_t count = std::min({room, size_t{5}, answer.size() - at});
            memcpy(into, answer.data() + at, count);
            at += count;
            return IoResult::bytes(count);
        }
        IoResult push(const char* from, size_t count) {
            sent.append(from, std::min<size_t>(count, 3));
            return IoResult::bytes(std::min<size_t>(count, 3));
        }
    } uart;
    char memory[512];
    Stream stream(oai::transport_of(uart), memory);
    const oai::ChatRequest ask("m", "hi");
    REQUIRE(stream.open(server, ask) == Error::none);
    Heard heard;
    Event event;
    Poll said;
    while ((said = stream.poll(event)) == Poll::event || said == Poll::pending)
        if (said == Poll::event) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK(stream.verdict() == Verdict::done_marker);
    REQUIRE(stream.open(server, ask) == Error::none);
    CHECK_FALSE(stream.next(event));
    CHECK(stream.error() == Error::no_wait);
    CHECK_EQ(uart.sent.find("POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\n"), 0);
}
