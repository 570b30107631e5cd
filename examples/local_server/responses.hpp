// The Responses API: a response is created, stored, retrieved (from any event on) and cancelled.
#pragma once

#include "http_reply.hpp"
#include "limits.hpp"
#include "response.hpp"
#include "store.hpp"

#include <memory>
#include <string>

namespace local_server {

// The calls of the API, one for each path. What cannot be done throws an ApiError.
class Responses {
public:
    explicit Responses(Clock::duration pace) : pace_(pace) {}

    void create(const std::string& body, Reply& reply);                            // POST /v1/responses
    void retrieve(const Request& request, const std::string& id, Reply& reply);    // GET /v1/responses/ID
    void cancel(const std::string& id, Reply& reply);                              // POST /v1/responses/ID/cancel

private:
    std::shared_ptr<Response> stored(const std::string& id);

    const Clock::duration pace_;
    Store<Response> store_;
};

}  // namespace local_server
