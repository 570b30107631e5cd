// Every Error has a sentence of its own and somebody to blame.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <map>
#include <set>
#include <sstream>

using openai_stream::ErrorCategory;
using openai_stream::Error;

namespace {

constexpr unsigned count = static_cast<unsigned>(Error::server_error) + 1;

struct Group {
    const char* name;
    ErrorCategory category;
    Error first, last;
};

const Group groups[] = {
    {"no error", ErrorCategory::none, Error::none, Error::none},
    {"the program that calls", ErrorCategory::caller, Error::not_open, Error::closed},
    {"the memory it gave, and our limits", ErrorCategory::capacity, Error::buffer_too_small, Error::too_many_parts},
    {"the link", ErrorCategory::transport, Error::transport_contract, Error::truncated},
    {"what came is not what was promised", ErrorCategory::protocol, Error::bad_status_line, Error::late_key},
    {"the server refused", ErrorCategory::server, Error::http_status, Error::server_error},
};

// One of each kind, by name, so that a group that moved as a whole is seen too.
const std::map<Error, ErrorCategory> examples = {
    {Error::none, ErrorCategory::none},
    {Error::bad_url, ErrorCategory::caller},
    {Error::endpoint_in_url, ErrorCategory::caller},
    {Error::bad_key, ErrorCategory::caller},
    {Error::needs_tls, ErrorCategory::caller},
    {Error::no_transport, ErrorCategory::caller},
    {Error::cancelled, ErrorCategory::caller},
    {Error::event_too_large, ErrorCategory::capacity},
    {Error::json_too_deep, ErrorCategory::capacity},
    {Error::connect_failed, ErrorCategory::transport},
    {Error::connection_lost, ErrorCategory::transport},
    {Error::bad_chunk, ErrorCategory::protocol},
    {Error::content_encoding, ErrorCategory::protocol},
    {Error::not_event_stream, ErrorCategory::protocol},
    {Error::bad_json, ErrorCategory::protocol},
};

}  // namespace

TEST_CASE("every error is in the group of who has to act") {
    unsigned next = 0;
    for (const Group& group : groups) {
        ROW(group.name);
        CHECK_EQ(static_cast<unsigned>(group.first), next);  // no error between two groups
        for (next = static_cast<unsigned>(group.first); next <= static_cast<unsigned>(group.last); ++next) {
            INFO("error ", next);
            CHECK(openai_stream::category(static_cast<Error>(next)) == group.category);
        }
    }
    CHECK_EQ(next, count);
    for (const auto& [error, category] : examples) {
        ROW(openai_stream::describe(error));
        CHECK(openai_stream::category(error) == category);
    }
}

TEST_CASE("every error has a sentence of its own, without a full stop") {
    std::set<std::string> seen;
    for (unsigned value = 0; value < count; ++value) {
        ROW("error " + std::to_string(value));
        const char* const sentence = openai_stream::describe(static_cast<Error>(value));
        REQUIRE_NE(sentence, nullptr);
        const std::string text = sentence;
        CHECK_NE(text, "unknown error");
        CHECK(text.size() > 4);
        CHECK_NE(text.back(), '.');
        CHECK(seen.insert(text).second);
    }
}

TEST_CASE("a value that is no error still has a sentence") {
    CHECK_EQ(std::string(openai_stream::describe(static_cast<Error>(count))), "unknown error");
    CHECK_EQ(std::string(openai_stream::describe(static_cast<Error>(255))), "unknown error");
}

TEST_CASE("an error is printed as its sentence") {
    std::ostringstream out;
    out << Error::bad_json << '|' << Error::none;
    CHECK_EQ(out.str(), "an event's data is not valid JSON|no error");
}
