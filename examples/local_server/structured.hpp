// Structured output: a request may ask for an answer that is JSON, by a schema. Here it has the schema's shape, and
// Lumen's words stand in it.
#pragma once

#include "json.hpp"

#include <string>

namespace local_server {

// A text that obeys what the request asks for; the text itself if it asks for nothing. Both APIs say it in their own
// way: `response_format` of chat, {"type":"json_schema","json_schema":{"schema":...}}, or `text.format` of Responses,
// {"type":"json_schema","schema":...}. By {"type":"json_object"} it is {"answer":text}. Throws an ApiError for another
// type, or a schema that is no object's.
std::string structured(const std::string& text, const Json& format, const std::string& name);

// An object that fits a schema, roughly: the text for each string, the first of several choices, the simplest value for
// each other type. Once it has more than max_bytes, members are left out.
std::string object_for(const Json& schema, const std::string& text, size_t max_bytes);

}  // namespace local_server
