#include "completions.hpp"

#include "event_stream.hpp"
#include "json.hpp"
#include "lumen.hpp"
#include "request_fields.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdint>
#include <ctime>

namespace local_server {
namespace {

// What a request body asks for. Members that this server does not know are ignored.
struct CompletionRequest {
    static constexpr size_t no_logprobs = SIZE_MAX;

    std::string model;
    std::vector<std::string> prompts;
    size_t logprobs;  // of so many tokens that were likely
    size_t max_tokens;
    bool echo;
    bool stream;
    bool include_usage;

    explicit CompletionRequest(const Json& body)
        : model(model_of(body)), logprobs(count_of(body["logprobs"], "logprobs", 0, 5, no_logprobs)),
          max_tokens(count_of(body["max_tokens"], "max_tokens", 0, 1'000'000, SIZE_MAX)),
          echo(flag_of(body["echo"], "echo")), stream(flag_of(body["stream"], "stream")),
          include_usage(flag_of(body["stream_options"]["include_usage"], "stream_options.include_usage")) {
        const Json& prompt = body["prompt"];
        if (prompt.kind == Json::Kind::null) throw missing_param("prompt");
        const bool is_text = prompt.kind == Json::Kind::string;
        const bool is_list = prompt.kind == Json::Kind::array && !prompt.items.empty();
        if (is_text) add(prompt);
        else if (!is_list || prompt.items.size() > max_prompts)
            throw bad_param("prompt", "must be text, or a list of 1 to " + std::to_string(max_prompts) + " texts");
        for (const Json& one : prompt.items) add(one);
    }

private:
    void add(const Json& prompt) {
        if (prompt.kind != Json::Kind::string) throw bad_param("prompt", "must be text here, not tokens");
        prompts.push_back(prompt.text.substr(0, max_message_bytes));
    }
};

// The choice of one prompt.
struct Choice {
    std::vector<std::string> tokens;
    size_t prompt_tokens = 0;
    size_t echoed = 0;  // so many of the tokens are the prompt's
    const char* finish_reason = "\"stop\"";

    Choice(const std::string& prompt, const CompletionRequest& request) : prompt_tokens(count_tokens(prompt)) {
        tokens = tokens_of(answer_of_lumen({{"user", prompt}}));
        if (tokens.size() > request.max_tokens) {
            tokens.resize(request.max_tokens);
            finish_reason = "\"length\"";
        }
        if (!request.echo) return;
        const std::vector<std::string> said = tokens_of(prompt + (tokens.empty() ? "" : "\n"));
        echoed = said.size();
        tokens.insert(tokens.begin(), said.begin(), said.end());
    }
};

size_t characters_of(const std::string& text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// The log probabilities of some tokens, of which the first stands at `offset`. Nobody here has thought of another word;
// the others are made up.
std::string logprobs_of(const std::vector<std::string>& tokens, size_t offset, size_t likely) {
    constexpr const char* others[] = {" sea", " lamp", " fog", " gull"};
    std::string texts, numbers, tops, offsets;
    for (const std::string& token : tokens) {
        const char* const comma = texts.empty() ? "" : ",";
        std::string top = quote(token) + ":-0.25";
        for (size_t at = 1; at < likely; ++at)
            if (token != others[at - 1]) top += ',' + quote(others[at - 1]) + ":-" + std::to_string(at + 1) + ".5";
        texts += comma + quote(token);
        numbers += comma + std::string("-0.25");
        tops += comma + ('{' + top + '}');
        offsets += comma + std::to_string(offset);
        offset += characters_of(token);
    }
    return "{\"tokens\":[" + texts + "],\"token_logprobs\":[" + numbers + "]" +
           (likely == 0 ? "" : ",\"top_logprobs\":[" + tops + ']') + ",\"text_offset\":[" + offsets + "]}";
}

// One answer, to be sent in either shape.
class Completion {
public:
    Completion(const CompletionRequest& request, const Faults& faults, const std::string& id)
        : likely_(request.logprobs), head_("{\"id\":\"cmpl-local-" + id + "\",\"object\":\"text_completion\"" +
                                           ",\"created\":" + std::to_string(std::time(nullptr)) +
                                           ",\"model\":" + quote(request.model) + ",\"choices\":["),
          usage_wanted_(request.include_usage || faults.has("usage")) {
        size_t prompt = 0, completion = 0;
        for (const std::string& text : request.prompts) {
            choices_.emplace_back(text, request);
            prompt += choices_.back().prompt_tokens;
            completion += choices_.back().tokens.size() - choices_.back().echoed;
        }
        usage_ = "{\"prompt_tokens\":" + std::to_string(prompt) +
                 ",\"completion_tokens\":" + std::to_string(completion) +
                 ",\"total_tokens\":" + std::to_string(prompt + completion) + '}';
    }

    void send_whole(Reply& reply) const {
        std::string list;
        for (size_t at = 0; at < choices_.size(); ++at)
            list += (at == 0 ? "" : ",") + choice(at, choices_[at].tokens, 0, choices_[at].finish_reason);
        reply.send_json(head_ + list + "],\"usage\":" + usage_ + '}');
    }

    void send_events(Reply& reply, Clock::duration pace) const {
        EventStream events(reply, ErrorShape::chat);
        if (!events.begin()) return;
        std::vector<KnownEvent> known;
        const std::string rest = usage_wanted_ ? "],\"usage\":null}" : "]}";
        for (size_t at = 0; at < choices_.size(); ++at) {
            size_t offset = 0;
            for (const std::string& token : choices_[at].tokens) {
                known.push_back({head_ + choice(at, {token}, offset, "null") + rest, "", true});
                offset += characters_of(token);
            }
            known.push_back({head_ + choice(at, {}, offset, choices_[at].finish_reason) + rest, ""});
        }
        if (!events.send_all(known, pace)) return;
        if (usage_wanted_) events.send(head_ + "],\"usage\":" + usage_ + '}');
        if (!reply.faults.has("no-done")) events.send("[DONE]");
        events.end();
    }

private:
    std::string choice(size_t index, const std::vector<std::string>& tokens, size_t offset, const char* reason) const {
        std::string text;
        for (const std::string& token : tokens) text += token;
        const bool has_logprobs = likely_ != CompletionRequest::no_logprobs && !tokens.empty();
        return "{\"index\":" + std::to_string(index) + ",\"text\":" + quote(text) +
               ",\"logprobs\":" + (has_logprobs ? logprobs_of(tokens, offset, likely_) : "null") +
               ",\"finish_reason\":" + reason + '}';
    }

    const size_t likely_;
    const std::string head_;  // how every object of this answer begins, up to its choices
    const bool usage_wanted_;
    std::vector<Choice> choices_;
    std::string usage_;
};

}  // namespace

void answer_completion(const std::string& body, Reply& reply, Clock::duration pace) {
    const CompletionRequest request(read_json(body));
    reply.faults.add(request.model);
    if (reply.send_refusal()) return;
    const Completion answer(request, reply.faults, reply.id());
    if (request.stream && !reply.faults.has("whole")) {
        answer.send_events(reply, pace);
    } else {
        answer.send_whole(reply);
    }
}

}  // namespace local_server
