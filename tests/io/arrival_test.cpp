// How the bytes of an answer arrive changes nothing of what is said: whole, byte by byte, cut anywhere, in a buffer that
// has room for all of it and in one that has not.
#include "io/conversation.hpp"
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::done;
using conversation::Heard;
using conversation::shown;
using conversation::text;
using oai::Error;
using oai::Poll;
using oai::Verdict;

constexpr size_t sizes[] = {512, 2048, 16384};

struct Row {
    const char* name;
    const oai::Api* api;
    int status;
    bool is_raw;
    std::string body;
    Error error;
    Verdict verdict;
    const char* said;     // of the events; null: not looked at
    const char* message;  // "-": none; null: not looked at
    const char* type;
};

struct Outcome {
    Heard heard;
    Poll said = Poll::pending;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    std::string type, message;
};

template <class Event> Outcome outcome_of(const Row& row, oai::Buffer memory, const corpus::Pieces& pieces) {
    Outcome outcome;
    oai::Exchange exchange(memory);
    exchange.begin_body(*row.api, row.status, "text/event-stream");
    outcome.said = conversation::hear<Event>(exchange, outcome.heard);
    for (const std::string_view piece : pieces)
        if (outcome.said == Poll::pending) outcome.said = conversation::feed<Event>(exchange, piece, outcome.heard);
    if (outcome.said == Poll::pending) {
        exchange.ended();
        outcome.said = conversation::hear<Event>(exchange, outcome.heard);
    }
    outcome.error = exchange.error();
    outcome.verdict = exchange.verdict();
    const oai::Failure failure = exchange.failure();
    outcome.type = shown(failure.type);
    outcome.message = shown(failure.message);
    return outcome;
}

}  // namespace

TEST_CASE("how an answer arrives changes nothing of what is said") {
    const auto &chat = oai::Api::chat, &responses = oai::Api::responses;
    const std::string a700(700, 'a'), blanks(700, ' ');
    const Row rows[] = {
        {"raw mode: a text without a colon is no event stream", &chat, 200, true,
         "r" + std::string(500, 'y') + ":\rt\r\r", Error::not_event_stream, Verdict::failed, "", nullptr, nullptr},
        {"raw mode: an unknown field before an event that needs the room", &chat, 200, true,
         "ready\n\ndata: " + std::string(240, 'y'), Error::none, Verdict::finish_then_eof, "", nullptr, nullptr},
        {"an event that is no refusal leaves no words of one", &chat, 400, false,
         "data: {\"type\":\"0\"}\n\nevent: " + std::string(300, 'e'), Error::http_status, Verdict::failed, "", nullptr,
         "-"},
        {"the same of the Responses API", &responses, 400, false,
         "data: {\"type\":\"0\"}\n\nevent: " + std::string(300, 'e'), Error::http_status, Verdict::failed, "", nullptr,
         "-"},
        {"an event that is no error leaves no words of one", &chat, 200, false,
         "data: {\"type\":\"x\"}\n\nevent: " + std::string(300, 'e'), Error::not_event_stream, Verdict::failed, "",
         nullptr, "-"},
        {"a comment in data that does not fit", &chat, 200, false, "data: :" + a700 + "\n\n" + text("a") + done,
         Error::none, Verdict::done_marker, "started(c1,m1) text(a)", "-", "-"},
        {"a comment in data that does not fit, of a refusal", &chat, 400, false,
         "data: :" + a700 + "\n\ndata: {\"error\":{\"message\":\"m\",\"type\":\"t\"}}\n\n", Error::http_status,
         Verdict::failed, "", "m", "t"},
        {"a comment in data that does not fit, of the Responses API", &responses, 200, false,
         "data: :" + a700 + "\n\ndata: {\"type\":\"response.completed\"}\n\n", Error::none, Verdict::terminal_event,
         nullptr, "-", "-"},
        {"blanks that do not fit before the end marker", &chat, 200, false,
         text("a") + "data: " + blanks + "[DONE]\n\n", Error::none, Verdict::done_marker, "started(c1,m1) text(a)", "-",
         "-"},
        {"blanks that do not fit after the end marker", &chat, 200, false,
         text("a") + "data: [DONE]" + blanks + "\n\n", Error::none, Verdict::done_marker, "started(c1,m1) text(a)", "-",
         "-"},
        {"a blank before a body of JSON, and blank lines after it", &responses, 200, false,
         " {\"type\":\"response.completed\"}\n\n", Error::none, Verdict::finish_then_eof, nullptr, "-", "-"},
        {"blanks and a byte order mark before a body of JSON", &responses, 200, false,
         "\xEF\xBB\xBF \t {\"type\":\"response.completed\"}\n\n", Error::none, Verdict::finish_then_eof, nullptr, "-",
         "-"},
        {"blank lines before a body of JSON", &responses, 200, false,
         "\n\r\n \n{\"type\":\"response.completed\"}\n\n", Error::none, Verdict::finish_then_eof, nullptr, "-", "-"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : sizes) {
            support::GuardedBuffer memory(size);
            corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
                INFO("buffer ", size, ", ", corpus::describe(pieces));
                const oai::Buffer buffer(memory.data(), memory.size());
                const Outcome outcome = row.is_raw ? outcome_of<oai::SseEvent>(row, buffer, pieces)
                                                   : outcome_of<oai::Event>(row, buffer, pieces);
                CHECK_EQ(conversation::name(outcome.error), conversation::name(row.error));
                CHECK_EQ(static_cast<int>(outcome.verdict), static_cast<int>(row.verdict));
                if (row.said) CHECK_EQ(outcome.heard.story, row.said);
                if (row.message) CHECK_EQ(outcome.message, row.message);
                if (row.type) CHECK_EQ(outcome.type, row.type);
            });
        }
    }
}

TEST_CASE("the words of a refusal are text, wherever its body ends") {
    struct Words {
        const char* name;
        std::string message;
        const char* begins;
    };
    const std::string tails(700, '\x83');
    const Words rows[] = {
        {"bytes that are not UTF-8", "\xFF" + tails, ""},
        {"escapes", "quota\\u0041" + std::string(700, 'x'), "quotaA"},
        {"half of a character", "a\xC3" + tails, "a"},
    };
    const char* const apis[] = {"chat", "Responses"};
    for (const Words& row : rows) {
        for (const oai::Api* const api : {&oai::Api::chat, &oai::Api::responses}) {
            ROW(std::string(row.name) + ", " + apis[api == &oai::Api::responses]);
            for (const size_t size : sizes) {
                support::GuardedBuffer memory(size);
                const std::string body = "data: {\"error\":{\"message\":\"" + row.message;
                corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                    INFO("buffer ", size, ", ", corpus::describe(pieces));
                    Row ask = {"", api, 400, false, body, Error::none, Verdict::failed, nullptr, nullptr, nullptr};
                    const Outcome outcome =
                        outcome_of<oai::Event>(ask, oai::Buffer(memory.data(), memory.size()), pieces);
                    CHECK_EQ(conversation::name(outcome.error), conversation::name(Error::http_status));
                    CHECK(conversation::is_utf8(outcome.message));
                    CHECK(outcome.message.find('\\') == outcome.message.npos);
                    if (size == 512) CHECK_EQ(outcome.message.substr(0, strlen(row.begins)), row.begins);
                });
            }
        }
    }
}

TEST_CASE("what names an event is UTF-8, whatever a server calls it") {
    const char* const names[] = {"\xFF", "a\xC3", "\xC3\xA9\x80", "\xED\xA0\x80"};
    for (const char* const given : names) {
        ROW(shown(given));
        for (const size_t size : sizes) {
            support::GuardedBuffer memory(size);
            for (const bool is_long : {false, true}) {
                const std::string body = "event: " + std::string(is_long ? 600 : 0, 'e') + given +
                                         "\ndata: {\"delta\":\"x\"}\n\n";
                corpus::for_each_cut(body, false, [&](const corpus::Pieces& pieces) {
                    INFO("buffer ", size, ", ", is_long, ", ", corpus::describe(pieces));
                    oai::Exchange exchange({memory.data(), memory.size()});
                    exchange.begin_body(oai::Api::responses, 200, "text/event-stream");
                    oai::Event event;
                    size_t others = 0;
                    for (const std::string_view piece : pieces) {
                        for (std::string_view left = piece; !left.empty();) {
                            const oai::Buffer room = exchange.incoming();
                            const size_t count = std::min(room.size, left.size());
                            memcpy(room.data, left.data(), count);
                            exchange.received(count);
                            left.remove_prefix(count);
                            while (exchange.poll(event) == Poll::event) {
                                others += event.kind == oai::EventKind::other;
                                CHECK(conversation::is_utf8(event.name));
                            }
                        }
                    }
                    CHECK_EQ(others, 1u);
                });
            }
        }
    }
}
