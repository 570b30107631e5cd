// Answers of the Responses API that are taken up where their link broke. No test waits.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::name;
using conversation::shown;
using oai::Error;
using oai::Event;
using oai::EventKind;
using oai::IoResult;
using oai::ResumePolicy;
using oai::Stream;

const oai::Endpoint server("http://h/v1");

std::string event(int number, const std::string& type, const std::string& inside) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\",\"sequence_number\":" + std::to_string(number) +
           (inside.empty() ? "" : ",") + inside + "}\n\n";
}
const std::string at_0 = "\"output_index\":0,\"item_id\":\"msg_1\",\"content_index\":0";
const std::string at_1 = "\"output_index\":1,\"item_id\":\"fc_1\"";
const std::string message = "{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"completed\",\"role\":\"assistant\","
                            "\"content\":[{\"type\":\"output_text\",\"text\":\"Hello, world\"}]}";
const std::string call = "{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"f\","
                         "\"arguments\":\"{}\",\"status\":\"completed\"}";

// The events of one answer, numbered by their place.
const std::vector<std::string> answer = {
    event(0, "response.created", "\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"status\":\"in_progress\"}"),
    event(1, "response.in_progress", "\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"status\":\"in_progress\"}"),
    event(2, "response.output_item.added",
          "\"output_index\":0,\"item\":{\"id\":\"msg_1\",\"type\":\"message\",\"status\":\"in_progress\"}"),
    event(3, "response.content_part.added", at_0 + ",\"part\":{\"type\":\"output_text\",\"text\":\"\"}"),
    event(4, "response.output_text.delta", at_0 + ",\"delta\":\"Hello\""),
    event(5, "response.output_text.delta", at_0 + ",\"delta\":\", \""),
    event(6, "response.output_text.delta", at_0 + ",\"delta\":\"world\""),
    event(7, "response.output_text.done", at_0 + ",\"text\":\"Hello, world\""),
    event(8, "response.content_part.done", at_0 + ",\"part\":{\"type\":\"output_text\",\"text\":\"Hello, world\"}"),
    event(9, "response.output_item.done", "\"output_index\":0,\"item\":" + message),
    event(10, "response.output_item.added",
          "\"output_index\":1,\"item\":{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"call_1\","
          "\"name\":\"f\",\"arguments\":\"\",\"status\":\"in_progress\"}"),
    event(11, "response.function_call_arguments.delta", at_1 + ",\"delta\":\"{}\""),
    event(12, "response.function_call_arguments.done", at_1 + ",\"arguments\":\"{}\""),
    event(13, "response.output_item.done", "\"output_index\":1,\"item\":" + call),
    event(14, "response.completed",
          "\"response\":{\"id\":\"resp_1\",\"model\":\"m\",\"status\":\"completed\",\"output\":[" + message + "," + call +
              "],\"usage\":{\"input_tokens\":1,\"output_tokens\":2,\"total_tokens\":3}}"),
};

// Keeps the events of its one answer, and sends those after starting_after. Each connection ends as it is told.
class Background {
public:
    enum class End { closed, reset, silence, refused, not_found, busy };
    struct Cut {
        size_t at;  // bytes of the body of that connection
        End end;
    };
    std::vector<Cut> cuts;  // of the connections, in their order; those after are not cut
    bool ignores_number = false;  // sends everything each time
    bool stays_open = false;      // after a whole answer the connection is kept
    std::vector<std::string> requests;
    std::vector<uint32_t> dialled_at_ms;
    size_t hang_ups = 0;

    IoResult dial(oai::StringView, uint16_t) {
        dialled_at_ms.push_back(now_);
        requests.emplace_back();
        to_send_.clear();
        return end() == End::refused ? IoResult::failed(111) : IoResult::ready();
    }
    IoResult push(const char* from, size_t count) {
        requests.back().append(from, count);
        return IoResult::bytes(count);
    }
    IoResult pull(char* into, size_t room) {
        if (to_send_.empty()) {
            to_send_ = end() == End::not_found
                           ? conversation::counted_answer(404, "application/json", "{\"error\":{\"message\":\"no\"}}")
                       : end() == End::busy
                           ? conversation::counted_answer(503, "text/plain", "busy", "Retry-After: 3\r\n")
                           : "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                 conversation::chunked(body(), conversation::one_chunk, !is_cut());
            sent_ = 0;
        }
        const size_t count = std::min(room, to_send_.size() - sent_);
        memcpy(into, to_send_.data() + sent_, count);
        sent_ += count;
        if (count != 0) return IoResult::bytes(count);
        if (stays_open && !is_cut()) return IoResult::would_block();
        return end() == End::reset     ? IoResult::failed(104)
               : end() == End::silence ? IoResult::would_block()
                                       : IoResult::closed();
    }
    IoResult wait(oai::Interest, uint32_t ms) {
        now_ += ms;
        return IoResult::would_block();
    }
    Stream* closes = nullptr;  // from inside hang_up
    void hang_up() {
        ++hang_ups;
        if (closes) closes->close();
    }
    uint32_t now_ms() { return now_; }

private:
    bool is_cut() const { return requests.size() <= cuts.size(); }
    End end() const { return is_cut() ? cuts[requests.size() - 1].end : End::closed; }
    std::string body() const {
        size_t from = 0;
        const size_t at = requests.back().find("starting_after=");
        if (at != std::string::npos && !ignores_number)
            from = std::stoul(requests.back().substr(at + strlen("starting_after="))) + 1;
        std::string all;
        for (size_t index = from; index < answer.size(); ++index) all += answer[index];
        return is_cut() ? all.substr(0, cuts[requests.size() - 1].at) : all;
    }

    uint32_t now_ = 0;
    std::string to_send_;
    size_t sent_ = 0;
};

std::string told(const Event& event) {
    return std::to_string(static_cast<int>(event.kind)) + "(" + shown(event.text) + "," + shown(event.id) + "," +
           shown(event.name) + "," + shown(event.item_id) + "," + std::to_string(event.output_index) + "," +
           std::to_string(event.sequence_number) + ") ";
}

struct Talk {
    std::string story;
    Error error;
    oai::Verdict verdict;
    oai::RetryStats resumes, retries;
    int http_status;
    std::string response_id;
    int64_t last;
};
Talk talk(Background& link, uint32_t max_retries = 2, size_t buffer_bytes = 4096,
          bool is_resume_last = true) {
    oai::ResponseOptions options;
    options.background = oai::Tristate::yes;
    oai::ResponseRequest ask("m", "hi");
    ask.options = &options;
    oai::Timeouts timeouts;
    timeouts.idle_ms = 1000;
    ResumePolicy resume;
    resume.random = [](void*) -> uint32_t { return 0; };
    oai::RetryPolicy retries;
    retries.random = resume.random;
    retries.max_retries = resume.max_retries = max_retries;
    std::string memory(buffer_bytes, '\0');
    Stream stream(oai::transport_of(link), oai::Buffer(&memory[0], memory.size()), timeouts);
    stream.use(is_resume_last ? static_cast<oai::Interceptor&>(retries) : resume);
    stream.use(is_resume_last ? static_cast<oai::Interceptor&>(resume) : retries);
    Talk made;
    CHECK(stream.open(server, ask) == Error::none);
    Event event;
    while (stream.next(event)) made.story += told(event);
    made.error = stream.error();
    made.verdict = stream.verdict();
    made.resumes = resume.stats();
    made.retries = retries.stats();
    made.http_status = stream.failure().http_status;
    made.response_id = std::string(resume.response_id());
    made.last = resume.last_sequence_number();
    stream.close();
    CHECK_EQ(link.hang_ups, link.requests.size());
    return made;
}

std::string whole_story() {
    Background link;
    return talk(link).story;
}

using End = Background::End;

}  // namespace

TEST_CASE("cut at any byte, in any way, each event is delivered once and in order") {
    const std::string story = whole_story();
    REQUIRE_NE(story.find("world"), std::string::npos);
    std::string body;
    for (const std::string& one : answer) body += one;
    for (const End end : {End::closed, End::reset, End::silence}) {
        ROW(end == End::closed ? "closed" : end == End::reset ? "reset" : "silence");
        for (size_t at = answer[0].size(); at < body.size(); ++at) {
            Background link;
            link.cuts = {{at, end}};
            const Talk made = talk(link);
            REQUIRE_EQ(made.story, story);
            REQUIRE_EQ(name(made.error), name(Error::none));
            REQUIRE(made.verdict == oai::Verdict::terminal_event);
            REQUIRE_EQ(made.resumes.retries, 1);
            REQUIRE_EQ(link.requests.size(), 2);
            REQUIRE_EQ(link.requests[1].substr(0, 35), "GET /v1/responses/resp_1?stream=tru");
            const uint32_t idle_ms = end == End::silence ? 1000 : 0;
            REQUIRE_EQ(link.dialled_at_ms[1], 500 + idle_ms);
        }
    }
}

TEST_CASE("a link that breaks again and again is taken up as long as something new comes") {
    const std::string story = whole_story();
    Background link;
    for (const std::string& one : answer) link.cuts.push_back({one.size() + 9, End::reset});
    link.cuts.pop_back();
    const Talk made = talk(link, 1);
    CHECK_EQ(made.story, story);
    CHECK_EQ(name(made.error), name(Error::none));
    CHECK_EQ(made.resumes.retries, answer.size() - 1);
    CHECK_EQ(made.last, 14);
}

TEST_CASE("a server that sends everything again is not believed") {
    const std::string story = whole_story();
    for (size_t events = 1; events < answer.size(); ++events) {
        ROW("cut after event " + std::to_string(events));
        size_t at = 0;
        for (size_t index = 0; index != events; ++index) at += answer[index].size();
        Background link;
        link.ignores_number = true;
        link.cuts = {{at, End::reset}};
        CHECK_EQ(talk(link).story, story);
    }
}

TEST_CASE("what comes after an event that was delivered before is not waited for") {
    const std::string story = whole_story();
    for (const bool ignores_number : {false, true}) {
        size_t at = 0;
        for (size_t events = 1; events < answer.size(); ++events) {
            ROW("cut after event " + std::to_string(events));
            at += answer[events - 1].size();
            Background link;
            link.ignores_number = ignores_number;
            link.stays_open = true;
            link.cuts = {{at, End::closed}};
            const Talk made = talk(link);
            CHECK_EQ(made.story, story);
            CHECK_EQ(made.resumes.retries, 1);
            CHECK_EQ(link.now_ms(), 500);  // before the second attempt
        }
    }
}

TEST_CASE("when it cannot be taken up, the conversation ends as what it is") {
    struct Row {
        const char* name;
        std::vector<Background::Cut> cuts;
        uint32_t max_retries;
        Error error;
        uint32_t resumes;
        uint32_t retries;
    };
    const size_t text = answer[0].size() + answer[1].size() + answer[2].size() + answer[3].size() + answer[4].size();
    const Row rows[] = {
        {"no attempts are wanted", {{text, End::reset}}, 0, Error::connection_lost, 0, 0},
        {"the attempts do not connect", {{text, End::reset}, {0, End::refused}, {0, End::refused}, {0, End::refused}}, 2,
         Error::connect_failed, 2, 0},
        {"the second attempt does", {{text, End::reset}, {0, End::refused}}, 2, Error::none, 2, 0},
        {"the attempts bring nothing new", {{text, End::closed}, {5, End::closed}, {5, End::closed}}, 2, Error::truncated, 2,
         0},
        {"the server is busy for a while", {{text, End::reset}, {0, End::busy}}, 2, Error::none, 2, 0},
        {"the server keeps no events", {{text, End::reset}, {0, End::not_found}}, 2, Error::http_status, 1, 0},
        {"the answer has not begun: it is asked for again by the RetryPolicy", {{0, End::refused}}, 2, Error::none, 0, 1},
        {"a head is an answer", {{3, End::reset}}, 2, Error::connection_lost, 0, 0},
    };
    for (const Row& row : rows) {
        for (const bool is_resume_last : {true, false}) {
            ROW(std::string(row.name) + (is_resume_last ? "" : ", RetryPolicy asked first"));
            Background link;
            link.cuts = row.cuts;
            const Talk made = talk(link, row.max_retries, 4096, is_resume_last);
            CHECK_EQ(name(made.error), name(row.error));
            CHECK_EQ(made.resumes.retries, row.resumes);
            CHECK_EQ(made.retries.retries, row.retries);
            if (row.error == Error::none) CHECK_EQ(made.story, whole_story());
            if (made.last >= 0) CHECK_EQ(made.response_id, "resp_1");
            if (row.error == Error::http_status) CHECK_EQ(made.http_status, 404);
        }
    }
}

TEST_CASE("what was delivered in part is not taken up") {
    Background link;
    const size_t before = answer[0].size() + answer[1].size() + answer[2].size() + answer[3].size();
    link.cuts = {{before + 2000, End::reset}};
    const std::string kept = answer[4];
    const_cast<std::string&>(answer[4]) =
        event(4, "response.output_text.delta", at_0 + ",\"delta\":\"" + std::string(3000, 'a') + "\"");
    const Talk made = talk(link, 2, 1024);
    const_cast<std::string&>(answer[4]) = kept;
    CHECK_EQ(name(made.error), name(Error::connection_lost));
    CHECK_EQ(made.resumes.retries, 0);
    CHECK_NE(made.story.find("aaaa"), std::string::npos);
}

TEST_CASE("what has no number, or no id that can be asked for, is not taken up") {
    struct Row {
        const char* name;
        std::string id;
        bool has_numbers, has_dial, is_taken_up;
    };
    const Row rows[] = {
        {"the longest id", std::string(96, 'i'), true, true, true},
        {"an id that is longer", std::string(97, 'i'), true, true, false},
        {"no id", "", true, true, false},
        {"no numbers", "resp_1", false, true, false},
        {"no way to connect again", "resp_1", true, false, false},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const auto numbered = [&](int number, const std::string& type, const std::string& inside) {
            return row.has_numbers ? event(number, type, inside)
                                   : "data: {\"type\":\"" + type + "\"," + inside + "}\n\n";
        };
        const std::string bytes =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: a comment is no event\n\n" +
            numbered(0, "response.created",
                     "\"response\":{" + (row.id.empty() ? "" : "\"id\":\"" + row.id + "\",") +
                         "\"model\":\"m\"}") +
            ": another\n\n" + numbered(1, "response.output_text.delta", at_0 + ",\"delta\":\"a\"") +
            ": the last\n\n";
        support::ScriptedTransport link;
        link.wait_end = IoResult::would_block();
        link.pull_end = IoResult::closed();
        for (const size_t dial : {size_t{0}, size_t{1}})
            link.on(support::ScriptedTransport::Call::dial, dial, [&] { link.answer(bytes); });
        if (!row.has_dial) link.answer(bytes);
        const oai::Transport transport = row.has_dial ? link.transport() : link.transport_without_dial();
        ResumePolicy resume;
        resume.max_retries = 1;
        char memory[4096];
        Stream stream(transport, memory, resume);
        const oai::ResponseRequest ask("m", "hi");
        REQUIRE(stream.open(server, ask) == Error::none);
        Event one;
        std::string text;
        size_t keepalives = 0;
        while (stream.next(one)) {
            if (one.kind == EventKind::text) text += std::string(one.text);
            keepalives += one.kind == EventKind::keepalive;
        }
        CHECK_EQ(name(stream.error()), name(Error::truncated));  // also the rest of it
        CHECK_EQ(text, "a");
        CHECK_EQ(keepalives, row.is_taken_up ? 6 : 3);
        CHECK_EQ(resume.stats().retries, row.is_taken_up ? 1 : 0);
        CHECK_EQ(link.pushed().find("GET /v1/responses/" + row.id + "?") != std::string::npos, row.is_taken_up);
    }
}

TEST_CASE("the total time ends it, without another attempt, and the next conversation begins anew") {
    Background link;
    link.cuts = {{answer[0].size() + answer[1].size(), End::silence}, {7, End::reset}};
    oai::Timeouts timeouts;
    timeouts.total_ms = 3000;
    ResumePolicy resume;
    char memory[4096];
    Stream stream(oai::transport_of(link), memory, timeouts);
    stream.use(resume);
    const oai::ResponseRequest ask("m", "hi");
    CHECK(stream.open(server, ask) == Error::none);
    Event event;
    while (stream.next(event)) {}
    CHECK_EQ(name(stream.error()), name(Error::total_timeout));
    CHECK_EQ(resume.stats().retries, 0);
    CHECK_EQ(resume.stats().declined_ms, 0);
    CHECK_EQ(resume.last_sequence_number(), 1);
    CHECK(stream.open(server, ask) == Error::none);
    while (stream.next(event)) {}
    CHECK_EQ(name(stream.error()), name(Error::connection_lost));
    CHECK_EQ(resume.last_sequence_number(), -1);
    CHECK_EQ(std::string(resume.response_id()), "");
}

TEST_CASE("another program takes it up by its id and number") {
    Background link;
    const oai::RetrieveRequest rest("resp_1", 5);
    char memory[4096];
    Stream stream(oai::transport_of(link), memory);
    CHECK(stream.open(server, rest) == Error::none);
    std::string text;
    Event event;
    while (stream.next(event))
        if (event.kind == EventKind::text) text += std::string(event.text);
    CHECK_EQ(text, "world");
    CHECK(stream.error() == Error::none);
}

TEST_CASE("close from inside hang_up ends a conversation that was about to be taken up") {
    for (const bool is_closed : {false, true}) {
        ROW(is_closed ? "closed" : "undisturbed");
        Background link;
        link.cuts = {{answer[0].size() + answer[1].size(), Background::End::reset}};
        oai::ResponseOptions options;
        options.background = oai::Tristate::yes;
        oai::ResponseRequest ask("m", "hi");
        ask.options = &options;
        ResumePolicy resume;
        char memory[4096];
        oai::Timeouts timeouts;
        Stream stream(oai::transport_of(link), memory, timeouts);
        stream.use(resume);
        CHECK(stream.open(server, ask) == Error::none);
        if (is_closed) link.closes = &stream;
        Event event;
        while (stream.next(event)) {}
        CHECK_EQ(name(stream.error()), name(is_closed ? Error::closed : Error::none));
        CHECK_EQ(link.dialled_at_ms.size(), is_closed ? 1 : 2);
        CHECK_EQ(resume.stats().retries, is_closed ? 0 : 1);
        CHECK_EQ(resume.stats().waited_ms == 0, is_closed);
    }
}

TEST_CASE("an answer that was not taken up stays so, whatever the settings say at the next poll") {
    Background link;
    link.cuts = {{answer[0].size() + answer[1].size(), Background::End::reset}};
    oai::ResponseRequest ask("m", "hi");
    ResumePolicy resume;
    resume.max_retries = 0;
    char memory[4096];
    oai::Timeouts timeouts;
    Stream stream(oai::transport_of(link), memory, timeouts);
    stream.use(resume);
    CHECK(stream.open(server, ask) == Error::none);
    Event event;
    while (stream.next(event)) {}
    CHECK_EQ(name(stream.error()), name(Error::connection_lost));
    resume.max_retries = 2;
    CHECK(stream.poll(event) == oai::Poll::failed);
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::connection_lost));
    CHECK_EQ(link.dialled_at_ms.size(), 1);
}
