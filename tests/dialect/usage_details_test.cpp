// Counts of tokens that few programs want, of both APIs: in every cut, in small buffers, and that none which the
// official package has (../shared/facts/api-types.jsonl, version 7.59.0) is missing.
#include "io/responses_support.hpp"

#include <set>

using namespace responses;
using openai_stream::ExtraEvents;
using openai_stream::FieldPath;
using openai_stream::ResponseExtras;

namespace {

#define CHAT_USAGE                                                                                                     \
    R"({"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,)" \
    R"("completion_tokens":8,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":1,"cache_write_tokens":2,)"   \
    R"("audio_tokens":0,"image_tokens":4,"text_tokens":5},"completion_tokens_details":{"audio_tokens":10,)"           \
    R"("reasoning_tokens":11,"text_tokens":12,"accepted_prediction_tokens":13,"rejected_prediction_tokens":14}}})"
#define RESPONSE                                                                                                       \
    R"({"id":"q","object":"response","status":"completed","output":[],"usage":{"input_tokens":9,"output_tokens":8,)"  \
    R"("total_tokens":17,"input_tokens_details":{"cached_tokens":1,"cache_write_tokens":2,)"                          \
    R"("cache_write_tokens_details":{"ttl_12h_tokens":0,"ttl_30m_tokens":3}},"output_tokens_details":)"               \
    R"({"reasoning_tokens":11}},"tool_usage":{"web_search":{"num_requests":4}}})"
#define COUNTED                                                                                                        \
    R"(usage{"cached_tokens":1,"completion_tokens":8,"prompt_tokens":9,"reasoning_tokens":11,"total_tokens":17})"

struct Row {
    const char* name;
    Api api;
    std::string body;
    const char* content_type;
    const char* story;
};

ExtraEvents chat_extras(openai_stream::usage_detail_fields);
const ResponseExtras response_extras(openai_stream::response_usage_detail_fields);
const Row rows[] = {
    {"a chat", Api(chat_extras), "data: " CHAT_USAGE "\n\ndata: [DONE]\n\n", "text/event-stream",
     "usage.prompt_tokens_details.cache_write_tokens=2; usage.prompt_tokens_details.audio_tokens=0; "
     "usage.prompt_tokens_details.image_tokens=4; usage.prompt_tokens_details.text_tokens=5; "
     "usage.completion_tokens_details.audio_tokens=10; usage.completion_tokens_details.text_tokens=12; "
     "usage.completion_tokens_details.accepted_prediction_tokens=13; "
     "usage.completion_tokens_details.rejected_prediction_tokens=14; " COUNTED "; "},
    {"a response", Api(response_extras), as_event(R"({"type":"response.completed","response":)" RESPONSE "}"),
     "text/event-stream",
     "response.usage.input_tokens_details.cache_write_tokens=2; "
     "response.usage.input_tokens_details.cache_write_tokens_details={\"ttl_12h_tokens\":0,\"ttl_30m_tokens\":3}; "
     "response.tool_usage={\"web_search\":{\"num_requests\":4}}; " COUNTED "; "},
    {"a response that was not streamed", Api(response_extras), RESPONSE, "application/json",
     "usage.input_tokens_details.cache_write_tokens=2; "
     "usage.input_tokens_details.cache_write_tokens_details={\"ttl_12h_tokens\":0,\"ttl_30m_tokens\":3}; "
     "tool_usage={\"web_search\":{\"num_requests\":4}}; " COUNTED "; "},
};

// The fields, and what Usage has after them, wherever it came.
std::string told_of(const Row& row, openai_stream::Buffer memory, const corpus::Pieces& pieces) {
    Exchange exchange(memory);
    std::string fields, counts;
    bool goes_on = false;
    CHECK(exchange.begin_body(row.api, 200, row.content_type) == Error::none);
    CHECK(feed(exchange, pieces, [&](const Event& event) {
              if (event.kind == EventKind::usage) counts += told(event) + "; ";
              if (event.kind != EventKind::custom_field) return;
              if (!goes_on) fields += std::string(event.name) + "=";
              fields += std::string(event.text) + (event.more ? "" : "; ");
              goes_on = event.more;
          }) == Poll::done);
    return fields + counts;
}

}  // namespace

TEST_CASE("details of usage, in every cut and in small buffers") {
    for (const Row& row : rows) {
        ROW(row.name);
        for (const size_t size : {size_t{512}, size_t{2048}, size_t{16384}}) {
            support::GuardedBuffer memory(size);
            std::string wrong;
            corpus::for_each_cut(row.body, false, [&](const corpus::Pieces& pieces) {
                const std::string what = told_of(row, {memory.data(), memory.size()}, pieces);
                if (wrong.empty() && what != row.story) wrong = corpus::describe(pieces) + ": " + what;
            });
            CHECK_EQ(wrong, "");
        }
    }
}

TEST_CASE("no detail of usage is missing") {
    const auto types = corpus::shared_rows("facts/api-types.jsonl");
    if (!types) return;
    struct Object {
        const char* file;
        const char* type;
        const char* path;
    };
    const Object objects[] = {
        {"completions", "CompletionUsage.PromptTokensDetails", "usage.prompt_tokens_details."},
        {"completions", "CompletionUsage.CompletionTokensDetails", "usage.completion_tokens_details."},
        {"responses/responses", "ResponseUsage.InputTokensDetails", "response.usage.input_tokens_details."},
        {"responses/responses", "ResponseUsage.OutputTokensDetails", "response.usage.output_tokens_details."},
    };
    std::set<std::string> paths = {"usage.prompt_tokens_details.cached_tokens",  // in Usage
                                   "usage.completion_tokens_details.reasoning_tokens",
                                   "response.usage.input_tokens_details.cached_tokens",
                                   "response.usage.output_tokens_details.reasoning_tokens"};
    for (const FieldPath& field : openai_stream::usage_detail_fields) paths.insert(std::string(field.path));
    for (const FieldPath& field : openai_stream::response_usage_detail_fields) paths.insert(std::string(field.path));
    size_t found = 0;
    for (const Json& type : *types)
        for (const Object& object : objects) {
            if (type.at("file") != object.file || type.at("name") != object.type) continue;
            ++found;
            for (const auto& member : type.at("members").items()) {
                std::string key = member.key();
                if (key.back() == '?') key.pop_back();
                ROW(object.path + key);
                CHECK(paths.count(object.path + key) == 1);
            }
        }
    CHECK_EQ(found, sizeof objects / sizeof objects[0]);
}
