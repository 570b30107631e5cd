#include "tools.hpp"

#include "limits.hpp"
#include "structured.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {
namespace {

// Words that say nothing of what a function is about.
const std::vector<std::string> empty_words = {"get",   "set",     "the",    "for",   "and",   "with",     "from",
                                              "fetch", "current", "given",  "about", "which", "returns",  "return",
                                              "value", "function", "there", "using", "this",  "that",     "when"};

// In lower case, without punctuation; "getWeather" and "get_weather" are two words each.
std::vector<std::string> words_of(const std::string& text, size_t shortest) {
    std::vector<std::string> words;
    std::string word;
    const auto end_word = [&] {
        const bool counts = word.size() >= shortest;
        if (counts && std::find(empty_words.begin(), empty_words.end(), word) == empty_words.end())
            words.push_back(word);
        word.clear();
    };
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = lower(text[at]);
        const bool is_letter = is_digit(c) || (c >= 'a' && c <= 'z') || !is_ascii(c);
        if (!is_letter || (c != text[at] && at > 0 && lower(text[at - 1]) == text[at - 1])) end_word();
        if (is_letter) word += c;
    }
    end_word();
    return words;
}

// The same word, or one that begins with the other: "files" and "file".
bool are_alike(const std::string& left, const std::string& right) {
    const size_t common = std::min(left.size(), right.size());
    return left == right || (common >= 4 && left.compare(0, common, right, 0, common) == 0);
}

}  // namespace

size_t Call::half() const { return std::min(arguments.find(':') + 1, arguments.size()); }

void Tools::offer(const Json& function) {
    const Json& name = function["name"];
    const bool fits = name.kind == Json::Kind::string && name.text.size() <= max_name_bytes;
    if (fits && functions_.size() < max_tools) functions_.push_back(function);
}

void Tools::offer_built_in(const Json& tool) {
    const std::string& type = tool["type"].text;
    if ((type != "mcp" && type != "shell" && type != "local_shell") || built_in_.size() == max_tools) return;
    built_in_.push_back({type, tool["server_label"].text.substr(0, max_name_bytes)});
    const auto words = [](const std::string& text) {
        Json value;
        value.kind = Json::Kind::string;
        value.text = text;
        return value;
    };
    Json about;
    about.kind = Json::Kind::object;
    about.keys = {"name", "description"};
    about.items = {words(type == "mcp" ? built_in_.back().name : "shell command"),
                   words(tool["server_description"].text.substr(0, max_message_bytes))};
    about_built_in_.push_back(about);
}

void Tools::choose(const Json& choice) {
    may_call_ = choice.text != "none";
    chosen_ = choice["name"].text + choice["function"]["name"].text;
    must_call_ = choice.text == "required" || !chosen_.empty();
}

void Tools::note_question(const std::string& text) {
    results_.clear();
    question_ = text.substr(0, max_message_bytes);
}

void Tools::note_result(const std::string& text) {
    if (results_.size() < max_tool_results) results_.push_back(text.substr(0, max_tool_result_bytes));
}

// One word of the question is one of the function's name, or a long one of what is said about it.
bool Tools::is_asked_for(const Json& function) const {
    if (!chosen_.empty()) return function["name"].text == chosen_;
    if (must_call_) return true;
    std::vector<std::string> about = words_of(function["name"].text, 3);
    const std::vector<std::string> more = words_of(function["description"].text.substr(0, max_message_bytes), 5);
    about.insert(about.end(), more.begin(), more.end());
    for (const std::string& word : words_of(question_, 3))
        for (const std::string& topic : about)
            if (are_alike(word, topic)) return true;
    return false;
}

std::vector<BuiltInCall> Tools::built_in_calls() const {
    std::vector<BuiltInCall> calls;
    if (!results_.empty() || !may_call_) return calls;
    for (size_t at = 0; at < built_in_.size(); ++at) {
        const auto is_like = [&](const BuiltInCall& call) { return call.type == built_in_[at].type; };
        if (std::any_of(calls.begin(), calls.end(), is_like)) continue;
        if (is_asked_for(about_built_in_[at])) calls.push_back(built_in_[at]);
    }
    return calls;
}

std::vector<Call> Tools::calls(const Faults& faults) const {
    const char* const cities[] = {"Brest", "Bergen"};
    std::vector<Call> calls;
    if (faults.has("tools") && functions_.empty())
        for (const char* city : cities) calls.push_back({"get_weather", "{\"city\":" + quote(city) + '}'});
    std::vector<const Json*> asked;
    if (results_.empty() && may_call_)
        for (const Json& function : functions_)
            if (asked.size() < 2 && is_asked_for(function)) asked.push_back(&function);
    for (size_t at = 0; at < 2 && !asked.empty(); ++at) {
        const Json& function = *asked[std::min(at, asked.size() - 1)];
        calls.push_back({function["name"].text, object_for(function["parameters"], cities[at], max_tool_result_bytes)});
    }
    return calls;
}

std::string Tools::answer(const std::vector<Message>& conversation) const {
    if (results_.empty()) return answer_of_lumen(conversation);
    std::string text = "I have asked, and here is what the line said.";
    for (const std::string& result : results_) text += "\n- " + result;
    return text;
}

}  // namespace local_server
