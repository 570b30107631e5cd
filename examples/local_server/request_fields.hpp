// Members that the request bodies of several APIs have, checked: what is of the wrong kind throws an ApiError that
// names the member.
#pragma once

#include "http_request.hpp"
#include "json.hpp"
#include "lumen.hpp"

#include <string>

namespace local_server {

// Text that must be there and must not be empty.
std::string string_of(const Json& value, const std::string& name);

std::string model_of(const Json& body);

// A boolean, false if it is missing.
bool flag_of(const Json& value, const std::string& name);

// A string, or an array of parts whose texts belong together, or nothing.
std::string text_of(const Json& content, const std::string& name);

// A number of tokens or the like, within its limits; `otherwise` if it is missing.
size_t count_of(const Json& value, const std::string& name, size_t least, size_t most, size_t otherwise);

// Messages with a role and a content; none if the list is missing. What is too long to be kept is cut.
std::vector<Message> messages_of(const Json& list, const std::string& name);

// Throws an ApiError unless the header OpenAI-Beta has this word: "assistants=v2".
void require_beta(const Request& request, const std::string& word);

}  // namespace local_server
