// Azure's addresses and keys, as facts of the field and the official SDKs have them.
#include "support/heap_trap.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>

namespace oai = openai_stream;
using oai::AzureEndpoint;
using oai::ChatRequest;
using oai::Endpoint;
using oai::Error;
using oai::RequestWriter;
using oai::StringView;

static_assert(AzureEndpoint("https://r.openai.azure.com", "K", "gpt", "v").find_mistake() == Error::none,
              "a constant expression");
static_assert(sizeof(AzureEndpoint) == sizeof(Endpoint), "kept as an Endpoint it loses nothing");

namespace {

template <class Request> std::string written_by(const Endpoint& endpoint, const Request& request) {
    RequestWriter writer;
    if (writer.begin(endpoint, request) != Error::none) return {};
    return written::rest_of(writer, 4096);
}
std::string first_line(const std::string& all) { return all.substr(0, all.find("\r\n")); }
bool has(const std::string& all, const std::string& part) { return all.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("addresses of deployments, and the newer ones") {
    struct Row {
        const char* name;
        const char* url;
        const char* deployment;  // null: the newer addresses
        const char* version;
        const char* target;
    };
    const Row rows[] = {
        {"a deployment", "https://r.openai.azure.com", "gpt", "2024-10-21",
         "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"},
        {"a slash after the resource", "https://r.openai.azure.com/", "gpt", "2024-10-21",
         "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"},
        {"a gateway with a path of its own", "https://gw.example/ai/east/", "gpt", "v",
         "/ai/east/openai/deployments/gpt/chat/completions?api-version=v"},
        {"a gateway with a query of its own", "https://gw.example/ai/?subscription=s", "gpt", "v",
         "/ai/openai/deployments/gpt/chat/completions?subscription=s&api-version=v"},
        {"a deployment with a slash", "https://r.openai.azure.com", "my-model/v1", "v",
         "/openai/deployments/my-model%2Fv1/chat/completions?api-version=v"},
        {"one with other bytes", "https://r.openai.azure.com", "a b?\xC3\xA4~_.-", "v",
         "/openai/deployments/a%20b%3F%C3%A4~_.-/chat/completions?api-version=v"},
        {"no version", "https://r.openai.azure.com", "gpt", "", "/openai/deployments/gpt/chat/completions"},
        {"the newer addresses", "https://r.openai.azure.com", nullptr, "", "/openai/v1/chat/completions"},
        {"the newer ones with a slash", "https://r.openai.azure.com/", nullptr, "", "/openai/v1/chat/completions"},
        {"the newer ones behind a gateway", "https://gw.example/ai", nullptr, "", "/ai/openai/v1/chat/completions"},
        {"the newer ones with a version in the URL", "https://r.openai.azure.com?api-version=preview", nullptr, "",
         "/openai/v1/chat/completions?api-version=preview"},
    };
    const ChatRequest ask("m", "hi");
    for (const Row& row : rows) {
        ROW(row.name);
        const AzureEndpoint endpoint = row.deployment ? AzureEndpoint(row.url, "K", row.deployment, row.version)
                                                      : AzureEndpoint(row.url, "K");
        const std::string all = written_by(endpoint, ask);
        CHECK_EQ(first_line(all), std::string("POST ") + row.target + " HTTP/1.1");
        CHECK(has(all, "\r\napi-key: K\r\n"));
        CHECK_FALSE(has(all, "Authorization"));
        CHECK_EQ(written_by(endpoint, ask), all);  // again
        const Endpoint kept = endpoint;
        CHECK_EQ(written_by(kept, ask), all);
    }
}

TEST_CASE("Azure's own directories and version may stand in the URL, and are sent once") {
    struct Row {
        const char* name;
        std::string path;         // of the URL
        const char* chat;         // the target of a chat
        const char* response;     // and of a response
        const char* named_chat;   // and of a chat where a deployment "own" and a version "w" are named, too
    };
    const char* const newer = "/openai/v1/chat/completions";
    const char* const newer_response = "/openai/v1/responses";
    const char* const own = "/openai/deployments/own/chat/completions?api-version=w";
    const char* const of_url = "/openai/deployments/d/chat/completions";
    const Row rows[] = {
        {"nothing", "", newer, newer_response, own},
        {"the first directory", "/openai", newer, newer_response, own},
        {"the newer one", "/openai/v1", newer, newer_response, own},
        {"in other letters", "/OpenAI/V1", newer, newer_response, own},
        {"that of deployments", "/openai/deployments", newer, newer_response, own},
        {"a deployment", "/openai/deployments/d", of_url, "/openai/responses", own},
        {"an encoded deployment", "/openai/deployments/a%20b", "/openai/deployments/a%20b/chat/completions",
         "/openai/responses", own},
        {"a deployment called like a request", "/openai/deployments/responses",
         "/openai/deployments/responses/chat/completions", "/openai/responses", own},
        {"a gateway's before it", "/ai/openai/v1", "/ai/openai/v1/chat/completions", "/ai/openai/v1/responses",
         "/ai/openai/deployments/own/chat/completions?api-version=w"},
        {"what only ends so", "/my-openai", "/my-openai/openai/v1/chat/completions", "/my-openai/openai/v1/responses",
         "/my-openai/openai/deployments/own/chat/completions?api-version=w"},
        {"a version of another's", "/v1", "/v1/openai/v1/chat/completions", "/v1/openai/v1/responses",
         "/v1/openai/deployments/own/chat/completions?api-version=w"},
    };
    struct Query {
        const char* name;
        const char* text;
        bool has_version;
    };
    const Query queries[] = {
        {"no query", "", false},
        {"another's query", "?a=api-version", false},
        {"a name that only begins so", "?api-versions=v&x-api-version=v", false},
        {"a name of as many letters", "?abc-version=v", false},
        {"a version", "?api-version=v", true},
        {"a version in other letters", "?API-Version=v", true},
        {"a version after others", "?a=b&api-version=v", true},
        {"a version before others", "?api-version=v&a=b", true},
        {"a version without a value", "?api-version", true},
    };
    const ChatRequest ask("m", "hi");
    const oai::ResponseRequest response("m", "hi");
    const auto line = [](std::string target, const Query& query) {
        const size_t mark = target.find('?');  // the version that was named
        const std::string version = mark == std::string::npos ? "" : target.substr(mark + 1);
        target = target.substr(0, mark) + query.text;
        if (!version.empty() && !query.has_version) target += (*query.text ? "&" : "?") + version;
        return "POST " + target + " HTTP/1.1";
    };
    for (const Row& row : rows) {
        for (const Query& query : queries) {
            for (const char* const slashes : {"", "/", "//"}) {
                ROW(std::string(row.name) + ", " + query.name + ", '" + slashes + "'");
                const std::string url = "https://r.openai.azure.com" + row.path + slashes + query.text;
                const AzureEndpoint plain(url, "K"), named(url, "K", "own", "w");
                CHECK(plain.validate() == Error::none);
                CHECK_EQ(first_line(written_by(plain, ask)), line(row.chat, query));
                CHECK_EQ(first_line(written_by(plain, response)), line(row.response, query));
                CHECK_EQ(first_line(written_by(named, ask)), line(row.named_chat, query));
            }
        }
    }
    CHECK(AzureEndpoint("https://r/openai/deployments/..", "K").validate() == Error::bad_url);
    CHECK(AzureEndpoint("https://r/openai/responses", "K").validate() == Error::endpoint_in_url);
}

// Which paths stand under the deployment: those for which the official packages for Python, Node and Go put it there
// (openai/lib/azure.py: _deployments_endpoints; azure.ts; azure/azure.go). All others are the resource's own.
TEST_CASE("what stands under a deployment, and what does not") {
    const AzureEndpoint endpoint("https://r.openai.azure.com", "K", "gpt", "v1");
    const char* const deployed[] = {"/chat/completions", "/completions", "/embeddings", "/audio/transcriptions",
                                    "/audio/translations", "/audio/speech", "/images/generations", "/images/edits"};
    const char* const others[] = {"/responses", "/responses/compact", "/models", "/files", "/images/variations",
                                  "/chat/completions/id", "/chat", "/completion", "/embeddingsx", "/audio", "/",
                                  "/moderations", "/realtime", "/x/chat/completions"};
    for (const std::string path : deployed) {
        ROW(path);
        CHECK_EQ(first_line(written_by(endpoint, oai::RawRequest(path, "{}"))),
                 "POST /openai/deployments/gpt" + path + "?api-version=v1 HTTP/1.1");
        const std::string with_query = path + "?a=b";
        CHECK_EQ(first_line(written_by(endpoint, oai::RawRequest(with_query, "{}"))),
                 "POST /openai/deployments/gpt" + path + "?a=b&api-version=v1 HTTP/1.1");
    }
    for (const std::string path : others) {
        ROW(path + " does not");
        CHECK_EQ(first_line(written_by(endpoint, oai::RawRequest(path, "{}"))),
                 "POST /openai" + path + "?api-version=v1 HTTP/1.1");
        const std::string with_query = path + "?a=b";
        CHECK_EQ(first_line(written_by(endpoint, oai::RawRequest(with_query, "{}"))),
                 "POST /openai" + path + "?a=b&api-version=v1 HTTP/1.1");
    }
    CHECK_EQ(first_line(written_by(endpoint, oai::ChatRequest("m", "hi"))),
             "POST /openai/deployments/gpt/chat/completions?api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::CompletionRequest("m", "hi"))),
             "POST /openai/deployments/gpt/completions?api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::ResponseRequest("gpt", "hi"))),
             "POST /openai/responses?api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::RetrieveRequest("resp/1", 41))),
             "GET /openai/responses/resp%2F1?stream=true&starting_after=41&api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::CancelRequest("resp_1"))),
             "POST /openai/responses/resp_1/cancel?api-version=v1 HTTP/1.1");
    const AzureEndpoint newer("https://r.openai.azure.com", "K");
    CHECK_EQ(first_line(written_by(newer, oai::ResponseRequest("gpt", "hi"))), "POST /openai/v1/responses HTTP/1.1");
    CHECK_EQ(first_line(written_by(newer, oai::RetrieveRequest("r", 4))),
             "GET /openai/v1/responses/r?stream=true&starting_after=4 HTTP/1.1");
}

TEST_CASE("a token goes where tokens go, and headers may be the program's own") {
    AzureEndpoint endpoint("https://r.openai.azure.com", "", "gpt", "v1");
    endpoint.key = "T";
    std::string all = written_by(endpoint, ChatRequest("m", "hi"));
    CHECK(has(all, "\r\nAuthorization: Bearer T\r\n"));
    CHECK_FALSE(has(all, "api-key"));
    const oai::http::HeaderField headers[] = {{"X-A", "b"}, {"Api-Key", "mine"}};
    endpoint = AzureEndpoint("https://r.openai.azure.com", "K", "gpt", "v1");
    endpoint.headers = headers;
    all = written_by(endpoint, ChatRequest("m", "hi"));
    CHECK(has(all, "\r\nX-A: b\r\nApi-Key: mine\r\n"));
    CHECK_FALSE(has(all, "api-key"));
    const oai::http::HeaderField own_token[] = {{"authorization", "Bearer mine"}};
    endpoint = AzureEndpoint("https://r.openai.azure.com", "", "gpt", "v1");
    endpoint.key = "T";
    endpoint.headers = own_token;
    all = written_by(endpoint, ChatRequest("m", "hi"));
    CHECK(has(all, "\r\nauthorization: Bearer mine\r\n"));
    CHECK_FALSE(has(all, "Bearer T"));
    Endpoint plain("http://h/v1", "K");  // to which Azure's header is one like others
    plain.headers = headers;
    all = written_by(plain, ChatRequest("m", "hi"));
    CHECK(has(all, "\r\nAuthorization: Bearer K\r\n"));
    CHECK(has(all, "\r\nX-A: b\r\nApi-Key: mine\r\n"));
}

TEST_CASE("a wrong address or byte is refused as in any Endpoint") {
    struct Row {
        const char* name;
        AzureEndpoint endpoint;
        Error error;
    };
    const char* const url = "https://r.openai.azure.com";
    const Row rows[] = {
        {"no scheme", AzureEndpoint("r.openai.azure.com", "K", "gpt", "v"), Error::bad_url},
        {"no deployment", AzureEndpoint(url, "K", "", "v"), Error::bad_url},
        {"this folder", AzureEndpoint(url, "K", ".", "v"), Error::bad_url},
        {"the folder above", AzureEndpoint(url, "K", "..", "v"), Error::bad_url},
        {"a header in the key", AzureEndpoint(url, "K\r\nx: y", "gpt", "v"), Error::bad_header_value},
        {"the word before a token in the key", AzureEndpoint(url, "Bearer K", "gpt", "v"), Error::bad_key},
        {"a blank in the version", AzureEndpoint(url, "K", "gpt", "v HTTP/1.1"), Error::bad_header_value},
        {"the target URI of the portal",
         AzureEndpoint("https://r.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=v", "K"),
         Error::endpoint_in_url},
    };
    const ChatRequest ask("m", "hi");
    for (const Row& row : rows) {
        ROW(row.name);
        RequestWriter writer;
        CHECK(writer.begin(row.endpoint, ask) == row.error);
        CHECK(row.endpoint.validate() == row.error);
    }
}

// The URL stays in the program's memory, and an Endpoint is checked when it is made.
TEST_CASE("what stands in the memory of a URL later gets into no head, unless it may stand there") {
    const struct {
        const char* name;
        char byte;
        const char* deployment;
    } rows[] = {
        {"another letter", 'x', "gxt"}, {"an escape", '%', "g%t"}, {"the last that may be", '~', "g~t"},
        {"a blank", ' ', "gt"},         {"a line end", '\n', "gt"}, {"DEL", '\x7F', "gt"},
        {"no ASCII", '\xC3', "gt"},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        std::string url = "https://r.openai.azure.com/openai/deployments/gpt";
        const AzureEndpoint endpoint(url, "K");
        url[url.size() - 2] = row.byte;
        CHECK_EQ(first_line(written_by(endpoint, ChatRequest("m", "hi"))),
                 std::string("POST /openai/deployments/") + row.deployment + "/chat/completions HTTP/1.1");
    }
}

// The path is made of pieces while it is written, of what never changes: there is no memory that two could share.
TEST_CASE("any number of conversations use one endpoint at once, in lockstep, byte by byte") {
    const AzureEndpoint endpoint("https://r.openai.azure.com/", "K", "my-model/v1", "2024-10-01-preview");
    const ChatRequest chat("m", "hi");
    const oai::ResponseRequest response("m", "hi");
    const oai::RetrieveRequest retrieve("resp_1", 3);
    const std::string expected[] = {written_by(endpoint, chat), written_by(endpoint, response),
                                    written_by(endpoint, retrieve), written_by(endpoint, chat)};
    char memory[4][512];
    oai::Exchange exchanges[] = {oai::Exchange(memory[0]), oai::Exchange(memory[1]), oai::Exchange(memory[2]),
                                 oai::Exchange(memory[3])};
    std::string sent[4];
    REQUIRE(exchanges[0].begin(endpoint, chat) == Error::none);
    REQUIRE(exchanges[1].begin(endpoint, response) == Error::none);
    REQUIRE(exchanges[2].begin(endpoint, retrieve) == Error::none);
    REQUIRE(exchanges[3].begin(endpoint, chat) == Error::none);
    for (bool is_sending = true; is_sending;) {
        is_sending = false;
        for (size_t i = 0; i != 4; ++i) {
            const StringView bytes = exchanges[i].outgoing();
            if (bytes.empty()) continue;
            is_sending = true;
            sent[i] += bytes[0];
            exchanges[i].sent(1);
        }
    }
    for (size_t i = 0; i != 4; ++i) CHECK_EQ(sent[i], expected[i]);
}

TEST_CASE("a Stream opens it") {
    char memory[2048];
    support::ScriptedTransport link;
    const AzureEndpoint endpoint("http://r.openai.azure.com", "K", "gpt", "v");
    oai::Stream stream(link.transport(), memory);
    const ChatRequest ask("m", "hi");
    oai::Event event;
    Error error = Error::closed;
    bool has_event = true;
    {
        const support::HeapTrap trap;
        error = stream.open(endpoint, ask);
        has_event = stream.next(event);
    }
    CHECK(error == Error::none);
    CHECK_FALSE(has_event);
    CHECK(link.host() == "r.openai.azure.com");
    CHECK_EQ(first_line(link.pushed()), "POST /openai/deployments/gpt/chat/completions?api-version=v HTTP/1.1");
}

TEST_CASE("a table of a head made while the program runs is the one that the compiler made") {
    namespace azure = oai::detail::azure;
    for (unsigned number = 0; number <= oai::http::row_end; ++number) {
        CAPTURE(number);
        const oai::detail::FieldDescriptor made = azure::row(number), compiled = azure::table.rows[number];
        REQUIRE(made.kind == compiled.kind);
        CHECK_EQ(made.offset, compiled.offset);
        CHECK(made.value == compiled.value);
        const bool is_same = made.kind == oai::detail::FieldType::callback ? made.callback == compiled.callback
                                                                           : std::string(made.text) == compiled.text;
        CHECK(is_same);
    }
}
