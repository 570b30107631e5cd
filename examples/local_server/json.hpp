// JSON (RFC 8259), whole texts only: request bodies are read before they are answered, and answers are put together as
// text from quoted strings.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace local_server {

struct Json {
    enum class Kind { null, boolean, number, string, array, object };

    Kind kind = Kind::null;
    bool truth = false;
    std::string text;               // the characters of a string, the digits of a number
    std::vector<std::string> keys;  // of an object: keys[i] names items[i]
    std::vector<Json> items;

    // The member of that name, the last one if it is repeated; a null if there is none.
    const Json& operator[](std::string_view key) const;
};

// Throws an ApiError that names the byte at which the text stops being JSON.
Json read_json(std::string_view text);

// Text as a JSON string. Up to U+07FF it stays raw, above it becomes \uXXXX, so that a client meets both forms; a byte
// that is not UTF-8 becomes U+FFFD.
std::string quote(std::string_view text);

// "null" for a text that is empty.
std::string quote_or_null(std::string_view text);

}  // namespace local_server
