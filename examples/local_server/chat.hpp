// The Chat Completions API: POST /v1/chat/completions.
#pragma once

#include "http_reply.hpp"
#include "limits.hpp"

#include <string>

namespace local_server {

// Answers a request body. `pace`: the time between two tokens. Throws an ApiError for a body that asks for nothing
// this server has.
void answer_chat(const std::string& body, Reply& reply, Clock::duration pace);

}  // namespace local_server
