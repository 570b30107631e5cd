// The first law: every state a Stream can be in is safe to poll, to close and to destroy, and each connection is hung
// up exactly once.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

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
using oai::IoResult;
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
    // The answer up to a byte, or (one after the end) all of it; then the link has nothing for a while.
    void answer_until(const std::string& answer, size_t count) {
        link.answer(answer.substr(0, count));
        link.pull_says(IoResult::would_block());
        rest = answer.substr(std::min(count, answer.size()));
    }
    void then(After after) {
        if (after == After::goes_on) link.answer(rest);
        if (after == After::breaks) link.pull_end = link.push_end = link.dial_end = IoResult::failed(-32);
        if (after != After::blocks) return;
        link.pull_end = link.push_end = link.dial_end = link.wait_end = IoResult::would_block();
        link.on(Call::wait, link.calls(Call::wait) + 3, [this] { waiting->cancel(); });
    }
    Poll poll_all() {
        Heard ignored;
        Poll said = conversation::hear(*stream, ignored);
        for (int more = 0; said == Poll::pending && has(stream->wants(), oai::Interest::work_left) && more < 100;
             ++more)
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
    bool has_spoken = false;  // events were delivered
    bool has_transport = true, has_buffer = true;  // that are good for a conversation
};

const State states[] = {
    {"default-constructed", [](Talk& t) { t.stream = std::make_unique<Stream>(); }, Error::not_open,
     Verdict::still_open, false, false, false, false, false},
    {"constructed, not opened", [](Talk& t) { t.construct(); }, Error::not_open, Verdict::still_open, false},
    {"closed before it was opened", [](Talk& t) { t.construct(), t.stream->close(); }, Error::not_open,
     Verdict::still_open, false},
    {"refused", [](Talk& t) { t.link.dial_says(IoResult::failed(-111)), t.open(); }, Error::connect_failed,
     Verdict::failed},
    {"refused later",
     [](Talk& t) {
         t.link.dial_says(IoResult::would_block()).dial_says(IoResult::failed(-111)), t.open(), t.poll_all();
     },
     Error::connect_failed, Verdict::failed},
    {"dial says closed", [](Talk& t) { t.link.dial_says(IoResult::closed()), t.open(); }, Error::connect_failed,
     Verdict::failed},
    {"no such host", [](Talk& t) { t.link.dial_says(IoResult::unresolved(-2)), t.open(); }, Error::name_not_resolved,
     Verdict::failed},
    {"dialing", [](Talk& t) { t.link.dial_says(IoResult::would_block()), t.open(), t.rest = answer; }},
    {"dialing, polled",
     [](Talk& t) {
         t.link.dial_says(IoResult::would_block()).dial_says(IoResult::would_block());
         t.open(), t.poll_all(), t.rest = answer;
     }},
    {"opened, not polled", [](Talk& t) { t.open(), t.rest = answer; }},
    {"request half sent",
     [](Talk& t) {
         t.link.push_takes(20).push_says(IoResult::would_block());
         t.until(answer, 0);
     }},
    {"request half sent, the link takes no more",
     [](Talk& t) {
         t.link.push_takes(20).push_says(IoResult::closed());
         t.until(answer, 0);
     }},
    {"request sent, no byte yet", [](Talk& t) { t.until(answer, 0); }},
    {"in the status line", [](Talk& t) { t.until(answer, 7); }},
    {"in the head", [](Talk& t) { t.until(answer, 30); }},
    {"head complete", [](Talk& t) { t.until(answer, head_size); }},
    {"in a chunk's size", [](Talk& t) { t.until(answer, head_size + 1); }},
    {"in an event", [](Talk& t) { t.until(answer, head_size + 20); }},
    {"an event delivered, more of it in the buffer",
     [](Talk& t) {
         t.link.answer(whole), t.open();
         Event event;
         REQUIRE(t.stream->poll(event) == Poll::event);
     },
     Error::none, Verdict::still_open, true, false, true},
    {"between events", [](Talk& t) { t.until(whole, whole.find("Hello")); }, Error::none, Verdict::still_open, true,
     false, true},
    {"a piece of an event larger than the buffer delivered",
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
    {"closed while dialing", [](Talk& t) { t.link.dial_says(IoResult::would_block()), t.open(), t.stream->close(); },
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
    {"source_failed",
     [](Talk& t) {
         static const oai::Source gone = {9, [](void*, uint64_t, char*, size_t) { return false; }, nullptr};
         static const oai::ContentPart parts[] = {oai::ContentPart::audio(gone, "wav")};
         static const oai::Message messages[] = {oai::Message::of_parts(oai::Role::user, parts)};
         t.construct();
         t.server = std::make_unique<oai::Endpoint>(oai::StringView(t.url), t.key);
         t.ask = oai::ChatRequest("m", messages);
         t.stream->open(*t.server, t.ask);
         t.poll_all();
     },
     Error::source_failed, Verdict::failed, false},
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
    {"transport_contract", [](Talk& t) { t.link.pull_says(IoResult::bytes(0)), t.open(), t.poll_all(); },
     Error::transport_contract, Verdict::failed},
    {"connection_lost",
     [](Talk& t) {
         t.link.answer(answer.substr(0, 100)).pull_says(IoResult::failed(-104));
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
        .pull_says(IoResult::would_block())
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
    talk.link.wait_says(IoResult::would_block());  // nothing to be read: the peer has not closed
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
         CHECK(failure.category == oai::category(before.error));
         CHECK(has(stream.wants(), oai::Interest::read | oai::Interest::write | oai::Interest::work_left) ==
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
