// Azure's addresses and keys, as facts of the field and the official SDKs have them.
#include "support/heap_trap.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>

namespace oai = openai_stream;
using oai::AzureEndpoint;
using oai::Buffer;
using oai::ChatRequest;
using oai::Error;
using oai::RequestWriter;

namespace {

template <class Request> std::string written_by(const AzureEndpoint& endpoint, const Request& request) {
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
        {"a slash behind the resource", "https://r.openai.azure.com/", "gpt", "2024-10-21",
         "/openai/deployments/gpt/chat/completions?api-version=2024-10-21"},
        {"a gateway with a path of its own", "https://gw.example/ai/east/", "gpt", "v",
         "/ai/east/openai/deployments/gpt/chat/completions?api-version=v"},
        {"a deployment with a slash", "https://r.openai.azure.com", "my-model/v1", "v",
         "/openai/deployments/my-model%2Fv1/chat/completions?api-version=v"},
        {"one with other bytes", "https://r.openai.azure.com", "a b?\xC3\xA4~_.-", "v",
         "/openai/deployments/a%20b%3F%C3%A4~_.-/chat/completions?api-version=v"},
        {"no version", "https://r.openai.azure.com", "gpt", "", "/openai/deployments/gpt/chat/completions"},
        {"the newer addresses", "https://r.openai.azure.com", nullptr, "", "/openai/v1/chat/completions"},
        {"the newer ones with a slash", "https://r.openai.azure.com/", nullptr, "", "/openai/v1/chat/completions"},
    };
    const ChatRequest ask("m", "hi");
    for (const Row& row : rows) {
        ROW(row.name);
        char memory[256];
        const AzureEndpoint endpoint = row.deployment
                                           ? AzureEndpoint(memory, row.url, "K", row.deployment, row.version)
                                           : AzureEndpoint(memory, row.url, "K");
        const std::string all = written_by(endpoint, ask);
        CHECK_EQ(first_line(all), std::string("POST ") + row.target + " HTTP/1.1");
        CHECK(has(all, "\r\napi-key: K\r\n"));
        CHECK_FALSE(has(all, "Authorization"));
        CHECK_EQ(written_by(endpoint, ask), all);  // again
        const AzureEndpoint copy = endpoint;
        CHECK_EQ(written_by(copy, ask), all);
    }
}

TEST_CASE("requests without a body, and other paths") {
    char memory[256];
    const AzureEndpoint endpoint(memory, "https://r.openai.azure.com", "K", "gpt", "v1");
    CHECK_EQ(first_line(written_by(endpoint, oai::RetrieveRequest("resp/1", 41))),
             "GET /openai/deployments/gpt/responses/resp%2F1?stream=true&starting_after=41&api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::CancelRequest("resp_1"))),
             "POST /openai/deployments/gpt/responses/resp_1/cancel?api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::ResponseRequest("m", "hi"))),
             "POST /openai/deployments/gpt/responses?api-version=v1 HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, oai::RawRequest("/x?a=b", oai::JsonValue("{}")))),
             "POST /openai/deployments/gpt/x?a=b&api-version=v1 HTTP/1.1");
}

TEST_CASE("a token goes where tokens go") {
    char memory[256];
    AzureEndpoint endpoint(memory, "https://r.openai.azure.com", "", "gpt", "v1");
    endpoint.key = "T";
    const std::string all = written_by(endpoint, ChatRequest("m", "hi"));
    CHECK(has(all, "\r\nAuthorization: Bearer T\r\n"));
    CHECK_FALSE(has(all, "api-key"));
}

TEST_CASE("memory of any size is enough or refused, and nothing outside it is touched") {
    std::string whole;
    size_t refused = 0;
    for (size_t size = 512; size != 0; --size) {
        std::string guarded(size + 64, '#');
        const AzureEndpoint endpoint(Buffer(&guarded[32], size), "https://r.openai.azure.com", "K", "my-model/v1", "v");
        RequestWriter writer;
        const ChatRequest ask("m", "hi");
        const Error error = writer.begin(endpoint, ask);
        if (error == Error::none) {
            const std::string all = written::rest_of(writer, 4096);
            if (whole.empty()) whole = all;
            CHECK_EQ(all, whole);
            CHECK_EQ(refused, 0);
        } else {
            CHECK(error == Error::buffer_too_small);
            ++refused;
        }
        CHECK_EQ(guarded.substr(0, 32), std::string(32, '#'));
        CHECK_EQ(guarded.substr(32 + size), std::string(32, '#'));
    }
    CHECK_GT(refused, 60);
}

TEST_CASE("a wrong address or byte is refused as in any Endpoint") {
    char memory[256];
    const ChatRequest ask("m", "hi");
    RequestWriter writer;
    CHECK(writer.begin(AzureEndpoint(memory, "r.openai.azure.com", "K", "gpt", "v"), ask) == Error::bad_url);
    CHECK(writer.begin(AzureEndpoint(memory, "https://r.openai.azure.com", "K", "", "v"), ask) == Error::bad_url);
    CHECK(writer.begin(AzureEndpoint(memory, "https://r.openai.azure.com", "K", "..", "v"), ask) == Error::bad_url);
    CHECK(writer.begin(AzureEndpoint(memory, "https://r.openai.azure.com", "K\r\nx: y", "gpt", "v"), ask) ==
          Error::bad_header_value);
    CHECK(writer.begin(AzureEndpoint(memory, "https://r.openai.azure.com", "K", "gpt", "v HTTP/1.1"), ask) ==
          Error::bad_header_value);
}

TEST_CASE("a Stream opens it") {
    char azure[256], memory[2048];
    support::ScriptedTransport link;
    const AzureEndpoint endpoint(azure, "http://r.openai.azure.com", "K", "gpt", "v");
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
