#pragma once
// Characters of which a test knows what they are: how many columns, and that nothing of them may be cut.
#include "support/cuts.hpp"

#include <string>
#include <vector>

namespace characters {

struct Character {
    std::string bytes;
    unsigned columns;
};
// None of them ends in what joins the next one.
inline const std::vector<Character> all = {
    {"a", 1},
    {"Z", 1},
    {".", 1},
    {"\xC3\xA9", 1},                      // e with acute, composed
    {"e\xCC\x81", 1},                     // and of two code points
    {"o\xCC\x82\xCC\xA3", 1},             // two marks
    {"\xE0\xB8\x97\xE0\xB8\xB5\xE0\xB9\x88", 1},  // Thai
    {"\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7\xE0\xA4\xBF", 1},  // Devanagari, a conjunct
    {"\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", 2},  // Hangul in parts
    {"\xED\x95\x9C", 2},                  // and composed
    {"\xE6\x97\xA5", 2},
    {"\xE3\x81\x8B\xE3\x82\x99", 2},      // kana with its mark
    {"1\xEF\xB8\x8F\xE2\x83\xA3", 1},     // a keycap
    {"\xE2\x9D\xA4\xEF\xB8\x8F", 1},      // a heart and its variation
    {"\xF0\x9F\x91\x8D\xF0\x9F\x8F\xBD", 2},  // a thumb with a skin tone
    {"\xF0\x9F\x87\xAB\xF0\x9F\x87\xB7", 2},  // a flag
    {"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7\xE2\x80\x8D\xF0\x9F\x91\xA6", 2},
    {"\xF0\x9F\x8F\xB4\xF3\xA0\x81\xA7\xF3\xA0\x81\xA2\xF3\xA0\x81\xB7\xF3\xA0\x81\xAC\xF3\xA0\x81\xB3\xF3\xA0\x81\xBF",
     2},  // the flag of Wales
};

// Some of them.
inline std::vector<std::string> made(corpus::Random& random, size_t most) {
    std::vector<std::string> list;
    for (size_t left = random.between(0, most); left != 0; --left) {
        const size_t which = random.between(0, all.size() + 2);
        if (which < all.size()) list.push_back(all[which].bytes);
        else list.emplace_back(which == all.size() ? " " : which == all.size() + 1 ? "\r\n" : "\xFF");
    }
    return list;
}
inline std::string joined(const std::vector<std::string>& list) {
    std::string text;
    for (const std::string& one : list) text += one;
    return text;
}

}  // namespace characters
