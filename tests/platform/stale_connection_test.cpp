// A server that closes each connection a moment after its answer, as llama-server does although it says keep-alive: over
// real connections, whether the next request comes before that, after it or into the middle of it.
#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"

#include "platform/loopback.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

namespace oai = openai_stream;

namespace {

using loopback::Peer;
using loopback::Server;

constexpr int workers = 20, requests_of_each = 50;  // 1,000 in all
constexpr int longest_ms = 50;

const char head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nKeep-Alive: timeout=5, max=100\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";
const char body[] = "4a\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n\r\n";
const char end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

// Different from call to call, the same in each run.
int delay_ms(int worker, int number) { return (worker * 7 + number * 13) % (longest_ms + 1); }

// All of it: what is left unread makes a reset of the connection's end.
void hear_request(Peer& peer) {
    std::string heard = peer.hears_until("\r\n\r\n");
    const size_t length = heard.find("Content-Length: "), blank = heard.find("\r\n\r\n");
    if (length == std::string::npos || blank == std::string::npos) return;
    const size_t whole = blank + 4 + static_cast<size_t>(std::atoi(heard.c_str() + length + 16));
    for (std::string more; heard.size() < whole && !(more = peer.hears()).empty();) heard += more;
}

struct Counts {
    int failed = 0, replaced = 0, reused = 0;
    std::string first_error;
};

// One client and a server that answers one request on each connection.
Counts converse(int worker) {
    const Server server;
    std::atomic<bool> is_over{false};
    std::thread answers([&server, &is_over, worker] {
        for (int number = 0;; ++number) {
            Peer peer = server.take();
            if (is_over) return;
            hear_request(peer);
            peer.says(head);
            peer.says(body);
            peer.says(end);
            loopback::sleep_ms(delay_ms(worker, number));
            peer.leave();  // what has come meanwhile is lost: the client is told by a reset, or by the end
        }
    });
    Counts counts;
    oai::Socket socket;
    char memory[2048];
    oai::Endpoint endpoint("http://127.0.0.1/v1");
    endpoint.port = server.port();
    const oai::ChatRequest request("m", "hi");
    oai::Stream stream(oai::transport_of(socket), memory);
    for (int number = 0; number != requests_of_each; ++number) {
        if (number % 3 == 1) loopback::sleep_ms(delay_ms(worker + 1, number));
        stream.open(endpoint, request);
        oai::Event event;
        std::string text;
        while (stream.next(event))
            if (event.kind == oai::EventKind::text) text += std::string(event.text);
        const bool is_good = stream.error() == oai::Error::none && text == "Hello";
        if (!is_good && counts.failed++ == 0) counts.first_error = oai::describe(stream.error());
        counts.replaced += stream.stats().has_reconnected;
        counts.reused += stream.stats().is_reused;
    }
    stream.close();
    is_over = true;
    oai::Socket last;  // ends the server's wait
    while (last.dial("127.0.0.1", server.port()).is_would_block()) last.wait(oai::Interest::write, 1000);
    answers.join();
    return counts;
}

}  // namespace

TEST_CASE("1,000 requests to a server that closes 0 to 50 ms after its last chunk: none fails") {
    std::vector<Counts> counts(workers);
    std::vector<std::thread> threads;
    for (int worker = 0; worker != workers; ++worker)
        threads.emplace_back([&counts, worker] { counts[static_cast<size_t>(worker)] = converse(worker); });
    for (std::thread& thread : threads) thread.join();
    Counts all;
    for (const Counts& one : counts) {
        all.failed += one.failed;
        all.replaced += one.replaced;
        all.reused += one.reused;
        if (all.first_error.empty()) all.first_error = one.first_error;
    }
    std::printf("stale connections: %d requests, %d failed, %d connections replaced, %d reused\n",
                workers * requests_of_each, all.failed, all.replaced, all.reused);
    CHECK_MESSAGE(all.failed == 0, all.first_error);
    CHECK(all.replaced != 0);  // else nothing was tried
}
