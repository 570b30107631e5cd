// Members that the request bodies of both APIs have, checked: what is of the wrong kind throws an ApiError that names
// the member.
#pragma once

#include "json.hpp"

#include <string>

namespace local_server {

// Text that must be there and must not be empty.
std::string string_of(const Json& value, const std::string& name);

std::string model_of(const Json& body);

// A boolean, false if it is missing.
bool flag_of(const Json& value, const std::string& name);

// A string, or an array of parts whose texts belong together, or nothing.
std::string text_of(const Json& content, const std::string& name);

}  // namespace local_server
