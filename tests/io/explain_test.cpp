// What Stream::explain() says of the ways to fail: each as a whole sentence, in memory of any size, harmless whatever
// the server wrote.
#include "support/guard_page.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <cstdio>
#include <string>

namespace oai = openai_stream;
using oai::Buffer;
using oai::Endpoint;
using oai::Error;
using oai::IoResult;
using oai::StringView;

namespace {

// A link that says one thing when it is dialled, another when it is read, and knows its codes in words.
struct Link {
    IoResult at_dial = IoResult::ready();
    std::string answer;
    IoResult at_end = IoResult::closed();
    size_t at = 0;

    IoResult dial(StringView, uint16_t) { return at_dial; }
    IoResult pull(char* into, size_t room) {
        if (at == answer.size()) return at_end;
        const size_t left = answer.size() - at, count = left < room ? left : room;
        memcpy(into, answer.data() + at, count);
        at += count;
        return IoResult::bytes(count);
    }
    IoResult push(const char*, size_t count) { return IoResult::bytes(count); }
    const char* explain(IoResult io, Buffer memory) {
        if (io.code() == 0) return "";
        std::snprintf(memory.data, memory.size, "the system says %s%d", io.is_unresolved() ? "r" : "",
                      static_cast<int>(io.code()));
        return memory.data;
    }
};

// Everything a row may change.
struct Scene {
    Link link;
    Endpoint server{"http://127.0.0.1:8080/v1", "sk-secret"};
    oai::ChatRequest ask{"m", "hi"};
    size_t memory = 2048;
    bool is_secure = false, is_cancelled = false, is_raw_and_typed = false;
};
std::string refusal(const char* status, const std::string& body, const std::string& type = "application/json") {
    return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
std::string stream_of(const std::string& body) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + body;
}
std::string error_of(const std::string& message) { return "{\"error\":{\"message\":\"" + message + "\"}}"; }

const oai::Tool bad_tools[] = {{"f", {}, "{}"}, {"g", {}, "{\"type\":"}};

struct Row {
    const char* name;
    void (*set)(Scene& scene);
    const char* expected;
};
const Row rows[] = {
    {"a wrong key",
     [](Scene& s) { s.link.answer = refusal("401 Unauthorized", error_of("Incorrect API key provided: sk-***.")); },
     "The server does not accept the API key (HTTP 401 from 127.0.0.1:8080). It says: Incorrect API key provided: "
     "sk-***. Check the key, and that it belongs to this server."},
    {"a URL without /v1", [](Scene& s) { s.link.answer = refusal("404 Not Found", error_of("File Not Found")); },
     "The server knows no such address or model; the URL may lack /v1 (HTTP 404 from 127.0.0.1:8080). It says: File "
     "Not Found. Check the model's name and the path of the URL, mostly /v1."},
    {"too many requests",
     [](Scene& s) {
         s.link.answer = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 20\r\n\r\n" + error_of("Slow down");
     },
     "There were too many requests, or the quota is used up (HTTP 429 from 127.0.0.1:8080). It says: Slow down. Wait "
     "and try again, or raise the quota; it asks you to wait 20 s."},
    {"a server that is broken", [](Scene& s) { s.link.answer = refusal("503 Service Unavailable", ""); },
     "The server has a problem of its own; try again later (HTTP 503 from 127.0.0.1:8080). If it "
     "stays so, ask whoever runs the server."},
    {"a redirect",
     [](Scene& s) { s.link.answer = "HTTP/1.1 301 Moved\r\nLocation: https://h/v1\r\nContent-Length: 0\r\n\r\n"; },
     "The server sends elsewhere, where the API key must not follow (HTTP 301 from 127.0.0.1:8080). It sends to "
     "https://h/v1. Use the address that it redirects to."},
    {"a refused connection", [](Scene& s) { s.link.at_dial = IoResult::failed(111); },
     "The connection could not be made (127.0.0.1:8080). The system says 111. Check that the server runs, and the "
     "host and port of the URL."},
    {"an unknown host",
     [](Scene& s) {
         s.server = Endpoint("https://api.opena.com/v1");
         s.is_secure = true;
         s.link.at_dial = IoResult::unresolved(-2);
     },
     "The host name could not be resolved (api.opena.com:443). The system says r-2. Check the host in the URL, and the "
     "network."},
    {"a connection that breaks", [](Scene& s) {
         s.link.answer = stream_of("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
         s.link.at_end = IoResult::failed(104);
     },
     "The connection broke (HTTP 200 from 127.0.0.1:8080). The system says 104. Try again if the text so far is not "
     "enough."},
    {"an answer that is cut",
     [](Scene& s) { s.link.answer = stream_of("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"); },
     "The answer ended before it was finished (HTTP 200 from 127.0.0.1:8080). Try again if the text so far is not "
     "enough."},
    {"nothing at all", [](Scene&) {},
     "The server closed the connection without an answer (127.0.0.1:8080). Try again, and check whether the port wants "
     "https."},
    {"another protocol", [](Scene& s) { s.link.answer = "SSH-2.0-OpenSSH_9.2\r\n"; },
     "The answer is not HTTP/1.1 (127.0.0.1:8080). Check the port, and whether it wants https."},
    {"a page", [](Scene& s) { s.link.answer = refusal("200 OK", "<html>\n<b>Welcome</b>", "text/html"); },
     "The answer is neither an event stream nor JSON (HTTP 200 from 127.0.0.1:8080). It says: <html> <b>Welcome</b>. "
     "Check the path of the URL, mostly /v1, and what stands before the server."},
    {"an event that is no JSON", [](Scene& s) { s.link.answer = stream_of("data: {nonsense\n\n"); },
     "An event's data is not valid JSON (HTTP 200 from 127.0.0.1:8080). It says: {nonsense. Report it "
     "to whoever runs the server."},
    {"an error in the answer", [](Scene& s) { s.link.answer = stream_of("data: " + error_of("GPU lost") + "\n\n"); },
     "The server reported an error (HTTP 200 from 127.0.0.1:8080). It says: GPU lost. Any text before it is good. "
     "Try again if it is not enough."},
    {"a wrong key, which a proxy says in the answer",
     [](Scene& s) {
         s.link.answer = stream_of("data: {\"error\":{\"code\":\"invalid_api_key\",\"message\":\"No such key\"}}\n\n");
     },
     "The server reported an error (HTTP 200 from 127.0.0.1:8080). It says: No such key. Check the key, and that it "
     "belongs to this server."},
    {"a quota that is used up, said in the answer",
     [](Scene& s) {
         s.link.answer =
             stream_of("data: {\"error\":{\"code\":\"insufficient_quota\",\"message\":\"You are over it\"}}\n\n");
     },
     "The server reported an error (HTTP 200 from 127.0.0.1:8080). It says: You are over it. Wait and try again, or "
     "raise the quota."},
    {"a status in the answer",
     [](Scene& s) { s.link.answer = stream_of("data: {\"error\":{\"code\":413,\"message\":\"Too long\"}}\n\n"); },
     "The server reported an error (HTTP 200 from 127.0.0.1:8080). It says: Too long. Send less."},
    {"a number in the answer that is no status",
     [](Scene& s) { s.link.answer = stream_of("data: {\"error\":{\"code\":4130,\"message\":\"m\"}}\n\n"); },
     "The server reported an error (HTTP 200 from 127.0.0.1:8080). It says: m. Any text before it is good. Try again "
     "if it is not enough."},
    {"a member of the request that is refused",
     [](Scene& s) {
         s.link.answer = refusal("400 Bad", "{\"error\":{\"message\":\"Invalid schema\",\"param\":\"tools[0]\"}}");
     },
     "The server does not accept a part of the request (HTTP 400 from 127.0.0.1:8080). It says: Invalid schema "
     "(tools[0]). Correct the request."},
    {"an address that takes no requests of this kind",
     [](Scene& s) { s.link.answer = refusal("405 Method Not Allowed", ""); },
     "The server does not accept this kind of request at this address; the URL may lack /v1 (HTTP 405 from "
     "127.0.0.1:8080). Check the model's name and the path of the URL, mostly /v1."},
    {"https without TLS", [](Scene& s) { s.server = Endpoint("https://api.openai.com/v1"); },
     "An https URL needs a transport that encrypts; nothing was sent (api.openai.com:443). Use a TlsSocket, or an http "
     "URL."},
    {"a URL that is none", [](Scene& s) { s.server = Endpoint("localhost:8080"); },
     "The URL is not of the form http[s]://host[:port][/path]. Write it like https://api.openai.com/v1, an IPv6 "
     "address in brackets."},
    {"a URL of the endpoint", [](Scene& s) { s.server = Endpoint("https://api.openai.com/v1/chat/completions"); },
     "The URL names the address of a request; end it before, mostly with /v1. The request adds /chat/completions or "
     "/responses itself."},
    {"a key with its header's word", [](Scene& s) { s.server.key = "Bearer sk-secret"; },
     "The API key begins with the word Bearer; give the key alone. That word is added to it."},
    {"a key with its line end", [](Scene& s) { s.server.key = "sk-secret\n"; },
     "A header, host or path has a control character, or the path lacks its /: key. Look for a "
     "line end at its end, as a key read "
     "from a file has one."},
    {"no model", [](Scene& s) { s.ask.model = {}; },
     "A request field is missing or has a value that cannot be sent: model. Set it; NaN and infinity cannot be sent."},
    {"a schema that is no JSON", [](Scene& s) { s.ask.tools = bad_tools; },
     "A raw JSON text in the request is not valid JSON: tools[1].parameters. Give it JSON; extra_json is members "
     "without braces."},
    {"a buffer that is too small", [](Scene& s) { s.memory = 100; },
     "The buffer is smaller than min_buffer_bytes. Give it 512 bytes at least, 16 KiB where memory does not matter."},
    {"a cancelled conversation", [](Scene& s) { s.is_cancelled = true; },
     "The conversation was cancelled. Ask again if that was not intended."},
    {"a compressed answer",
     [](Scene& s) { s.link.answer = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1F\x8B"; },
     "The response is compressed though that was not asked for (HTTP 200 from 127.0.0.1:8080). Switch compression off "
     "in the proxy."},
    {"an id that does not fit",
     [](Scene& s) {
         s.memory = 512;
         s.link.answer = stream_of("data: {\"id\":\"" + std::string(600, 'a') + "\",\"choices\":[]}\n\n");
     },
     "A part of an event that must stay whole does not fit into the buffer: id (HTTP 200). Give the Stream a larger "
     "buffer."},
    {"an error that writes over the terminal",
     [](Scene& s) {
         s.link.answer = refusal("400 Bad", error_of("\\u001b[31mred\\r\\n\\tX: \\u009b2J \\u0000z"));
     },
     "The server does not accept a part of the request (HTTP 400 from 127.0.0.1:8080). It says: [31mred X: 2J z. "
     "Correct the request."},
};

// Runs a scene to its end and gives the Stream to look at.
template <class Look> void after(const Row& row, const Look& look) {
    Scene scene;
    row.set(scene);
    std::string memory(scene.memory, '\0');
    oai::Transport transport = oai::transport_of(scene.link);
    transport.secure = scene.is_secure;
    oai::Stream stream(transport, Buffer(&memory[0], memory.size()));
    stream.open(scene.server, scene.ask);
    if (scene.is_cancelled) stream.cancel();
    oai::Event event;
    while (stream.next(event)) continue;
    REQUIRE(stream.error() != Error::none);
    look(stream);
}

}  // namespace

TEST_CASE("each way to fail is told in sentences: what happened, and what to do") {
    for (const Row& row : rows) {
        ROW(row.name);
        after(row, [&](const oai::Stream& stream) {
            char memory[600];
            const std::string said = stream.explain(memory);
            std::printf("%-38s %s\n", row.name, said.c_str());
            if (row.expected) CHECK_EQ(said, row.expected);
            CHECK(said.find("secret") == std::string::npos);
            CHECK_EQ(said.back(), '.');
        });
    }
}

TEST_CASE("an explanation fits into memory of any size, between two characters, and ends with its NUL") {
    const Row umlauts = {"words of two to four bytes",
                         [](Scene& s) {
                             const char* const words = "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\xC3\xA4";
                             s.link.answer = refusal("400 Bad", error_of(words));
                         },
                         nullptr};
    const auto fits = [](const oai::Stream& stream) {
        char large[600];
        const std::string whole = stream.explain(large);
        for (size_t size = 1; size < 600; ++size) {
            support::GuardedBuffer memory(size);
            const char* const said = stream.explain(Buffer(memory.data(), size));
            REQUIRE(said == memory.data());
            const size_t length = strnlen(said, size);
            REQUIRE_LT(length, size);
            for (const char* at = said; at != said + length;) {
                const oai::utf8::Sequence sequence = oai::utf8::sequence_at(at, said + length);
                REQUIRE(sequence.valid);
                at += sequence.length;
            }
        }
        CHECK_EQ(std::string(stream.explain(Buffer())), "");
        CHECK_FALSE(whole.empty());
    };
    after(umlauts, fits);
    for (const Row& row : rows) {
        ROW(row.name);
        after(row, fits);
    }
}

TEST_CASE("without an error there is nothing to explain, and a Stream of nothing can be asked") {
    char memory[200];
    CHECK_EQ(std::string(oai::explain(oai::Failure(), memory)), "");
    const oai::Stream nothing;
    CHECK_EQ(std::string(nothing.explain(memory)), "The stream is not open. Call open() first.");
}

TEST_CASE("a failure alone is told, too, with whatever else is known of it") {
    struct Told {
        const char* name;
        void (*set)(oai::Failure& failure);
        const char* platform;
        const char* expected;
    };
    const char* const again = "Any text before it is good. Try again if it is not enough.";
    const char* const said = "The server reported an error. ";
    const Told failures[] = {
        {"the platform's words begin with no letter", [](oai::Failure& f) { f.error = Error::connect_failed; }, "{7}",
         "The connection could not be made. {7}. Check that the server runs, and the host and port of the URL."},
        {"words that end as a sentence does", [](oai::Failure& f) { f.message = "Stop!"; }, "why?",
         "The server reported an error. Why? It says: Stop! Any text before it is good. Try again if it is not "
         "enough."},
        {"signs of two bytes, some of which are none",
         [](oai::Failure& f) { f.message = "\xC2\xA9 \xC2 \xC2\x85\x7F\xFF."; }, "",
         "The server reported an error. It says: \xC2\xA9 ? ?. Any text before it is good. Try again if it is not "
             "enough."},
        {"an event that does not fit",
         [](oai::Failure& f) { f.error = Error::event_too_large; }, "",
         "A part of an event that must stay whole does not fit into the buffer. Give the Stream a larger buffer."},
        {"one whose key is known, and words",
         [](oai::Failure& f) {
             f.error = Error::event_too_large;
             f.param = "id";
             f.message = "words";
         },
         "",
         "A part of an event that must stay whole does not fit into the buffer: id. It says: words. Give the Stream a "
         "larger buffer."},
        {"a rate limit", [](oai::Failure& f) { f.code = "rate_limit_exceeded"; }, "",
         "Wait and try again, or raise the quota."},
        {"a code that is a status of the server's own problems", [](oai::Failure& f) { f.code = "503"; }, "",
         "If it stays so, ask whoever runs the server."},
        {"a code of another hundred", [](oai::Failure& f) { f.code = "301"; }, "", again},
        {"a code of letters", [](oai::Failure& f) { f.code = "429a"; }, "", again},
        {"a code that is nearly a number", [](oai::Failure& f) { f.code = "4x9"; }, "", again},
        {"a code with a letter at its end", [](oai::Failure& f) { f.code = "42x"; }, "", again},
        {"a code with what comes before digits", [](oai::Failure& f) { f.code = "4 /"; }, "", again},
        {"a code with what comes before digits at its end", [](oai::Failure& f) { f.code = "42/"; }, "", again},
    };
    for (const Told& row : failures) {
        ROW(row.name);
        oai::Failure failure;
        failure.error = Error::server_error;
        row.set(failure);
        char memory[300];
        const std::string expected = row.expected;
        CHECK_EQ(std::string(oai::explain(failure, memory, "", row.platform)),
                 failure.code.empty() ? expected : said + expected);
    }
    const struct {
        int status;
        const char* advice;
    } statuses[] = {
        {301, "Use the address that it redirects to."}, {400, "Correct the request."},
        {401, "Check the key, and that it belongs to this server."}, {402, "Add credit to the account."},
        {403, "Use another key or model."}, {404, "Check the model's name and the path of the URL, mostly /v1."},
        {405, "Check the model's name and the path of the URL, mostly /v1."},
        {408, "Wait and try again, or raise the quota."}, {413, "Send less."},
        {429, "Wait and try again, or raise the quota."}, {500, "If it stays so, ask whoever runs the server."},
        {599, "If it stays so, ask whoever runs the server."},
    };
    for (const auto& row : statuses) {
        ROW(std::to_string(row.status));
        oai::Failure failure;
        failure.error = Error::http_status;
        failure.http_status = row.status;
        char memory[300];
        const std::string told = oai::explain(failure, memory);
        const std::string end = " (HTTP " + std::to_string(row.status) + "). " + row.advice;
        CHECK_EQ(told.substr(told.size() - std::min(told.size(), end.size())), end);
    }
}

TEST_CASE("words that are too long leave room for the advice") {
    oai::Failure failure;
    failure.error = Error::server_error;
    const std::string words(200, 'x');
    failure.message = words;
    char memory[300];
    CHECK_EQ(std::string(oai::explain(failure, memory)),
             "The server reported an error. It says: " + words.substr(0, 150) +
                 ". Any text before it is good. Try again if it is not enough.");
}

TEST_CASE("each error has its own advice") {
    CHECK_EQ(std::string(oai::advice(oai::Failure())), "");
    for (int number = static_cast<int>(Error::none) + 1; number <= static_cast<int>(Error::server_error); ++number) {
        const Error error = static_cast<Error>(number);
        if (error == Error::http_status) continue;  // see above
        ROW(oai::describe(error));
        oai::Failure failure;
        failure.error = error;
        char memory[300];
        const std::string words = oai::describe(error), told = oai::explain(failure, memory);
        CHECK_EQ(told.substr(1, words.size() - 1), words.substr(1));
        const std::string advice = told.substr(words.size());
        CHECK_EQ(advice.substr(0, 2), ". ");
        CHECK_GT(advice.size(), 8);
        const bool is_servers = oai::category(error) == oai::ErrorCategory::server;
        CHECK_EQ(advice.find("Any text before it") != std::string::npos, is_servers);
    }
}

TEST_CASE("a Transport that knows no words is asked for none") {
    Link link;
    link.at_dial = IoResult::failed(111);
    oai::Transport transport = oai::transport_of(link);
    const bool has_words = transport.explain != nullptr;
    REQUIRE(has_words);
    transport.explain = nullptr;
    char memory[2048], said[300];
    oai::Stream stream(transport, memory);
    const Endpoint server("http://[::1]:81");
    const oai::ChatRequest ask("m", "hi");
    CHECK(stream.open(server, ask) == Error::connect_failed);
    CHECK_EQ(std::string(stream.explain(said)),
             "The connection could not be made ([::1]:81). Check that the server runs, and the host and port of the "
             "URL.");
    transport.explain = [](void*, IoResult, Buffer) -> const char* { return nullptr; };
    stream = oai::Stream(transport, memory);
    stream.open(server, ask);
    CHECK_EQ(std::string(stream.explain(said)).substr(0, 34), "The connection could not be made (");
}
