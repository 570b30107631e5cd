// Every Error has a sentence of its own and somebody to blame.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <map>
#include <set>

using openai_stream::Blame;
using openai_stream::Error;

namespace {

constexpr unsigned count = static_cast<unsigned>(Error::server_error) + 1;

struct Group {
    const char* name;
    Blame blame;
    Error first, last;
};

const Group groups[] = {
    {"no error", Blame::nobody, Error::none, Error::none},
    {"the program that calls", Blame::caller, Error::not_open, Error::closed},
    {"the memory it gave, and our limits", Blame::capacity, Error::buffer_too_small, Error::too_many_parts},
    {"the link", Blame::transport, Error::transport_contract, Error::truncated},
    {"what came is not what was promised", Blame::peer, Error::bad_status_line, Error::late_key},
    {"the server refused", Blame::server, Error::http_status, Error::server_error},
};

// One of each kind, by name, so that a group that moved as a whole is seen too.
const std::map<Error, Blame> examples = {
    {Error::none, Blame::nobody},
    {Error::bad_url, Blame::caller},
    {Error::endpoint_in_url, Blame::caller},
    {Error::bad_key, Blame::caller},
    {Error::needs_tls, Blame::caller},
    {Error::no_transport, Blame::caller},
    {Error::cancelled, Blame::caller},
    {Error::event_too_large, Blame::capacity},
    {Error::json_too_deep, Blame::capacity},
    {Error::connect_failed, Blame::transport},
    {Error::connection_lost, Blame::transport},
    {Error::bad_chunk, Blame::peer},
    {Error::content_encoding, Blame::peer},
    {Error::not_event_stream, Blame::peer},
    {Error::bad_json, Blame::peer},
};

}  // namespace

TEST_CASE("every error is in the group of who has to act") {
    unsigned next = 0;
    for (const Group& group : groups) {
        ROW(group.name);
        CHECK_EQ(static_cast<unsigned>(group.first), next);  // no error between two groups
        for (next = static_cast<unsigned>(group.first); next <= static_cast<unsigned>(group.last); ++next) {
            INFO("error ", next);
            CHECK(openai_stream::blame(static_cast<Error>(next)) == group.blame);
        }
    }
    CHECK_EQ(next, count);
    for (const auto& [error, blame] : examples) {
        ROW(openai_stream::describe(error));
        CHECK(openai_stream::blame(error) == blame);
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
