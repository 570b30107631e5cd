// The list of models, and other requests without a body: what goes out, and that each id comes as a text.
#include "io/exchange_support.hpp"

#include <string>
#include <vector>

namespace oai = openai_stream;

using conversation::counted_answer;
using oai::Error;
using oai::Event;
using oai::EventKind;
using oai::Exchange;
using oai::Poll;

namespace {

const oai::Endpoint server("http://h/v1?a=b", "KEY");

std::string model(const std::string& id) {
    return R"({"id":")" + id + R"(","object":"model","created":1686935002,"owned_by":"organization-owner",)" +
           R"("permission":[{"id":"modelperm-1","object":"model_permission"}]})";
}
std::string list_of(const std::vector<std::string>& ids) {
    std::string all;
    for (const std::string& id : ids) all += (all.empty() ? "" : ",") + model(id);
    return "{\"object\":\"list\",\"data\":[" + all + "]}";
}

struct Ids {
    std::string all;
    void operator()(const Event& event) {
        if (event.kind == EventKind::text) all += std::string(event.text) + (event.more ? "" : "|");
    }
};

// The first line of what is sent.
std::string sent_by(Exchange& exchange) {
    std::string all;
    for (oai::StringView bytes; !(bytes = exchange.outgoing()).empty(); exchange.sent(bytes.size()))
        all += std::string(bytes);
    CHECK_EQ(all.find("\r\nContent-"), std::string::npos);
    return all.substr(0, all.find("\r\n"));
}

// The ids, and how it ended.
std::string ids_of(const std::string& answer, size_t memory_size, const corpus::Pieces* pieces = nullptr) {
    std::vector<char> memory(memory_size);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    const oai::ListModels ask;
    REQUIRE(exchange.begin(server, ask) == Error::none);
    CHECK_EQ(sent_by(exchange), "GET /v1/models?a=b HTTP/1.1");
    Ids ids;
    Poll said = Poll::pending;
    const corpus::Pieces whole = {answer};
    for (const std::string_view piece : pieces ? *pieces : whole)
        if (said == Poll::pending) said = exchange.feed(oai::StringView(piece.data(), piece.size()), ids);
    if (said == Poll::pending) said = exchange.finish(ids);
    return ids.all + (said == Poll::done ? " done" : std::string(" ") + oai::describe(exchange.error()));
}

}  // namespace

TEST_CASE("each id is a text, whatever else is said of a model, however it is cut") {
    const struct {
        const char* name;
        std::string body, expected;
    } rows[] = {
        {"two models", list_of({"gpt-5", "o3"}), "gpt-5|o3| done"},
        {"none", list_of({}), " done"},
        {"an id with an escape", R"({"data":[{"id":"a\/b"}]})", "a/b| done"},
        {"members in another order", R"({"data":[{"object":"model","id":"a"},{"id":"b","x":{"id":"c"}}],"object":"list"})",
         "a|b| done"},
        {"an error in a 200", R"({"error":{"message":"no"}})", std::string(" ") + oai::describe(Error::server_error)},
        {"something else", R"({"hello":1})", std::string(" ") + oai::describe(Error::not_event_stream)},
        {"half of it", "{\"object\":\"list\",\"data\":[" + model("a") + ",",
         std::string(" ") + oai::describe(Error::bad_json)},
    };
    for (const auto& row : rows) {
        ROW(row.name);
        const std::string answer = counted_answer(200, "application/json", row.body);
        CHECK_EQ(ids_of(answer, 4096), row.expected);
        corpus::for_each_cut(answer, true, [&](const corpus::Pieces& pieces) {
            INFO(corpus::describe(pieces));
            CHECK_EQ(ids_of(answer, 4096, &pieces), row.expected);
        });
    }
}

TEST_CASE("a list larger than the buffer, and an id, come in pieces") {
    std::vector<std::string> ids;
    std::string expected;
    for (int number = 0; number != 300; ++number) {
        ids.push_back("model-" + std::to_string(number) + std::string(static_cast<size_t>(number) % 40, 'x'));
        expected += ids.back() + "|";
    }
    const std::string long_id(5000, 'l');
    ids.push_back(long_id);
    const std::string answer = counted_answer(200, "application/json", list_of(ids));
    for (const size_t size : std::initializer_list<size_t>{512, 700, 1024, 2048, 1 << 17}) {
        ROW("a buffer of " + std::to_string(size));
        CHECK_EQ(ids_of(answer, size), expected + long_id + "| done");
    }
}

TEST_CASE("a refusal of the list is one") {
    const std::string refusal =
        counted_answer(401, "application/json", R"({"error":{"message":"Incorrect API key provided."}})");
    CHECK_EQ(ids_of(refusal, 1024), std::string(" ") + oai::describe(Error::http_status));
}

TEST_CASE("GET in the user's own words") {
    char memory[1024];
    Exchange exchange(memory);
    const oai::RawRequest models = oai::RawRequest::get("/models?limit=3", oai::Api::models);
    REQUIRE(exchange.begin(server, models) == Error::none);
    CHECK_EQ(sent_by(exchange), "GET /v1/models?limit=3&a=b HTTP/1.1");
    Ids ids;
    const std::string answer = counted_answer(200, "application/json", list_of({"a"}));
    CHECK(exchange.feed(oai::StringView(answer), ids) == Poll::done);
    CHECK_EQ(ids.all, "a|");
    const oai::RawRequest no_path = oai::RawRequest::get(""), half = oai::RawRequest::get("/a b");
    CHECK(exchange.begin(server, no_path) == Error::bad_request_field);
    char name[20];
    CHECK_EQ(std::string(exchange.refused_field(name)), "path");
    CHECK(exchange.begin(server, half) == Error::bad_request_field);
    oai::RawRequest with_body = models;
    with_body.json = "{}";
    CHECK(exchange.begin(server, with_body) == Error::bad_request_field);
    CHECK_EQ(std::string(exchange.refused_field(name)), "json");
    const oai::AzureEndpoint azure("https://r.openai.azure.com", "k", "d", "2025-01-01");
    REQUIRE(exchange.begin(azure, models) == Error::none);
    CHECK_EQ(sent_by(exchange), "GET /openai/models?limit=3&api-version=2025-01-01 HTTP/1.1");
}

TEST_CASE("the end marker of a chat is none of a list") {
    const std::string events = "data: " + list_of({"a", "b"}) + "\n\n";
    CHECK_EQ(ids_of(counted_answer(200, "text/event-stream", events), 2048), "a|b| done");
    const std::string marked = "data: [DONE]\n\n" + events;
    CHECK_EQ(ids_of(counted_answer(200, "text/event-stream", marked), 2048), " an event's data is not valid JSON");
}
