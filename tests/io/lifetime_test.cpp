// The first law: every state a Stream can be in is safe to poll, to close and to destroy, and each connection is hung
// up exactly once.
#define OPENAI_STREAM_SOCKET
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <new>
#include <type_traits>

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::counted_answer;
using conversation::Heard;
using conversation::is_consistent;
using conversation::name;
using conversation::short_answer;
using conversation::short_story;
using oai::Error;
using oai::Event;
using oai::Io;
using oai::Poll;
using oai::SseEvent;
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

static_assert(std::is_nothrow_default_constructible<Stream>::value, "a Stream can wait for its transport");
static_assert(std::is_nothrow_move_constructible<Stream>::value && std::is_nothrow_move_assignable<Stream>::value,
              "movable");
static_assert(!std::is_copy_constructible<Stream>::value && !std::is_copy_assignable<Stream>::value, "not copyable");
static_assert(noexcept(std::declval<Stream&>().close()) && noexcept(std::declval<Stream&>().cancel()), "never throw");
static_assert(std::is_trivially_destructible<oai::Exchange>::value, "an Exchange owns nothing");

// The loopback address, at a port where nobody listens.
class ClosedPort {
public:
    ClosedPort() {
        handle_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(bind(handle_, reinterpret_cast<sockaddr*>(&address), size) == 0);  // bound, and so taken by nobody else
        REQUIRE(getsockname(handle_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/v1";
    }
    ~ClosedPort() { ::close(handle_); }
    ClosedPort(const ClosedPort&) = delete;
    ClosedPort& operator=(const ClosedPort&) = delete;
    const std::string& url() const { return url_; }

private:
    int handle_;
    std::string url_;
};

// Socket, and how often it was called.
struct CountedSocket : oai::Socket {
    int connections = 0, hang_ups = 0;
    bool dialling = false;
    Io dial(oai::StringView host, uint16_t port) {
        connections += !dialling;
        const Io io = Socket::dial(host, port);
        dialling = io.is_would_block();
        return io;
    }
    void hang_up() {
        ++hang_ups;
        dialling = false;
        Socket::hang_up();
    }
};

// What was refused is polled, closed and destroyed in every order that matters.
void check_refused(Stream& stream, int32_t code) {
    Event event;
    SseEvent raw;
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::connect_failed));
    for (int twice = 0; twice < 2; ++twice) {
        CHECK(stream.poll(event) == Poll::failed);
        CHECK(stream.poll(raw) == Poll::failed);
        CHECK_FALSE(stream.next(event));
        for (const Event& unexpected : stream) CHECK_MESSAGE(false, static_cast<int>(unexpected.kind));
        stream.close();
        stream.cancel();
    }
    CHECK_EQ(name(stream.error()), name(Error::connect_failed));
    CHECK(stream.verdict() == Verdict::failed);
    CHECK(stream.failure().blame == oai::Blame::transport);
    CHECK_EQ(stream.failure().transport_code, code);
    CHECK_EQ(stream.failure().http_status, 0);
    CHECK(stream.wants() == oai::Interest::none);
}

}  // namespace

TEST_CASE("a refused connection leaves a stream that can be polled, closed and destroyed") {
    SUBCASE("a real socket") {
        const ClosedPort port;
        const oai::Endpoint server(port.url());
        const oai::ChatRequest ask("m", "hi");
        CountedSocket socket;
        char memory[2048];
        {
            Stream stream(oai::transport_of(socket), memory);
            const Error said = stream.open(server, ask);
            CHECK((said == Error::none || said == Error::connect_failed));
            check_refused(stream, ECONNREFUSED);
            CHECK_EQ(socket.hang_ups, 1);
        }
        CHECK_EQ(socket.connections, 1);
        CHECK_EQ(socket.hang_ups, 1);
    }
    SUBCASE("a real socket, destroyed at once") {
        const ClosedPort port;
        const oai::Endpoint server(port.url());
        const oai::ChatRequest ask("m", "hi");
        CountedSocket socket;
        char memory[2048];
        { Stream(oai::transport_of(socket), memory).open(server, ask); }
        CHECK_EQ(socket.hang_ups, 1);
    }
    SUBCASE("a scripted one, refused at once or after some time") {
        for (const int blocked : {0, 1, 3}) {
            INFO("would_block() before: ", blocked);
            const oai::Endpoint server("http://h/v1");
            const oai::ChatRequest ask("m", "hi");
            ScriptedTransport link;
            for (int call = 0; call < blocked; ++call) link.dial_says(Io::would_block());
            link.dial_says(Io::failed(-111));
            char memory[2048];
            {
                Stream stream(link.transport(), memory);
                CHECK_EQ(name(stream.open(server, ask)), name(blocked ? Error::none : Error::connect_failed));
                check_refused(stream, -111);
                CHECK_EQ(link.hang_ups(), 1);
            }
            CHECK_EQ(link.connections(), 1);
            CHECK_EQ(link.hang_ups(), 1);
            CHECK_EQ(link.calls(Call::pull), 0);
            CHECK_EQ(link.calls(Call::push), 0);
            CHECK(link.violations().empty());
        }
    }
}

// ---- every state x every operation ---------------------------------------------------------------------------------

namespace {

enum class Wiring { full, without_dial, without_hang_up };
enum class After { goes_on, peer_closes, breaks, blocks };  // what the link does after the state was reached

// A conversation that can be brought into a state, and everything it needs. Its second connection is next_link.
struct Talk {
    ScriptedTransport link, next_link, other_link;
    ScriptedTransport* at = &link;
    std::vector<char> memory = std::vector<char>(1024), other_memory = std::vector<char>(1024);
    std::string url = "http://h/v1", key = "secret", prompt = "hi", model = "m", extra;
    std::unique_ptr<oai::Endpoint> server;  // made by open()
    oai::ChatRequest ask;
    std::unique_ptr<Stream> stream;
    std::string rest;  // of the answer, which the peer would go on with
    oai::Transport wires;

    explicit Talk(Wiring wiring) {
        if (wiring == Wiring::without_dial) link.transport_without_dial();
        wires.context = this;
        wires.pull = [](void* self, char* into, size_t room) { return of(self).pull(wire(self), into, room); };
        wires.push = [](void* self, const char* from, size_t count) { return of(self).push(wire(self), from, count); };
        wires.wait = [](void* self, oai::Interest interest, uint32_t ms) {
            return of(self).wait(wire(self), interest, ms);
        };
        wires.wake = [](void* self) { of(self).wake(wire(self)); };
        wires.now_ms = [](void* self) { return of(self).now_ms(wire(self)); };
        if (wiring != Wiring::without_hang_up) wires.hang_up = [](void* self) { of(self).hang_up(wire(self)); };
        if (wiring != Wiring::without_dial)
            wires.dial = [](void* self, oai::StringView host, uint16_t port) {
                Talk& talk = *static_cast<Talk*>(self);
                if (talk.was_reopened) talk.at = &talk.next_link;
                return of(self).dial(wire(self), host, port);
            };
    }
    Talk(const Talk&) = delete;
    Talk& operator=(const Talk&) = delete;
    static void* wire(void* self) { return static_cast<Talk*>(self)->at; }
    static oai::Transport of(void* self) { return static_cast<Talk*>(self)->at->transport(); }
    Stream* waiting = nullptr;  // whom to cancel when nothing comes
    bool was_reopened = false;  // a dial from now on makes the second connection
    void construct() { stream = std::make_unique<Stream>(wires, oai::Buffer(memory.data(), memory.size())); }
    Error open() {
        if (!stream) construct();
        server = std::make_unique<oai::Endpoint>(oai::StringView(url), key);
        ask = oai::ChatRequest(model, oai::StringView(prompt));
        ask.extra_json = extra;
        return stream->open(*server, ask);
    }
    // The answer up to a byte, or (one behind the end) all of it; then the link has nothing for a while.
    void answer_until(const std::string& answer, size_t count) {
        link.answer(answer.substr(0, count));
        link.pull_says(Io::would_block());
        rest = answer.substr(std::min(count, answer.size()));
    }
    void then(After after) {
        if (after == After::goes_on) link.answer(rest);
        if (after == After::breaks) link.pull_end = link.push_end = link.dial_end = Io::failed(-32);
        if (after != After::blocks) return;
        link.pull_end = link.push_end = link.dial_end = link.wait_end = Io::would_block();
        link.on(Call::wait, link.calls(Call::wait) + 3, [this] { waiting->cancel(); });
    }
    Poll poll_all() {
        Heard ignored;
        Poll said = conversation::hear(*stream, ignored);
        for (int more = 0; said == Poll::pending && has(stream->wants(), oai::Interest::again) && more < 100; ++more)
            said = conversation::hear(*stream, ignored);
        return said;
    }
    // Opened, and polled until there is nothing to be read or it is over.
    void until(const std::string& answer, size_t count = std::string::npos) {
        if (count == std::string::npos) link.answer(answer);
        else answer_until(answer, count);
        open();
        poll_all();
    }
    void over(const std::string& answer) { until(answer); }
};

const std::string answer = chunked_answer(short_answer, 50);
const size_t head_size = answer.find("\r\n\r\n") + 4;
const std::string whole = counted_answer(200, "text/event-stream", short_answer);
const std::string closing = chunked_answer(short_answer, 50, "Connection: close\r\n");
std::string in_stream(const std::string& event) { return chunked_answer(event); }
std::string long_text(size_t count) { return std::string(count, 'x'); }

struct State {
    const char* name;
    void (*reach)(Talk&);
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    bool dials = true;     // a connection was made or tried
    bool is_kept = false;  // and can be used again
    bool has_spoken = false;  // events were handed out
    bool has_transport = true, has_buffer = true;  // that are good for a conversation
};

const State states[] = {
    {"default-constructed", [](Talk& t) { t.stream = std::make_unique<Stream>(); }, Error::not_open,
     Verdict::still_open, false, false, false, false, false},
    {"constructed, not opened", [](Talk& t) { t.construct(); }, Error::not_open, Verdict::still_open, false},
    {"closed before it was opened", [](Talk& t) { t.construct(), t.stream->close(); }, Error::not_open,
     Verdict::still_open, false},
    {"refused", [](Talk& t) { t.link.dial_says(Io::failed(-111)), t.open(); }, Error::connect_failed, Verdict::failed},
    {"refused later",
     [](Talk& t) { t.link.dial_says(Io::would_block()).dial_says(Io::failed(-111)), t.open(), t.poll_all(); },
     Error::connect_failed, Verdict::failed},
    {"dial says closed", [](Talk& t) { t.link.dial_says(Io::closed()), t.open(); }, Error::connect_failed,
     Verdict::failed},
    {"no such host", [](Talk& t) { t.link.dial_says(Io::unresolved(-2)), t.open(); }, Error::name_not_resolved,
     Verdict::failed},
    {"dialing", [](Talk& t) { t.link.dial_says(Io::would_block()), t.open(), t.rest = answer; }},
    {"dialing, polled",
     [](Talk& t) {
         t.link.dial_says(Io::would_block()).dial_says(Io::would_block());
         t.open(), t.poll_all(), t.rest = answer;
     }},
    {"opened, not polled", [](Talk& t) { t.open(), t.rest = answer; }},
    {"request half sent",
     [](Talk& t) {
         t.link.push_takes(20).push_says(Io::would_block());
         t.until(answer, 0);
     }},
    {"request half sent, the link takes no more",
     [](Talk& t) {
         t.link.push_takes(20).push_says(Io::closed());
         t.until(answer, 0);
     }},
    {"request sent, no byte yet", [](Talk& t) { t.until(answer, 0); }},
    {"in the status line", [](Talk& t) { t.until(answer, 7); }},
    {"in the head", [](Talk& t) { t.until(answer, 30); }},
    {"head complete", [](Talk& t) { t.until(answer, head_size); }},
    {"in a chunk's size", [](Talk& t) { t.until(answer, head_size + 1); }},
    {"in an event", [](Talk& t) { t.until(answer, head_size + 20); }},
    {"an event handed out, more of it in the buffer",
     [](Talk& t) {
         t.link.answer(whole), t.open();
         Event event;
         REQUIRE(t.stream->poll(event) == Poll::event);
     },
     Error::none, Verdict::still_open, true, false, true},
    {"between events", [](Talk& t) { t.until(whole, whole.find("Hello")); }, Error::none, Verdict::still_open, true,
     false, true},
    {"a piece of an event larger than the buffer handed out",
     [](Talk& t) {
         const std::string large = counted_answer(200, "text/event-stream",
                                                  conversation::text(long_text(3000)) + conversation::finish() +
                                                      conversation::done);
         t.until(large, 2000);
     },
     Error::none, Verdict::still_open, true, false, true},
    {"half a surrogate pair held back",
     [](Talk& t) {
         const std::string halves =
             conversation::text("\\ud83d") + conversation::text("\\ude00") + conversation::finish();
         const std::string said = counted_answer(200, "text/event-stream", halves + conversation::done);
         t.until(said, said.find("\\ude00"));
     },
     Error::none, Verdict::still_open, true, false, true},
    {"done, connection closed", [](Talk& t) { t.over(closing); }, Error::none, Verdict::done_marker, true, false, true},
    {"done, the message's end has not come",
     [](Talk& t) {
         t.over(answer.substr(0, answer.size() - 5));
         t.rest = answer.substr(answer.size() - 5);
     },
     Error::none, Verdict::done_marker, true, true, true},
    {"done and drained", [](Talk& t) { t.over(answer); }, Error::none, Verdict::done_marker, true, true, true},
    {"done without an end marker",
     [](Talk& t) {
         t.over(counted_answer(200, "text/event-stream", conversation::text("a") + conversation::finish()));
     },
     Error::none, Verdict::finish_then_eof, true, true, true},
    {"done, then closed", [](Talk& t) { t.over(answer), t.stream->close(); }, Error::none, Verdict::done_marker, true,
     false, true},
    {"cancelled, not polled", [](Talk& t) { t.until(answer, 0), t.stream->cancel(); }},
    {"cancelled", [](Talk& t) { t.until(answer, 0), t.stream->cancel(), t.poll_all(); }, Error::cancelled,
     Verdict::cancelled},
    {"closed while dialing", [](Talk& t) { t.link.dial_says(Io::would_block()), t.open(), t.stream->close(); },
     Error::closed, Verdict::closed_by_caller},
    {"closed in an event", [](Talk& t) { t.until(answer, head_size + 20), t.stream->close(); }, Error::closed,
     Verdict::closed_by_caller},
    {"closed twice", [](Talk& t) { t.until(answer, 30), t.stream->close(), t.stream->close(); }, Error::closed,
     Verdict::closed_by_caller},
    {"moved from, in an event",
     [](Talk& t) {
         t.until(answer, head_size + 20);
         const Stream taken(std::move(*t.stream));
     },
     Error::not_open, Verdict::still_open, true, false, false, false, false},
    {"moved to, in an event",
     [](Talk& t) {
         t.until(answer, head_size + 20);
         auto taken = std::make_unique<Stream>(std::move(*t.stream));
         t.stream = std::move(taken);
     }},
    // Every Error.
    {"bad_url", [](Talk& t) { t.url = "ftp://h", t.open(); }, Error::bad_url, Verdict::failed, false},
    {"bad_header_value", [](Talk& t) { t.key = "a\r\nb", t.open(); }, Error::bad_header_value, Verdict::failed, false},
    {"bad_request_json", [](Talk& t) { t.extra = "\"a\":", t.open(); }, Error::bad_request_json, Verdict::failed,
     false},
    {"bad_request_field", [](Talk& t) { t.model.clear(), t.open(); }, Error::bad_request_field, Verdict::failed, false},
    {"request_changed",
     [](Talk& t) {
         t.prompt = long_text(5000);
         t.open();
         t.ask.prompt = "short";
         t.poll_all();
     },
     Error::request_changed, Verdict::failed},
    {"needs_tls", [](Talk& t) { t.url = "https://h/v1", t.open(); }, Error::needs_tls, Verdict::failed, false},
    {"no_transport", [](Talk& t) { t.wires.pull = nullptr, t.open(); }, Error::no_transport, Verdict::failed, false,
     false, false, false, true},
    {"mode_fixed",
     [](Talk& t) {
         t.until(answer, 30);
         SseEvent event;
         t.stream->poll(event);
     },
     Error::mode_fixed, Verdict::failed},
    {"buffer_too_small", [](Talk& t) { t.memory.resize(oai::min_buffer_bytes - 1), t.open(); }, Error::buffer_too_small,
     Verdict::failed, false, false, false, true, false},
    {"event_too_large", [](Talk& t) { t.over(in_stream(conversation::sse("{\"id\":\"" + long_text(2000) + "\"}"))); },
     Error::event_too_large, Verdict::failed},
    {"json_too_deep", [](Talk& t) { t.over(in_stream(conversation::sse("{\"a\":" + std::string(200, '[')))); },
     Error::json_too_deep, Verdict::failed},
    {"head_too_large", [](Talk& t) { t.over("HTTP/1.1 200 OK\r\nX: " + long_text(70000)); }, Error::head_too_large,
     Verdict::failed},
    {"transport_contract", [](Talk& t) { t.link.pull_says(Io::bytes(0)), t.open(), t.poll_all(); },
     Error::transport_contract, Verdict::failed},
    {"connection_lost",
     [](Talk& t) {
         t.link.answer(answer.substr(0, 100)).pull_says(Io::failed(-104));
         t.open(), t.poll_all();
     },
     Error::connection_lost, Verdict::failed},
    {"no_response", [](Talk& t) { t.over(""); }, Error::no_response, Verdict::failed},
    {"truncated", [](Talk& t) { t.over(answer.substr(0, answer.size() - 30)); }, Error::truncated, Verdict::truncated,
     true, false, true},
    {"bad_status_line", [](Talk& t) { t.over("SSH-2.0-x\r\n"); }, Error::bad_status_line, Verdict::failed},
    {"bad_header", [](Talk& t) { t.over("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"); }, Error::bad_header, Verdict::failed},
    {"bad_framing", [](Talk& t) { t.over("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"); }, Error::bad_framing,
     Verdict::failed},
    {"bad_chunk", [](Talk& t) { t.over(answer.substr(0, head_size) + "zz\r\n"); }, Error::bad_chunk, Verdict::failed},
    {"unexpected_upgrade", [](Talk& t) { t.over("HTTP/1.1 101 Switching Protocols\r\n\r\n"); },
     Error::unexpected_upgrade, Verdict::failed},
    {"content_encoding", [](Talk& t) { t.over(chunked_answer(short_answer, 50, "Content-Encoding: gzip\r\n")); },
     Error::content_encoding, Verdict::failed},
    {"not_event_stream", [](Talk& t) { t.over(counted_answer(200, "text/html", "<html>login</html>")); },
     Error::not_event_stream, Verdict::failed},
    {"bad_json", [](Talk& t) { t.over(in_stream(conversation::sse("{]"))); }, Error::bad_json, Verdict::failed},
    {"late_key",
     [](Talk& t) {
         t.over(in_stream(conversation::sse("{\"choices\":[{\"delta\":{\"content\":\"" + long_text(3000) +
                                            "\"},\"index\":1}]}")));
     },
     Error::late_key, Verdict::failed, true, false, true},
    {"http_status",
     [](Talk& t) { t.over(counted_answer(429, "application/json", "{\"error\":{\"message\":\"slow\"}}")); },
     Error::http_status, Verdict::failed},
    {"server_error", [](Talk& t) { t.over(in_stream(conversation::sse("{\"error\":{\"message\":\"overloaded\"}}"))); },
     Error::server_error, Verdict::failed},
};

// What is the same before and after, unless it was told to change.
struct Seen {
    Error error;
    Verdict verdict;
    explicit Seen(const Stream& stream) : error(stream.error()), verdict(stream.verdict()) {}
    bool is_running() const { return error == Error::none && verdict == Verdict::still_open; }
    Poll poll() const { return is_running() ? Poll::pending : error == Error::none ? Poll::done : Poll::failed; }
    bool operator==(const Seen& other) const { return error == other.error && verdict == other.verdict; }
};

template <class E> void check_poll(Talk& talk, Stream& stream) {
    const Seen before(stream);
    const size_t calls = talk.link.all_calls();
    Heard heard;
    const Poll said = conversation::hear<E>(stream, heard);
    CHECK(is_consistent(stream, said));
    if (before.is_running()) return;
    CHECK(said == before.poll());
    CHECK(Seen(stream) == before);
    CHECK_EQ(talk.link.all_calls(), calls);
    CHECK_EQ(heard.events, 0);
}

// To the end, by next(); what was heard.
template <class E> Heard check_next(Talk& talk, Stream& stream) {
    const Seen before(stream);
    const size_t calls = talk.link.all_calls();
    Heard heard;
    E event;
    talk.waiting = &stream;
    while (stream.next(event)) heard.add(event);
    const Seen after(stream);
    CHECK_FALSE(after.is_running());
    CHECK(is_consistent(stream, after.poll()));
    CHECK_EQ(heard.ill_formed + heard.torn, 0);
    if (before.is_running()) return heard;
    CHECK(after == before);
    CHECK_EQ(talk.link.all_calls(), calls);
    CHECK_EQ(heard.events, 0);
    return heard;
}

void check_closed(Talk& talk, const Seen& before, const Stream& stream) {
    CHECK(Seen(stream).error == (before.is_running() ? Error::closed : before.error));
    CHECK(Seen(stream).verdict == (before.is_running() ? Verdict::closed_by_caller : before.verdict));
    CHECK(stream.wants() == oai::Interest::none);
    if (talk.wires.hang_up && talk.wires.dial) CHECK_FALSE(talk.link.is_open());
}

// A second conversation, on a link of its own, in the middle of an event.
std::unique_ptr<Stream> running_stream(Talk& talk, const oai::Endpoint& server, const oai::ChatRequest& ask) {
    talk.other_link.answer(answer.substr(0, head_size + 20))
        .pull_says(Io::would_block())
        .answer(answer.substr(head_size + 20));
    auto other = std::make_unique<Stream>(talk.other_link.transport(),
                                          oai::Buffer(talk.other_memory.data(), talk.other_memory.size()));
    Event event;
    REQUIRE(other->open(server, ask) == Error::none);
    REQUIRE(other->poll(event) == Poll::pending);
    return other;
}

const oai::Endpoint other_server("http://other/v1");
const oai::ChatRequest other_ask("m", "other");

// A second conversation on the same Stream, to its end.
void check_open(Talk& talk, const State& state, const char* url) {
    const oai::Endpoint server(url);
    const bool reuses = state.is_kept && server.effective_port() == 80;
    const Error expected = !state.has_buffer                                 ? Error::buffer_too_small
                           : !state.has_transport                            ? Error::no_transport
                           : !talk.wires.dial && state.dials && !reuses      ? Error::no_redial
                                                                             : Error::none;
    talk.was_reopened = true;
    talk.link.wait_says(Io::would_block());  // nothing to be read: the peer has not closed
    if (expected == Error::none) (reuses || !talk.wires.dial ? talk.link : talk.next_link).answer(answer);
    CHECK_EQ(name(talk.stream->open(server, other_ask)), name(expected));
    if (talk.wires.dial) CHECK_EQ(talk.next_link.connections(), expected == Error::none && !reuses ? 1 : 0);
    if (talk.wires.dial && talk.wires.hang_up) CHECK_EQ(talk.link.is_open(), reuses);
    if (expected != Error::none) return check_poll<Event>(talk, *talk.stream);
    Heard heard;
    Event event;
    while (talk.stream->next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    CHECK(talk.stream->verdict() == Verdict::done_marker);
}

struct Operation {
    const char* name;
    void (*run)(Talk&, const State&);
    bool goes_on = true;  // whether what the link does next matters
};

const Operation operations[] = {
    {"poll(Event)", [](Talk& t, const State&) { check_poll<Event>(t, *t.stream); }},
    {"poll(Event) again and again", [](Talk& t, const State&) {
         for (int times = 0; times < 5; ++times) check_poll<Event>(t, *t.stream);
     }},
    {"poll(SseEvent)", [](Talk& t, const State&) { check_poll<SseEvent>(t, *t.stream); }},
    {"next(Event)", [](Talk& t, const State&) { check_next<Event>(t, *t.stream); }},
    {"next(SseEvent)", [](Talk& t, const State&) { check_next<SseEvent>(t, *t.stream); }},
    {"iterate", [](Talk& t, const State&) {
         const bool was_running = Seen(*t.stream).is_running();
         size_t count = 0;
         t.waiting = t.stream.get();
         for (const Event& event : *t.stream) count += event.kind <= oai::EventKind::keepalive;
         CHECK_FALSE(Seen(*t.stream).is_running());
         if (!was_running) CHECK_EQ(count, 0);
     }},
    {"close", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         t.stream->close();
         check_closed(t, before, *t.stream);
         check_poll<Event>(t, *t.stream);
         t.stream->close();
         check_closed(t, before, *t.stream);
         check_next<Event>(t, *t.stream);
     }, false},
    {"cancel", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         t.stream->cancel();
         CHECK(Seen(*t.stream) == before);
         Event event;
         const Poll said = t.stream->poll(event);
         CHECK(is_consistent(*t.stream, said));
         CHECK(said == (before.is_running() ? Poll::failed : before.poll()));
         CHECK(Seen(*t.stream).error == (before.is_running() ? Error::cancelled : before.error));
         CHECK(Seen(*t.stream).verdict == (before.is_running() ? Verdict::cancelled : before.verdict));
         if (before.is_running() && t.wires.hang_up) CHECK_FALSE(t.link.is_open());
     }, false},
    {"cancel, then next(SseEvent)", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         t.stream->cancel();
         SseEvent event;
         CHECK_FALSE(t.stream->next(event));
         CHECK(Seen(*t.stream).error == (before.is_running() ? Error::cancelled : before.error));
     }, false},
    {"move-construct from it", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         const size_t hang_ups = t.link.hang_ups();
         const oai::Interest wants = t.stream->wants();
         Stream taken(std::move(*t.stream));
         CHECK(Seen(taken) == before);
         CHECK(taken.wants() == wants);
         CHECK_EQ(name(t.stream->error()), name(Error::not_open));
         CHECK(t.stream->wants() == oai::Interest::none);
         t.stream->close();
         check_poll<Event>(t, *t.stream);
         t.stream.reset();
         CHECK_EQ(t.link.hang_ups(), hang_ups);
         check_next<Event>(t, taken);
     }},
    {"move-assign from it, to an empty one", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         Stream taken;
         taken = std::move(*t.stream);
         CHECK(Seen(taken) == before);
         CHECK_EQ(name(t.stream->error()), name(Error::not_open));
         check_poll<SseEvent>(t, *t.stream);
         check_next<Event>(t, taken);
         taken.close();
     }},
    {"move-assign from it, to a running one", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         const auto other = running_stream(t, other_server, other_ask);
         *other = std::move(*t.stream);
         CHECK_EQ(t.other_link.hang_ups(), 1);
         CHECK(Seen(*other) == before);
         check_next<Event>(t, *other);
     }},
    {"move-assign a running one onto it", [](Talk& t, const State&) {
         const auto other = running_stream(t, other_server, other_ask);
         *t.stream = std::move(*other);
         if (t.wires.hang_up && t.wires.dial) CHECK_FALSE(t.link.is_open());
         CHECK_EQ(t.other_link.hang_ups(), 0);
         CHECK_EQ(name(other->error()), name(Error::not_open));
         Heard heard;
         Event event;
         while (t.stream->next(event)) heard.add(event);
         CHECK_EQ(heard.story, short_story);
         CHECK(t.stream->verdict() == Verdict::done_marker);
     }, false},
    {"move-assign an empty one onto it", [](Talk& t, const State&) {
         *t.stream = Stream();
         CHECK_EQ(name(t.stream->error()), name(Error::not_open));
         if (t.wires.hang_up && t.wires.dial) CHECK_FALSE(t.link.is_open());
         check_poll<Event>(t, *t.stream);
     }, false},
    {"move-assign it onto itself", [](Talk& t, const State&) {
         const Seen before(*t.stream);
         Stream& same = *t.stream;
         *t.stream = std::move(same);
         CHECK(Seen(*t.stream) == before);
         check_next<Event>(t, *t.stream);
     }},
    {"destroy", [](Talk& t, const State&) { t.stream.reset(); }, false},
    {"look at it", [](Talk& t, const State&) {
         const Stream& stream = *t.stream;
         const Seen before(stream);
         const oai::Failure failure = stream.failure();
         CHECK(failure.error == before.error);
         CHECK(failure.blame == oai::blame(before.error));
         CHECK(has(stream.wants(), oai::Interest::read | oai::Interest::write | oai::Interest::again) ==
               before.is_running());
         CHECK(stream.stats().received_bytes <= 1000000);
         CHECK(stream.quirks().count(oai::Quirk::bad_utf8) == 0);
         CHECK(Seen(stream) == before);
     }, false},
    {"open again, the same server", [](Talk& t, const State& state) { check_open(t, state, "http://h:80/"); }, false},
    {"open again, another server", [](Talk& t, const State& state) { check_open(t, state, "http://h:81/"); }, false},
    {"open again what cannot be sent", [](Talk& t, const State& state) {
         t.was_reopened = true;
         const oai::Endpoint server("no URL");
         CHECK_EQ(name(t.stream->open(server, other_ask)),
                  name(state.has_buffer ? Error::bad_url : Error::buffer_too_small));
         if (t.wires.hang_up && t.wires.dial) CHECK_FALSE(t.link.is_open());
         check_poll<Event>(t, *t.stream);
     }, false},
};

void check_end(Talk& talk, const State& state, Wiring wiring) {
    CHECK_EQ(talk.other_link.hang_ups(), talk.other_link.connections());
    CHECK(talk.other_link.violations().empty());
    if (wiring == Wiring::without_hang_up) return;
    for (const ScriptedTransport* link : {&talk.link, &talk.next_link}) {
        if (wiring == Wiring::full) CHECK_EQ(link->hang_ups(), link->connections());
        if (wiring == Wiring::full) CHECK_FALSE(link->is_open());
        CHECK(link->connections() <= 1);
        for (const std::string& violation : link->violations()) FAIL_CHECK(violation);
    }
    if (wiring == Wiring::without_dial) {
        const bool was_used = state.dials || talk.link.all_calls() != 0;
        CHECK_EQ(talk.link.hang_ups(), was_used ? 1 : 0);
    }
}

bool needs_dial(const State& state) {
    const std::string_view name = state.name;
    return name.find("refused") == 0 || name.find("dial") == 0 || name.find("no such host") == 0 ||
           name == "closed while dialing";
}

}  // namespace

TEST_CASE(
    "every state is safe to poll, close, cancel, move, destroy and open again, and is hung up once for each dial") {
    struct Wired {
        const char* name;
        Wiring wiring;
    };
    const Wired wirings[] = {{"all functions", Wiring::full},
                             {"no dial", Wiring::without_dial},
                             {"no hang_up", Wiring::without_hang_up}};
    struct Then {
        const char* name;
        After after;
    };
    const Then thens[] = {{"the answer goes on", After::goes_on},
                          {"the peer closes", After::peer_closes},
                          {"the link breaks", After::breaks},
                          {"nothing comes", After::blocks}};
    size_t cells = 0;
    for (const State& state : states) {
        ROW(state.name);
        for (const Wired& wired : wirings) {
            if (wired.wiring == Wiring::without_dial && needs_dial(state)) continue;
            for (const Operation& operation : operations) {
                for (const Then& then : thens) {
                    if (!operation.goes_on && then.after != After::goes_on) continue;
                    INFO(std::string(operation.name), ", ", std::string(wired.name), ", ", std::string(then.name));
                    ++cells;
                    Talk talk(wired.wiring);
                    state.reach(talk);
                    REQUIRE(talk.stream);
                    CHECK_EQ(name(talk.stream->error()), name(state.error));
                    CHECK(talk.stream->verdict() == state.verdict);
                    if (wired.wiring == Wiring::full)
                        CHECK_EQ(talk.link.is_open(), state.is_kept || (Seen(*talk.stream).is_running()));
                    if (wired.wiring == Wiring::full) CHECK_EQ(talk.link.connections(), state.dials ? 1 : 0);
                    talk.then(then.after);
                    operation.run(talk, state);
                    if (talk.stream) {
                        talk.stream->close();
                        talk.stream.reset();
                    }
                    check_end(talk, state, wired.wiring);
                }
            }
        }
    }
    std::printf("lifetime: %zu cells of %zu states and %zu operations\n", cells, sizeof states / sizeof *states,
                sizeof operations / sizeof *operations);
}

// ---- from inside the transport's callbacks -------------------------------------------------------------------------

namespace {

const oai::Endpoint here("http://h/v1");

// A conversation in which every function is called several times: dial, push and pull would block now and then.
struct Eventful {
    ScriptedTransport link;
    std::string prompt = std::string(700, 'p');
    oai::ChatRequest ask{"m", oai::StringView(prompt)};
    char memory[1024];
    std::unique_ptr<Stream> stream;
    Heard heard;
    Error open_said = Error::none;

    Eventful() {
        link.dial_says(Io::would_block()).dial_says(Io::would_block());
        for (int block = 0; block < 4; ++block) link.push_takes(150).push_says(Io::would_block());
        for (size_t at = 0; at < answer.size(); at += 60)
            link.pull_says(Io::would_block()).answer(std::string_view(answer).substr(at, 60));
        stream = std::make_unique<Stream>(link.transport(), memory);
    }
    void run() {
        open_said = stream->open(here, ask);
        Event event;
        while (stream->next(event)) heard.add(event);
    }
};

struct Doing {
    const char* name;
    void (*run)(Stream&, std::vector<std::string>& wrong);
    Error error;  // that the conversation ends with
};

void expect(std::vector<std::string>& wrong, bool right, const char* what) {
    if (!right) wrong.push_back(what);
}

const oai::ChatRequest inner_ask("m", "inner");
const oai::Endpoint nowhere;

const Doing doings[] = {
    {"close", [](Stream& s, std::vector<std::string>& wrong) {
         s.close();
         expect(wrong, s.error() == Error::closed, "error() is not closed");
         expect(wrong, s.wants() == oai::Interest::none, "wants() something after close()");
     }, Error::closed},
    {"close twice", [](Stream& s, std::vector<std::string>&) { s.close(), s.close(); }, Error::closed},
    {"close, poll, close", [](Stream& s, std::vector<std::string>& wrong) {
         Event event;
         s.close();
         expect(wrong, s.poll(event) == Poll::failed, "poll() did not fail");
         s.close();
     }, Error::closed},
    {"cancel", [](Stream& s, std::vector<std::string>&) { s.cancel(); }, Error::cancelled},
    {"cancel twice", [](Stream& s, std::vector<std::string>&) { s.cancel(), s.cancel(); }, Error::cancelled},
    {"cancel, close", [](Stream& s, std::vector<std::string>&) { s.cancel(), s.close(); }, Error::closed},
    {"poll(Event)", [](Stream& s, std::vector<std::string>& wrong) {
         Event event;
         expect(wrong, s.poll(event) == Poll::failed, "poll() did not fail");
     }, Error::none},
    {"poll(SseEvent)", [](Stream& s, std::vector<std::string>& wrong) {
         SseEvent event;
         expect(wrong, s.poll(event) == Poll::failed, "poll() did not fail");
     }, Error::none},
    {"next(Event)", [](Stream& s, std::vector<std::string>& wrong) {
         Event event;
         expect(wrong, !s.next(event), "next() gave an event");
     }, Error::none},
    {"next(SseEvent)", [](Stream& s, std::vector<std::string>& wrong) {
         SseEvent event;
         expect(wrong, !s.next(event), "next() gave an event");
     }, Error::none},
    {"iterate", [](Stream& s, std::vector<std::string>& wrong) {
         for (const Event& event : s) expect(wrong, event.text.empty() && false, "an event");
     }, Error::none},
    {"open", [](Stream& s, std::vector<std::string>& wrong) {
         expect(wrong, s.open(here, inner_ask) == Error::reentered, "open() did not say reentered");
         expect(wrong, s.open(nowhere, inner_ask) == Error::reentered, "open() did not say reentered");
     }, Error::none},
    {"look at it", [](Stream& s, std::vector<std::string>&) {
         const oai::Failure failure = s.failure();
         static_cast<void>(failure.error), static_cast<void>(s.wants()), static_cast<void>(s.stats().events);
     }, Error::none},
};

}  // namespace

TEST_CASE("close, cancel, poll, next and open from inside dial, push, pull and wait") {
    struct Place {
        const char* name;
        Call call;
    };
    const Place places[] = {{"dial", Call::dial}, {"push", Call::push}, {"pull", Call::pull}, {"wait", Call::wait}};
    Eventful undisturbed;
    undisturbed.run();
    REQUIRE(undisturbed.heard.story == short_story);
    REQUIRE(undisturbed.stream->verdict() == Verdict::done_marker);
    size_t cells = 0;
    for (const Place& place : places) {
        const size_t calls = undisturbed.link.calls(place.call);
        REQUIRE(calls >= 3);
        for (const Doing& doing : doings) {
            ROW(std::string(doing.name) + " inside " + place.name);
            for (size_t index = 0; index < calls; ++index) {
                INFO("call ", index, " of ", calls);
                ++cells;
                Eventful talk;
                std::vector<std::string> wrong;
                bool was_run = false;
                talk.link.on(place.call, index, [&] {
                    was_run = true;
                    doing.run(*talk.stream, wrong);
                });
                talk.run();
                CHECK(was_run);
                for (const std::string& what : wrong) FAIL_CHECK(what);
                const bool in_open = place.call == Call::dial && index == 0;
                if (in_open && doing.error == Error::closed) CHECK_EQ(name(talk.open_said), name(Error::closed));
                else if (!in_open || doing.error == Error::none) CHECK_EQ(name(talk.open_said), name(Error::none));
                CHECK_EQ(name(talk.stream->error()), name(doing.error));
                CHECK(talk.stream->verdict() == (doing.error == Error::none     ? Verdict::done_marker
                                                 : doing.error == Error::closed ? Verdict::closed_by_caller
                                                                                : Verdict::cancelled));
                if (doing.error == Error::none) CHECK_EQ(talk.heard.story, short_story);
                else CHECK_EQ(short_story.compare(0, talk.heard.story.size(), talk.heard.story), 0);
                if (doing.error == Error::none) CHECK_EQ(talk.link.all_calls(), undisturbed.link.all_calls());
                CHECK_EQ(talk.link.hang_ups(), doing.error == Error::none ? 0 : 1);
                talk.stream.reset();
                CHECK_EQ(talk.link.hang_ups(), 1);
                CHECK_EQ(talk.link.connections(), 1);
                for (const std::string& violation : talk.link.violations()) FAIL_CHECK(violation);
            }
        }
    }
    std::printf("lifetime: %zu cells from inside dial, push, pull and wait\n", cells);
}

TEST_CASE("close, cancel, poll, next and open from inside hang_up") {
    struct Path {
        const char* name;
        void (*run)(Eventful&);
        Error error;  // afterwards; not_open: destroyed
    };
    const Path paths[] = {
        {"by close()", [](Eventful& t) { t.stream->open(here, t.ask), t.stream->close(); }, Error::closed},
        {"by the destructor", [](Eventful& t) { t.stream->open(here, t.ask), t.stream.reset(); }, Error::not_open},
        {"by the destructor, after the end", [](Eventful& t) { t.run(), t.stream.reset(); }, Error::not_open},
        {"by a refusal",
         [](Eventful& t) {
             t.link.intrude(0, Io::failed(-1));
             t.run();
         },
         Error::connect_failed},
        {"by a broken link",
         [](Eventful& t) { t.link.intrude(14, Io::failed(-1)).intrude(15, Io::failed(-1)), t.run(); },
         Error::connection_lost},
        {"by a cancelled poll",
         [](Eventful& t) {
             t.stream->open(here, t.ask);
             t.stream->cancel();
             Event event;
             CHECK(t.stream->poll(event) == Poll::failed);
         },
         Error::cancelled},
        {"by an assignment", [](Eventful& t) { t.stream->open(here, t.ask), *t.stream = Stream(); }, Error::not_open},
        {"by open() of another server",
         [](Eventful& t) {
             t.run();
             static const oai::Endpoint there("http://there/v1");
             CHECK(t.stream->open(there, inner_ask) == Error::none);
         },
         Error::none},
    };
    size_t cells = 0;
    for (const Path& path : paths) {
        for (const Doing& doing : doings) {
            ROW(std::string(doing.name) + " inside hang_up, called " + path.name);
            ++cells;
            Eventful talk;
            std::vector<std::string> wrong;
            bool was_run = false;
            Stream* const inside = talk.stream.get();
            talk.link.on(Call::hang_up, 0, [&] {
                was_run = true;
                const Error before = inside->error();
                std::vector<std::string> ignored;
                // close() has nothing left to do there, but for a running conversation that open() abandons.
                doing.run(*inside, doing.error == Error::closed ? ignored : wrong);
                if (before != Error::none && inside->error() != before) wrong.push_back("error() was changed");
            });
            path.run(talk);
            CHECK(was_run);
            for (const std::string& what : wrong) FAIL_CHECK(what);
            if (talk.stream) CHECK_EQ(name(talk.stream->error()), name(path.error));
            talk.stream.reset();
            CHECK_EQ(talk.link.hang_ups(), talk.link.connections());
            for (const std::string& violation : talk.link.violations()) FAIL_CHECK(violation);
        }
    }
    std::printf("lifetime: %zu cells from inside hang_up\n", cells);
}

TEST_CASE(
    "close, cancel, poll, next and open from inside the pull and the wait that look at a kept connection") {
    struct Place {
        const char* name;
        Call call;
        Io wait;
    };
    const Place places[] = {{"pull", Call::pull, Io::would_block()},
                            {"wait, which finds nothing", Call::wait, Io::would_block()},
                            {"wait, which finds something", Call::wait, Io::ready()}};
    for (const Place& place : places) {
        for (const Doing& doing : doings) {
            ROW(std::string(doing.name) + " inside " + place.name);
            char memory[1024];
            ScriptedTransport link;
            link.answer(answer.substr(0, answer.size() - 5)).answer(answer.substr(answer.size() - 5));
            link.wait_says(place.wait);
            Stream stream(link.transport(), memory);
            REQUIRE(stream.open(here, inner_ask) == Error::none);
            Heard heard;
            Event event;
            while (stream.next(event)) heard.add(event);
            REQUIRE(heard.story == short_story);
            std::vector<std::string> wrong, ignored;
            bool was_run = false;
            link.pull_says(Io::would_block()).answer(answer);
            link.on(place.call, link.calls(place.call), [&] {
                was_run = true;
                doing.run(stream, wrong);
            });
            // From open() on, all this means the new conversation.
            CHECK_EQ(name(stream.open(here, inner_ask)), name(Error::none));
            CHECK_FALSE(was_run);
            heard = Heard();
            while (stream.next(event)) heard.add(event);
            CHECK(was_run);
            for (const std::string& what : wrong) FAIL_CHECK(what);
            CHECK_EQ(name(stream.error()), name(doing.error));
            CHECK_EQ(heard.story, doing.error == Error::none ? short_story : "");
            REQUIRE_EQ(link.connections(), 1);
            stream.close();
            CHECK_EQ(link.hang_ups(), link.connections());
            for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
        }
    }
}

TEST_CASE("cancel ends a wait at once when there is a wake, and within a slice when there is none") {
    for (const bool has_wake : {true, false}) {
        ROW(has_wake ? "with wake" : "without wake");
        ScriptedTransport link;
        link.pull_end = link.wait_end = Io::would_block();
        oai::Transport wires = link.transport();
        uint32_t longest = 0;
        static uint32_t* told;
        told = &longest;
        if (!has_wake) wires.wake = nullptr;
        wires.wait = [](void* self, oai::Interest interest, uint32_t ms) {
            *told = std::max(*told, ms);
            ScriptedTransport& of = *static_cast<ScriptedTransport*>(self);
            return of.transport().wait(self, interest, ms);
        };
        char memory[1024];
        Stream stream(wires, memory);
        link.on(Call::wait, 2, [&] { stream.cancel(); });
        REQUIRE(stream.open(here, inner_ask) == Error::none);
        Event event;
        CHECK_FALSE(stream.next(event));
        CHECK_EQ(name(stream.error()), name(Error::cancelled));
        CHECK_EQ(link.wakes(), has_wake ? 1 : 0);
        CHECK_EQ(link.calls(Call::wait), 3);
        if (!has_wake) CHECK(longest <= 50);
        CHECK(longest > 0);
        stream.close();
        CHECK_EQ(link.hang_ups(), 1);
    }
}

TEST_CASE("an open() forgets an earlier cancel") {
    ScriptedTransport link;
    link.answer(answer);
    char memory[1024];
    Stream stream(link.transport(), memory);
    stream.cancel();
    REQUIRE(stream.open(here, inner_ask) == Error::none);
    Heard heard;
    Event event;
    while (stream.next(event)) heard.add(event);
    CHECK_EQ(heard.story, short_story);
    stream.close();
    CHECK_EQ(link.hang_ups(), 1);
}

TEST_CASE("close from inside hang_up ends a conversation that was about to connect once more") {
    struct Case {
        const char* name;
        Error error;          // that an undisturbed one ends with
        uint32_t headers_ms;  // 0: without limits
        bool is_kept;         // the connection, whose death is seen by the second conversation
        bool has_retries;
        void (*meet)(ScriptedTransport& link);
    };
    const Case cases[] = {
        {"for another attempt", Error::no_response, 0, false, true, [](ScriptedTransport&) {}},
        {"for another attempt, at once", Error::no_response, 0, false, true,
         [](ScriptedTransport& link) {
             link.answer(counted_answer(503, "text/plain", "busy", "Retry-After: 0\r\n"));
         }},
        {"for another attempt, after a time-out", Error::headers_timeout, 50, false, true,
         [](ScriptedTransport& link) { link.pull_end = link.wait_end = Io::would_block(); }},
        {"in place of a kept connection", Error::no_response, 0, true, false,
         [](ScriptedTransport& link) { link.answer(answer); }},
        {"in place of a kept connection, with a RetryPolicy", Error::no_response, 0, true, true,
         [](ScriptedTransport& link) { link.answer(answer); }},
    };
    for (const Case& one : cases) {
        for (const bool is_closed : {false, true}) {
            ROW(std::string(one.name) + (is_closed ? "" : ", undisturbed"));
            ScriptedTransport link;
            one.meet(link);
            oai::Transport wires = link.transport();
            if (one.is_kept) wires.wait = nullptr;  // so that it is not seen before the request is sent
            oai::Timeouts timeouts;
            if (one.headers_ms != 0) timeouts.headers_ms = one.headers_ms;
            char memory[1024];
            oai::RetryPolicy retries;
            retries.max_retries = 1;
            Stream stream(wires, memory);
            if (one.headers_ms != 0) stream = Stream(wires, memory, timeouts);
            if (one.has_retries) stream.use(retries);
            Event event;
            if (one.is_kept) {
                REQUIRE(stream.open(here, inner_ask) == Error::none);
                while (stream.next(event)) {}
                REQUIRE(stream.verdict() == Verdict::done_marker);
            }
            if (is_closed) link.on(Call::hang_up, 0, [&] { stream.close(); });
            REQUIRE(stream.open(here, inner_ask) == Error::none);
            for (int polls = 0; polls < 1000 && stream.poll(event) == Poll::pending; ++polls) link.now += 10;
            CHECK_EQ(name(stream.error()), name(is_closed ? Error::closed : one.error));
            CHECK(stream.verdict() == (is_closed ? Verdict::closed_by_caller : Verdict::failed));
            const bool tries_twice = one.is_kept && one.has_retries;  // the new connection does not answer either
            CHECK_EQ(link.connections(), is_closed ? 1 : tries_twice ? 3 : 2);
            CHECK_EQ(link.hang_ups(), link.connections());
            if (is_closed) CHECK_EQ(retries.stats().retries, 0);
            for (const std::string& violation : link.violations()) FAIL_CHECK(violation);
        }
    }
}
