#pragma once
// What a chat says to a program that has its answer read for extras: as words, and the fields that it names.
#include "io/conformance_support.hpp"

namespace extra_stories {

namespace dialect = openai_stream::dialect;
using namespace conformance;
using openai_stream::Api;
using openai_stream::Buffer;
using openai_stream::ExtraEvents;
using openai_stream::FieldPath;
using openai_stream::FinishReason;

inline constexpr FieldPath field_rows[] = {
    {"provider"},
    {"timings.predicted_per_second"},
    {"x_groq.usage.n"},
    {"citations[]"},
    {"choices[].stop_reason"},
    {"choices[].delta.tool_calls[].extra.sig"},
    {"search_results[].url"},
    {"deep[][].a"},
    {"choices[].logprobs.content[].bytes"},
    {"stats"},
    {"stats.inner"},
    {"usage.cost"},
    {"choices[].delta.content[].note"},
    {"model"},
    {"choices[].delta.content"},
    {"list"},
    {"matrix[]"},
    {"choices[].content_filter_results.code.citation"},
    {"error.trace"},
};

// Each event as a word; pieces of one string are joined.
class Story {
public:
    std::vector<std::string> words;
    std::string broken;

    void take(const Event& event) {
        answer_.take(event);
        broken = answer_.broken;
        std::string word = name_of(event);
        if (event.choice != 0) word += "#" + std::to_string(event.choice);
        if (goes_on_) {
            words.back().pop_back();
            words.back() += std::string(event.text) + ")";
        } else {
            words.push_back(word + "(" + inside_of(event) + ")");
        }
        goes_on_ = event.more;
    }
    std::string line() const {
        std::string all;
        for (const std::string& word : words) all += (all.empty() ? "" : " ") + word;
        return all;
    }

private:
    static std::string shown(StringView text) { return text.data() ? std::string(text) : "-"; }
    static std::string name_of(const Event& event) {
        switch (event.kind) {
            case EventKind::started: return "started";
            case EventKind::role: return "role";
            case EventKind::text: return "text";
            case EventKind::reasoning: return "reasoning";
            case EventKind::refusal: return "refusal";
            case EventKind::tool_call: return "call@" + std::to_string(event.tool_index);
            case EventKind::tool_arguments: return "args@" + std::to_string(event.tool_index);
            case EventKind::finish: return "finish";
            case EventKind::usage: return "usage";
            case EventKind::keepalive: return "keepalive";
            case EventKind::logprob: return "logprob";
            case EventKind::top_logprob: return "top";
            case EventKind::audio: return event.text.data() ? "audio" : "audio_info";
            case EventKind::transcript: return "transcript";
            case EventKind::annotation: return "annotation";
            case EventKind::content_filter: return "filter";
            case EventKind::custom_field: return shown(event.name);
            default: return "";  // not of chat
        }
    }
    static std::string inside_of(const Event& event) {
        switch (event.kind) {
            case EventKind::started: return "";
            case EventKind::tool_call: return shown(event.id) + "," + shown(event.name) + "," + shown(event.text);
            case EventKind::finish: return shown(event.name);
            case EventKind::usage: return std::to_string(event.usage.total_tokens);
            case EventKind::logprob:
            case EventKind::top_logprob: return shown(event.text) + "," + shown(event.name) + "," + shown(event.id);
            case EventKind::audio:
                return event.text.data() ? std::string(event.text)
                                         : shown(event.id) + "," + std::to_string(event.created);
            case EventKind::annotation:
                return shown(event.id) + "," + shown(event.text) + "," + shown(event.name) + "," +
                       std::to_string(event.place.begin) + "-" + std::to_string(event.place.end);
            case EventKind::content_filter:
                return shown(event.name) + "," + shown(event.text) +
                       (event.finish_reason == FinishReason::content_filter ? ",filtered" : "");
            default: break;
        }
        return std::string(event.text);
    }

    Answer answer_;
    bool goes_on_ = false;
};

inline Story read(Buffer memory, const corpus::Pieces& pieces) {
    ExtraEvents extras(field_rows);
    Exchange exchange(memory);
    Story story;
    if (exchange.begin_body(Api(extras), 200, "text/event-stream") != Error::none) story.broken = "begin_body";
    feed(exchange, pieces, [&](const Event& event) { story.take(event); });
    if (story.broken.empty() && exchange.error() != Error::none && exchange.error() != Error::truncated)
        story.broken = describe(exchange.error());
    return story;
}

}  // namespace extra_stories
