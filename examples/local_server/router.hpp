// Which method and path lead to which part of the server.
#pragma once

#include "http_reply.hpp"
#include "options.hpp"
#include "responses.hpp"

namespace local_server {

class Router {
public:
    // The options are used as long as this lives.
    explicit Router(const Options& options) : options_(options), responses_(options.pace) {}

    // Answers a request. Throws an ApiError if it cannot be answered. Called by the threads of all connections.
    void answer(const Request& request, Reply& reply);

private:
    const Options& options_;
    Responses responses_;
};

}  // namespace local_server
