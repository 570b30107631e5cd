// What a transport's functions may reply, each reply at each call: the conversation goes on, or ends with the error
// that belongs to it.
#include "io/conversation.hpp"
#include "support/guard_page.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <memory>

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
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h/v1");
const std::string answer = chunked_answer(short_answer, 50);

// A conversation that reaches every phase, with one call of which something else is said.
struct Talk {
    ScriptedTransport link;
    std::string prompt = std::string(600, 'p');
    oai::ChatRequest ask{"m", oai::StringView(prompt)};
    support::GuardedBuffer memory{1024};
    std::unique_ptr<Stream> stream;
    Heard heard;

    Talk() {
        link.dial_says(IoResult::would_block());
        link.push_takes(100).push_says(IoResult::would_block()).push_takes(1).push_says(IoResult::would_block());
        for (size_t at = 0; at < answer.size(); at += 77)
            link.answer(std::string_view(answer).substr(at, 77)).pull_says(IoResult::would_block());
        stream = std::make_unique<Stream>(link.transport(), oai::Buffer(memory.data(), memory.size()));
    }
    void run() {
        stream->open(server, ask);
        Event event;
        while (stream->next(event)) heard.add(event);
    }
};

// Which function the index-th of all calls is.
std::vector<Call> calls_of_undisturbed() {
    std::vector<Call> order;
    Talk talk;
    for (const Call call : {Call::dial, Call::push, Call::pull, Call::wait})
        for (size_t index = 0; index < 200; ++index)
            talk.link.on(call, index, [&order, call] { order.push_back(call); });
    talk.run();
    REQUIRE(talk.heard.story == short_story);
    REQUIRE(talk.link.violations().empty());
    REQUIRE(order.size() == talk.link.all_calls());
    return order;
}

struct Saying {
    const char* name;
    IoResult io;
    // The Error by dial, push, pull, wait; none: the conversation goes on as if nothing had been said.
    Error dial, push, pull, wait;
    int32_t code;
};

const Error none = Error::none, contract = Error::transport_contract, refused = Error::connect_failed;

const Saying sayings[] = {
    {"bytes(0)", IoResult::bytes(0), contract, contract, contract, none, 0},
    {"more bytes than asked for", IoResult::bytes(1024), contract, contract, contract, none, 0},
    {"the most bytes there can be", IoResult::bytes(0x3fffffff), contract, contract, contract, none, 0},
    {"ready()", IoResult::ready(), none, none, contract, none, 0},  // which makes a scripted push take everything
    {"would_block()", IoResult::would_block(), none, none, none, none, 0},
    {"closed()", IoResult::closed(), refused, none, Error::truncated, none, 0},
    {"failed(5)", IoResult::failed(5), refused, none, Error::connection_lost, Error::connection_lost, 5},
    {"failed(-104)", IoResult::failed(-104), refused, none, Error::connection_lost, Error::connection_lost, -104},
    {"cut_off()", IoResult::cut_off(), refused, none, Error::truncated, Error::truncated, 0},
    {"failed(2^29 - 1)", IoResult::failed(0x1fffffff), refused, none, Error::connection_lost, Error::connection_lost,
     0x1fffffff},
    {"failed(-2^29)", IoResult::failed(-0x20000000), refused, none, Error::connection_lost, Error::connection_lost,
     -0x20000000},
    {"unresolved(-2)", IoResult::unresolved(-2), Error::name_not_resolved, none, Error::connection_lost,
     Error::connection_lost, -2},
};

std::string name_of(Call call) {
    switch (call) {
        case Call::dial: return "dial";
        case Call::push: return "push";
        case Call::pull: return "pull";
        case Call::wait: return "wait";
        case Call::hang_up: return "hang_up";
    }
    return "";
}

}  // namespace

TEST_CASE(
    "whatever a callback says at whatever call, the conversation goes on or ends with the error that belongs to it") {
    const std::vector<Call> order = calls_of_undisturbed();
    size_t cells = 0;
    for (const Saying& saying : sayings) {
        ROW(saying.name);
        for (size_t index = 0; index < order.size(); ++index) {
            INFO("call ", index, " of ", order.size(), ", a ", name_of(order[index]));
            ++cells;
            Talk talk;
            talk.link.intrude(index, saying.io);
            talk.run();
            const Call call = order[index];
            Error expected = call == Call::dial   ? saying.dial
                             : call == Call::push ? saying.push
                             : call == Call::pull ? saying.pull
                                                  : saying.wait;
            // Without a byte there is no answer that could be truncated.
            const auto received = static_cast<size_t>(talk.stream->stats().received_bytes);
            if (expected == Error::truncated && received == 0) expected = Error::no_response;
            CHECK_EQ(name(talk.stream->error()), name(expected));
            CHECK(talk.stream->verdict() == (expected == Error::none        ? Verdict::done_marker
                                             : expected == Error::truncated ? Verdict::truncated
                                                                            : Verdict::failed));
            if (expected == Error::none) CHECK_EQ(talk.heard.story, short_story);
            else CHECK_EQ(short_story.compare(0, talk.heard.story.size(), talk.heard.story), 0);
            const bool has_code = expected != Error::none && expected != contract;
            CHECK_EQ(talk.stream->failure().transport_code, has_code ? saying.code : 0);
            CHECK(talk.stream->failure().category ==
                  (expected == Error::none ? oai::ErrorCategory::none : oai::ErrorCategory::transport));
            if (expected != Error::none) CHECK_EQ(talk.link.hang_ups(), 1);
            talk.stream.reset();
            CHECK_EQ(talk.link.connections(), 1);
            CHECK_EQ(talk.link.hang_ups(), 1);
            for (const std::string& violation : talk.link.violations()) FAIL_CHECK(violation);
        }
    }
    std::printf("transport contract: %zu cells (%zu calls, %zu answers)\n", cells, order.size(),
                sizeof sayings / sizeof *sayings);
}

TEST_CASE("two of the calls at a time say something else: a conversation ends, with its connection hung up once") {
    const std::vector<Call> order = calls_of_undisturbed();
    const IoResult ios[] = {IoResult::would_block(), IoResult::closed(), IoResult::failed(7), IoResult::bytes(0),
                            IoResult::ready()};
    const size_t step = corpus::few_cuts() ? 5 : 1;
    size_t cells = 0;
    for (size_t first = 0; first < order.size(); first += step) {
        ROW("the first of them is call " + std::to_string(first) + ", a " + name_of(order[first]));
        for (const IoResult one : ios) {
            for (size_t second = first + 1; second < order.size() + 3; second += step) {
                for (const IoResult other : ios) {
                    INFO("and call ", second);
                    ++cells;
                    Talk talk;
                    talk.link.intrude(first, one).intrude(second, other);
                    talk.run();
                    CHECK(talk.stream->verdict() != Verdict::still_open);
                    CHECK_EQ(talk.stream->error() == Error::none, oai::is_done(talk.stream->verdict()));
                    CHECK_EQ(short_story.compare(0, talk.heard.story.size(), talk.heard.story), 0);
                    talk.stream.reset();
                    CHECK_EQ(talk.link.connections(), 1);
                    CHECK_EQ(talk.link.hang_ups(), 1);
                    for (const std::string& violation : talk.link.violations()) FAIL_CHECK(violation);
                }
            }
        }
    }
    std::printf("transport contract: %zu pairs\n", cells);
}
