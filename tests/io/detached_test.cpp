// A request that fits into the buffer is written when it is opened: it, its texts and its Endpoint may be gone after
// that, also for a connection that is made later, made again, or tried again.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <memory>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using oai::Error;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using support::ScriptedTransport;

// Everything that a request is made of, in memory that is given back (and overwritten before).
struct Asked {
    std::string url = "http://some.host:8080/v1", key = "secret", model = "m", question;
    std::unique_ptr<oai::Endpoint> server;
    std::unique_ptr<oai::ChatRequest> request;

    explicit Asked(size_t question_bytes = 20) : question(question_bytes, 'q') {
        server = std::make_unique<oai::Endpoint>(url, key);
        request = std::make_unique<oai::ChatRequest>(model, question);
    }
    void spoil() {
        for (std::string* text : {&url, &key, &model, &question}) std::fill(text->begin(), text->end(), 'X');
        request.reset();
        server.reset();
    }
};

std::string story_of(Stream& stream, ScriptedTransport& link) {
    conversation::Heard heard;
    oai::Event event;
    for (int polls = 0; polls != 10000; ++polls) {
        const Poll said = stream.poll(event);
        if (said == Poll::event) heard.add(event);
        else if (said != Poll::pending) break;
        link.now += 100;
    }
    return heard.story;
}
// The next attempt finds an answer, and nothing that is left of the one before.
void answer_after_hang_up(ScriptedTransport& link) {
    link.on(ScriptedTransport::Call::hang_up, 0, [&link] {
        link.forget_answers();
        link.answer(chunked_answer(short_answer));
    });
}

struct Row {
    const char* name;
    size_t buffer, question;
    bool retries;
    bool is_detached;
};
const Row rows[] = {
    {"a small request in 2 KiB", 2048, 20, false, true},
    {"the same with retries", 2048, 20, true, true},
    {"one that takes more than half, without retries", 2048, 1000, false, true},
    {"and with retries, for which it must live", 2048, 1000, true, false},
    {"one that is larger than the buffer", 2048, 4000, false, false},
    {"the smallest buffer has no room for any", 512, 1, false, false},
    {"a long one in 16 KiB", 16384, 6000, true, true},
};

}  // namespace

TEST_CASE("which request is detached, and what it is sent as when all it was made of is gone") {
    for (const Row& row : rows) {
        ROW(row.name);
        std::string sent[2];
        for (const bool spoils : {false, true}) {
            ScriptedTransport link;
            link.dial_says(IoResult::would_block()).answer(chunked_answer(short_answer));
            oai::RetryPolicy retries;
            std::vector<char> memory(row.buffer);
            Stream stream(link.transport(), memory);
            if (row.retries) stream.use(retries);
            Asked asked(row.question);
            REQUIRE_EQ(name(stream.open(*asked.server, *asked.request)), name(Error::none));
            CHECK_EQ(stream.is_detached(), row.is_detached);
            if (spoils && stream.is_detached()) asked.spoil();
            CHECK_EQ(story_of(stream, link), short_story);
            CHECK_EQ(link.host(), "some.host");
            CHECK_EQ(link.port(), 8080);
            sent[spoils ? 1 : 0] = link.pushed();
        }
        CHECK_EQ(sent[0], sent[1]);
        CHECK(sent[0].find(std::string(row.question, 'q')) != std::string::npos);
    }
}

TEST_CASE("a kept connection that was dead is replaced with the same bytes") {
    struct Kept {
        const char* name;
        size_t buffer, question;
    };
    const Kept requests[] = {
        {"a small request", 2048, 20},
        {"a small one in a buffer that has room for templates", 16384, 20},
        {"one that ends before where templates would lie", 16384, 8000},
        {"one that ends where templates would lie", 16384, 12000},
    };
    for (const Kept& row : requests) {
        ROW(row.name);
        ScriptedTransport link;
        link.answer(chunked_answer(short_answer));
        std::vector<char> memory(row.buffer);
        Stream stream(link.transport(), memory);
        Asked first(row.question);
        REQUIRE_EQ(name(stream.open(*first.server, *first.request)), name(Error::none));
        CHECK_EQ(story_of(stream, link), short_story);
        const std::string sent_first = link.pushed();
        Asked second(row.question);
        link.pull_says(IoResult::would_block()).pull_says(IoResult::closed()).answer(chunked_answer(short_answer));
        REQUIRE_EQ(name(stream.open(*second.server, *second.request)), name(Error::none));
        REQUIRE(stream.is_detached());
        second.spoil();
        CHECK_EQ(story_of(stream, link), short_story);
        CHECK(stream.stats().has_reconnected);
        CHECK(link.pushed() == sent_first + sent_first + sent_first);
    }
}

TEST_CASE("an attempt that is made again has the same bytes, whatever the refusal before") {
    for (const size_t body : {size_t(0), size_t(100), size_t(5000)}) {
        ROW("a refusal of " + std::to_string(body) + " bytes");
        ScriptedTransport link;
        const std::string words = body == 0 ? "" : "{\"error\":{\"message\":\"" + std::string(body, 'w') + "\"}}";
        link.answer("HTTP/1.1 503 Busy\r\nContent-Length: " + std::to_string(words.size()) + "\r\n\r\n" + words);
        answer_after_hang_up(link);
        oai::RetryPolicy retries;
        char memory[2048];
        Stream stream(link.transport(), memory);
        stream.use(retries);
        Asked asked;
        REQUIRE_EQ(name(stream.open(*asked.server, *asked.request)), name(Error::none));
        REQUIRE(stream.is_detached());
        asked.spoil();
        const std::string told = story_of(stream, link);
        CHECK_EQ(name(stream.error()), name(Error::none));
        CHECK_EQ(told, short_story);
        CHECK_EQ(retries.stats().retries, 1u);
        CHECK(retries.stats().declined == nullptr);
        const std::string half = link.pushed().substr(0, link.pushed().size() / 2);
        CHECK_EQ(link.pushed(), half + half);
    }
}

TEST_CASE("a request that had to make room for the answer is not sent again, and that is said") {
    for (const size_t words : {size_t(20), size_t(5000)}) {
        ROW("an error in the first event, of " + std::to_string(words) + " bytes");
        ScriptedTransport link;
        link.answer(chunked_answer(conversation::sse("{\"error\":{\"code\":503,\"message\":\"" +
                                                     std::string(words, 'w') + "\"}}")));
        answer_after_hang_up(link);
        oai::RetryPolicy retries;
        char memory[2048];
        Stream stream(link.transport(), memory);
        stream.use(retries);
        Asked asked;
        REQUIRE_EQ(name(stream.open(*asked.server, *asked.request)), name(Error::none));
        asked.spoil();
        const bool is_short = words == 20;
        CHECK_EQ(story_of(stream, link), is_short ? short_story : "");
        CHECK_EQ(name(stream.error()), name(is_short ? Error::none : Error::server_error));
        CHECK_EQ(link.connections(), is_short ? 2 : 1);
        CHECK_EQ(oai::StringView(retries.stats().declined),
                 oai::StringView(is_short ? nullptr : "the request had to make room for the answer"));
    }
}
