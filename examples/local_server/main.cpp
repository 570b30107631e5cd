// Build: c++ -std=c++17 -O2 -pthread *.cpp -o local_server
// Run: ./local_server [--port N] [--pace TOKENS_PER_SECOND] [--key K] [--connections N] [--once] [--help] [--run PROGRAM ...]
//
// An OpenAI-compatible server to try a client against: no model, no account, no dependency. It speaks Chat Completions,
// Responses and the rest of OpenAI's APIs that stream. The answers are those of Lumen, a lighthouse keeper's assistant
// made of rules, and leave word by word at a human pace. A request that offers tools gets two calls, and an answer when
// their results have come.
//   --port N   the port on 127.0.0.1; 0 (the default) takes a free one, and the line on standard output names it
//   --pace T   tokens per second, 30 by default; 0 = as fast as the client reads
//   --key K    below /v1, ask for "Authorization: Bearer K"
//   --connections N   so many at a time, 64 by default, each on a thread of its own; others wait
//   --once     exit after the first answered request
//   --run P    run this program, which all other words are for, with OPENAI_BASE_URL in its environment; end with it
//   --help     say this, and which faults there are
// It also misbehaves on request: a client asks for a fault in place of the model ("fault:cut"), or in the path of its
// base URL (http://127.0.0.1:8080/fault:cut/v1). Several are joined by '+': "fault:reasoning+crlf+slow=5".
// Ends with 0 on SIGTERM and, unless started with that ignored, on SIGINT.
//
// The way of a request through the files, from the wire and back:
//   server, connection        a thread for each connection; every wait has a deadline
//   http_request, router      bytes become a Request, and its path says who answers it
//   chat, responses, response one answer of either API, as JSON (json, request_fields)
//   completions, threads, run, agents, images, audio   the same of the others
//   lumen, lumen_rules, tools what the answer says
//   event_stream, http_reply  events, chunks, and the faults that were asked for (faults)
#include "connection.hpp"
#include "faults.hpp"
#include "options.hpp"
#include "program.hpp"
#include "server.hpp"

#include <signal.h>
#ifndef _WIN32
#include <sys/resource.h>
#endif

#include <algorithm>
#include <cstdio>
#include <thread>

namespace {

#ifdef _WIN32
void raise_limit(int) {}
void ignore_lost_connections() {}
#else
void ignore_lost_connections() { signal(SIGPIPE, SIG_IGN); }
// As many descriptors as that many connections take, or as many as there may be.
void raise_limit(int connections) {
    rlimit limit = {};
    const rlim_t wanted = static_cast<rlim_t>(connections) + 32;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
    limit.rlim_cur = std::min(wanted, limit.rlim_max);
    setrlimit(RLIMIT_NOFILE, &limit);
}
#endif

void on_signal(int) { local_server::stop.request(); }

}  // namespace

int main(int count, char** words) {
    local_server::Options options;
    const bool is_understood = read_options(options, std::vector<std::string>(words + 1, words + count));
    if (!is_understood || options.help) {
        fputs(local_server::usage, is_understood ? stdout : stderr);
        if (is_understood) printf("\n%s", local_server::list_of_faults().c_str());
        return is_understood ? 0 : 2;
    }
    raise_limit(options.connections);
    local_server::Server server(options);
    const int port = local_server::stop.open() ? server.listen() : -1;
    if (port < 0) {
        perror("local_server");
        return 1;
    }
    ignore_lost_connections();
    signal(SIGTERM, on_signal);
    const std::string url = "http://127.0.0.1:" + std::to_string(port) + "/v1";
    int status = 0;
    if (options.program.empty()) {
        // The child of a script may have it ignored: Ctrl-C is not meant for it then.
        if (signal(SIGINT, on_signal) == SIG_IGN) signal(SIGINT, SIG_IGN);
        printf("listening on %s\n", url.c_str());
        fflush(stdout);
        server.run();
    } else {
        std::thread program([&] {
            status = local_server::run_program(options.program, url);
            local_server::stop.request();
        });
        server.run();
        program.join();
    }
    return status;
}
