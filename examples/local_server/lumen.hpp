// Where the answers come from: Lumen, a lighthouse keeper's assistant. There is no model, only rules: the last question
// is searched for phrases, and the first rule that finds one of its own speaks.
#pragma once

#include <string>
#include <vector>

namespace local_server {

// One message of a conversation.
struct Message {
    std::string role;
    std::string text;
};

// Depends on the conversation alone: the same one always gets the same answer, and a question that is asked again gets
// the next reply of its rule.
std::string answer_of_lumen(const std::vector<Message>& conversation);

// A rule. Cues are in lower case, without punctuation, separated by '|'; one that ends in '*' matches the beginning of
// a word. In a reply, {name} is ", Ada" once Ada has introduced herself, and {topic} is a word of the user's.
struct Rule {
    const char* cues;
    bool needs_name;
    std::vector<const char*> replies;
};

// Subjects first, courtesies last: the first rule that matches wins.
extern const std::vector<Rule> rules;

// For what no rule matches: a question about a word, a statement with one, and neither.
extern const Rule question_rule, statement_rule, silence_rule;

}  // namespace local_server
