// The tools the other tests rely on: each must be able to say no.
#include "support/corpus.hpp"
#include "support/guard_page.hpp"
#include "support/heap_trap.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <sys/wait.h>

#include <csignal>
#include <set>

using openai_stream::IoResult;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

namespace {

// Whether f ends its process by a signal. In a child, without a core file and without a report.
template <class F> bool dies(F f) {
    const pid_t child = fork();
    if (child == 0) {
        for (const int signal : {SIGSEGV, SIGBUS, SIGABRT}) std::signal(signal, SIG_DFL);
        if (std::freopen("/dev/null", "w", stderr) == nullptr) _exit(1);
        f();
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) != 0);
}

volatile char sink;

}  // namespace

TEST_CASE("every cut is the input again, in pieces that are not empty") {
    struct Row {
        const char* name;
        size_t size;
        bool large;
        size_t ways;
    };
    const Row rows[] = {
        {"nothing", 0, false, 1},
        {"one byte", 1, false, 1},
        {"two bytes", 2, false, 1 + 1 + 1 + 8},
        {"a hundred bytes", 100, false, 1 + 1 + 99 + 8},
        {"a hundred bytes that count as large", 100, true, 1 + 5 + 10},
        {"more than a small row has", corpus::max_small_bytes + 1, false, 1 + 5 + 10},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        std::string input;
        for (size_t i = 0; i < row.size; ++i) input += static_cast<char>('a' + i % 23);
        size_t ways = 0, wrong = 0;
        std::set<size_t> two_way;
        corpus::for_each_cut(input, row.large, [&](const std::vector<std::string_view>& pieces) {
            ++ways;
            std::string joined;
            for (const std::string_view piece : pieces) {
                if (piece.empty()) ++wrong;
                joined += piece;
            }
            if (joined != input) ++wrong;
            if (pieces.size() == 2) two_way.insert(pieces[0].size());
        });
        CHECK_EQ(wrong, 0);
        if (corpus::few_cuts()) {
            CHECK_EQ(ways, row.size < 2 ? 1 : 4);
        } else {
            CHECK_EQ(ways, row.ways);
            if (!row.large && row.size == 100) CHECK_EQ(two_way.size(), 99);
        }
    }
}

TEST_CASE("the rows of the corpus are read, and their bytes in each form") {
    CHECK_EQ(corpus::rows("sse.jsonl").size(), 144);
    CHECK_EQ(corpus::rows("http.jsonl").size(), 178);
    CHECK_EQ(corpus::rows("json.jsonl").size(), 163);
    CHECK_EQ(corpus::rows("json_writer.jsonl").size(), 18);
    CHECK_THROWS(corpus::rows("not-there.jsonl"));

    const auto row = nlohmann::json::parse(
        R"({"plain":"text","one_b64":"AP9h","two_parts":[["YWI=",2],["Yw==",3]],"three":{"$parts":[["eA==",4]]},)"
        R"("wide":"\u00e9A","tags":["large","eof"],"bad_b64":"a$b="})");
    CHECK_EQ(corpus::bytes(row, "plain"), "text");
    CHECK_EQ(corpus::bytes(row, "one"), std::string("\0\xFF" "a", 3));
    CHECK_EQ(corpus::bytes(row, "two"), "ababccc");
    CHECK_EQ(corpus::bytes(row, "three"), "xxxx");
    CHECK_EQ(corpus::text(row.at("three")), "xxxx");
    CHECK_EQ(corpus::latin1(row.at("wide")), "\xE9" "A");
    CHECK(corpus::has_bytes(row, "one"));
    CHECK(corpus::has_bytes(row, "two"));
    CHECK_FALSE(corpus::has_bytes(row, "four"));
    CHECK_THROWS(corpus::bytes(row, "four"));
    CHECK_THROWS(corpus::bytes(row, "bad"));
    CHECK(corpus::is_large(row));
    CHECK(corpus::has_tag(row, "eof"));
    CHECK_FALSE(corpus::has_tag(row, "limit"));
    CHECK_FALSE(corpus::has_tag(nlohmann::json::object(), "large"));
}

TEST_CASE("one byte too far is a crash") {
    const std::string text = "0123456789";
    const support::GuardedBytes bytes(text);
    CHECK_EQ(std::string(bytes.begin(), bytes.end()), text);
    CHECK(dies([&] { sink = *bytes.end(); }));
    CHECK(dies([&] { *const_cast<char*>(bytes.data()) = 'x'; }));
    CHECK_FALSE(dies([&] { sink = bytes.end()[-1]; }));
    const support::GuardedBytes empty("");
    CHECK(dies([&] { sink = *empty.data(); }));
    support::GuardedBuffer buffer(5000);
    buffer.data()[0] = buffer.data()[4999] = 'x';
    CHECK_EQ(buffer.size(), 5000);
    CHECK(dies([&] { buffer.data()[5000] = 'x'; }));
}

TEST_CASE("the heap is not used unseen") {
    // Through pointers the compiler cannot see through: it may leave out an allocation nobody needs.
    static void* (*volatile allocate_bytes)(size_t) = std::malloc;
    static void (*volatile free_bytes)(void*) = std::free;
    static void* (*volatile again)(void*, size_t) = std::realloc;
    static std::string* (*volatile make_string)() = [] { return new std::string(100, 'x'); };
    const auto allocate = [] { delete make_string(); };
    CHECK_FALSE(dies(allocate));
    {
        const support::HeapTrap trap;
    }
    if (!support::HeapTrap::works()) return;
    CHECK(dies([&] {
        const support::HeapTrap trap;
        allocate();
    }));
    CHECK(dies([] {
        const support::HeapTrap trap;
        sink = allocate_bytes(8) != nullptr;
    }));
    CHECK(dies([] {
        void* const old = allocate_bytes(8);
        const support::HeapTrap trap;
        free_bytes(old);
    }));
    CHECK(dies([] {
        const support::HeapTrap trap;
        sink = again(nullptr, 8) != nullptr;
    }));
    CHECK_FALSE(dies([&] {
        const support::HeapTrap trap;
        const support::HeapTrap::Pause pause;
        allocate();
    }));
    CHECK(dies([&] {
        const support::HeapTrap trap;
        { const support::HeapTrap::Pause pause; }
        allocate();
    }));
}

TEST_CASE("a scripted transport does what it is told, one step per call") {
    ScriptedTransport script;
    script.dial_says(IoResult::would_block()).push_says(IoResult::would_block()).push_takes(2);
    script.answer("abcdef", 4).pull_says(IoResult::would_block()).answer("g").pull_says(IoResult::failed(5));
    const openai_stream::Transport link = script.transport();
    char into[8];
    CHECK(link.dial(link.context, "host", 80).is_would_block());
    CHECK(link.dial(link.context, "host", 80).is_ready());
    const char request[] = "request";
    CHECK(link.push(link.context, request, 7).is_would_block());
    CHECK_EQ(link.push(link.context, request, 7).count(), 2);
    CHECK_EQ(link.push(link.context, request + 2, 5).count(), 5);
    CHECK_EQ(link.pull(link.context, into, 8).count(), 4);
    CHECK_EQ(link.pull(link.context, into, 1).count(), 1);
    CHECK_EQ(into[0], 'e');
    CHECK_EQ(link.pull(link.context, into, 8).count(), 1);
    CHECK(link.pull(link.context, into, 8).is_would_block());
    CHECK(link.wait(link.context, openai_stream::Interest::read, 10).is_ready());
    CHECK_EQ(link.pull(link.context, into, 8).count(), 1);
    CHECK_EQ(link.pull(link.context, into, 8).code(), 5);
    link.wake(link.context);
    link.hang_up(link.context);
    CHECK_EQ(script.pushed(), "request");
    CHECK_EQ(script.host(), "host");
    CHECK_EQ(script.port(), 80);
    CHECK_EQ(script.connections(), 1);
    CHECK_EQ(script.calls(Call::dial), 2);
    CHECK_EQ(script.calls(Call::pull), 6);
    CHECK_EQ(script.hang_ups(), 1);
    CHECK_EQ(script.all_calls(), 2 + 3 + 6 + 1);
    CHECK_EQ(script.wakes(), 1);
    CHECK_FALSE(script.is_open());
    CHECK(script.violations().empty());
}

TEST_CASE("a scripted transport intrudes at one call and calls back from inside one") {
    ScriptedTransport script;
    script.answer("abc").intrude(1, IoResult::failed(9));
    const openai_stream::Transport link = script.transport();
    size_t inside = 0;
    script.on(Call::push, 0, [&] { inside = script.calls(Call::push); });
    script.on(Call::hang_up, 0, [&] { inside += 10; });
    link.dial(link.context, "host", 80);
    CHECK_EQ(link.push(link.context, "x", 1).code(), 9);
    CHECK_EQ(inside, 1);
    char into[8];
    CHECK_EQ(link.pull(link.context, into, 8).count(), 3);
    CHECK(link.pull(link.context, into, 8).is_closed());
    link.hang_up(link.context);
    CHECK_EQ(inside, 11);
    CHECK(script.violations().empty());
}

TEST_CASE("a breach of the transport contract is noted") {
    struct Row {
        const char* name;
        void (*breach)(const openai_stream::Transport&);
    };
    static char into[8];
    static const char from[] = "from";
    const Row rows[] = {
        {"pull without a connection", [](const openai_stream::Transport& link) { link.pull(link.context, into, 8); }},
        {"push without a connection", [](const openai_stream::Transport& link) { link.push(link.context, from, 4); }},
        {"hang_up without a connection", [](const openai_stream::Transport& link) { link.hang_up(link.context); }},
        {"hang_up twice",
         [](const openai_stream::Transport& link) {
             link.dial(link.context, "host", 80);
             link.hang_up(link.context);
             link.hang_up(link.context);
         }},
        {"dial twice",
         [](const openai_stream::Transport& link) {
             link.dial(link.context, "host", 80);
             link.dial(link.context, "host", 80);
         }},
        {"pull without room",
         [](const openai_stream::Transport& link) {
             link.dial(link.context, "host", 80);
             link.pull(link.context, into, 0);
         }},
        {"push of nothing",
         [](const openai_stream::Transport& link) {
             link.dial(link.context, "host", 80);
             link.push(link.context, from, 0);
         }},
        {"pull after the end",
         [](const openai_stream::Transport& link) {
             link.dial(link.context, "host", 80);
             link.pull(link.context, into, 8);
             link.pull(link.context, into, 8);
         }},
        {"other bytes after would_block",
         [](const openai_stream::Transport& link) {
             static_cast<ScriptedTransport*>(link.context)->push_says(IoResult::would_block());
             link.dial(link.context, "host", 80);
             link.push(link.context, from, 4);
             link.push(link.context, from, 3);
         }},
        {"push after it failed",
         [](const openai_stream::Transport& link) {
             static_cast<ScriptedTransport*>(link.context)->push_says(IoResult::failed(1));
             link.dial(link.context, "host", 80);
             link.push(link.context, from, 4);
             link.push(link.context, from, 4);
         }},
        {"pull before dial was ready",
         [](const openai_stream::Transport& link) {
             static_cast<ScriptedTransport*>(link.context)->dial_says(IoResult::would_block());
             link.dial(link.context, "host", 80);
             link.pull(link.context, into, 8);
         }},
        {"wait for nothing",
         [](const openai_stream::Transport& link) {
             link.dial(link.context, "host", 80);
             link.wait(link.context, openai_stream::Interest::none, 1);
         }},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        ScriptedTransport script;
        row.breach(script.transport());
        CHECK_EQ(script.violations().size(), 1);
    }
}
