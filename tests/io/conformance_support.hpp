#pragma once
// Answers as one JSON value: what the tests of tests/dialect and tests/io compare.
#include "support/corpus.hpp"
#include "support/header.hpp"
#include "support/tally.hpp"

#include <cstring>
#include <map>
#include <optional>

namespace conformance {

using Json = nlohmann::json;
using openai_stream::Error;
using openai_stream::Event;
using openai_stream::EventKind;
using openai_stream::Exchange;
using openai_stream::Failure;
using openai_stream::Poll;
using openai_stream::StringView;
using openai_stream::Usage;

// Null when the server did not say it.
inline Json said(StringView text) { return text.data() ? Json(std::string(text)) : Json(); }
inline Json said(int64_t number) { return number < 0 ? Json() : Json(number); }

inline std::string printed(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

inline bool is_utf8(StringView text) {
    try {
        static_cast<void>(said(text).dump());
        return true;
    } catch (const Json::exception&) {
        return false;
    }
}

inline Json usage_value(const Usage& usage) {
    return {{"prompt_tokens", said(usage.prompt_tokens)},
            {"completion_tokens", said(usage.completion_tokens)},
            {"total_tokens", said(usage.total_tokens)},
            {"cached_tokens", said(usage.cached_tokens)},
            {"reasoning_tokens", said(usage.reasoning_tokens)}};
}

inline Json error_value(StringView message, StringView type, StringView code, StringView param) {
    return {{"message", said(message)}, {"type", said(type)}, {"code", said(code)}, {"param", said(param)}};
}
inline Json error_value(const Failure& failure) {
    return error_value(failure.message, failure.type, failure.code, failure.param);
}

// All of an event on one line.
inline std::string line(const Event& event) {
    const char* const kinds[] = {"started",        "role",           "text",   "reasoning",  "refusal",
                                 "tool_call",      "tool_arguments", "finish", "usage",      "keepalive",
                                 "logprob",        "top_logprob",    "audio",  "transcript", "annotation",
                                 "content_filter", "item",           "item_done", "image",     "code",
                                 "command",        "command_output", "other",  "field",      "segment"};
    std::string text = kinds[static_cast<size_t>(event.kind)];
    text += " " + std::to_string(event.choice) + " " + std::to_string(event.tool_index) + (event.more ? " more" : "") +
            (event.provisional ? " early" : "");
    for (const StringView field : {event.text, event.id, event.name}) text += " " + printed(said(field));
    if (event.kind == EventKind::started) text += " " + std::to_string(event.created);
    if (event.kind == EventKind::finish) text += " " + std::to_string(static_cast<int>(event.finish_reason));
    if (event.kind == EventKind::usage) text += " " + printed(usage_value(event.usage));
    return text + "\n";
}

// One answer, or the part of it that one chunk is.
class Answer {
public:
    std::string broken;  // a rule for events that was not kept
    size_t events = 0;
    bool is_early = false;  // a text was delivered before its event had ended

    void take(const Event& event) {
        check(event);
        ++events;
        is_early = is_early || event.provisional;
        switch (event.kind) {
            case EventKind::started:
                id_ = said(event.id);
                model_ = said(event.name);
                if (event.created != 0) created_ = event.created;
                break;
            case EventKind::role: choice(event)["role"] = said(event.name); break;
            case EventKind::text: append(choice(event)["content"], event.text); break;
            case EventKind::reasoning: append(choice(event)["reasoning"], event.text); break;
            case EventKind::refusal: append(choice(event)["refusal"], event.text); break;
            case EventKind::tool_call:
            case EventKind::tool_arguments: take_tool(event); break;
            case EventKind::finish: choice(event)["finish_reason"] = said(event.name); break;
            case EventKind::usage: usage_ = usage_value(event.usage); break;
            case EventKind::keepalive: return;
            default: break;  // not of chat, or watched for by nobody here
        }
        last_ = event.kind;
        last_choice_ = event.choice;
        last_index_ = event.tool_index;
        is_open_ = event.more;
    }

    // As in the corpus. A choice that says nothing makes no event and is not there; `created` 0 is none.
    Json chat(const Json& error = Json()) const {
        return {{"valid", true},       {"id", id_},       {"model", model_}, {"created", created_},
                {"choices", choices_}, {"usage", usage_}, {"error", error}};
    }

private:
    static void append(Json& text, StringView piece) {
        if (text.is_null()) text = "";
        text.get_ref<std::string&>() += std::string(piece);
    }
    Json& choice(const Event& event) {
        for (Json& known : choices_)
            if (known.at("index") == event.choice) return known;
        choices_.push_back({{"index", event.choice},
                            {"role", nullptr},
                            {"content", nullptr},
                            {"refusal", nullptr},
                            {"reasoning", nullptr},
                            {"finish_reason", nullptr},
                            {"tool_calls", Json::array()}});
        return choices_.back();
    }

    // One entry for each object in "tool_calls": its call comes first and then its arguments, in pieces. When the event
    // was read in parts the arguments may come first, and what was not known then comes in a second call.
    void take_tool(const Event& event) {
        Json& calls = choice(event)["tool_calls"];
        const bool is_call = event.kind == EventKind::tool_call;
        const bool same = !calls.empty() && calls.back().at("index") == said(int64_t{event.tool_index}) &&
                          last_choice_ == event.choice && last_index_ == event.tool_index &&
                          (last_ == EventKind::tool_call || last_ == EventKind::tool_arguments);
        bool continues = same && (is_call ? event.provisional && last_ == EventKind::tool_arguments
                                          : last_ == EventKind::tool_call || is_open_);
        const Json fields = {{"id", said(event.id)}, {"type", said(event.text)}, {"name", said(event.name)}};
        if (continues && is_call)
            for (const auto& field : fields.items())
                if (!field.value().is_null() && !calls.back().at(field.key()).is_null()) continues = false;
        if (!continues)
            calls.push_back({{"index", said(int64_t{event.tool_index})},
                             {"id", nullptr},
                             {"type", nullptr},
                             {"name", nullptr},
                             {"arguments", nullptr}});
        Json& call = calls.back();
        if (!is_call) return append(call["arguments"], event.text);
        for (const auto& field : fields.items())
            if (!field.value().is_null()) call[field.key()] = field.value();
    }

    void check(const Event& event) {
        const bool is_field = event.kind == EventKind::custom_field, is_sound = event.kind == EventKind::audio;
        const bool is_text = event.kind == EventKind::text || event.kind == EventKind::reasoning ||
                             event.kind == EventKind::refusal || event.kind == EventKind::tool_arguments ||
                             event.kind == EventKind::transcript || is_field || (is_sound && event.text.data());
        const bool is_of_all = is_field || event.kind == EventKind::usage || event.kind == EventKind::keepalive ||
                               (event.kind == EventKind::content_filter && event.choice == -1);
        if (!is_utf8(event.text) || !is_utf8(event.id) || !is_utf8(event.name)) broken = "not UTF-8";
        if (is_text && !event.text.data()) broken = "a text that is not there";
        if (event.more && !is_text) broken = "only texts go on";
        if (is_open_ && event.kind != EventKind::keepalive &&
            (event.kind != last_ || event.choice != last_choice_ || event.tool_index != last_index_))
            broken = "a text that goes on was interrupted";
        if (event.kind == EventKind::started && has_started_) broken = "started twice";
        has_started_ = has_started_ || event.kind == EventKind::started;
        if (!has_started_ && !is_of_all) broken = "an event of an answer that has not started";
        const bool of_tool = event.kind == EventKind::tool_call || event.kind == EventKind::tool_arguments;
        if (is_field && (event.tool_index < 0 || event.name.empty())) broken = "a field without a name";
        if (!of_tool && !is_field && event.tool_index != -1) broken = "a tool index where there is no tool";
    }

    Json id_, model_, created_, usage_;
    Json choices_ = Json::array();
    EventKind last_ = EventKind::started;
    int32_t last_choice_ = 0, last_index_ = -1;
    bool is_open_ = false, has_started_ = false;
};

// tests/differences.json: files below ../shared that are read otherwise here than by those whose reading lies beside
// them, and why. What is listed must differ, and what differs must be listed.
class Differences {
public:
    // Those of the files whose names begin with `directory`.
    explicit Differences(const std::string& directory) {
        const corpus::Rows list = corpus::rows("../differences.json");
        for (const Json& one : list.at(0)) {
            const std::string file = one.at("file");
            if (file.compare(0, directory.size(), directory) == 0) why_[file] = one.at("why");
        }
    }
    // difference: empty if there is none.
    void check(const std::string& file, const std::string& difference) {
        if (why_.count(file) == 0) {
            CHECK_EQ(difference, "");
        } else {
            CHECK_MESSAGE(!difference.empty(), "it is listed in tests/differences.json, and there is none");
            why_.erase(file);
        }
    }
    void check_all_seen() const {
        for (const auto& left : why_)
            FAIL_CHECK("tests/differences.json lists " << left.first << ", which was not read");
    }

private:
    std::map<std::string, std::string> why_;
};

// Bytes into an exchange, piece by piece as far as there is room, and the end of the connection after them. take(event)
// sees each event. What poll() said in the end; Poll::pending when it would never end.
template <class E = Event, class F> Poll feed(Exchange& exchange, const corpus::Pieces& pieces, F take) {
    size_t piece = 0, at = 0;
    bool ended = false;
    E event;
    while (true) {
        const Poll result = exchange.poll(event);
        if (result == Poll::event) {
            take(event);
            continue;
        }
        if (result != Poll::pending || ended) return result;
        while (piece != pieces.size() && at == pieces[piece].size()) {
            ++piece;
            at = 0;
        }
        if (piece == pieces.size()) {
            exchange.ended();
            ended = true;
            continue;
        }
        const openai_stream::Buffer room = exchange.incoming();
        if (room.size == 0) return Poll::pending;
        const size_t count = std::min(room.size, pieces[piece].size() - at);
        std::memcpy(room.data, pieces[piece].data() + at, count);
        exchange.received(count);
        at += count;
    }
}

// The same, `step` bytes at a time.
inline corpus::Pieces in_steps(std::string_view bytes, size_t step) {
    corpus::Pieces pieces;
    for (size_t at = 0; at < bytes.size(); at += step) pieces.push_back(bytes.substr(at, step));
    return pieces;
}

// Blanks wherever JSON allows them, so that the text is larger than the buffer, and its values lie far from each other.
inline std::string stretched(const std::string& text, size_t count) {
    const std::string blanks(count, ' ');
    std::string all = blanks;
    bool in_string = false;
    for (size_t at = 0; at != text.size(); ++at) {
        all += text[at];
        if (in_string && text[at] == '\\')
            all += text[++at];
        else if (text[at] == '"')
            in_string = !in_string;
        else if (!in_string && std::strchr("{}[],:", text[at]))
            all += blanks;
    }
    return all;
}

// A recorded answer, and what others read in it.
struct Recorded {
    std::string file, stem;  // below recorded/, and without its ending
    std::string bytes;
    Json summary;
};
// Those of an API, or nothing where there are no recordings: that is said.
inline std::optional<std::vector<Recorded>> recorded(const std::string& api) {
    const auto index = corpus::shared_rows("recorded/index.jsonl");
    if (!index) return {};
    std::vector<Recorded> answers;
    for (const Json& row : *index) {
        if (row.at("api") != api) continue;
        const std::string file = row.at("file"), stem = file.substr(0, file.rfind('.'));
        const auto bytes = corpus::shared_bytes("recorded/" + file);
        const auto text = corpus::shared_bytes("recorded/" + stem + ".summary.json");
        const bool is_there = bytes && text;
        REQUIRE_MESSAGE(is_there, file);
        answers.push_back({file, stem, *bytes, Json::parse(*text)});
    }
    return answers;
}

}  // namespace conformance
