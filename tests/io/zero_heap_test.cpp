// A whole conversation without the heap: malloc and operator new end the program while it runs.
#define OPENAI_STREAM_SOCKET
#include "io/conversation.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::SseEvent;
using oai::Stream;
using oai::Verdict;
using support::HeapTrap;

// Plays one answer, some bytes each call, and takes requests.
struct Link {
    std::string_view answer;
    size_t at = 0, calls = 0, pushed = 0, hang_ups = 0, dials = 0, waits = 0;

    IoResult dial(oai::StringView, uint16_t) {
        at = 0;
        return ++dials % 2 != 0 ? IoResult::would_block() : IoResult::ready();
    }
    IoResult pull(char* into, size_t room) {
        if (++calls % 4 == 0) return IoResult::would_block();
        if (at == answer.size()) return IoResult::closed();
        const size_t count = std::min({room, size_t{97}, answer.size() - at});
        memcpy(into, answer.data() + at, count);
        at += count;
        return IoResult::bytes(count);
    }
    IoResult push(const char*, size_t count) {
        if (++calls % 3 == 0) return IoResult::would_block();
        pushed += std::min<size_t>(count, 50);
        return IoResult::bytes(std::min<size_t>(count, 50));
    }
    IoResult wait(oai::Interest, uint32_t) {
        ++waits;
        return IoResult::ready();
    }
    void wake() {}
    void hang_up() { ++hang_ups; }
};

}  // namespace

TEST_CASE("a whole exchange over a scripted link") {
    struct Row {
        const char* name;
        std::string answer;
        bool raw;
        Error error;
    };
    const std::string tools = conversation::choice(
        "\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"" +
        std::string(9000, 'a') + "\"}}]}");
    const Row rows[] = {
        {"an answer", chunked_answer(conversation::short_answer, 50), false, Error::none},
        {"an answer with escapes and surrogates",
         chunked_answer(conversation::text("\\u00e9\\ud83d") + conversation::text("\\ude00 \xC3\xA9\xFF") +
                        conversation::done),
         false, Error::none},
        {"an event larger than the buffer",
         chunked_answer(conversation::text(std::string(100000, 'x')) + conversation::done), false, Error::none},
        {"a tool call larger than the buffer", chunked_answer(tools + conversation::done), false, Error::none},
        {"raw events", chunked_answer(conversation::short_answer, 50), true, Error::none},
        {"a refusal",
         counted_answer(429, "application/json", "{\"error\":{\"message\":\"slow \\u00e9\",\"code\":\"x\"}}",
                        "X-Request-Id: r\r\nRetry-After: 3\r\n"),
         false, Error::http_status},
        {"an error in the stream", chunked_answer(conversation::sse("{\"error\":{\"message\":\"M\"}}")), false,
         Error::server_error},
        {"HTML", counted_answer(200, "text/html", "<html></html>"), false, Error::not_event_stream},
        {"not JSON", chunked_answer(conversation::sse("{]")), false, Error::bad_json},
        {"a truncated answer", chunked_answer(conversation::short_answer, 50).substr(0, 300), false, Error::truncated},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Link link;
        link.answer = row.answer;
        Error error = Error::closed;
        size_t events = 0, message_bytes = 0;
        bool redone = false;
        {
            const HeapTrap trap;
            char memory[2048];
            const oai::Message messages[] = {oai::Message::system("You are terse."),
                                             oai::Message::user("Hello \xC3\xA9 \n")};
            const oai::Tool tools_of[] = {oai::Tool("f", "does it", "{\"type\":\"object\"}")};
            oai::Endpoint server("http://localhost:8080/v1", "secret");
            oai::ChatRequest ask("m", messages);
            ask.tools = tools_of;
            ask.extra_json = "\"temperature\":0.5";
            Stream stream(oai::transport_of(link), memory);
            stream.open(server, ask);
            Stream moved(std::move(stream));
            if (row.raw) {
                SseEvent event;
                while (moved.next(event)) events += event.data.size() != 0;
            } else {
                for (const Event& event : moved) events += event.kind <= oai::EventKind::keepalive;
            }
            error = moved.error();
            message_bytes = moved.failure().message.size() + strlen(oai::describe(error));
            moved.close();
            // And again, over a new connection.
            redone = moved.open(server, ask) == Error::none && (Event(), true);
            moved.cancel();
            Event event;
            moved.next(event);
        }
        CHECK_EQ(conversation::name(error), conversation::name(row.error));
        CHECK((events != 0 || row.error != Error::none));
        CHECK(message_bytes != 0);
        CHECK(redone);
        CHECK_EQ(link.hang_ups, 2);
        CHECK(link.pushed > 0);
        CHECK(link.waits > 0);
    }
}

TEST_CASE("the engine without I/O") {
    const std::string answer = chunked_answer(conversation::short_answer, 50);
    size_t events = 0;
    Verdict verdict = Verdict::still_open;
    {
        const HeapTrap trap;
        char memory[512];
        const oai::Endpoint server("http://h/v1");
        const oai::ChatRequest ask("m", "hi");
        oai::Exchange exchange{oai::Buffer(memory)};
        exchange.begin(server, ask);
        while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
        Event event;
        for (size_t at = 0; at < answer.size(); ++at) {
            *exchange.incoming().data = answer[at];
            exchange.received(1);
            while (exchange.poll(event) == oai::Poll::event) ++events;
        }
        verdict = exchange.verdict();
    }
    CHECK_EQ(events, 6);
    CHECK(verdict == Verdict::done_marker);
}

TEST_CASE("a whole exchange over a socket, to a numeric host; resolve() alone may use the heap") {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(listen(listener, 4) == 0);
    REQUIRE(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/v1";
    const std::string answer = chunked_answer(conversation::short_answer, 50);
    std::thread peer([&] {
        const int connection = accept(listener, nullptr, nullptr);
        std::string request;
        char bytes[4096];
        while (request.find("\"stream\":true}") == std::string::npos) {
            const ssize_t count = recv(connection, bytes, sizeof bytes, 0);
            if (count <= 0) break;
            request.append(bytes, static_cast<size_t>(count));
        }
        for (const char c : answer)
            if (send(connection, &c, 1, MSG_NOSIGNAL) != 1) break;
        ::close(connection);
    });
    struct Trapped : oai::Socket {
        size_t resolved = 0;
        IoResult resolve(oai::StringView host, uint16_t port) {
            const HeapTrap::Pause resolver;
            ++resolved;
            return Socket::resolve(host, port);
        }
    };
    size_t events = 0, resolved = 0;
    Error error = Error::closed;
    {
        const HeapTrap trap;
        Trapped socket;
        char memory[1024];
        const oai::Endpoint server{oai::StringView(url)};
        const oai::ChatRequest ask("m", "hi");
        Stream stream(oai::transport_of(socket), memory);
        stream.open(server, ask);
        for (const Event& event : stream) events += event.kind <= oai::EventKind::keepalive;
        error = stream.error();
        resolved = socket.resolved;
    }
    peer.join();
    ::close(listener);
    CHECK_EQ(conversation::name(error), conversation::name(Error::none));
    CHECK_EQ(events, 6);
    CHECK_EQ(resolved, 1);
}
