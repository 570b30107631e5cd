// What a caller can get wrong: each has its own Error, none is a crash, and nothing is sent.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::name;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::SseEvent;
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const std::string answer = conversation::chunked_answer(conversation::short_answer);

// A stream that could not begin: it failed with this error, and nobody was called.
void check_refused(Stream& stream, const ScriptedTransport& link, Error said, Error error) {
    CHECK_EQ(name(said), name(error));
    CHECK_EQ(name(stream.error()), name(error));
    CHECK(stream.verdict() == Verdict::failed);
    CHECK(stream.failure().category == oai::category(error));
    CHECK(stream.failure().http_status == 0);
    CHECK(stream.wants() == oai::Interest::none);
    Event event;
    SseEvent raw;
    CHECK(stream.poll(event) == Poll::failed);
    CHECK(stream.poll(raw) == Poll::failed);
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(error));
    CHECK_EQ(link.all_calls(), 0);
    CHECK_EQ(link.hang_ups(), 0);
    CHECK(strlen(oai::describe(error)) > 10);
}

const oai::ChatRequest ask("m", "hi");

}  // namespace

TEST_CASE("a URL that is none") {
    struct Row {
        const char* name;
        std::string url;
    };
    const Row rows[] = {
        {"empty", ""},
        {"a word", "server"},
        {"no scheme", "localhost:8080/v1"},
        {"another scheme", "ftp://h/v1"},
        {"one slash", "http:/h/v1"},
        {"no host", "http:///v1"},
        {"no host but a port", "http://:80/v1"},
        {"nothing behind the scheme", "http://"},
        {"a port that is no number", "http://h:http/v1"},
        {"an empty port", "http://h:/v1"},
        {"port 0", "http://h:0/v1"},
        {"a port too large", "http://h:65536/v1"},
        {"a negative port", "http://h:-1/v1"},
        {"a user", "http://user@h/v1"},
        {"a user and a password", "http://user:secret@h/v1"},
        {"a query with a blank", "http://h/v1?a= b"},
        {"a fragment", "http://h/v1#x"},
        {"a blank in the host", "http://h h/v1"},
        {"a blank in the path", "http://h/v 1"},
        {"a line end in the host", "http://h\r\nX: y/v1"},
        {"a line end in the path", "http://h/v1\r\nX: y"},
        {"a NUL in the path", std::string("http://h/v\0001", 12)},
        {"a NUL in the host", std::string("http://h\0i/v1", 13)},
        {"not ASCII in the host", "http://h\xC3\xA9/v1"},
        {"an IPv6 address without its bracket", "http://[::1/v1"},
        {"brackets around nothing", "http://[]/v1"},
        {"a million bytes", std::string(1000000, 'h')},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        link.answer(answer);
        char memory[1024];
        const oai::Endpoint server{oai::StringView(row.url)};
        Stream stream(link.transport(), memory);
        const Error said = stream.open(server, ask);
        const bool has_control = row.url.find_first_of(std::string("\r\n\0", 3)) != std::string::npos;
        const Error error = has_control && said == Error::bad_header_value ? Error::bad_header_value : Error::bad_url;
        check_refused(stream, link, said, error);
        if (error == Error::bad_url) CHECK_EQ(name(server.validate()), name(Error::bad_url));
    }
}

TEST_CASE("an https URL over a transport that is not secure: no call, and not a byte of the key in the buffer") {
    const std::string key = "sk-very-secret-key";
    for (const bool secure : {false, true}) {
        ROW(secure ? "secure" : "not secure");
        for (const char* const url : {"https://h/v1", "https://h:80/v1", "HTTPS://h"}) {
            ScriptedTransport link;
            link.answer(answer);
            std::vector<char> memory(4096, '.');
            const oai::Endpoint server(url, key);
            oai::Transport wires = link.transport();
            wires.secure = secure;
            Stream stream(wires, oai::Buffer(memory.data(), memory.size()));
            const Error said = stream.open(server, ask);
            if (!secure) {
                check_refused(stream, link, said, Error::needs_tls);
                const std::string left(memory.data(), memory.size());
                for (size_t at = 0; at + 4 <= key.size(); ++at)
                    CHECK(left.find(key.substr(at, 4)) == std::string::npos);
                CHECK_EQ(link.pushed(), "");
            } else {
                CHECK_EQ(name(said), name(Error::none));
                Event event;
                while (stream.next(event)) {
                }
                CHECK_EQ(name(stream.error()), name(Error::none));
                CHECK(link.pushed().find("Bearer " + key) != std::string::npos);
                CHECK_EQ(link.port(), std::string(url) == "https://h:80/v1" ? 80 : 443);
            }
        }
    }
}

TEST_CASE("http over a secure transport is allowed") {
    ScriptedTransport link;
    link.answer(answer);
    char memory[1024];
    const oai::Endpoint server("http://h/v1");
    oai::Transport wires = link.transport();
    wires.secure = true;
    Stream stream(wires, memory);
    CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
}

TEST_CASE("a line end or another control byte where it would break out of a header") {
    struct Row {
        const char* name;
        void (*put)(oai::Endpoint&, oai::http::HeaderField&, oai::StringView);
    };
    const Row rows[] = {
        {"the key", [](oai::Endpoint& e, oai::http::HeaderField&, oai::StringView v) { e.key = v; }},
        {"the organization", [](oai::Endpoint& e, oai::http::HeaderField&, oai::StringView v) { e.organization = v; }},
        {"the project", [](oai::Endpoint& e, oai::http::HeaderField&, oai::StringView v) { e.project = v; }},
        {"the host", [](oai::Endpoint& e, oai::http::HeaderField&, oai::StringView v) { e.host = v; }},
        {"the prefix", [](oai::Endpoint& e, oai::http::HeaderField&, oai::StringView v) { e.prefix = v; }},
        {"a header's value", [](oai::Endpoint&, oai::http::HeaderField& h, oai::StringView v) { h.value = v; }},
        {"a header's name", [](oai::Endpoint&, oai::http::HeaderField& h, oai::StringView v) { h.name = v; }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        for (int byte = 0; byte < 256; ++byte) {
            const bool is_forbidden = (byte < ' ' && byte != '\t') || byte == 0x7F;
            if (!is_forbidden) continue;
            for (const size_t place : {size_t{0}, size_t{2}, size_t{4}}) {
                INFO("byte ", byte, " at ", place);
                std::string value = "abcd";
                value.insert(place, 1, static_cast<char>(byte));
                if (std::string(row.name) == "the prefix") value.insert(0, "/");
                oai::http::HeaderField header{"X-Test", "value"};
                oai::Endpoint server("http://h/v1");
                row.put(server, header, value);
                const oai::http::HeaderField headers[] = {header};
                server.headers = headers;
                ScriptedTransport link;
                char memory[1024];
                Stream stream(link.transport(), memory);
                const Error said = stream.open(server, ask);
                const bool is_address = std::string(row.name) == "the host" || std::string(row.name) == "the prefix";
                check_refused(stream, link, said,
                              is_address && said == Error::bad_url ? Error::bad_url : Error::bad_header_value);
            }
        }
    }
}

TEST_CASE("headers that are ours, or no headers") {
    for (const char* const header : {"Host", "content-length", "Transfer-Encoding", "CONNECTION", "Expect", "Upgrade",
                                     "TE", "Trailer", "", "with blank", "with:colon", "with\"quote"}) {
        ROW(*header ? header : "an empty name");
        const oai::http::HeaderField fields[] = {{header, "1"}};
        oai::Endpoint server("http://h/v1");
        server.headers = fields;
        ScriptedTransport link;
        char memory[1024];
        Stream stream(link.transport(), memory);
        check_refused(stream, link, stream.open(server, ask), Error::bad_header_value);
    }
}

TEST_CASE("requests that cannot be sent") {
    struct Row {
        const char* name;
        Error error;
        void (*put)(oai::ChatRequest&);
    };
    const Row rows[] = {
        {"no model", Error::bad_request_field, [](oai::ChatRequest& r) { r.model = ""; }},
        {"neither messages nor a prompt", Error::bad_request_field,
         [](oai::ChatRequest& r) { r.prompt = oai::StringView(); }},
        {"extra_json with braces", Error::bad_request_json, [](oai::ChatRequest& r) { r.extra_json = "{\"a\":1}"; }},
        {"extra_json that is cut off", Error::bad_request_json, [](oai::ChatRequest& r) { r.extra_json = "\"a\":"; }},
        {"extra_json that closes the request", Error::bad_request_json,
         [](oai::ChatRequest& r) { r.extra_json = "\"a\":1},\"b\":{\"c\":1"; }},
        {"extra_json with a comma at its end", Error::bad_request_json,
         [](oai::ChatRequest& r) { r.extra_json = "\"a\":1,"; }},
        {"extra_json that is blank", Error::bad_request_json, [](oai::ChatRequest& r) { r.extra_json = " "; }},
        {"extra_json that is not UTF-8", Error::bad_request_json,
         [](oai::ChatRequest& r) { r.extra_json = "\"a\":\"\xFF\""; }},
        {"extra_json nested too deeply", Error::bad_request_json,
         [](oai::ChatRequest& r) {
             static const std::string deep = "\"a\":" + std::string(200, '[') + std::string(200, ']');
             r.extra_json = deep;
         }},
        {"a tool's parameters that are no JSON", Error::bad_request_json,
         [](oai::ChatRequest& r) {
             static const oai::Tool tools[] = {oai::Tool("f", "x", "{")};
             r.tools = tools;
         }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        oai::ChatRequest request("m", "hi");
        row.put(request);
        const oai::Endpoint server("http://h/v1");
        ScriptedTransport link;
        char memory[1024];
        Stream stream(link.transport(), memory);
        check_refused(stream, link, stream.open(server, request), row.error);
    }
}

TEST_CASE("a buffer of 0 to 511 bytes, or none") {
    const oai::Endpoint server("http://h/v1");
    for (size_t size = 0; size <= oai::min_buffer_bytes; ++size) {
        INFO(size, " bytes");
        ScriptedTransport link;
        link.answer(answer);
        std::vector<char> memory(size + 1, '.');
        Stream stream(link.transport(), oai::Buffer(memory.data(), size));
        const Error said = stream.open(server, ask);
        if (size < oai::min_buffer_bytes) {
            check_refused(stream, link, said, Error::buffer_too_small);
            CHECK(memory == std::vector<char>(size + 1, '.'));
        } else {
            CHECK_EQ(name(said), name(Error::none));
            conversation::Heard heard;
            for (const Event& event : stream) heard.add(event);
            CHECK_EQ(heard.story, conversation::short_story);
            CHECK_EQ(memory.back(), '.');
        }
        oai::Exchange exchange(oai::Buffer(memory.data(), size));
        CHECK_EQ(name(exchange.begin_body(oai::Api::chat, 200, "text/event-stream")),
                 name(size < oai::min_buffer_bytes ? Error::buffer_too_small : Error::none));
    }
    ScriptedTransport link;
    Stream stream(link.transport(), oai::Buffer(static_cast<char*>(nullptr), 100000));
    check_refused(stream, link, stream.open(server, ask), Error::buffer_too_small);
    Stream nothing;
    CHECK_EQ(name(nothing.open(server, ask)), name(Error::buffer_too_small));
}

TEST_CASE("a transport without pull or push") {
    const oai::Endpoint server("http://h/v1");
    struct Row {
        const char* name;
        void (*put)(oai::Transport&);
    };
    const Row rows[] = {
        {"no pull", [](oai::Transport& t) { t.pull = nullptr; }},
        {"no push", [](oai::Transport& t) { t.push = nullptr; }},
        {"neither", [](oai::Transport& t) { t.pull = nullptr, t.push = nullptr; }},
        {"nothing at all", [](oai::Transport& t) { t = oai::Transport(); }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport link;
        char memory[1024];
        oai::Transport wires = link.transport();
        row.put(wires);
        Stream stream(wires, memory);
        check_refused(stream, link, stream.open(server, ask), Error::no_transport);
    }
}

TEST_CASE("each optional function may be missing, alone or with others") {
    const oai::Endpoint server("http://h/v1");
    static unsigned names_asked_for, words_asked_for;
    for (unsigned missing = 0; missing < 128; ++missing) {
        INFO("missing: ", missing);
        ScriptedTransport link;
        link.pull_says(IoResult::would_block()).answer(answer, 50);
        ScriptedTransport broken;
        broken.pull_says(IoResult::failed(7));
        char memory[1024];
        oai::Transport wires = missing & 1 ? link.transport_without_dial() : link.transport();
        if (missing & 2) wires.hang_up = nullptr;
        if (missing & 4) wires.wait = nullptr;
        if (missing & 8) wires.wake = nullptr;
        if (missing & 16) wires.now_ms = nullptr;
        names_asked_for = words_asked_for = 0;
        wires.resolve = [](void*, oai::StringView, uint16_t) { return ++names_asked_for, IoResult::ready(); };
        wires.explain = [](void*, IoResult, oai::Buffer) { return ++words_asked_for, "its words"; };
        if (missing & 32) wires.resolve = nullptr;
        if (missing & 64) wires.explain = nullptr;
        conversation::Heard heard;
        {
            Stream stream(wires, memory);
            CHECK_EQ(name(stream.open(server, ask)), name(Error::none));
            for (const Event& event : stream) heard.add(event);
            stream.cancel();
            stream.close();
        }
        // Without a wait next() is refused where it would have to wait.
        CHECK_EQ(heard.story, (missing & 4) != 0 ? "" : conversation::short_story);
        CHECK_EQ(names_asked_for, missing & 32 ? 0 : 1);
        wires.context = &broken;
        Stream stream(wires, memory);
        stream.open(server, ask);
        Event event;
        CHECK_FALSE(stream.next(event));
        char words[300];
        const std::string said = stream.explain(oai::Buffer(words));
        CHECK_EQ(said.find(". Its words. ") != std::string::npos, !(missing & 64));
        CHECK_EQ(words_asked_for, missing & 64 ? 0 : 1);
        CHECK_EQ(link.hang_ups(), missing & 2 ? 0 : 1);
        CHECK(link.violations().empty());
    }
}

TEST_CASE("a request that changes while it is being sent") {
    struct Row {
        const char* name;
        std::string now;
    };
    const Row rows[] = {{"shorter", std::string(100, 'x')}, {"longer", std::string(100000, 'x')}};
    const oai::Endpoint server("http://h/v1");
    for (const Row& row : rows) {
        ROW(row.name);
        const std::string prompt(5000, 'p');
        oai::ChatRequest changing("m", oai::StringView(prompt));
        ScriptedTransport link;
        link.push_takes(300).push_says(IoResult::would_block()).answer(answer);
        link.pull_end = IoResult::would_block();
        char memory[1024];
        Stream stream(link.transport(), memory);
        REQUIRE(stream.open(server, changing) == Error::none);
        changing.prompt = row.now;
        Event event;
        while (stream.next(event)) {
        }
        const bool answered = stream.error() == Error::none;  // the early answer came first
        if (!answered) CHECK_EQ(name(stream.error()), name(Error::request_changed));
        CHECK(link.pushed().find("\"stream\":true}") == std::string::npos);
        // The connection with half a request on it is gone.
        stream.open(server, ask);
        CHECK_EQ(link.hang_ups(), 1);
        CHECK_EQ(link.connections(), 2);
    }
}

TEST_CASE("bytes(0) from a transport") {
    const oai::Endpoint server("http://h/v1");
    for (const bool from_pull : {true, false}) {
        ROW(from_pull ? "from pull" : "from push");
        ScriptedTransport link;
        if (from_pull) link.pull_says(IoResult::bytes(0));
        else link.push_says(IoResult::bytes(0));
        char memory[1024];
        Stream stream(link.transport(), memory);
        REQUIRE(stream.open(server, ask) == Error::none);
        Event event;
        CHECK_FALSE(stream.next(event));
        CHECK_EQ(name(stream.error()), name(Error::transport_contract));
        CHECK(stream.failure().category == oai::ErrorCategory::transport);
        CHECK_EQ(link.hang_ups(), 1);
    }
}
