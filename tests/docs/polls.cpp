// Prints the table of src/tour.txt that says how often one poll() calls a transport. polls_test.py compares the two.
//
// Conversations in which much happens at once: a request larger than the buffer, answers byte by byte and in one piece,
// a server that answers before it has read, connections that are refused, and that were kept and are dead.
#include "../support/checked.hpp"

#include "examples/adapters/slow_link.hpp"
#include "openai_stream.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace oai = openai_stream;

namespace {

const std::string text(20000, 'x');
const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: keep-alive\r\n"
                           "Transfer-Encoding: chunked\r\n\r\n";

std::string chunk(const std::string& data) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", data.size());
    return size + data + "\r\n";
}
std::string said(const std::string& words) {
    return chunk("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + words + "\"}}]}\n\n");
}
const std::string whole = answer + chunk(": still there\n\n") + said("Hello") + said(text) + said("!") +
                          chunk("data: [DONE]\n\n") + "0\r\n\r\n";

struct Calls {
    int dial = 0, push = 0, pull = 0, hang_up = 0;
    int all() const { return dial + push + pull + hang_up; }
    void most(const Calls& other) {
        dial = std::max(dial, other.dial);
        push = std::max(push, other.push);
        pull = std::max(pull, other.pull);
        hang_up = std::max(hang_up, other.hang_up);
        sum = std::max(sum, other.all());
    }
    int sum = 0;  // the most of all together
};

enum class Kind { never_waits, always_waits };

// It gives and takes so many bytes at a time. One that never waits has nothing at every third call, takes nothing of a
// request before it has answered, and looks busy in dial.
struct Link {
    Kind kind = Kind::never_waits;
    size_t piece = 1, given = 0;
    int refusals = 0, dead = 0;  // dials to be refused, and connections that end before a byte
    bool answers_early = false;
    int turn = 0;
    uint32_t now = 0;
    Calls calls;

    bool has_nothing() { return kind == Kind::never_waits && ++turn % 3 == 0; }
    oai::IoResult dial(oai::StringView, uint16_t) {
        ++calls.dial;
        given = 0;
        if (has_nothing()) return oai::IoResult::would_block();
        return refusals-- > 0 ? oai::IoResult::failed(1) : oai::IoResult::ready();
    }
    oai::IoResult push(const char*, size_t count) {
        ++calls.push;
        if (answers_early && kind == Kind::never_waits) return oai::IoResult::would_block();
        return has_nothing() ? oai::IoResult::would_block() : oai::IoResult::bytes(std::min(count, piece));
    }
    oai::IoResult pull(char* into, size_t room) {
        ++calls.pull;
        if (!answers_early && has_nothing()) return oai::IoResult::would_block();
        const size_t count = std::min({room, piece, whole.size() - given});
        if (count == 0 || (given == 0 && dead-- > 0)) return oai::IoResult::closed();
        whole.copy(into, count, given);
        given += count;
        return oai::IoResult::bytes(count);
    }
    void hang_up() { ++calls.hang_up; }
    uint32_t now_ms() { return now; }
};

Calls count(Kind kind, bool is_slow) {
    Calls most;
    for (const size_t piece : {size_t(1), size_t(7), size_t(100), size_t(100000)})
        for (const size_t question : {size_t(5), size_t(5000)})
            for (int trouble = 0; trouble != 4; ++trouble) {
                Link link;
                link.kind = kind;
                link.piece = piece;
                link.refusals = trouble == 1 ? 2 : 0;
                link.answers_early = trouble == 2;
                SlowLink slow(oai::transport_of(link));
                oai::RetryPolicy retries;
                char memory[2048];
                oai::Stream stream(is_slow ? slow.transport() : oai::transport_of(link), memory);
                stream.use(retries);
                const oai::Endpoint server("http://h/v1");
                const std::string words(question, 'q');
                const oai::ChatRequest ask("m", words);
                for (int conversation = 0; conversation != 2; ++conversation) {
                    if (conversation == 1 && trouble == 3) link.dead = 1;
                    if (conversation == 1) link.given = 0;
                    slow.next_turn();
                    stream.open(server, ask);
                    oai::Event event;
                    oai::Poll told;
                    int polls = 0;
                    do {
                        link.calls = {};
                        slow.next_turn();
                        told = stream.poll(event);
                        most.most(link.calls);
                        link.now += 100;
                    } while ((told == oai::Poll::event || told == oai::Poll::pending) && ++polls != 1000000);
                    if (told != oai::Poll::done) {
                        char why[300];
                        std::fprintf(stderr, "piece %zu, trouble %d: %s\n", piece, trouble, stream.explain(why));
                        std::exit(1);
                    }
                }
            }
    return most;
}

void print(const char* name, const Calls& most) {
    std::printf("    %-36s%5d%6d%6d%8d%8d\n", name, most.dial, most.push, most.pull, most.hang_up, most.sum);
}

}  // namespace

int main() {
    std::printf("    %-36s%5s%6s%6s%8s%8s\n", "most calls in one poll(), to", "dial", "push", "pull", "hang_up", "of all");
    print("a link that never waits", count(Kind::never_waits, false));
    print("one whose calls wait", count(Kind::always_waits, false));
    print("the same behind a SlowLink", count(Kind::always_waits, true));
}
