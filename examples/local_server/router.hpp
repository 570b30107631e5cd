// Which method and path lead to which part of the server.
#pragma once

#include "agents.hpp"
#include "http_reply.hpp"
#include "options.hpp"
#include "responses.hpp"
#include "threads.hpp"

namespace local_server {

class Router {
public:
    // The options are used as long as this lives.
    explicit Router(const Options& options)
        : options_(options), responses_(options.pace), threads_(options.pace), agents_(options.pace) {}

    // Answers a request. Throws an ApiError if it cannot be answered. Called by the threads of all connections.
    void answer(const Request& request, Reply& reply);

private:
    const Options& options_;
    Responses responses_;
    Threads threads_;
    Agents agents_;
};

}  // namespace local_server
