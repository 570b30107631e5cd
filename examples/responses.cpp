// Build: c++ -std=c++17 -I.. responses.cpp -o responses
// Run: ./responses [--background] ["question" ...]
//
// A conversation over the Responses API. The server remembers it: each question only names the answer before. Without
// questions, each line of standard input is one. Answers go to standard output, everything else to standard error,
// summaries of the model's reasoning among it.
// With --background the server goes on when the connection is lost, and the rest of the answer comes over a new one.
// From the environment: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL. For https URLs see common.hpp.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"
#include <stdio.h>
#include <stdlib.h>
#include <string>

namespace oai = openai_stream;

class Conversation {
public:
    explicit Conversation(bool in_background) {
        options_.reasoning_summary = "auto";
        if (!in_background) return;
        options_.background = oai::Tristate::yes;
        stream_.use(retries_);
        stream_.use(resume_);
    }

    // Returns false if there is no complete answer; then it is as if it had not been asked.
    bool ask(const std::string& question) {
        const std::string before = id_;
        oai::ResponseRequest request(setting("OPENAI_MODEL", "local"), question);
        if (!before.empty()) request.previous_response_id = before;
        request.options = options_;
        stream_.open(server_, request);
        show();
        puts("");
        if (resume_.stats().retries != 0) fputs("-- The connection was lost; the rest came over a new one.\n", stderr);
        if (!stream_.failed()) return true;

        id_ = before;
        char why[500];
        fprintf(stderr, "-- %s\n", stream_.explain(why));
        return false;
    }

private:
    void show() {
        bool is_thinking = false;
        for (const oai::Event& event : stream_) {
            const bool is_thought = event.is_reasoning();
            const bool is_text = event.is_text() || event.is_refusal();
            if (event.is_started()) id_ = std::string(event.id);
            if (event.finish_reason == oai::FinishReason::length) fputs("\n-- It may not be longer.", stderr);
            if (!is_thought && !is_text) continue;
            if (is_thought != is_thinking) fputs(is_thought ? "-- thinking: " : "\n", stderr);
            is_thinking = is_thought;
            print(event.text, is_thought ? stderr : stdout);
        }
        if (is_thinking) fputs("\n", stderr);
    }

    char memory_[16 * 1024];
    const oai::Endpoint server_{setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY")};
    Connection connection_{server_};
    oai::RetryPolicy retries_;
    oai::ResumePolicy resume_;
    oai::Stream stream_{connection_, memory_};
    oai::ResponseOptions options_;
    std::string id_;  // of the last answer
};

int main(int count, char** words) {
    const bool in_background = count > 1 && strcmp(words[1], "--background") == 0;
    const int first = in_background ? 2 : 1;
    static Conversation conversation(in_background);
    bool is_well = true;
    for (int at = first; at < count; ++at) is_well = conversation.ask(words[at]) && is_well;
    std::string line;
    for (int c = 0; first >= count && (c = getchar()) != EOF;) {
        if (c != '\n') line += static_cast<char>(c);
        else if (!line.empty()) is_well = conversation.ask(line) && is_well;
        if (c == '\n') line.clear();
    }
    return is_well ? 0 : 1;
}
