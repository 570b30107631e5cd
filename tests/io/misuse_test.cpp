// Ways to use the library wrongly, and how each ends: the rows of tests/corpus/misuse.jsonl that name no other proof.
// No row may be undefined: by hand also with clang++ -O0 -fsanitize=address,undefined.
#include "io/conversation.hpp"
#include "support/corpus.hpp"
#include "support/tally.hpp"

#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <random>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::Heard;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;

// A link over which an answer comes in small pieces, each time it is dialled. Like Socket it knows by whom it is used.
struct Line : oai::detail::LinkOwner {
    std::string answer = chunked_answer(short_answer), asked, host;
    IoResult end = IoResult::closed();  // after the answer
    std::function<void()> inside;       // called by the second pull
    size_t taken = 0;
    uint32_t now = 0;
    int pulls = 0, dials = 0, hang_ups = 0;

    IoResult dial(oai::StringView to, uint16_t) {
        host = std::string(to);
        taken = 0;
        ++dials;
        return IoResult::ready();
    }
    IoResult pull(char* into, size_t room) {
        if (++pulls == 2 && inside) inside();
        const size_t count = std::min({room, answer.size() - taken, size_t(40)});
        if (count == 0) return end;
        memcpy(into, answer.data() + taken, count);
        taken += count;
        return IoResult::bytes(count);
    }
    IoResult push(const char* from, size_t count) {
        asked.append(from, count);
        return IoResult::bytes(count);
    }
    IoResult wait(oai::Interest, uint32_t ms) {
        now += ms;
        return IoResult::would_block();
    }
    void hang_up() { ++hang_ups; }
    uint32_t now_ms() { return now; }
};

const oai::Endpoint server("http://h/v1");
const oai::ChatRequest ask("m", "q");

// How it goes on, in a sentence.
std::string told(Stream& stream) {
    Heard heard;
    Event event;
    for (int polls = 0; polls != 1000; ++polls) {
        const Poll said = stream.poll(event);
        if (said == Poll::event) heard.add(event);
        else if (said != Poll::pending) break;
    }
    if (stream.failed()) return name(stream.error());
    return heard.story == short_story ? "the whole answer" : heard.story;
}
std::string told(Stream& stream, Error opened) { return opened == Error::none ? told(stream) : name(opened); }

// A conversation that is as it should be, to do one thing wrongly with it.
struct Talk {
    Line line;
    char memory[2048];
    Stream stream{line, memory};

    std::string with(const oai::Endpoint& endpoint, const oai::ChatRequest& request) {
        return told(stream, stream.open(endpoint, request));
    }
    void begin(int events) {
        Event event;
        stream.open(server, ask);
        while (events != 0)
            if (stream.poll(event) != Poll::pending) --events;
    }
};
std::string over(const oai::Transport& link, oai::Buffer memory) {
    Stream stream(link, memory);
    return told(stream, stream.open(server, ask));
}
std::string times(int count, const char* what) { return std::to_string(count) + " " + what; }

const std::map<std::string, std::string (*)()> codes = {
    // ---- what is gone, or used twice ---------------------------------------------------------------------------

    {"a request that is gone before the first poll(), and fits into the buffer", [] {
         Talk talk;
         auto question = std::make_unique<std::string>("Why is the sky blue?");
         auto request = std::make_unique<oai::ChatRequest>("m", *question);
         const Error opened = talk.stream.open(server, *request);
         request.reset();
         question.reset();
         return told(talk.stream, opened);
     }},
    {"an Endpoint that is gone before the first poll(), of such a request", [] {
         Talk talk;
         auto url = std::make_unique<std::string>("http://h/v1");
         auto endpoint = std::make_unique<oai::Endpoint>(*url);
         const Error opened = talk.stream.open(*endpoint, ask);
         endpoint.reset();
         url.reset();
         return told(talk.stream, opened);
     }},
    {"an Endpoint that is given another URL while the answer to such a request comes", [] {
         Talk talk;
         oai::Endpoint endpoint("http://h/v1");
         const Error opened = talk.stream.open(endpoint, ask);
         endpoint = oai::Endpoint("http://elsewhere/v1");
         const std::string said = told(talk.stream, opened);
         return said + " of " + talk.line.host;
     }},
    {"a text of a longer request that is replaced before all of it was sent", [] {
         Talk talk;
         std::string question(5000, 'q');
         oai::ChatRequest request("m", question);
         const Error opened = talk.stream.open(server, request);
         request.prompt = "q";
         return told(talk.stream, opened);
     }},
    {"two Streams on one buffer", [] {
         Line line, other;
         char memory[2048];
         Stream first(line, memory), second(other, memory);
         first.open(server, ask);
         second.open(server, ask);
         return told(first);
     }},
    {"two Streams on one Socket", [] {
         Line line;
         char memory[2048], more[2048];
         Stream first(line, memory), second(line, more);
         first.open(server, ask);
         return told(second, second.open(server, ask));
     }},
    {"a Stream that outlives its Socket", [] {
         char memory[2048];
         auto line = std::make_unique<Line>();
         Stream stream(*line, memory);
         const Error opened = stream.open(server, ask);
         line.reset();
         return told(stream, opened);
     }},
    {"a view that is kept after the next poll()", [] {
         Talk talk;
         Event event;
         talk.stream.open(server, ask);
         while (talk.stream.poll(event) != Poll::event || !event.is_text()) {}
         const oai::StringView kept = event.text;
         static_cast<void>(told(talk.stream));
         size_t read = 0;
         for (const char c : kept) read += c != '\0' ? 1u : 1u;
         const bool is_ours = kept.data() >= talk.memory && kept.end() <= talk.memory + sizeof talk.memory;
         return std::string(is_ours && read == 5 ? "bytes of the program's own buffer" : "bytes of somebody else");
     }},
    {"a Stream that is destroyed in the middle of an answer", [] {
         Line line;
         {
             char memory[2048];
             Stream stream(line, memory);
             Event event;
             stream.open(server, ask);
             for (int polls = 0; polls != 5; ++polls) static_cast<void>(stream.poll(event));
         }
         return times(line.hang_ups, "connection hung up");
     }},

    // ---- out of turn -------------------------------------------------------------------------------------------

    {"poll() before open()", [] {
         Talk talk;
         return told(talk.stream);
     }},
    {"open() on a Stream of nothing", [] {
         Stream stream;
         return told(stream, stream.open(server, ask));
     }},
    {"poll() on a Stream that was moved from", [] {
         Talk talk;
         talk.stream.open(server, ask);
         const Stream moved(std::move(talk.stream));
         return told(talk.stream);
     }},
    {"a Stream that is moved in the middle of an answer", [] {
         Talk talk;
         talk.stream.open(server, ask);
         Stream moved(std::move(talk.stream));
         return told(moved);
     }},
    {"close() twice", [] {
         Talk talk;
         talk.begin(1);
         talk.stream.close();
         talk.stream.close();
         return times(talk.line.hang_ups, "connection hung up");
     }},
    {"poll() after close()", [] {
         Talk talk;
         talk.begin(1);
         talk.stream.close();
         return told(talk.stream);
     }},
    {"poll() after it has failed", [] {
         Talk talk;
         talk.line.answer.resize(talk.line.answer.size() - 30);
         const std::string first = told(talk.stream, talk.stream.open(server, ask));
         return first == told(talk.stream) ? first : first + ", then something else";
     }},
    {"poll() after the end", [] {
         Talk talk;
         talk.with(server, ask);
         Event event;
         return std::string(talk.stream.poll(event) == Poll::done && !talk.stream.failed() ? "done, again" : "not done");
     }},
    {"for over an answer that has been read", [] {
         Talk talk;
         talk.with(server, ask);
         int events = 0;
         for (const Event& event : talk.stream) events += event.more ? 1 : 1;
         return times(events, "events more");
     }},
    {"cancel() after the end", [] {
         Talk talk;
         const std::string first = talk.with(server, ask);
         talk.stream.cancel();
         return talk.stream.failed() ? name(talk.stream.error()) : first;
     }},
    {"cancel() before open()", [] {
         Talk talk;
         talk.stream.cancel();
         return talk.with(server, ask);
     }},
    {"open() while an answer comes", [] {
         Talk talk;
         talk.begin(2);
         const std::string said = talk.with(server, ask);
         return said + " to the second, over connection " + std::to_string(talk.line.dials);
     }},
    {"open() from inside the transport's functions", [] {
         Talk talk;
         Error inner = Error::none;
         talk.line.inside = [&] { inner = talk.stream.open(server, ask); };
         return talk.with(server, ask) == "the whole answer" ? name(inner) : "the answer is lost";
     }},
    {"poll() from inside the transport's functions", [] {
         Talk talk;
         Poll inner = Poll::event;
         talk.line.inside = [&] {
             Event event;
             inner = talk.stream.poll(event);
         };
         const std::string said = talk.with(server, ask);
         return said + (inner == Poll::failed ? "" : ", and events inside");
     }},
    {"close() from inside the transport's functions", [] {
         Talk talk;
         talk.line.inside = [&] { talk.stream.close(); };
         return talk.with(server, ask);
     }},
    {"events and server-sent events of one answer in turn", [] {
         Talk talk;
         talk.begin(1);
         oai::SseEvent event;
         static_cast<void>(talk.stream.poll(event));
         return name(talk.stream.error());
     }},
    {"an interceptor that is given twice", [] {
         Talk talk;
         struct Count : oai::Interceptor {
             int opened = 0;
             Count() : Interceptor(watch) {}
             static oai::Action watch(oai::Interceptor& self, oai::Conversation&, oai::Occasion occasion, Event*) {
                 if (occasion == oai::Occasion::opened) ++static_cast<Count&>(self).opened;
                 return oai::Action::deliver;
             }
         } count;
         talk.stream.use(count);
         talk.stream.use(count);
         talk.stream.open(server, ask);
         return times(count.opened, "time asked");
     }},

    // ---- addresses and requests --------------------------------------------------------------------------------

    {"a key with \"Bearer \" before it", [] { return Talk().with(oai::Endpoint("http://h/v1", "Bearer sk-1"), ask); }},
    {"a key that ends with a line end", [] { return Talk().with(oai::Endpoint("http://h/v1", "sk-1\n"), ask); }},
    {"a URL that ends in /chat/completions",
     [] { return Talk().with(oai::Endpoint("http://h/v1/chat/completions"), ask); }},
    {"a URL without http://", [] { return Talk().with(oai::Endpoint("h:8080/v1"), ask); }},
    {"no URL at all", [] { return Talk().with(oai::Endpoint(), ask); }},
    {"an https URL over a transport that does not encrypt",
     [] { return Talk().with(oai::Endpoint("https://h/v1", "sk-1"), ask); }},
    {"a request without a model", [] { return Talk().with(server, oai::ChatRequest("", "q")); }},
    {"a request that asks nothing", [] { return Talk().with(server, oai::ChatRequest()); }},
    {"a null pointer as the question",
     [] { return Talk().with(server, oai::ChatRequest("m", static_cast<const char*>(nullptr))); }},
    {"extra_json with its braces", [] {
         oai::ChatRequest request("m", "q");
         request.extra_json = R"({"seed":1})";
         return Talk().with(server, request);
     }},
    {"a number that is none", [] {
         oai::ChatOptions options;
         options.temperature = std::numeric_limits<double>::quiet_NaN();
         oai::ChatRequest request("m", "q");
         request.options = options;
         return Talk().with(server, request);
     }},
    {"bytes that are no UTF-8 in the question", [] {
         Talk talk;
         talk.with(server, oai::ChatRequest("m", "\xff\xc0"));
         const bool is_replaced = talk.line.asked.find("\xEF\xBF\xBD\xEF\xBF\xBD") != std::string::npos;
         return std::string(is_replaced ? "U+FFFD for each of them" : talk.line.asked);
     }},

    // ---- memory ------------------------------------------------------------------------------------------------

    {"an empty buffer", [] {
         Line line;
         return over(oai::transport_of(line), {});
     }},
    {"a null pointer as the buffer", [] {
         Line line;
         return over(oai::transport_of(line), oai::Buffer(static_cast<char*>(nullptr), 4096));
     }},
    {"a buffer of 511 bytes", [] {
         Line line;
         char memory[oai::min_buffer_bytes - 1];
         return over(oai::transport_of(line), memory);
     }},
    {"an empty buffer for the explanation", [] {
         Talk talk;
         talk.with(oai::Endpoint(), ask);
         return talk.stream.explain({}) + std::string("no words, and no crash");
     }},
    {"a Collector whose memory is too small", [] {
         Talk talk;
         char memory[180];
         oai::Collector message(memory);
         talk.stream.open(server, ask);
         for (const Event& event : talk.stream) message.add(event);
         return name(message.end(talk.stream.verdict()));
     }},
    {"a Collector without memory", [] {
         Talk talk;
         oai::Collector message;
         talk.stream.open(server, ask);
         for (const Event& event : talk.stream) message.add(event);
         return name(message.error());
     }},
    {"a Collector that is used for the next answer, too", [] {
         Talk talk;
         char memory[4096];
         oai::Collector message(memory);
         oai::StringView texts[2];
         for (oai::StringView& text : texts) {
             talk.stream.open(server, ask);
             for (const Event& event : talk.stream) message.add(event);
             message.end(talk.stream.verdict());
             text = message.text();
         }
         return std::string(texts[0]) + " | " + std::string(texts[1]);
     }},

    // ---- transports --------------------------------------------------------------------------------------------

    {"next() over a transport that would block and cannot wait", [] {
         Line line;
         line.answer.clear();
         line.end = IoResult::would_block();
         oai::Transport link = oai::transport_of(line);
         link.wait = nullptr;
         char memory[2048];
         Stream stream(link, memory);
         stream.open(server, ask);
         Event event;
         static_cast<void>(stream.next(event));
         return name(stream.error());
     }},
    {"next() on a server that never answers, without a word of limits", [] {
         Talk talk;
         talk.line.answer.clear();
         talk.line.end = IoResult::would_block();
         talk.stream.open(server, ask);
         Event event;
         static_cast<void>(talk.stream.next(event));
         return name(talk.stream.error());
     }},
    {"a transport with nothing in it", [] {
         char memory[2048];
         return over({}, memory);
     }},
    {"pull that says 0 bytes for \"nothing now\"", [] {
         Talk talk;
         talk.line.answer.clear();
         talk.line.end = IoResult::bytes(0);
         return talk.with(server, ask);
     }},
    {"pull that says more bytes than there was room", [] {
         Talk talk;
         talk.line.answer.clear();
         talk.line.end = IoResult::bytes(100000);
         return talk.with(server, ask);
     }},
    {"pull that says closed() for \"nothing now\"", [] {
         Talk talk;
         talk.line.answer.clear();
         return talk.with(server, ask);
     }},
    {"a second open() over a link that was used up and has no dial", [] {
         Line line;
         oai::Transport link = oai::transport_of(line);
         link.dial = nullptr;
         char memory[2048];
         Stream stream(link, memory);
         stream.open(server, ask);
         stream.close();
         return told(stream, stream.open(server, ask));
     }},

    // ---- the engine alone --------------------------------------------------------------------------------------

    {"feeding an Exchange that is done", [] {
         char memory[2048];
         oai::Exchange exchange(memory);
         exchange.begin_body(oai::Api::chat, 200);
         Heard heard;
         const auto show = [&](const Event& event) { heard.add(event); };
         exchange.feed(short_answer, show);
         exchange.feed(short_answer, show);
         const Poll said = exchange.finish(show);
         return std::string(said == Poll::done && heard.story == short_story ? "the whole answer" : heard.story);
     }},
    {"feeding an Exchange that has not begun", [] {
         char memory[2048];
         oai::Exchange exchange(memory);
         exchange.feed(short_answer, [](const Event&) {});
         return name(exchange.error());
     }},
    {"an Exchange that is told of more bytes than it had room for", [] {
         char memory[2048];
         oai::Exchange exchange(memory);
         exchange.begin(server, ask);
         exchange.received(100000);
         return name(exchange.error());
     }},
};

}  // namespace

TEST_CASE("each way to use it wrongly ends as its row says") {
    std::map<std::string, int> rows;
    for (const nlohmann::json& row : corpus::rows("misuse.jsonl")) {
        if (row.contains("proof")) continue;
        const std::string way = row["way"];
        ROW(way);
        const auto code = codes.find(way);
        REQUIRE(code != codes.end());
        CHECK_EQ(++rows[way], 1);
        CHECK_EQ(code->second(), row["says"].get<std::string>());
    }
    CHECK_EQ(rows.size(), codes.size());
}

TEST_CASE("two Streams of plain Transports on one buffer read nonsense, and nothing outside of it") {
    std::mt19937 random(1);
    const std::string question(2000, 'q');
    size_t damaged = 0;
    for (int round = 0; round != 300; ++round) {
        Line lines[2];
        std::vector<char> memory(oai::min_buffer_bytes + random() % 1500);
        const oai::ChatRequest request("m", oai::StringView(question).take(random() % 2000 + 1));
        std::vector<Stream> streams;
        for (Line& line : lines) {
            line.answer = chunked_answer(conversation::text(question) + short_answer, 1 + random() % 300);
            streams.emplace_back(oai::transport_of(line), memory);
        }
        for (Stream& stream : streams) stream.open(server, request);
        bool is_over[2] = {};
        Event event;
        for (int polls = 0; polls != 10000 && !(is_over[0] && is_over[1]); ++polls) {
            const size_t which = random() % 2;
            is_over[which] = streams[which].poll(event) >= Poll::done;
        }
        CHECK(is_over[0]);
        CHECK(is_over[1]);
        for (Stream& stream : streams) damaged += stream.failed() ? 1u : 0u;
    }
    CHECK(damaged > 100);
}
