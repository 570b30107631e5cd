// The legacy completions: POST /v1/completions.
#pragma once

#include "http_reply.hpp"
#include "limits.hpp"

#include <string>

namespace local_server {

// Answers a request body; see answer_chat(). Each prompt gets a choice of its own.
void answer_completion(const std::string& body, Reply& reply, Clock::duration pace);

}  // namespace local_server
