// The fault matrix: recorded conversations in which one call of the transport goes wrong, each call in each way.
// Nothing that was received before is lost or changed, the words are right, each connection is hung up once, and the
// Stream can be opened again.
//
// The everyday run takes, of each conversation, the first call in each state and some others (a fixed seed). All calls:
//
//     OPENAI_STREAM_TEST_FAULTS=all build/default/tests/test_io --test-case='the fault matrix'
#include "io/answer_states.hpp"
#include "io/conformance_support.hpp"
#include "io/conversation.hpp"

#include <array>
#include <cstdlib>
#include <set>

namespace oai = openai_stream;

namespace {

using answer_states::Answer;
using answer_states::State;
using answer_states::state_names;
using answer_states::states;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Stream;
using oai::StringView;
using oai::Verdict;

// ---- what is asked -------------------------------------------------------------------------------------------------

const oai::Endpoint server("http://h/v1", "secret");

// How the answers of an API in recorded/index.jsonl are asked for, and a small answer of the same kind. A null `open`:
// this library has no such request; what is recorded of it is skipped, which is said.
struct Api {
    const char* name;
    Error (*open)(Stream& stream);
    std::string short_answer;
};

Error open_chat(Stream& stream) {
    static const oai::ChatRequest request("model", "What a conversation this is going to be!");
    return stream.open(server, request);
}

Error open_response(Stream& stream) {
    static const oai::ResponseRequest request("model", "What a conversation this is going to be!");
    return stream.open(server, request);
}

const Api apis[] = {
    {"chat", open_chat, conversation::short_answer},
    {"error", open_chat, conversation::short_answer},
    {"responses", open_response,
     "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0,\"response\":"
     "{\"id\":\"r1\",\"model\":\"m1\",\"status\":\"in_progress\",\"output\":[]}}\n\n"
     "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":1,"
     "\"item_id\":\"i1\",\"output_index\":0,\"content_index\":0,\"delta\":\"Hello\"}\n\n"
     "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":2,\"response\":"
     "{\"id\":\"r1\",\"model\":\"m1\",\"status\":\"completed\",\"output\":[]}}\n\n"},
};

// ---- what goes wrong -----------------------------------------------------------------------------------------------

enum class Kind : uint8_t { dial, push, pull, wait };
constexpr size_t kinds = 4;
const char* const kind_names[kinds] = {"dial", "push", "pull", "wait"};

enum class Harm : uint8_t { would_block, short_one, closed, failed, cancel, close };
constexpr size_t harms = 6;
const char* const harm_names[harms] = {"would_block", "one byte", "closed", "failed", "cancel", "close"};

// Which calls there are in which state.
const std::vector<Kind> kinds_in[states] = {
    {Kind::dial, Kind::wait}, {Kind::push, Kind::pull, Kind::wait},
    {Kind::pull, Kind::wait}, {Kind::pull, Kind::wait},
    {Kind::pull, Kind::wait}, {Kind::pull, Kind::wait},
    {Kind::pull, Kind::wait}, {Kind::pull, Kind::wait},
    {Kind::pull, Kind::wait}, {Kind::pull},
    {Kind::pull, Kind::wait},
};
bool is_possible(Kind kind, Harm harm) {
    return harm != Harm::short_one || kind == Kind::push || kind == Kind::pull;
}

// ---- what is heard -------------------------------------------------------------------------------------------------

// All that was delivered, whatever the pieces.
struct Log {
    std::string all;
    std::string texts[4];  // texts, reasoning, refusals, arguments
    size_t events = 0;

    void add(const Event& event) {
        ++events;
        if (!is_open_) {
            all += '\n';
            all += static_cast<char>('A' + static_cast<char>(event.kind));
            add(event.choice);
            add(event.tool_index);
            for (const StringView view : {event.id, event.name}) {
                add(view.data() ? static_cast<int64_t>(view.size()) : -1);
                all.append(view.begin(), view.size());
            }
            if (event.kind == oai::EventKind::usage)
                for (const int64_t count : {event.usage.prompt_tokens, event.usage.completion_tokens}) add(count);
        }
        all.append(event.text.begin(), event.text.size());
        is_open_ = event.more;
        const auto channel = static_cast<size_t>(event.kind) - static_cast<size_t>(oai::EventKind::text);
        if (event.kind == oai::EventKind::tool_arguments) texts[3].append(event.text.begin(), event.text.size());
        else if (channel < 3) texts[channel].append(event.text.begin(), event.text.size());
    }
    bool has_same_texts(const Log& other) const { return std::equal(texts, texts + 4, other.texts); }

private:
    void add(int64_t number) { all += ' ' + std::to_string(number); }
    bool is_open_ = false;
};

// ---- the transport -------------------------------------------------------------------------------------------------

// How a conversation goes when nothing goes wrong.
struct Way {
    const char* name;
    size_t buffer_bytes, push_bytes, pull_bytes;
    bool waits;      // by next(), or polled
    bool is_exact;   // every event fits: its pieces depend on nothing
};

struct Seen {
    Kind kind;
    State state;
    size_t asked, log_size, events;
};

constexpr size_t nowhere = static_cast<size_t>(-1);
constexpr int harm_code = -77;

// A server that answers when it has got the whole request, not always at once, and never twice in the same pieces.
class Wire {
public:
    const Answer* answers[2] = {};
    size_t asked = 0;          // which of them the next request is for
    size_t harm_at = nowhere;  // call
    Harm harm = Harm::would_block;
    Stream* stream = nullptr;
    const Log* log = nullptr;
    std::vector<Seen>* seen = nullptr;
    size_t most_calls = 10000000;
    Way way = {};
    bool tells_readable = false;  // of a kept connection, for nothing

    size_t calls = 0, dials = 0, hang_ups = 0;
    bool was_kept = false;
    const char* wrong = nullptr;  // a breach of the contract, or no end

    oai::Transport transport() {
        oai::Transport link;
        link.context = this;
        link.pull = [](void* self, char* into, size_t room) { return of(self).pull(into, room); };
        link.push = [](void* self, const char* from, size_t count) { return of(self).push(from, count); };
        link.hang_up = [](void* self) { of(self).hang_up(); };
        link.dial = [](void* self, StringView, uint16_t) { return of(self).dial(); };
        link.wait = [](void* self, oai::Interest interest, uint32_t ms) { return of(self).wait(interest, ms); };
        link.wake = [](void*) {};
        return link;
    }

private:
    static Wire& of(void* self) { return *static_cast<Wire*>(self); }

    State state() const {
        if (!is_up_) return State::dialing;
        if (!is_asked_) return asked == current_ ? State::sending : taken_ == size() ? State::asking : at();
        return asked != current_ && taken_ == size() ? State::asking : at();
    }
    State at() const { return answers[current_]->at[taken_]; }
    size_t size() const { return answers[current_]->bytes.size(); }
    void breach(const char* what) {
        if (!wrong) wrong = what;
    }

    // Returns true if the call says io, or (one byte) does as little as it can.
    bool enter(Kind kind, IoResult& io, bool& is_short) {
        const size_t index = calls++;
        if (!is_open_ && kind != Kind::dial) breach("a call on a closed link");
        if (!is_up_ && (kind == Kind::push || kind == Kind::pull)) breach("a call before dial was ready");
        if (calls > most_calls) {
            breach("no end");
            io = IoResult::failed(-1);
            return true;
        }
        if (seen) seen->push_back({kind, state(), asked, log->all.size(), log->events});
        if (index != harm_at) return false;
        switch (harm) {
            case Harm::would_block: io = IoResult::would_block(); return true;
            case Harm::short_one: is_short = true; return false;
            case Harm::closed: io = IoResult::closed(); break;
            case Harm::failed: io = IoResult::failed(harm_code); break;
            case Harm::cancel: stream->cancel(); return false;
            case Harm::close:
                stream->close();
                io = IoResult::would_block();
                return true;
        }
        if (kind == Kind::push) is_dead_ = true, dead_ = io;
        return true;
    }

    IoResult dial() {
        IoResult io = IoResult::ready();
        bool is_short = false;
        if (!is_dialling_) {
            if (is_open_) breach("dial on an open link");
            ++dials;
            is_open_ = true;
            is_up_ = is_dead_ = is_asked_ = false;
            current_ = asked;
            taken_ = pulls_ = pushes_ = dial_calls_ = 0;
            request_.clear();
            blocked_ = nullptr;
        }
        is_dialling_ = true;
        if (!enter(Kind::dial, io, is_short)) io = dial_calls_++ < 2 ? IoResult::would_block() : IoResult::ready();
        is_dialling_ = io.is_would_block() && is_open_;
        is_up_ = io.is_ready();
        return io;
    }
    IoResult push(const char* from, size_t count) {
        IoResult io = IoResult::ready();
        bool is_short = false;
        if (is_asked_) {  // the next one on this connection
            if (current_ == asked || taken_ != size()) breach("push without need");
            was_kept = true;
            is_asked_ = false;
            current_ = asked;
            taken_ = pulls_ = 0;
            request_.clear();
        }
        if (count == 0) breach("push of nothing");
        if (is_dead_) breach("push after it was closed or failed");
        if (blocked_ && (blocked_ != from || blocked_count_ != count))
            breach("push after would_block with other bytes");
        blocked_ = nullptr;
        if (!enter(Kind::push, io, is_short)) {
            if (++pushes_ % 3 == 0) io = IoResult::would_block();
            else io = IoResult::bytes(is_short ? 1 : std::min(count, way.push_bytes));
        }
        if (io.is_bytes()) {
            request_.append(from, io.count());
            is_asked_ = is_whole(request_);
        } else if (io.is_would_block()) {
            blocked_ = from;
            blocked_count_ = count;
        }
        return io;
    }
    IoResult pull(char* into, size_t room) {
        IoResult io = IoResult::ready();
        bool is_short = false;
        if (room == 0) breach("pull without room");
        if (has_ended_) breach("pull after it was closed or failed");
        if (!enter(Kind::pull, io, is_short)) {
            const Answer& answer = *answers[current_];
            size_t count = std::min(std::min(room, way.pull_bytes), answer.bytes.size() - taken_);
            for (const size_t stop : {answer.head_end, answer.marker_end})
                if (taken_ < stop && stop - taken_ < count) count = stop - taken_;
            if (is_dead_) {
                io = dead_;
            } else if (!is_asked_ || (count != 0 && pulls_++ % 4 == 0)) {
                io = IoResult::would_block();
            } else if (count == 0) {
                io = answer.is_until_close ? IoResult::closed() : IoResult::would_block();
            } else {
                if (is_short) count = 1;
                std::memcpy(into, answer.bytes.data() + taken_, count);
                taken_ += count;
                io = IoResult::bytes(count);
            }
        }
        has_ended_ = is_open_ && (io.is_closed() || io.is_failed());
        return io;
    }
    IoResult wait(oai::Interest interest, uint32_t ms) {
        IoResult io = IoResult::ready();
        bool is_short = false;
        if (!has(interest, oai::Interest::read | oai::Interest::write)) breach("wait for nothing");
        if (!enter(Kind::wait, io, is_short) && ms == 0 && !tells_readable) io = IoResult::would_block();
        return io;
    }
    void hang_up() {
        if (!is_open_) breach("hang_up on a closed link");
        ++hang_ups;
        is_open_ = is_up_ = is_dialling_ = is_dead_ = has_ended_ = false;
    }

    static bool is_whole(const std::string& request) {
        const size_t end = request.find("\r\n\r\n"), length = request.find("Content-Length: ");
        return end != request.npos && request.size() - end - 4 == std::stoul(request.substr(length + 16));
    }

    bool is_open_ = false, is_up_ = false, is_dialling_ = false, has_ended_ = false;
    bool is_asked_ = false;  // the whole request has come
    bool is_dead_ = false;   // nothing is taken any more, and nothing comes
    IoResult dead_ = IoResult::closed();
    size_t current_ = 0, taken_ = 0, pulls_ = 0, pushes_ = 0, dial_calls_ = 0;
    std::string request_;
    const char* blocked_ = nullptr;
    size_t blocked_count_ = 0;
};

// ---- a run ---------------------------------------------------------------------------------------------------------

struct Conversation {
    std::string name;
    const Api* api;
    Answer answer;
};

struct Outcome {
    Log log;
    Error error = Error::none;
    Verdict verdict = Verdict::still_open;
    int code = 0;
};

struct Run {
    Outcome first, second;
    size_t calls = 0;
    bool was_kept = false;
    std::string wrong;
};

Outcome hear(Wire& wire, Stream& stream, const Way& way, const Api& api, std::string& wrong) {
    Outcome outcome;
    wire.log = &outcome.log;
    Event event;
    api.open(stream);
    oai::Poll said;
    if (way.waits) {
        while (stream.next(event)) outcome.log.add(event);
        said = stream.poll(event);
    } else {
        while ((said = stream.poll(event)) == oai::Poll::event || said == oai::Poll::pending)
            if (said == oai::Poll::event) outcome.log.add(event);
    }
    outcome.error = stream.error();
    outcome.verdict = stream.verdict();
    outcome.code = stream.failure().transport_code;
    if (!conversation::is_consistent(stream, said) || stream.poll(event) != said) wrong += "inconsistent; ";
    return outcome;
}

// The conversation, and a small one after it on the same Stream.
Run run(const Conversation& one, const Answer& small, const Way& way, size_t index, size_t harm_at, Harm harm,
        size_t most_calls, std::vector<Seen>* seen) {
    Run run;
    Wire wire;
    wire.answers[0] = &one.answer;
    wire.answers[1] = &small;
    wire.way = way;
    wire.harm_at = harm_at;
    wire.harm = harm;
    wire.most_calls = most_calls;
    wire.seen = seen;
    wire.tells_readable = index % 2 == 1;
    std::vector<char> memory(way.buffer_bytes);
    {
        Stream stream(wire.transport(), oai::Buffer(memory.data(), memory.size()));
        wire.stream = &stream;
        run.first = hear(wire, stream, way, *one.api, run.wrong);
        wire.asked = 1;
        run.second = hear(wire, stream, way, *one.api, run.wrong);
    }
    if (wire.hang_ups != wire.dials) run.wrong += std::to_string(wire.dials) + " dials, " +
                                                  std::to_string(wire.hang_ups) + " hang_ups; ";
    if (wire.wrong) run.wrong += wire.wrong;
    run.calls = wire.calls;
    run.was_kept = wire.was_kept;
    return run;
}

struct Words {
    Error error;
    Verdict verdict;
};

// What is to be said of a call that goes wrong while an answer is awaited.
Words words_for(const Seen& call, Harm harm, const Outcome& undisturbed) {
    const Words same = {undisturbed.error, undisturbed.verdict};
    const bool is_wait = call.kind == Kind::wait, is_refusal = call.state == State::in_refusal;
    const bool has_answer = call.state != State::dialing && call.state != State::sending &&
                            call.state != State::awaiting_head;
    switch (harm) {
        case Harm::would_block:
        case Harm::short_one: break;
        case Harm::cancel: return {Error::cancelled, Verdict::cancelled};
        case Harm::close: return {Error::closed, Verdict::closed_by_caller};
        case Harm::closed:
            if (is_wait) break;
            if (call.kind == Kind::dial) return {Error::connect_failed, Verdict::failed};
            if (is_refusal) return {Error::http_status, Verdict::failed};
            if (has_answer) return {Error::truncated, Verdict::truncated};
            return {Error::no_response, Verdict::failed};
        case Harm::failed:
            if (call.kind == Kind::dial) return {Error::connect_failed, Verdict::failed};
            if (is_refusal) return {Error::http_status, Verdict::failed};
            return {Error::connection_lost, Verdict::failed};
    }
    return same;
}

// "" or what is wrong.
std::string compare(const Run& base, const Run& harmed, const Seen& call, Harm harm, const Way& way) {
    std::string wrong = harmed.wrong;
    const auto says = [&](const char* what) { wrong += std::string(what) + "; "; };
    const Outcome &first = harmed.first, &whole = base.first;
    const bool is_in_first = call.asked == 0;
    const Words words = is_in_first ? words_for(call, harm, whole) : Words{whole.error, whole.verdict};
    if (first.error != words.error || first.verdict != words.verdict)
        wrong += conversation::name(first.error) + " (verdict " + std::to_string(static_cast<int>(first.verdict)) +
                 ") in place of: " + conversation::name(words.error) + "; ";
    const bool has_code = is_in_first && harm == Harm::failed &&
                          (words.error == Error::connection_lost || words.error == Error::connect_failed);
    if (has_code && first.code != harm_code) says("the code is not the platform's");
    const bool is_harmless = harm == Harm::would_block || harm == Harm::short_one ||
                             (harm == Harm::closed && call.kind == Kind::wait);
    if (!is_in_first || is_harmless) {
        const bool is_same = way.is_exact || harm != Harm::short_one || !is_in_first
                                 ? first.log.all == whole.log.all
                                 : first.log.has_same_texts(whole.log);
        if (!is_same) says("other events");
    } else {
        // What came before: all of it, and nothing else but what an end makes of half a character.
        if (first.log.all.compare(0, call.log_size, whole.log.all, 0, call.log_size) != 0) says("events are lost");
        const size_t most = call.events + (harm == Harm::closed || harm == Harm::failed ? 1 : 0);
        if (first.log.events > most) says("events too many");
    }
    // From open() on, also while the message before has yet to end, who cancels or closes means the new conversation.
    // Whatever else befalls the old connection then is nobody's but its own: the request goes over another one.
    const bool is_ended = !is_in_first && (harm == Harm::cancel || harm == Harm::close);
    const Words next = is_ended ? words_for(call, harm, base.second) : Words{base.second.error, base.second.verdict};
    const Outcome& second = harmed.second;
    if (second.error != next.error || second.verdict != next.verdict ||
        second.log.all != (is_ended ? std::string() : base.second.log.all))
        wrong += "the next conversation: " + conversation::name(second.error) + "; ";
    return wrong;
}

std::string name_of(const std::array<size_t, 3>& cell) {
    return std::string(state_names[cell[0]]) + ", " + kind_names[cell[1]] + ", " + harm_names[cell[2]];
}

// ---- the conversations ---------------------------------------------------------------------------------------------

uint32_t next_random(uint32_t& random) { return (random = random * 1664525u + 1013904223u) >> 8; }

std::string in_chunks(const std::string& body, uint32_t random) {
    std::string framed =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nx-request-id: req_1\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    for (size_t at = 0; at < body.size();) {
        const size_t count = 1 + next_random(random) % 400;
        framed += conversation::chunked(body.substr(at, count), conversation::one_chunk, false);
        at += count;
    }
    return framed + "0\r\n\r\n";
}

void add(std::vector<Conversation>& all, const std::string& name, const Api& api, std::string wire) {
    all.push_back({name, &api, Answer(std::move(wire))});
}

// Recorded streams, framed in chunks, and recorded answers as they are. How many there are.
size_t add_recorded(std::vector<Conversation>& all) {
    const auto index = corpus::shared_rows("recorded/index.jsonl");
    if (!index) return 0;
    size_t count = 0;
    for (const conformance::Json& row : *index) {
        const std::string file = row.at("file"), stem = file.substr(0, file.rfind('.')), api_name = row.at("api");
        const Api* api = nullptr;
        for (const Api& one : apis)
            if (api_name == one.name) api = &one;
        if (!api || !api->open) {
            tally::skip("the fault matrix: there is no request for recorded streams of the API " + api_name);
            continue;
        }
        const bool is_answer = file.size() > 5 && file.compare(file.size() - 5, 5, ".http") == 0;
        const std::string bytes = *corpus::shared_bytes("recorded/" + file);
        add(all, file, *api, is_answer ? bytes : in_chunks(bytes, static_cast<uint32_t>(count)));
        ++count;
        const auto answers = corpus::shared_files("recorded", (stem + ".http").c_str());
        if (is_answer || !answers || answers->empty()) continue;
        add(all, stem + ".http", *api, *corpus::shared_bytes(answers->front()));
        ++count;
    }
    return count;
}

// What the corpus has of chunks, several of them to a stream.
void add_corpus(std::vector<Conversation>& all) {
    std::string body;
    size_t rows = 0;
    for (const conformance::Json& row : corpus::rows("json.jsonl")) {
        if (row.at("kind") != "chat" || corpus::is_large(row) || corpus::has_tag(row, "policy")) continue;
        if (!row.at("expect").at("valid") || !row.at("expect").at("error").is_null()) continue;
        const std::string json = corpus::bytes(row, "json");
        if (json.find('\n') != json.npos) continue;
        body += "data: " + json + "\n\n";
        if (++rows % 3 != 0) continue;
        add(all, "corpus " + std::to_string(rows), apis[0],
            rows % 2 == 0 ? in_chunks(body + conversation::done, static_cast<uint32_t>(rows))
                           : conversation::counted_answer(200, "text/event-stream", body + conversation::done));
        body.clear();
    }
    add(all, "a short answer", apis[0], in_chunks(conversation::short_answer, 7));
    add(all, "a refusal", apis[0],
        conversation::counted_answer(429, "application/json", "{\"error\":{\"message\":\"slow down\"}}"));
}

}  // namespace

TEST_CASE("the fault matrix") {
    const char* const wish = std::getenv("OPENAI_STREAM_TEST_FAULTS");
    const bool is_full = wish != nullptr && std::strcmp(wish, "all") == 0;
    const Way ways[] = {
        {"64 KiB, reads of 700", 64 * 1024, 150, 700, true, true},
        {"2 KiB, reads of 61", 2048, 97, 61, true, false},
        {"polled, 64 KiB, reads of 150", 64 * 1024, 40, 150, false, true},
        {"512 bytes, reads of 333", 512, 30, 333, true, false},
        {"16 KiB, byte by byte", 16 * 1024, 13, 1, true, true},  // of short ones
    };
    constexpr size_t byte_by_byte = 4, longest_byte_by_byte = 3000;
    const size_t others = is_full ? 0 : corpus::few_cuts() ? 4 : 40;  // calls of a conversation, besides
    std::vector<Conversation> all;
    const size_t recorded = add_recorded(all);
    add_corpus(all);
    if (recorded != 0) CHECK_GE(recorded, 40);

    std::set<std::array<size_t, 4>> tuples;  // stream, state, kind, harm
    size_t runs = 0, kept = 0;
    uint32_t random = 20240229;
    for (size_t index = 0; index != all.size(); ++index) {
        const Conversation& one = all[index];
        const Answer small(conversation::chunked_answer(one.api->short_answer, 50));
        for (size_t way_index = 0; way_index != std::size(ways); ++way_index) {
            const bool is_chosen = way_index == 1 || way_index == index % std::size(ways);
            if (!is_full && !is_chosen && index + 2 < all.size()) continue;  // the last two in every way
            if (way_index == byte_by_byte && one.answer.bytes.size() > longest_byte_by_byte) continue;
            const Way& way = ways[way_index];
            ROW(one.name + ", " + way.name);
            std::vector<Seen> seen;
            const Run base = run(one, small, way, index, nowhere, Harm::would_block, 10000000, &seen);
            REQUIRE_EQ(base.wrong, "");
            REQUIRE_EQ(conversation::name(base.second.error), conversation::name(Error::none));
            kept += base.was_kept;
            std::set<std::pair<State, Kind>> met;
            const size_t most_calls = base.calls * 2 + 1000;
            size_t failures = 0;
            for (size_t k = 0; k != seen.size(); ++k) {
                const Seen& call = seen[k];
                const bool is_second = call.asked != 0 && call.state != State::behind_end_marker &&
                                       call.state != State::asking;
                if (is_second) continue;  // another conversation as any
                const bool is_first = met.insert({call.state, call.kind}).second;
                if (!is_full && !is_first && next_random(random) % seen.size() >= others) continue;
                for (size_t h = 0; h != harms; ++h) {
                    const Harm harm = static_cast<Harm>(h);
                    if (!is_possible(call.kind, harm)) continue;
                    const Run harmed = run(one, small, way, index, k, harm, most_calls, nullptr);
                    ++runs;
                    tuples.insert({index, static_cast<size_t>(call.state), static_cast<size_t>(call.kind), h});
                    const std::string wrong = compare(base, harmed, call, harm, way);
                    if (wrong.empty() || ++failures > 3) continue;
                    FAIL_CHECK("call " << k << ", "
                                       << name_of({static_cast<size_t>(call.state), static_cast<size_t>(call.kind), h})
                                       << ": " << wrong);
                }
            }
            CHECK_EQ(failures, 0);
        }
    }
    CHECK_GT(kept, 0);

    // Every state x kind x harm, and no other (after the end marker it may be waited, or not).
    std::set<std::array<size_t, 3>> hit, wanted;
    for (const auto& tuple : tuples) hit.insert({tuple[1], tuple[2], tuple[3]});
    for (size_t state = 0; state != states; ++state)
        for (const Kind kind : kinds_in[state])
            for (size_t h = 0; h != harms; ++h)
                if (is_possible(kind, static_cast<Harm>(h))) wanted.insert({state, static_cast<size_t>(kind), h});
    size_t cells = 0;
    for (const auto& cell : wanted)
        if (hit.count(cell) == 0) FAIL_CHECK("never hit: " << name_of(cell));
        else ++cells;
    for (const auto& cell : hit)
        if (wanted.count(cell) == 0 && cell[0] != static_cast<size_t>(State::behind_end_marker))
            FAIL_CHECK("not expected: " << name_of(cell));
    std::printf("fault matrix: %zu conversations (%zu recorded), %zu runs, %zu distinct (stream, state, call kind, "
                "fault), %zu of %zu (state, call kind, fault)\n",
                all.size(), recorded, runs, tuples.size(), cells, wanted.size());
}
