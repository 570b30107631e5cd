// Each kind of request that the library has, asked of one server: every_request BASE_URL. Says for each, in a line of
// words between tabs: its name, the text of the answer, how many bytes of images and sound came, what calls, why it
// ended, and what was wrong. What is expected is in local_apis_test.py.
#include "support/checked.hpp"

#define OPENAI_STREAM_SOCKET
#include "support/header.hpp"

#include <stdio.h>

#include <string>

namespace oai = openai_stream;

namespace {

char memory[16 * 1024], said[64 * 1024];

// The library has no type of its own for it: the form is the same.
struct TranslationRequest : oai::TranscriptionRequest {
    using TranscriptionRequest::TranscriptionRequest;
    static constexpr const char* path = "/audio/translations";
};

struct Said {
    std::string id, other_id;  // of the answer, and of the first thing that it told of besides
    std::string calls[2];      // their ids
};

std::string in_a_line(oai::StringView text) {
    std::string line(text);
    for (char& c : line)
        if (c == '\n' || c == '\t') c = '|';
    return line;
}

class Asker {
public:
    explicit Asker(const char* url) : server_(url), stream_(socket_, memory) {}

    template <class Request> Said ask(const char* name, const Request& request) {
        Said about;
        oai::Collector answer{oai::Buffer(said)};
        size_t bytes = 0, likely = 0;
        stream_.open(server_, request);
        for (const oai::Event& e : stream_) {
            answer.add(e);
            if (e.kind == oai::EventKind::image || e.kind == oai::EventKind::audio) bytes += e.text.size();
            if (e.kind == oai::EventKind::top_logprob) ++likely;
            if (e.kind == oai::EventKind::other && about.other_id.empty()) about.other_id = std::string(e.item_id);
        }
        answer.end(stream_.verdict());
        std::string calls;
        size_t count = 0;
        for (const oai::MessagePart& call : answer.tool_calls()) {
            calls += std::string(call.name) + std::string(call.text);
            if (count < 2) about.calls[count++] = std::string(call.id);
        }
        about.id = std::string(answer.id());
        const std::string text = in_a_line(answer.text()), thought = in_a_line(answer.reasoning());
        printf("%s\t%s%s%s\t%zu\t%s\t%.*s\t%s\n", name, thought.c_str(), thought.empty() ? "" : " / ", text.c_str(),
               bytes + likely, calls.c_str(), static_cast<int>(answer.finish_reason_text().size()),
               answer.finish_reason_text().data(), stream_.failed() ? oai::describe(stream_.error()) : "");
        return about;
    }

private:
    const oai::Endpoint server_;
    oai::Socket socket_;
    oai::Stream stream_;
};

}  // namespace

int main(int count, char** words) {
    if (count != 2) return 2;
    Asker asker(words[1]);
    const oai::Source bytes = oai::Source::of_bytes("RIFF");
    const oai::Upload recording(bytes, "a.wav"), images[] = {{bytes, "a.png"}};

    asker.ask("ListModels", oai::ListModels());
    asker.ask("ChatRequest", oai::ChatRequest("local", "ping"));
    const char* const chat = "{\"model\":\"local\",\"messages\":[{\"role\":\"user\",\"content\":\"ping\"}]}";
    asker.ask("RawRequest", oai::RawRequest("/chat/completions", chat));
    oai::ExtraEvents extras;
    oai::CompletionRequest completion("local", "ping");
    completion.logprobs = 3;
    completion.extras = &extras;
    asker.ask("CompletionRequest", completion);

    oai::ResponseRequest response("local", "ping");
    response.extra_json = "\"background\":true";
    const Said first = asker.ask("ResponseRequest", response);
    asker.ask("RetrieveRequest", oai::RetrieveRequest(first.id.c_str()));
    asker.ask("CancelRequest", oai::CancelRequest(first.id.c_str()));

    oai::ImageRequest image("local", "a lighthouse");
    image.options.partial_images = 1;
    asker.ask("ImageRequest", image);
    asker.ask("ImageEditRequest", oai::ImageEditRequest("local", "more light", images));
    asker.ask("SpeechRequest", oai::SpeechRequest("local", "one two", "lumen"));
    asker.ask("TranscriptionRequest", oai::TranscriptionRequest("local", recording));
    asker.ask("TranslationRequest", TranslationRequest("local", recording));

    oai::ThreadRunRequest run({}, "lumen");
    run.thread = "{\"messages\":[{\"role\":\"user\",\"content\":\"ping\"}]}";
    const Said thread = asker.ask("ThreadRunRequest", run);
    oai::ThreadRunRequest next(thread.other_id.c_str(), "lumen");
    const oai::JsonValue tools[] = {"{\"type\":\"function\",\"function\":{\"name\":\"get_weather\",\"parameters\":"
                                    "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}}}}}"};
    next.additional_messages = "[{\"role\":\"user\",\"content\":\"How is the weather?\"}]";
    next.tools = tools;
    const Said called = asker.ask("ThreadRunRequest", next);
    const oai::ToolOutput outputs[] = {{called.calls[0].c_str(), "14 degrees"}, {called.calls[1].c_str(), "fog"}};
    asker.ask("ToolOutputsRequest", oai::ToolOutputsRequest(thread.other_id.c_str(), called.id.c_str(), outputs));

    asker.ask("AgentEventsRequest", oai::AgentEventsRequest("local"));
    return 0;
}
