// Endpoints: URLs, good and bad, and endpoints made field by field.
#include "support/header.hpp"
#include "support/guard_page.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>
#include <string_view>

namespace oai = openai_stream;
using oai::Endpoint;
using oai::Error;

static_assert(Endpoint("https://api.openai.com/v1").host.size() == 14, "an endpoint is a constant expression");
static_assert(Endpoint("https://api.openai.com/v1").effective_port() == 443, "an endpoint is a constant expression");
static_assert(Endpoint("ftp://x").find_mistake() == Error::bad_url, "and so is a wrong one");
static_assert(Endpoint("http://h", "Bearer k").find_mistake() == Error::bad_key, "the compiler finds what is wrong");
static_assert(Endpoint("http://h", "k\n").find_mistake() == Error::bad_header_value, "in a key, too");

TEST_CASE("URLs that are understood") {
    struct Row {
        const char* name;
        const char* url;
        const char* host;
        uint16_t port;
        bool tls;
        const char* prefix;
        const char* query = "";
    };
    const Row rows[] = {
        {"a name", "http://localhost", "localhost", 80, false, ""},
        {"a name with tls", "https://api.openai.com", "api.openai.com", 443, true, ""},
        {"a prefix", "https://api.openai.com/v1", "api.openai.com", 443, true, "/v1"},
        {"a slash after the prefix", "https://api.openai.com/v1/", "api.openai.com", 443, true, "/v1"},
        {"more slashes after the prefix", "https://api.openai.com/v1///", "api.openai.com", 443, true, "/v1"},
        {"only a slash", "http://h/", "h", 80, false, ""},
        {"only slashes", "http://h//", "h", 80, false, ""},
        {"a longer prefix", "https://openrouter.ai/api/v1", "openrouter.ai", 443, true, "/api/v1"},
        {"a port", "http://127.0.0.1:8080", "127.0.0.1", 8080, false, ""},
        {"a port and a prefix", "http://127.0.0.1:8080/v1", "127.0.0.1", 8080, false, "/v1"},
        {"the smallest port", "http://h:1/x", "h", 1, false, "/x"},
        {"the largest port", "http://h:65535/x", "h", 65535, false, "/x"},
        {"a port with zeros before it", "http://h:000080/x", "h", 80, false, "/x"},
        {"the port of the other scheme", "https://h:80", "h", 80, true, ""},
        {"the scheme in capitals", "HTTP://h", "h", 80, false, ""},
        {"the scheme in both", "HtTpS://h", "h", 443, true, ""},
        {"the host in both", "http://ExAmple.COM", "ExAmple.COM", 80, false, ""},
        {"a host with all it may have", "http://a-b_c~1.x", "a-b_c~1.x", 80, false, ""},
        {"a host with a dot at the end", "http://example.com./v1", "example.com.", 80, false, "/v1"},
        {"an IPv6 address", "http://[::1]", "::1", 80, false, ""},
        {"an IPv6 address, a port, a prefix", "http://[2001:DB8::8a2e:370:7334]:8080/v1", "2001:DB8::8a2e:370:7334",
         8080, false, "/v1"},
        {"an IPv6 address with an IPv4 one in it", "https://[::ffff:192.0.2.1]/v1", "::ffff:192.0.2.1", 443, true,
         "/v1"},
        {"a prefix with all it may have", "http://h/a-._~!$&'()*+,;=:@%20/b", "h", 80, false,
         "/a-._~!$&'()*+,;=:@%20/b"},
        {"Azure", "https://x.openai.azure.com/openai/v1/", "x.openai.azure.com", 443, true, "/openai/v1"},
        {"a query", "https://h/v1?api-version=x", "h", 443, true, "/v1", "api-version=x"},
        {"a query after a slash", "http://h:81/v1/?a=b&c", "h", 81, false, "/v1", "a=b&c"},
        {"a query at once", "http://h?x=1", "h", 80, false, "", "x=1"},
        {"a query after a port", "http://[::1]:8080?x", "::1", 8080, false, "", "x"},
        {"a query with all it may have", "http://h/?a-._~!$&'()*+,;=:@%20/?b", "h", 80, false, "",
         "a-._~!$&'()*+,;=:@%20/?b"},
        {"a query with an address in it", "http://h/v1?to=http://i/chat/completions", "h", 80, false, "/v1",
         "to=http://i/chat/completions"},
        {"a query of nothing", "http://h/v1?", "h", 80, false, "/v1"},
        {"a prefix that only begins like an endpoint", "http://h/chat/completions/v1", "h", 80, false,
         "/chat/completions/v1"},
        {"a prefix that only ends like one", "http://h/my-responses", "h", 80, false, "/my-responses"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes url(row.url);
        const Endpoint endpoint{oai::StringView(url)};
        CHECK(endpoint.validate() == Error::none);
        CHECK_EQ(endpoint.host, row.host);
        CHECK_EQ(endpoint.port, row.port);
        CHECK_EQ(endpoint.effective_port(), row.port);
        CHECK_EQ(endpoint.tls, row.tls);
        CHECK_EQ(endpoint.prefix, row.prefix);
        CHECK_EQ(endpoint.query, row.query);
        CHECK(endpoint.key.empty());
        const Endpoint with_key(oai::StringView(url), "secret");
        CHECK(with_key.validate() == Error::none);
        CHECK_EQ(with_key.host, row.host);
        CHECK_EQ(with_key.key, "secret");
    }
}

TEST_CASE("URLs that are refused") {
    struct Row {
        const char* name;
        std::string url;
    };
    const Row rows[] = {
        {"nothing", ""},
        {"a host alone", "api.openai.com"},
        {"a host and a port", "localhost:8080"},
        {"no scheme", "//h/v1"},
        {"the scheme alone", "http"},
        {"the scheme and a colon", "http:"},
        {"the scheme and one slash", "http:/h"},
        {"the scheme and three slashes", "http:///v1"},
        {"the scheme without a colon", "http//h"},
        {"another scheme", "ftp://h"},
        {"another scheme that begins like ours", "httpx://h"},
        {"another scheme that ends like ours", "xhttp://h"},
        {"web sockets", "wss://h"},
        {"no host", "http://"},
        {"no host, a prefix", "https:///v1"},
        {"no host, a port", "http://:8080"},
        {"a blank before it", " http://h"},
        {"a blank after it", "http://h "},
        {"a blank in the host", "http://a b"},
        {"a blank in the prefix", "http://h/a b"},
        {"a line end after it", "http://h/v1\n"},
        {"a tab in the prefix", "http://h/\tv1"},
        {"a NUL in the host", std::string("http://a\0b", 10)},
        {"a NUL in the prefix", std::string("http://h/\0", 10)},
        {"a header in the host", "http://h\r\nX-Evil: 1"},
        {"a header in the prefix", "http://h/v1 HTTP/1.1\r\nX-Evil: 1\r\n"},
        {"DEL", "http://h/\x7F"},
        {"a user", "http://user@h"},
        {"a user and a password", "http://user:password@h/v1"},
        {"a user that looks like a host and a port", "http://h:80@evil/v1"},
        {"a query with a blank", "http://h/v1?x= 1"},
        {"a query with a line end", "http://h/v1?x=1\r\nX-Evil: 1"},
        {"a query with quotes", "http://h/v1?x=\"1\""},
        {"a query and a fragment", "http://h/v1?x=1#y"},
        {"a fragment", "http://h/v1#x"},
        {"a fragment at once", "http://h#x"},
        {"a backslash for a slash", "http:\\\\h"},
        {"a backslash in the host", "http://h\\evil"},
        {"a backslash in the prefix", "http://h/v1\\x"},
        {"a colon without a port", "http://h:"},
        {"a colon without a port, a prefix", "http://h:/v1"},
        {"port 0", "http://h:0"},
        {"port 0 in many digits", "http://h:0000"},
        {"port 65536", "http://h:65536"},
        {"a port of many digits", "http://h:99999999999999999999"},
        {"a port that wraps around in 32 bits", "http://h:4294967376"},
        {"a port with a letter", "http://h:80a"},
        {"a port with a sign", "http://h:+80"},
        {"a port with a minus", "http://h:-80"},
        {"a port with a blank", "http://h: 80"},
        {"two ports", "http://h:80:81"},
        {"bytes of UTF-8 in the host", "http://m\xC3\xBCller.de"},
        {"bytes of UTF-8 in the prefix", "http://h/\xC3\xBC"},
        {"percent in the host", "http://a%20b"},
        {"an IPv6 address without brackets", "http://::1/v1"},
        {"an IPv6 address that does not end", "http://[::1"},
        {"an IPv6 address that does not end before the prefix", "http://[::1/v1"},
        {"an IPv6 address that does not begin", "http://::1]/v1"},
        {"nothing in brackets", "http://[]"},
        {"a name in brackets", "http://[localhost]"},
        {"a name and a port in brackets", "http://[localhost:80]"},
        {"an IPv4 address in brackets", "http://[127.0.0.1]"},
        {"a letter that is not of an IPv6 address", "http://[::g]"},
        {"a zone", "http://[fe80::1%25eth0]"},
        {"something after the brackets", "http://[::1]x"},
        {"something for the colon after the brackets", "http://[::1]x80"},
        {"a colon alone after the brackets", "http://[::1]:"},
        {"brackets in brackets", "http://[[::1]]"},
        {"angle brackets", "<http://h>"},
        {"quotes", "\"http://h\""},
        {"braces in the prefix", "http://h/{id}"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const support::GuardedBytes url(row.url);
        const Endpoint endpoint{oai::StringView(url)};
        CHECK(endpoint.validate() == Error::bad_url);
        CHECK(endpoint.host.empty());
        CHECK(Endpoint(oai::StringView(url), "secret").validate() == Error::bad_url);
    }
}

TEST_CASE("each byte at each place of a URL") {
    const std::string url = "http://h.x:81/v1/a";
    for (int value = 0; value < 256; ++value) {
        ROW("byte " + std::to_string(value));
        const char c = static_cast<char>(value);
        const bool letter = (value >= 'a' && value <= 'z') || (value >= 'A' && value <= 'Z'),
                   digit = value >= '0' && value <= '9';
        const bool name = letter || digit || (value != 0 && std::string("-._~").find(c) != std::string::npos);
        const bool path = name || (value != 0 && std::string("!$&'()*+,;=:@%/?").find(c) != std::string::npos);
        std::string in_host = url, in_port = url, in_path = url;
        in_host[7] = in_port[11] = in_path[15] = c;
        CHECK_EQ(Endpoint(in_host).validate() == Error::none, name);
        CHECK_EQ(Endpoint(in_port).validate() == Error::none, digit);
        CHECK_EQ(Endpoint(in_path).validate() == Error::none, path);
    }
}

TEST_CASE("the address of a request for a URL, and a key with its header's word, are told") {
    struct Row {
        const char* name;
        const char* url;
        const char* key;
        Error error;
    };
    const Row rows[] = {
        {"a chat's address", "https://api.openai.com/v1/chat/completions", "k", Error::endpoint_in_url},
        {"with a slash", "https://api.openai.com/v1/chat/completions/", "k", Error::endpoint_in_url},
        {"with a query", "https://h/openai/deployments/d/chat/completions?api-version=v", "k", Error::endpoint_in_url},
        {"a completion's", "http://localhost:8080/v1/completions", "", Error::endpoint_in_url},
        {"a response's", "https://api.openai.com/v1/responses", "k", Error::endpoint_in_url},
        {"at once", "http://h/responses", "", Error::endpoint_in_url},
        {"a word before the key", "http://h/v1", "Bearer sk-1", Error::bad_key},
        {"in small letters", "http://h/v1", "bearer sk-1", Error::bad_key},
        {"in capitals, with more blanks", "http://h/v1", "BEARER  sk-1", Error::bad_key},
        {"the word alone", "http://h/v1", "Bearer ", Error::bad_key},
        {"a key that begins like the word", "http://h/v1", "Bearer", Error::none},
        {"and like it, too", "http://h/v1", "bearer-1", Error::none},
        {"with the word inside", "http://h/v1", "x Bearer y", Error::none},
        {"both", "http://h/v1/responses", "Bearer sk-1", Error::endpoint_in_url},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Endpoint endpoint(row.url, row.key);
        CHECK(endpoint.validate() == row.error);
        oai::RequestWriter writer;
        const oai::ChatRequest ask("m", "p");
        CHECK(writer.begin(endpoint, ask) == row.error);
    }
}

TEST_CASE("what is wrong with a field stays with it until the field is set again") {
    struct Row {
        const char* name;
        void (*spoil)(Endpoint& endpoint);
        void (*mend)(Endpoint& endpoint);
        Error error;
    };
    static const oai::http::HeaderField wrong[] = {{"X", "1"}, {"Host", "h"}}, control[] = {{"X", "1\n"}},
                                        right[] = {{"X", "1"}};
    const Row rows[] = {
        {"the host", [](Endpoint& e) { e.host = "a b"; }, [](Endpoint& e) { e.host = "h"; }, Error::bad_header_value},
        {"a host with a port", [](Endpoint& e) { e.host = "h:8"; }, [](Endpoint& e) { e.host = "h"; }, Error::bad_url},
        {"no host", [](Endpoint& e) { e.host = oai::StringView(); }, [](Endpoint& e) { e.host = "h"; },
         Error::bad_url},
        {"the prefix", [](Endpoint& e) { e.prefix = "v1"; }, [](Endpoint& e) { e.prefix = {}; }, Error::bad_url},
        {"a request's path", [](Endpoint& e) { e.prefix = "/responses"; }, [](Endpoint& e) { e.prefix = "/v1"; },
         Error::endpoint_in_url},
        {"the query", [](Endpoint& e) { e.query = "a#b"; }, [](Endpoint& e) { e.query = "a"; }, Error::bad_url},
        {"the key", [](Endpoint& e) { e.key = "bearer x"; }, [](Endpoint& e) { e.key = std::string_view("x"); },
         Error::bad_key},
        {"the organization", [](Endpoint& e) { e.organization = "\r"; }, [](Endpoint& e) { e.organization = ""; },
         Error::bad_header_value},
        {"the project", [](Endpoint& e) { e.project = "\n"; }, [](Endpoint& e) { e.project = e.key; },
         Error::bad_header_value},
        {"a header's name", [](Endpoint& e) { e.headers = wrong; }, [](Endpoint& e) { e.headers = right; },
         Error::bad_header_value},
        {"a header's value", [](Endpoint& e) { e.headers = control; }, [](Endpoint& e) { e.headers = {}; },
         Error::bad_header_value},
    };
    const oai::ChatRequest ask("m", "p");
    for (const Row& row : rows) {
        ROW(row.name);
        Endpoint endpoint("http://h/v1", "k");
        oai::RequestWriter writer;
        row.spoil(endpoint);
        const Endpoint copy = endpoint;
        CHECK(endpoint.validate() == row.error);
        CHECK(writer.begin(endpoint, ask) == row.error);
        CHECK(copy.validate() == row.error);
        CHECK(writer.begin(copy, ask) == row.error);
        row.mend(endpoint);
        CHECK(endpoint.validate() == Error::none);
        CHECK(writer.begin(endpoint, ask) == Error::none);
        CHECK(copy.validate() == row.error);
    }
}

// They should be set again; a build for size relies on that.
TEST_CASE("bytes of a field that have been changed since are found") {
    char host[] = "h", prefix[] = "/v1", key[] = "key", value[] = "1";
    const oai::http::HeaderField headers[] = {{"X", oai::StringView(value, 1)}};
    Endpoint endpoint;
    endpoint.host = oai::StringView(host, 1);
    endpoint.prefix = oai::StringView(prefix, 3);
    endpoint.key = oai::StringView(key, 3);
    endpoint.headers = headers;
    const oai::ChatRequest ask("m", "p");
    for (char* const byte : {host, prefix + 2, key + 2, value}) {
        oai::RequestWriter writer;
        CHECK(writer.begin(endpoint, ask) == Error::none);
        const char before = *byte;
        *byte = '\n';
        const Error expected = oai::is_small_build ? Error::none : Error::bad_header_value;
        CHECK(endpoint.validate() == Error::bad_header_value);
        CHECK(writer.begin(endpoint, ask) == expected);
        *byte = before;
    }
}

TEST_CASE("a base URL's query goes after the path of each request, and joins one that is there") {
    struct Row {
        const char* name;
        const char* url;
        const char* path;
        const char* target;
    };
    const Row rows[] = {
        {"a query", "https://host/v1?api-version=x", "/chat/completions", "/v1/chat/completions?api-version=x"},
        {"after a slash", "https://host/v1/?a=b&c=d", "/chat/completions", "/v1/chat/completions?a=b&c=d"},
        {"without a prefix", "https://host?a", "/x", "/x?a"},
        {"the path has one", "https://host/v1?a=b", "/x?c=d", "/v1/x?c=d&a=b"},
        {"none", "https://host/v1", "/x?c=d", "/v1/x?c=d"},
        {"of nothing", "https://host/v1?", "/x", "/v1/x"},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        const Endpoint endpoint(row.url);
        const oai::RawRequest ask(row.path, "{}");
        const std::string all = written::whole(endpoint, ask);
        CHECK_EQ(all.substr(0, all.find("\r\n")), "POST " + std::string(row.target) + " HTTP/1.1");
    }
    const Endpoint endpoint("https://host/v1?a=b");
    const oai::RetrieveRequest retrieve("r", 4);
    const oai::CancelRequest cancel("r");
    oai::RequestWriter writer;
    REQUIRE(writer.begin(endpoint, retrieve) == Error::none);
    std::string all = written::rest_of(writer);
    CHECK_EQ(all.substr(0, all.find("\r\n")), "GET /v1/responses/r?stream=true&starting_after=4&a=b HTTP/1.1");
    REQUIRE(writer.begin(endpoint, cancel) == Error::none);
    all = written::rest_of(writer);
    CHECK_EQ(all.substr(0, all.find("\r\n")), "POST /v1/responses/r/cancel?a=b HTTP/1.1");
}

TEST_CASE("an endpoint made field by field is checked as well") {
    struct Row {
        const char* name;
        const char* host;
        const char* prefix;
        const char* key;
        Error error;
    };
    const Row rows[] = {
        {"what is good", "h", "/v1", "k", Error::none},
        {"no prefix", "h", "", "k", Error::none},
        {"an IPv6 address", "fe80::1", "", "k", Error::none},
        {"nothing", "", "", "", Error::bad_url},
        {"a URL for a host", "http://h", "", "", Error::bad_url},
        {"a host with its port", "localhost:8080", "", "", Error::bad_url},
        {"an address with its port", "127.0.0.1:8080", "", "", Error::bad_url},
        {"an IPv6 address with its brackets", "[::1]", "", "", Error::bad_url},
        {"a prefix without its slash", "h", "v1", "", Error::bad_url},
        {"a prefix with a slash at its end", "h", "/v1/", "", Error::bad_url},
        {"a prefix that is only a slash", "h", "/", "", Error::bad_url},
        {"a prefix with a query", "h", "/v1?x", "", Error::bad_url},
        {"a prefix with a fragment", "h", "/v1#x", "", Error::bad_url},
        {"a host with a slash", "h/x", "", "", Error::bad_url},
        {"a user", "user@h", "", "", Error::bad_url},
        {"a header in the host", "h\r\nX-Evil: 1", "", "", Error::bad_header_value},
        {"a header in the prefix", "h", "/v1\r\nX-Evil: 1", "", Error::bad_header_value},
        {"a header in the key", "h", "/v1", "k\r\nX-Evil: 1", Error::bad_header_value},
        {"the key's line end", "h", "/v1", "k\n", Error::bad_header_value},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        Endpoint endpoint;
        endpoint.host = row.host;
        endpoint.prefix = row.prefix;
        endpoint.key = row.key;
        CHECK(endpoint.validate() == row.error);
    }
    SUBCASE("the port and the scheme's own") {
        Endpoint endpoint;
        endpoint.host = "h";
        CHECK_EQ(endpoint.effective_port(), 80);
        endpoint.tls = true;
        CHECK_EQ(endpoint.effective_port(), 443);
        endpoint.port = 8443;
        CHECK_EQ(endpoint.effective_port(), 8443);
    }
    SUBCASE("headers") {
        const oai::http::HeaderField good[] = {{"X-A", "b"}}, bad[] = {{"X-A", "b"}, {"Host", "x"}};
        Endpoint endpoint("http://h");
        endpoint.headers = good;
        CHECK(endpoint.validate() == Error::none);
        endpoint.headers = bad;
        CHECK(endpoint.validate() == Error::bad_header_value);
    }
}

TEST_CASE("views are into the caller's text") {
    const std::string url = "https://api.openai.com/v1/", key = "secret";
    const Endpoint endpoint(url, key);
    CHECK(endpoint.host.data() == url.data() + 8);
    CHECK(endpoint.prefix.data() == url.data() + 22);
    CHECK(endpoint.key.data() == key.data());
    const Endpoint no_key(url, nullptr);
    CHECK(no_key.validate() == Error::none);
    CHECK(no_key.key.empty());
}

TEST_CASE("a URL that is refused leaves nothing behind") {
    const Endpoint endpoint("https://user@h/v1?a=b");
    CHECK(endpoint.validate() == Error::bad_url);
    CHECK(endpoint.host.empty());
    CHECK_EQ(endpoint.port, 0);
    CHECK_FALSE(endpoint.tls);
    CHECK(endpoint.prefix.empty());
    CHECK(endpoint.query.empty());
}
