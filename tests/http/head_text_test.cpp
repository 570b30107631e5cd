// What a host, a path, a key may be.
#include "support/header.hpp"
#include "support/tally.hpp"

#include <string>

namespace http = openai_stream::http;
using http::HeadRule;
using openai_stream::Error;

TEST_CASE("what is wrong with a text of the head") {
    struct Row {
        const char* name;
        HeadRule rule;
        const char* text;
        Error error;
    };
    const Row rows[] = {
        {"a name", HeadRule::host, "api.example-1.com", Error::none},
        {"a name with letters that are no digits of any base", HeadRule::host, "xyz", Error::none},
        {"no host", HeadRule::host, "", Error::bad_url},
        {"an address of version 4", HeadRule::host, "127.0.0.1", Error::none},
        {"one of version 6", HeadRule::host, "fe80::1", Error::none},
        {"two colons are enough", HeadRule::host, "::", Error::none},
        {"version 4 within version 6", HeadRule::host, "::ffff:10.0.0.1", Error::none},
        {"one colon is a port", HeadRule::host, "example:80", Error::bad_url},
        {"one colon between digits, too", HeadRule::host, "a:1", Error::bad_url},
        {"a letter that is in no address", HeadRule::host, "fe80::g", Error::bad_url},
        {"a letter that is in none, with a dot", HeadRule::host, "fe80::g.1", Error::bad_url},
        {"brackets", HeadRule::host, "[::1]", Error::bad_url},
        {"a blank", HeadRule::host, "a b", Error::bad_header_value},
        {"no path", HeadRule::prefix, "", Error::none},
        {"a path", HeadRule::prefix, "/v1", Error::none},
        {"one that ends in a slash", HeadRule::prefix, "/v1/", Error::bad_url},
        {"one that begins without", HeadRule::prefix, "v1", Error::bad_url},
        {"a slash alone", HeadRule::prefix, "/", Error::bad_url},
        {"one of a request", HeadRule::prefix, "/v1/chat/completions", Error::endpoint_in_url},
        {"one of the other request", HeadRule::prefix, "/v1/Responses", Error::endpoint_in_url},
        {"a query that ends so is none", HeadRule::query, "to=/completions", Error::none},
        {"a query with a fragment", HeadRule::query, "a#b", Error::bad_url},
        {"a request's path", HeadRule::path, "/v1/", Error::none},
        {"a request's path without a slash", HeadRule::path, "v1", Error::bad_header_value},
        {"a key", HeadRule::key, "sk-1", Error::none},
        {"a key after the word that is sent before it", HeadRule::key, "Bearer sk-1", Error::bad_key},
        {"a key that begins with that word", HeadRule::key, "bearersk", Error::none},
        {"that word in another field", HeadRule::field, "Bearer sk-1", Error::none},
        {"a tab in a field", HeadRule::field, "a\tb", Error::none},
        {"a line end in a field", HeadRule::field, "a\nb", Error::bad_header_value},
        {"a line end in a key", HeadRule::key, "a\rb", Error::bad_header_value},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(openai_stream::describe(http::examine(row.rule, row.text)), openai_stream::describe(row.error));
    }
}

TEST_CASE("a text of the head is refused with what was wrong when it was set") {
    using openai_stream::Checked;
    using openai_stream::StringView;
    struct Row {
        const char* name;
        Checked (*set)(StringView text);
        const char* text;
        Error error;
    };
    const auto prefix = [](StringView text) -> Checked { return http::PrefixText(text); };
    const auto key = [](StringView text) -> Checked { return http::KeyText(text); };
    const auto name = [](StringView text) -> Checked { return http::NameText(text); };
    const Row rows[] = {
        {"nothing is wrong", prefix, "/v1", Error::none},
        {"nothing is there", prefix, "", Error::none},
        {"a path with a query", prefix, "/v1?a=b", Error::bad_url},
        {"a request's path", prefix, "/v1/responses", Error::endpoint_in_url},
        {"a key with the word before it", key, "Bearer k", Error::bad_key},
        {"a key with its line end", key, "k\n", Error::bad_header_value},
        {"a header's name with a blank", name, "a b", Error::bad_header_value},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        CHECK_EQ(openai_stream::describe(row.set(row.text).error()), openai_stream::describe(row.error));
    }
}

TEST_CASE("a host has 253 bytes at most") {
    for (const size_t size : {size_t(253), size_t(254)}) {
        const std::string host(size, 'a');
        CHECK_EQ(openai_stream::describe(http::examine(HeadRule::host, host)),
                 openai_stream::describe(size == 253 ? Error::none : Error::bad_url));
    }
}

TEST_CASE("a text of the head is compared by its bytes") {
    const http::PrefixText prefix = "/v1";
    CHECK(prefix == "/v1");
    CHECK_FALSE(prefix == "/v2");
    const http::HostText host = "example.com";
    CHECK(host == "example.com");
    CHECK_FALSE(host == "example.org");
}
