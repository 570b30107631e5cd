// Requests without a body: their heads byte for byte, ids that could break out of a path, what is refused.
#include "support/cuts.hpp"
#include "support/heap_trap.hpp"
#include "support/tally.hpp"
#include "written.hpp"

#include <string>

namespace oai = openai_stream;
using oai::CancelRequest;
using oai::Endpoint;
using oai::Error;
using oai::RequestWriter;
using oai::RetrieveRequest;
using oai::StringView;
using oai::Tristate;

namespace {

template <class Request> std::string written_by(const Endpoint& endpoint, const Request& request, size_t window = 4096) {
    RequestWriter writer;
    if (writer.begin(endpoint, request) != Error::none) return {};
    const std::string all = written::rest_of(writer, window);
    CHECK(writer.finished());
    CHECK(writer.error() == Error::none);
    return all;
}

std::string first_line(const std::string& all) { return all.substr(0, all.find("\r\n")); }

const std::string agent = "openai_stream.hpp/" OPENAI_STREAM_TEST_VERSION;
const StringView includes[] = {"reasoning.encrypted_content", "message.output_text.logprobs"};

}  // namespace

TEST_CASE("a response is retrieved without a body") {
    Endpoint endpoint("http://localhost:8080/v1", "KEY");
    endpoint.project = "p";
    RetrieveRequest request("resp_1", 41);
    CHECK_EQ(written_by(endpoint, request),
             "GET /v1/responses/resp_1?stream=true&starting_after=41 HTTP/1.1\r\nHost: localhost:8080\r\n"
             "Accept: text/event-stream, application/json\r\nAccept-Encoding: identity\r\nUser-Agent: " + agent +
             "\r\nAuthorization: Bearer KEY\r\nOpenAI-Project: p\r\n\r\n");
    request.include_obfuscation = Tristate::no;
    request.include = includes;
    request.starting_after = 0;
    CHECK_EQ(first_line(written_by(endpoint, request)),
             "GET /v1/responses/resp_1?stream=true&starting_after=0&include_obfuscation=false"
             "&include%5B%5D=reasoning.encrypted_content&include%5B%5D=message.output_text.logprobs HTTP/1.1");
    CHECK_EQ(first_line(written_by(endpoint, RetrieveRequest("resp_1"))),
             "GET /v1/responses/resp_1?stream=true HTTP/1.1");
}

TEST_CASE("a response is cancelled without a body, and says so") {
    const oai::http::HeaderField headers[] = {{"X-A", "b"}, {"accept", "application/json"}};
    Endpoint endpoint("http://[::1]/v1");
    endpoint.headers = headers;
    CHECK_EQ(written_by(endpoint, CancelRequest("resp_1")),
             "POST /v1/responses/resp_1/cancel HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 0\r\n"
             "Accept-Encoding: identity\r\nUser-Agent: " + agent + "\r\nX-A: b\r\naccept: application/json\r\n\r\n");
}

TEST_CASE("an id stays a part of the path") {
    struct Row {
        const char* name;
        std::string id;
        const char* sent;  // null: refused
    };
    const Row rows[] = {
        {"one as OpenAI gives it", "resp_0a6f5d2e", "resp_0a6f5d2e"},
        {"all that needs no escape", "azAZ09-._~", "azAZ09-._~"},
        {"a path", "../../v1/files/x", "..%2F..%2Fv1%2Ffiles%2Fx"},
        {"a query", "a?b=c&d#e", "a%3Fb%3Dc%26d%23e"},
        {"what ends the line", "a b\r\nX: y", "a%20b%0D%0AX%3A%20y"},
        {"base64", "resp_bGl0+/==", "resp_bGl0%2B%2F%3D%3D"},
        {"an escape", "%2e", "%252e"},
        {"bytes above ASCII", "\xC3\xBC\xFF", "%C3%BC%FF"},
        {"a NUL", std::string("a\0b", 3), "a%00b"},
        {"three dots", "...", "..."},
        {"nothing", "", nullptr},
        {"this folder", ".", nullptr},
        {"the folder above", "..", nullptr},
    };
    const Endpoint endpoint("http://localhost");
    for (const Row& row : rows) {
        ROW(row.name);
        const RetrieveRequest retrieve(row.id);
        const CancelRequest cancel(row.id);
        RequestWriter writer;
        CHECK((writer.begin(endpoint, retrieve) == Error::none) == (row.sent != nullptr));
        CHECK((writer.begin(endpoint, cancel) == Error::none) == (row.sent != nullptr));
        if (!row.sent) {
            CHECK(writer.error() == Error::bad_request_field);
            continue;
        }
        const std::string path = "/responses/" + std::string(row.sent);
        CHECK_EQ(first_line(written_by(endpoint, retrieve)), "GET " + path + "?stream=true HTTP/1.1");
        CHECK_EQ(first_line(written_by(endpoint, cancel)), "POST " + path + "/cancel HTTP/1.1");
    }
    const StringView wrong[] = {"a&b"};
    RetrieveRequest request("r");
    request.include = wrong;
    RequestWriter writer;
    CHECK(writer.begin(endpoint, request) == Error::bad_request_field);
    const Endpoint nowhere("nonsense");
    request.include = {};
    CHECK(writer.begin(nowhere, request) == Error::bad_url);
}

TEST_CASE("windows of every size give the same bytes of a head alone") {
    const std::string id = std::string(300, 'a') + "/\xC3\xBC" + std::string(50, '%');
    const Endpoint endpoint("http://localhost/a/long/prefix", "KEY");
    RetrieveRequest request(id, 9223372036854775807);
    request.include = includes;
    const std::string all = written_by(endpoint, request);
    for (size_t window = RequestWriter::min_window_bytes; window <= 100; ++window) {
        ROW("windows of " + std::to_string(window) + " bytes");
        CHECK_EQ(written_by(endpoint, request, window), all);
    }
}

TEST_CASE("a writer takes requests with and without a body in any order") {
    const Endpoint endpoint("http://localhost/v1");
    const oai::ChatRequest chat("m", "p");
    const RetrieveRequest retrieve("r", 1);
    const CancelRequest cancel("r");
    const std::string expected[] = {written::whole(endpoint, chat), written_by(endpoint, retrieve),
                                    written_by(endpoint, cancel)};
    RequestWriter writer;
    char window[100];
    for (unsigned order = 0; order < 27; ++order) {
        ROW("order " + std::to_string(order));
        for (unsigned rest = order, round = 0; round < 3; rest /= 3, ++round) {
            const unsigned which = rest % 3;
            REQUIRE((which == 0   ? writer.begin(endpoint, chat)
                     : which == 1 ? writer.begin(endpoint, retrieve)
                                  : writer.begin(endpoint, cancel)) == Error::none);
            if (round == 1) writer.write(window, 20);  // one is given up
            else CHECK_EQ(written::rest_of(writer, 30), expected[which]);
        }
    }
    if (!support::HeapTrap::works()) return tally::skip("the heap trap does not work here");
    const support::HeapTrap trap;
    writer.begin(endpoint, retrieve);
    while (writer.write(window, sizeof window) != 0) continue;
}
