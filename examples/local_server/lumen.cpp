#include "lumen.hpp"

#include "limits.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace local_server {
namespace {

constexpr std::string_view words_without_topic =
    " about again because been being could does doing explain describe every from have into just know like make "
    "many more much never only other please really should some someone something tell than that their them then "
    "there these they thing think this those very want what when where which while will with would write your ";

// The words of a text with one space before and after each. Apostrophes vanish, other ASCII punctuation separates.
std::string words_of(std::string_view text) {
    constexpr std::string_view curly_apostrophe = "\u2019";
    std::string words = " ";
    for (size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (text.substr(at, curly_apostrophe.size()) == curly_apostrophe) {
            at += curly_apostrophe.size() - 1;
        } else if (!is_ascii(c) || is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-') {
            words += c;
        } else if (c != '\'' && words.back() != ' ') {
            words += ' ';
        }
    }
    return words.back() == ' ' ? words : words + ' ';
}

// What the rules need to know of a conversation.
class Listener {
public:
    explicit Listener(const std::vector<Message>& conversation) {
        for (const Message& message : conversation) {
            if (message.role != "user") continue;
            words_ = words_of(message.text.substr(0, max_message_bytes));
            lower_words_ = lower(words_);
            has_question_mark_ = message.text.find('?') != std::string::npos;
            ++variant_;
            note_name();
        }
        uint32_t hash = 2166136261u;  // FNV-1a
        for (const char c : lower_words_) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
        variant_ += hash >> 8;
        topic_ = find_topic();
    }

    std::string answer() const {
        for (const Rule& rule : rules)
            if (matches(rule) && (!rule.needs_name || !name_.empty())) return reply_of(rule);
        if (topic_.empty()) return reply_of(silence_rule);
        return reply_of(has_question_mark_ || matches(question_rule) ? question_rule : statement_rule);
    }

private:
    bool matches(const Rule& rule) const {
        std::string_view cues = rule.cues;
        while (!cues.empty()) {
            std::string cue(cues.substr(0, cues.find('|')));
            cues.remove_prefix(std::min(cue.size() + 1, cues.size()));
            if (cue.back() == '*') {
                cue.pop_back();
            } else {
                cue += ' ';
            }
            if (lower_words_.find(' ' + cue) != lower_words_.npos) return true;
        }
        return false;
    }

    // "my name is Ada"
    void note_name() {
        for (const char* phrase : {" my name is ", " my names ", " im called ", " i am called "}) {
            const size_t found = lower_words_.rfind(phrase);
            if (found == lower_words_.npos) continue;
            std::string name = before(words_.substr(found + std::string_view(phrase).size()), " ");
            if (name.empty() || name.size() > max_word_bytes || lower(name) == "not") continue;
            if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - ('a' - 'A'));
            name_ = name;
        }
    }

    // The longest word that is likely to mean something, the last one of several.
    std::string find_topic() const {
        std::string longest;
        for (size_t start = 1, end; (end = words_.find(' ', start)) != words_.npos; start = end + 1) {
            const std::string word = words_.substr(start, end - start);
            const bool fits = word.size() >= 4 && word.size() >= longest.size() && word.size() <= max_word_bytes;
            if (fits && words_without_topic.find(' ' + lower(word) + ' ') == std::string_view::npos) longest = word;
        }
        return longest;
    }

    std::string reply_of(const Rule& rule) const {
        const std::string reply = rule.replies[variant_ % rule.replies.size()];
        std::string text;
        for (size_t at = 0; at < reply.size(); ++at) {
            if (reply[at] != '{') {
                text += reply[at];
                continue;
            }
            const bool is_name = reply[at + 1] == 'n';
            text += !is_name ? topic_ : name_.empty() ? "" : ", " + name_;
            at = reply.find('}', at);
        }
        return text;
    }

    std::string words_ = " ";        // of the last message of the user
    std::string lower_words_ = " ";  // the same in lower case
    std::string name_;
    std::string topic_;
    bool has_question_mark_ = false;
    size_t variant_ = 0;
};

}  // namespace

std::string answer_of_lumen(const std::vector<Message>& conversation) { return Listener(conversation).answer(); }

}  // namespace local_server
