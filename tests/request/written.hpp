#pragma once
// A request as it goes over the wire, taken apart by means that are not the library's.
#include "support/guard_page.hpp"
#include "support/header.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace written {

// What a writer that has begun still writes, in windows of this size that end at a forbidden page. Stops when a window
// stays empty.
inline std::string rest_of(openai_stream::RequestWriter& writer, size_t window = 4096) {
    support::GuardedBuffer memory(window);
    std::string all;
    while (const size_t count = writer.write(memory.data(), window)) {
        REQUIRE_LE(count, window);
        all.append(memory.data(), count);
    }
    return all;
}

struct Message {
    std::string head, body;
};

// Head and body; the head's Content-Length has to be the body's.
inline Message split(const std::string& all) {
    const size_t end = all.find("\r\n\r\n");
    REQUIRE_NE(end, std::string::npos);
    Message message = {all.substr(0, end + 4), all.substr(end + 4)};
    const std::string name = "\r\nContent-Length: ";
    const size_t at = message.head.find(name);
    REQUIRE_NE(at, std::string::npos);
    CHECK_EQ(std::stoull(message.head.substr(at + name.size())), message.body.size());
    CHECK_EQ(message.head.find(name, at + 1), std::string::npos);
    return message;
}

// The whole request; empty if it cannot be sent.
template <class Request>
std::string whole(const openai_stream::Endpoint& endpoint, const Request& request, size_t window = 4096) {
    openai_stream::RequestWriter writer;
    if (writer.begin(endpoint, request) != openai_stream::Error::none) return {};
    const int64_t length = writer.content_length();
    const std::string all = rest_of(writer, window);
    CHECK(writer.finished());
    CHECK(writer.error() == openai_stream::Error::none);
    CHECK_EQ(static_cast<size_t>(length), split(all).body.size());
    return all;
}

// The body, as JSON; discarded if it is none.
template <class Request> nlohmann::json json_of(const Request& request) {
    const openai_stream::Endpoint endpoint("http://localhost");
    return nlohmann::json::parse(split(whole(endpoint, request)).body, nullptr, false);
}

}  // namespace written
