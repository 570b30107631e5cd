// Requests for images, speech, transcriptions, runs and sessions through the engine: each answer is read as what it is.
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

const oai::Endpoint server("http://h/v1");
const oai::Source bytes = oai::Source::of_bytes("RIFF");

std::string sse(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"," + members + "}\n\n";
}

// The path that was asked, what was heard, and how it ended.
template <class Request> std::string converse(const Request& request, const std::string& body) {
    std::vector<char> memory(2048);
    Exchange exchange(oai::Buffer(memory.data(), memory.size()));
    REQUIRE(exchange.begin(server, request) == Error::none);
    std::string sent, heard;
    for (oai::StringView out; !(out = exchange.outgoing()).empty(); exchange.sent(out.size())) sent += std::string(out);
    const auto on_event = [&](const Event& event) {
        const char* const name = event.kind == EventKind::text      ? "text "
                                 : event.kind == EventKind::image   ? "image "
                                 : event.kind == EventKind::audio   ? "audio "
                                 : event.kind == EventKind::segment ? "segment "
                                                                    : nullptr;
        if (name) heard += name + std::string(event.text) + "; ";
    };
    const std::string answer = counted_answer(200, "text/event-stream", body);
    Poll said = exchange.feed(oai::StringView(answer), on_event);
    if (said == Poll::pending) said = exchange.finish(on_event);
    const size_t from = sent.find(' ') + 1;
    return sent.substr(from, sent.find(' ', from) - from) + ": " + heard +
           (said == Poll::done ? "done" : oai::describe(exchange.error()));
}

}  // namespace

TEST_CASE("each request is answered by its own API") {
    const oai::Upload recording(bytes, "a.wav"), images[] = {{bytes, "a.png"}};
    const std::string image = R"("b64_json":"UE5H")";
    CHECK_EQ(converse(oai::ImageRequest("m", "p"), sse("image_generation.partial_image", image + ",\"partial_image_index\":0") +
                                                       sse("image_generation.completed", image)),
             "/v1/images/generations: image UE5H; image UE5H; done");
    CHECK_EQ(converse(oai::ImageEditRequest("m", "p", images), sse("image_edit.completed", image)),
             "/v1/images/edits: image UE5H; done");
    CHECK_EQ(converse(oai::SpeechRequest("m", "p", "v"),
                      sse("speech.audio.delta", R"("audio":"UE5H")") + sse("speech.audio.done", R"("usage":{})")),
             "/v1/audio/speech: audio UE5H; done");
    CHECK_EQ(converse(oai::TranscriptionRequest("m", recording), sse("transcript.text.delta", R"("delta":"Hel")") +
                                                                     sse("transcript.text.delta", R"("delta":"lo")") +
                                                                     sse("transcript.text.done", R"("text":"Hello")")),
             "/v1/audio/transcriptions: text Hel; text lo; done");
    const std::string run = "event: thread.run.created\ndata: {\"id\":\"run_1\",\"object\":\"thread.run\"}\n\n"
                            "event: thread.message.delta\ndata: {\"id\":\"msg_1\",\"object\":\"thread.message.delta\","
                            "\"delta\":{\"content\":[{\"index\":0,\"type\":\"text\",\"text\":{\"value\":\"Hello\"}}]}}\n\n"
                            "event: thread.run.completed\ndata: {\"id\":\"run_1\",\"object\":\"thread.run\","
                            "\"status\":\"completed\"}\n\nevent: done\ndata: [DONE]\n\n";
    CHECK_EQ(converse(oai::ThreadRunRequest("t", "a"), run), "/v1/threads/t/runs: text Hello; done");
    const oai::ToolOutput outputs[] = {{"call_1", "21"}};
    CHECK_EQ(converse(oai::ToolOutputsRequest("t", "run_1", outputs), run),
             "/v1/threads/t/runs/run_1/submit_tool_outputs: text Hello; done");
    CHECK_EQ(converse(oai::AgentEventsRequest("s"), sse("agent.session.idle", R"("session_id":"s")")),
             "/v1/agents/sessions/s/events: done");
}

TEST_CASE("an answer to something else is none") {
    const std::string chat = "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":\"stop\"}]}\n\n";
    CHECK_EQ(converse(oai::ImageRequest("m", "p"), chat),
             std::string("/v1/images/generations: ") + oai::describe(Error::not_event_stream));
}
