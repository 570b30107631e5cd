// The requests for images, speech and transcription, each with its own answer.
#include "io/responses_support.hpp"
#include "support/tally.hpp"

using namespace responses;
namespace oai = openai_stream;

namespace {

template <class Request> std::string story_of(const Request& request, const std::string& body) {
    static const oai::Endpoint server("http://h.example/v1");
    char memory[4096];
    Exchange exchange{oai::Buffer(memory)};
    CHECK(exchange.begin(server, request) == Error::none);
    while (!exchange.outgoing().empty()) exchange.sent(exchange.outgoing().size());
    const std::string answer = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
                               std::to_string(body.size()) + "\r\n\r\n" + body;
    Story story;
    story.end(exchange, feed(exchange, {answer}, [&](const Event& event) { story.take(event); }));
    return whole(story);
}

}  // namespace

TEST_CASE("each request is read by its own API") {
    ROW("images and speech");
    oai::ImageRequest image;
    image.model = "m";
    image.prompt = "a lighthouse";
    CHECK_EQ(story_of(image, as_event(R"({"type":"image_generation.completed","b64_json":"aGk="})")),
             "started; image(aGk=); finish name=completed reason=1; the end");
    oai::SpeechRequest speech;
    speech.model = "m";
    speech.input = "Who goes there?";
    speech.voice = "v";
    CHECK_EQ(story_of(speech, as_event(R"({"type":"speech.audio.delta","audio":"aGk="})") +
                                  as_event(R"({"type":"speech.audio.done"})")),
             "started; audio(aGk=); finish name=completed reason=1; the end");
}
