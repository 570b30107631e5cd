// Requests of what is in beta: their addresses, their header, their members.
#include "support/tally.hpp"
#include "written.hpp"

#include <set>
#include <string>

namespace oai = openai_stream;
using nlohmann::json;
using oai::AgentEventsRequest;
using oai::Endpoint;
using oai::Error;
using oai::RequestWriter;
using oai::ThreadRunRequest;
using oai::Tristate;

namespace {

const std::string agent = "openai_stream.hpp/" OPENAI_STREAM_TEST_VERSION;

template <class Request> std::string sent(const Endpoint& endpoint, const Request& request, size_t window = 4096) {
    RequestWriter writer;
    REQUIRE(writer.begin(endpoint, request) == Error::none);
    const std::string all = written::rest_of(writer, window);
    CHECK(writer.finished());
    return all;
}
std::string first_line(const std::string& all) { return all.substr(0, all.find("\r\n")); }

ThreadRunRequest everything(oai::StringView thread) {
    static const oai::JsonValue tools[] = {"{\"type\":\"code_interpreter\"}", "{\"type\":\"file_search\"}"};
    ThreadRunRequest run(thread, "asst_1");
    run.model = run.instructions = run.additional_instructions = run.reasoning_effort = "w";
    run.additional_messages = "[]";
    run.tools = tools;
    run.tool_choice = run.response_format = "\"auto\"";
    run.tool_resources = run.truncation_strategy = run.metadata = "{}";
    run.parallel_tool_calls = Tristate::no;
    run.max_prompt_tokens = run.max_completion_tokens = 1;
    run.temperature = run.top_p = 0.5;
    run.extra_json = "\"x\":1";
    return run;
}

}  // namespace

TEST_CASE("a run of a thread, with the header that the Assistants API wants") {
    const Endpoint endpoint("http://h/v1", "KEY");
    const ThreadRunRequest run("thread/1", "asst_1");
    const std::string body = "{\"stream\":true,\"assistant_id\":\"asst_1\"}";
    const std::string all = sent(endpoint, run);
    CHECK_EQ(all, "POST /v1/threads/thread%2F1/runs HTTP/1.1\r\nHost: h\r\nContent-Length: 39\r\n"
                  "Content-Type: application/json\r\nOpenAI-Beta: assistants=v2\r\n"
                  "Accept: text/event-stream, application/json\r\nAccept-Encoding: identity\r\nUser-Agent: " + agent +
                  "\r\nAuthorization: Bearer KEY\r\n\r\n" + body);
    for (size_t window = RequestWriter::min_window_bytes; window != 100; ++window)
        CHECK_EQ(sent(endpoint, run, window), all);
    ThreadRunRequest both({}, "asst_1");
    both.thread = "{\"messages\":[]}";
    CHECK_EQ(first_line(sent(endpoint, both)), "POST /v1/threads/runs HTTP/1.1");
    CHECK_EQ(written::json_of(both).at("thread").dump(), "{\"messages\":[]}");
    const Endpoint with_query("http://h/v1?a=b");
    CHECK_EQ(first_line(sent(with_query, run)), "POST /v1/threads/thread%2F1/runs?a=b HTTP/1.1");
    const oai::AzureEndpoint azure("https://r.openai.azure.com", "k", "d", "2025-01-01");
    const std::string on_azure = sent(azure, run);
    CHECK_EQ(first_line(on_azure), "POST /openai/threads/thread%2F1/runs?api-version=2025-01-01 HTTP/1.1");
    CHECK_NE(on_azure.find("\r\nOpenAI-Beta: assistants=v2\r\n"), std::string::npos);
}

TEST_CASE("every member of a run can be said") {
    const json body = written::json_of(everything("t"));
    std::set<std::string> said;
    for (const auto& member : body.items()) said.insert(member.key());
    const std::set<std::string> wanted = {
        "assistant_id", "stream", "model", "instructions", "additional_instructions", "additional_messages", "tools",
        "tool_choice", "tool_resources", "response_format", "truncation_strategy", "metadata", "parallel_tool_calls",
        "max_prompt_tokens", "max_completion_tokens", "temperature", "top_p", "reasoning_effort", "x"};
    CHECK_EQ(json(said).dump(), json(wanted).dump());
    CHECK_EQ(body.at("tools").dump(), R"([{"type":"code_interpreter"},{"type":"file_search"}])");
}

TEST_CASE("what the tools of a run have said") {
    const Endpoint endpoint("http://h/v1?a=b", "KEY");
    const oai::ToolOutput outputs[] = {{"call_1", "21 \"C\"\n"}, {"call_\"2", ""}};
    oai::ToolOutputsRequest said("thread/1", "run 1", outputs);
    const std::string body = R"({"stream":true,"tool_outputs":[{"tool_call_id":"call_1","output":"21 \"C\"\n"},)"
                             R"({"tool_call_id":"call_\"2","output":""}]})";
    REQUIRE(json::accept(body));
    const std::string all = sent(endpoint, said);
    CHECK_EQ(all, "POST /v1/threads/thread%2F1/runs/run%201/submit_tool_outputs?a=b HTTP/1.1\r\nHost: h\r\n"
                  "Content-Length: " + std::to_string(body.size()) +
                  "\r\nContent-Type: application/json\r\nOpenAI-Beta: assistants=v2\r\n"
                  "Accept: text/event-stream, application/json\r\nAccept-Encoding: identity\r\nUser-Agent: " + agent +
                  "\r\nAuthorization: Bearer KEY\r\n\r\n" + body);
    for (size_t window = RequestWriter::min_window_bytes; window != 100; ++window)
        CHECK_EQ(sent(endpoint, said, window), all);
    said.extra_json = "\"x\":1";
    CHECK_EQ(written::json_of(said).at("x"), 1);
}

TEST_CASE("the events of an agent's session, with the header that they want and without a body") {
    const Endpoint endpoint("http://h/v1");
    AgentEventsRequest events("sess 1");
    CHECK_EQ(sent(endpoint, events),
             "GET /v1/agents/sessions/sess%201/events HTTP/1.1\r\nHost: h\r\nOpenAI-Beta: agents=v1\r\n"
             "Accept: text/event-stream, application/json\r\nAccept-Encoding: identity\r\nUser-Agent: " + agent +
             "\r\n\r\n");
    events.include_obfuscation = Tristate::no;
    CHECK_EQ(first_line(sent(endpoint, events)),
             "GET /v1/agents/sessions/sess%201/events?include_obfuscation=false HTTP/1.1");
    const Endpoint with_query("http://h/v1?a=b");
    CHECK_EQ(first_line(sent(with_query, events)),
             "GET /v1/agents/sessions/sess%201/events?include_obfuscation=false&a=b HTTP/1.1");
}

TEST_CASE("what is in beta leaves no trace in the next request, and is refused without its ids") {
    const Endpoint endpoint("http://h/v1");
    const ThreadRunRequest run("t", "a"), nobody("t", {}), above("..", "a");
    ThreadRunRequest twice("t", "a");
    twice.thread = "{}";
    const AgentEventsRequest events("s"), nowhere("");
    const oai::ToolOutput output[] = {{"c", "o"}};
    const oai::ToolOutputsRequest outputs("t", "r", output), no_outputs("t", "r", {}), no_thread({}, "r", output),
        no_run("t", ".", output);
    const oai::ChatRequest chat("m", "hi");
    const oai::RetrieveRequest response("r");
    const std::string plain_chat = sent(endpoint, chat), plain_response = sent(endpoint, response);
    RequestWriter writer;
    for (int round = 0; round != 2; ++round) {
        REQUIRE(writer.begin(endpoint, run) == Error::none);
        written::rest_of(writer);
        REQUIRE(writer.begin(endpoint, chat) == Error::none);
        CHECK_EQ(written::rest_of(writer), plain_chat);
        REQUIRE(writer.begin(endpoint, outputs) == Error::none);
        written::rest_of(writer);
        REQUIRE(writer.begin(endpoint, chat) == Error::none);
        CHECK_EQ(written::rest_of(writer), plain_chat);
        REQUIRE(writer.begin(endpoint, events) == Error::none);
        written::rest_of(writer);
        REQUIRE(writer.begin(endpoint, response) == Error::none);
        CHECK_EQ(written::rest_of(writer), plain_response);
    }
    const auto refused = [&](const auto& request) {
        char name[20];
        const bool is_refused = writer.begin(endpoint, request) == Error::bad_request_field;
        return is_refused ? std::string(writer.refused_field(name)) : "nothing";
    };
    CHECK_EQ(refused(nobody), "assistant_id");
    CHECK_EQ(refused(above), "thread_id");
    CHECK_EQ(refused(twice), "thread");
    CHECK_EQ(refused(nowhere), "session_id");
    CHECK_EQ(refused(no_outputs), "tool_outputs");
    CHECK_EQ(refused(no_thread), "thread_id");
    CHECK_EQ(refused(no_run), "run_id");
    CHECK(no_run.validate() == Error::bad_request_field);
    CHECK(outputs.validate() == Error::none);
}
