// Streams with random damage, in random pieces, through random buffers: no crash, no endless loop, only valid UTF-8,
// and the same answer however the bytes were cut.
#include "io/conversation.hpp"
#include "support/corpus.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::done;
using conversation::finish;
using conversation::Heard;
using conversation::is_consistent;
using conversation::is_utf8;
using conversation::name;
using conversation::sse;
using conversation::text;
using corpus::Random;
using oai::Error;
using oai::Event;
using oai::Exchange;
using oai::Poll;
using oai::SseEvent;

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "hi");

// One way to read a stream.
struct Way {
    size_t buffer_bytes;
    bool http, raw;
    int status;
};

struct Outcome {
    std::string story, message;
    Error error = Error::none;
    oai::Verdict verdict = oai::Verdict::still_open;
    bool has_early = false;
    std::string wrong;  // what must never be
};

void note(Outcome& outcome, bool wrong, const char* what) {
    if (wrong && outcome.wrong.empty()) outcome.wrong = what;
}

bool is_text(oai::StringView view) { return is_utf8(std::string_view(view.data() ? view.data() : "", view.size())); }

Outcome read(std::string_view bytes, const Way& way, Random& random, size_t longest_piece) {
    Outcome outcome;
    std::vector<char> memory(way.buffer_bytes);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    if (way.http) {
        exchange.begin(server, ask);
        while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
    } else {
        exchange.begin_body(oai::Api::chat, way.status, "text/event-stream");
    }
    Heard heard;
    Event event;
    SseEvent sse_event;
    size_t polls = 0;
    const size_t most_polls = 40 * bytes.size() + 1000;
    const auto poll = [&] {
        ++polls;
        return way.raw ? exchange.poll(sse_event) : exchange.poll(event);
    };
    const auto poll_all = [&] {
        Poll said;
        while ((said = poll()) == Poll::event && polls < most_polls) {
            if (way.raw) {
                heard.add(sse_event);
                continue;
            }
            heard.add(event);
            note(outcome, !is_text(event.id) || !is_text(event.name), "an id or a name is not UTF-8");
            note(outcome,
                 event.more && event.text.empty() && event.kind != oai::EventKind::text &&
                     event.kind != oai::EventKind::tool_arguments && event.kind != oai::EventKind::reasoning &&
                     event.kind != oai::EventKind::refusal,
                 "more of what is no text");
        }
        return said;
    };
    Poll said = poll_all();
    while (!bytes.empty() && said == Poll::pending && polls < most_polls) {
        const oai::Buffer room = exchange.incoming();
        note(outcome, room.size == 0, "pending without room");
        note(outcome,
             room.size != 0 && (room.data < memory.data() || room.data + room.size > memory.data() + memory.size()),
             "room outside the buffer");
        if (!outcome.wrong.empty()) break;
        const size_t count = std::min({room.size, bytes.size(), random.between(1, longest_piece)});
        memcpy(room.data, bytes.data(), count);
        exchange.received(count);
        bytes.remove_prefix(count);
        said = poll_all();
    }
    if (said == Poll::pending) {
        exchange.ended();
        said = poll_all();
    }
    note(outcome, polls >= most_polls, "too many polls");
    note(outcome, said == Poll::pending, "pending after the end");
    note(outcome, !is_consistent(exchange, said), "poll, error and verdict disagree");
    outcome.error = exchange.error();
    for (int times = 0; times < 3; ++times)
        note(outcome, poll() != said || exchange.error() != outcome.error, "the end is not stable");
    const oai::Failure failure = exchange.failure();
    note(outcome,
         !is_text(failure.message) || !is_text(failure.type) || !is_text(failure.code) || !is_text(failure.param),
         "the server's words are not UTF-8");
    note(outcome, heard.ill_formed != 0, "a text is not UTF-8");
    note(outcome, heard.torn != 0, "a text was left in the middle");
    note(outcome, exchange.stats().peak_buffer_bytes > memory.size(), "more buffer in use than there is");
    outcome.story = heard.story;
    outcome.message = std::string(failure.message);
    outcome.verdict = exchange.verdict();
    outcome.has_early = exchange.quirks().has(oai::Quirk::provisional_piece);
    return outcome;
}

struct Seeds {
    std::vector<std::string> http, body;
};

const Seeds& seeds() {
    static const Seeds all = [] {
        Seeds made;
        const std::string big(1500, 'x');
        const std::vector<std::string> bodies = {
            conversation::short_answer,
            text("a\\ud83d") + text("\\ude00\\u00e9\\n\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80") + finish() + done,
            text(big) + text(big + "\\\"" + big) + finish(),
            ": ping\n\n" + sse("null") + sse(": c") + "event: x\nid: 1\nretry: 7\ndata: {}\n\n" + text("a") + done,
            sse("{\"error\":{\"message\":\"M\",\"type\":\"T\",\"code\":5,\"param\":null}}"),
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"message\":\"" + big + "\"}}\n\n",
            "error: {\"code\":500,\"message\":\"x\"}\n\n",
            sse("{\"id\":\"c\",\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\","
                "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"}},"
                "{\"id\":\"u\",\"function\":{\"arguments\":{\"b\":[1,2]}},\"index\":3}]},\"index\":1}]}") +
                sse("{\"choices\":[{\"index\":1,\"delta\":{\"tool_calls\":[{\"index\":0,"
                    "\"function\":{\"arguments\":\"" + big + "\"}}]}}]}") + done,
            sse("{\"choices\":[{\"delta\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"text\":\"r\"}]},"
                "{\"type\":\"text\",\"text\":\"" + big + "\"}],\"reasoning\":\"r\",\"reasoning_content\":\"s\","
                "\"refusal\":\"n\",\"role\":\"assistant\"},\"finish_reason\":\"stop\"}],"
                "\"usage\":{\"prompt_tokens\":1,\"completion_tokens_details\":{\"reasoning_tokens\":2}}}") + done,
            "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" + big +
                "\"},\"finish_reason\":\"stop\"}]}",
            sse("{\"choices\":[{\"delta\":{\"content\":\"" + big + big + "\"},\"index\":1}]}") + done,
            "<html>" + big + "</html>",
            "{\"detail\":\"no\"}",
        };
        made.body = bodies;
        for (const std::string& body : bodies) {
            made.http.push_back(conversation::chunked_answer(body, 61, "X-Request-Id: r\r\nRetry-After: 3\r\n"));
            made.http.push_back(conversation::counted_answer(200, "text/event-stream", body));
            made.http.push_back(conversation::counted_answer(429, "application/json", body));
            made.http.push_back("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n" + body);
        }
        for (const auto& row : corpus::rows("sse.jsonl")) {
            const std::string input = corpus::bytes(row, "input");
            if (input.size() < 2000) made.body.push_back(input);
        }
        for (const auto& row : corpus::rows("json.jsonl")) {
            const std::string json = corpus::bytes(row, "json");
            if (json.size() < 4000) made.body.push_back(sse(json) + done);
        }
        for (const auto& row : corpus::rows("http.jsonl")) {
            const std::string input = corpus::bytes(row, "input");
            if (input.size() < 4000) made.http.push_back(input);
        }
        return made;
    }();
    return all;
}

std::string damaged(const std::vector<std::string>& all, Random& random) {
    static const char* const words[] = {
        "\n\n", "\r\n", "\r", "data: ", "data:", "event: error\n", "error: ", "[DONE]", "\"", "\\", "{", "}", "[", "]",
        ",", ":", "\\ud83d", "\\ude00", "\\u", "\xF0\x9F", "\xFF", "null", "1e999", "-", "\"id\":", "\"choices\":[",
        "\"index\":7,", "\"content\":\"", "\"error\":", "0\r\n\r\n", "ffffffffffffffff\r\n", "HTTP/1.1 200 OK\r\n",
        "Content-Length: 5\r\n", "\xEF\xBB\xBF", "id: \n"};
    std::string bytes = all[random.between(0, all.size() - 1)];
    for (size_t times = random.between(0, 4); times != 0; --times) {
        const size_t at = random.between(0, bytes.size());
        const size_t count = std::min(random.between(1, 30), bytes.size() - at);
        switch (random.between(0, 7)) {
            case 0:
                if (at < bytes.size()) bytes[at] = static_cast<char>(random.between(0, 255));
                break;
            case 1: bytes.erase(at, count); break;
            case 2: bytes.insert(at, bytes.substr(at, count)); break;
            case 3: bytes.insert(at, words[random.between(0, sizeof words / sizeof *words - 1)]); break;
            case 4: bytes.resize(at); break;
            case 5: {
                const std::string& other = all[random.between(0, all.size() - 1)];
                bytes = bytes.substr(0, at) + other.substr(random.between(0, other.size()));
                break;
            }
            case 6: bytes.insert(at, random.between(1, 3000), static_cast<char>(random.between(' ', 'z'))); break;
            case 7:
                if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.between(0, 7)));
                break;
        }
    }
    return bytes;
}

std::string printable(const std::string& bytes) {
    std::string shown;
    for (const char c : bytes.substr(0, 1500)) {
        char hex[8];
        std::snprintf(hex, sizeof hex, "\\x%02X", static_cast<unsigned>(c) & 0xFFu);
        shown += (c >= ' ' && c < 0x7F) || c == '\n' ? std::string(1, c) : hex;
    }
    return shown;
}

}  // namespace

TEST_CASE("damaged streams") {
    const int rounds = corpus::few_cuts() ? 4000 : 20000;
    Random random("damage");
    size_t failed = 0, compared = 0;
    std::vector<size_t> errors(64);
    for (int round = 0; round < rounds && failed < 5; ++round) {
        Way way;
        way.http = random.between(0, 1) != 0;
        way.raw = random.between(0, 3) == 0;
        way.status = random.between(0, 5) == 0 ? 400 : 200;
        way.buffer_bytes = random.between(0, 2) != 0 ? random.between(512, 3000) : 16384;
        const std::string bytes = damaged(way.http ? seeds().http : seeds().body, random);
        const size_t longest = random.between(1, 5) == 1 ? 1 : random.between(1, 2000);
        INFO("round ", round, ", buffer ", way.buffer_bytes, std::string(way.http ? ", http" : ", body"),
             std::string(way.raw ? ", raw" : ""), ", status ", way.status, ", pieces up to ", longest, "\n",
             printable(bytes));
        const Outcome outcome = read(bytes, way, random, longest);
        ++errors[static_cast<size_t>(outcome.error)];
        std::string wrong = outcome.wrong;
        if (wrong.empty() && way.buffer_bytes == 16384) {
            ++compared;
            const Outcome other = read(bytes, way, random, 100000);
            if (!other.wrong.empty()) wrong = other.wrong;
            else if (other.story != outcome.story) wrong = "another cut tells another story: " + printable(other.story);
            else if (other.error != outcome.error)
                wrong = "another cut ends otherwise: " + name(other.error) + " / " + name(outcome.error);
            else if (other.verdict != outcome.verdict) wrong = "another cut has another verdict";
            else if (other.message != outcome.message) wrong = "another cut has another message";
        }
        if (wrong.empty()) continue;
        ++failed;
        INFO("story: ", printable(outcome.story));
        FAIL_CHECK(wrong);
    }
    CHECK_EQ(failed, 0);
    CHECK(compared > static_cast<size_t>(rounds) / 5);
    // The damage does reach what it is meant for.
    for (const Error error : {Error::none, Error::truncated, Error::bad_json, Error::server_error, Error::http_status,
                              Error::not_event_stream, Error::event_too_large, Error::bad_status_line,
                              Error::bad_header, Error::bad_framing, Error::bad_chunk, Error::late_key}) {
        INFO(name(error));
        CHECK(errors[static_cast<size_t>(error)] > 0);
    }
    std::printf("hostile: %d streams, %zu of them read twice\n", rounds, compared);
}

TEST_CASE("noise") {
    const int rounds = corpus::few_cuts() ? 500 : 20000;
    Random random("noise");
    size_t failed = 0;
    for (int round = 0; round < rounds && failed < 5; ++round) {
        static const char letters[] = "\n\r:{}[]\",\\ udata0123456789eE+-.\xFF\xC3\xA9\xF0\x9F\x98\x80 eventidretry";
        std::string bytes = round % 2 == 0 ? "data: {" : "HTTP/1.1 200 OK\r\n";
        for (size_t count = random.between(0, 600); count != 0; --count)
            bytes += letters[random.between(0, sizeof letters - 2)];
        const Way way{random.between(512, 1000), round % 2 != 0, random.between(0, 1) != 0, 200};
        INFO("round ", round, "\n", printable(bytes));
        const Outcome outcome = read(bytes, way, random, random.between(1, 300));
        if (outcome.wrong.empty()) continue;
        ++failed;
        FAIL_CHECK(outcome.wrong);
    }
    CHECK_EQ(failed, 0);
}
