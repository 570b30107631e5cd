// Words for a failure.
#include "io/conversation.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <string>

namespace oai = openai_stream;
using oai::Error;

TEST_CASE("a refusal is described by its status, everything else by its error") {
    struct Row {
        const char* name;
        Error error;
        int http_status;
        const char* part;  // of the sentence
    };
    const Row rows[] = {
        {"a wrong key", Error::http_status, 401, "API key"},
        {"a wrong address", Error::http_status, 404, "may lack /v1"},
        {"an address that takes no POST", Error::http_status, 405, "may lack /v1"},
        {"a field nobody knows", Error::http_status, 400, "part of the request"},
        {"the same, as FastAPI says it", Error::http_status, 422, "part of the request"},
        {"no money", Error::http_status, 402, "credit"},
        {"no right", Error::http_status, 403, "not allow"},
        {"a slow upload", Error::http_status, 408, "waited too long"},
        {"a large request", Error::http_status, 413, "too large"},
        {"too many", Error::http_status, 429, "quota"},
        {"a server that fails", Error::http_status, 500, "try again later"},
        {"a gateway that fails", Error::http_status, 599, "try again later"},
        {"a redirect", Error::http_status, 301, "sends elsewhere"},
        {"another status", Error::http_status, 418, oai::describe(Error::http_status)},
        {"an error that is no status", Error::truncated, 200, oai::describe(Error::truncated)},
        {"an error after a refusal", Error::cancelled, 404, oai::describe(Error::cancelled)},
        {"no error", Error::none, 200, oai::describe(Error::none)},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        oai::Failure failure;
        failure.error = row.error;
        failure.http_status = row.http_status;
        CHECK_NE(std::string(describe(failure)).find(row.part), std::string::npos);
    }
}

TEST_CASE("a redirect is refused, names the place, and the key does not follow") {
    struct Row {
        const char* name;
        int status;
        std::string header;
        std::string location;
    };
    const std::string far = "https://elsewhere.example/" + std::string(200, 'x');
    const Row rows[] = {
        {"an absolute address", 307, "Location: https://elsewhere.example/v1\r\n", "https://elsewhere.example/v1"},
        {"a path", 308, "location:/v2/chat/completions \r\n", "/v2/chat/completions"},
        {"a long address is cut", 302, "Location: " + far + "\r\n", far.substr(0, oai::HeadFields::max_bytes)},
        {"none", 301, "", ""},
    };
    for (const Row& row : rows) {
        ROW(row.name);
        support::ScriptedTransport link;
        link.answer(conversation::counted_answer(row.status, "text/html", "<html>moved</html>", row.header), 5);
        char memory[2048];
        oai::Stream stream(link.transport(), memory);
        const oai::Endpoint server("http://h/v1", "secret");
        const oai::ChatRequest ask("m", "hi");
        CHECK(stream.open(server, ask) == Error::none);
        oai::Event event;
        CHECK_FALSE(stream.next(event));
        CHECK(stream.error() == Error::http_status);
        CHECK_EQ(stream.failure().http_status, row.status);
        CHECK_EQ(std::string(stream.failure().location), row.location);
        CHECK_EQ(std::string(stream.failure().content_type), "text/html");
        CHECK_EQ(link.connections(), 1);
    }
}
