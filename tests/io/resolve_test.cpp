// When a Stream has its transport look a host up: in open(), before it dials, and never in poll().
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

namespace oai = openai_stream;

namespace {

using conversation::chunked_answer;
using conversation::name;
using conversation::short_answer;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::Stream;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

const oai::Endpoint server("http://h:81/v1");
const oai::ChatRequest ask("m", "hi");
const std::string answer = chunked_answer(short_answer);

// A ScriptedTransport that can be asked for names.
struct Link : ScriptedTransport {
    IoResult says = IoResult::ready();
    int lookups = 0;
    std::function<void()> inside;

    oai::Transport with_resolve() {
        oai::Transport link = transport();
        link.resolve = [](void* self, oai::StringView host, uint16_t port) {
            Link& me = *static_cast<Link*>(static_cast<ScriptedTransport*>(self));
            ++me.lookups;
            CHECK_EQ(std::string(host), "h");
            CHECK_EQ(port, 81);
            if (me.inside) me.inside();
            return me.says;
        };
        return link;
    }
};

}  // namespace

TEST_CASE("what resolve says, and what becomes of it") {
    struct Row {
        const char* name;
        IoResult says;
        Error error;
        int code;
        size_t dials;
    };
    const Row rows[] = {
        {"ready", IoResult::ready(), Error::none, 0, 1},
        {"it goes on in dial", IoResult::would_block(), Error::none, 0, 1},
        {"no such host", IoResult::unresolved(-2), Error::name_not_resolved, -2, 0},
        {"it fails", IoResult::failed(5), Error::connect_failed, 5, 0},
    };
    for (const Row& row : rows) {
        for (const bool retries_on : {false, true}) {
            ROW(std::string(row.name) + (retries_on ? ", with a RetryPolicy" : ""));
            Link link;
            link.says = row.says;
            link.answer(answer);
            oai::RetryPolicy retries;
            char memory[1024];
            Stream stream(link.with_resolve(), memory);
            if (retries_on) stream.use(retries);
            CHECK_EQ(name(stream.open(server, ask)), name(row.error));
            Event event;
            while (stream.next(event)) {}
            CHECK_EQ(name(stream.error()), name(row.error));
            CHECK_EQ(stream.failure().transport_code, row.code);
            CHECK_EQ(link.connections(), row.dials);
            CHECK_EQ(link.lookups, 1);
            stream.close();
            CHECK_EQ(link.hang_ups(), row.dials);
            CHECK(link.violations().empty());
        }
    }
}

TEST_CASE("one open() looks a name up once: a kept connection needs none, another attempt makes none") {
    Link link;
    link.wait_end = IoResult::would_block();
    link.answer(answer);
    oai::RetryPolicy retries;
    char memory[1024];
    Stream stream(link.with_resolve(), memory);
    stream.use(retries);
    Event event;
    for (int times = 0; times != 2; ++times) {
        CHECK(stream.open(server, ask) == Error::none);
        if (times == 1) link.pull_says(IoResult::closed()).pull_says(IoResult::closed()).answer(answer);
        while (stream.next(event)) {}
        CHECK_EQ(name(stream.error()), name(Error::none));
        CHECK_EQ(link.lookups, 1);
    }
    CHECK_EQ(link.connections(), 3);  // the kept one was dead, the one that replaced it too
    CHECK(stream.stats().has_reconnected);
    CHECK_EQ(retries.stats().retries, 1);
    stream.close();
    CHECK(stream.open(server, ask) == Error::none);
    CHECK_EQ(link.lookups, 2);
    CHECK(link.violations().empty());
}

TEST_CASE("a Stream closed, cancelled and opened from inside resolve") {
    struct Case {
        const char* name;
        void (*act)(Stream& stream);
        Error opened, error;
    };
    const Case cases[] = {
        {"close", [](Stream& stream) { stream.close(); }, Error::closed, Error::closed},
        {"cancel", [](Stream& stream) { stream.cancel(); }, Error::none, Error::cancelled},
        {"open", [](Stream& stream) { CHECK(stream.open(server, ask) == Error::reentered); }, Error::none,
         Error::none},
    };
    for (const Case& one : cases) {
        ROW(one.name);
        Link link;
        link.answer(answer);
        char memory[1024];
        Stream stream(link.with_resolve(), memory);
        link.inside = [&] { one.act(stream); };
        CHECK_EQ(name(stream.open(server, ask)), name(one.opened));
        Event event;
        while (stream.next(event)) {}
        CHECK_EQ(name(stream.error()), name(one.error));
        stream.close();
        CHECK_EQ(link.hang_ups(), link.connections());
        CHECK(link.violations().empty());
    }
}
