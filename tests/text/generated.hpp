#pragma once
// Texts made up by a generator that notes what it means while it writes: no parser is needed to know what is right.
#include "support/cuts.hpp"

#include <string>
#include <vector>

namespace generated {

// One JSON value, as the generator made it up.
struct Value {
    enum class Kind { object, array, string, other };

    Kind kind = Kind::other;
    std::string text;               // of a string: what it means; of a number or literal: how it is written
    std::vector<std::string> keys;  // of an object: items[n] is called keys[n]
    std::vector<Value> items;
};

// The code points of these are written raw, as escapes, or as pairs of escapes.
struct Character {
    const char* utf8;
    unsigned code;  // a code point; 0xFFFD stands for half of a surrogate pair, too
};
constexpr Character characters[] = {
    {"a", 'a'}, {"b", 'b'}, {"c", 'c'}, {" ", ' '}, {"{", '{'}, {"]", ']'}, {",", ','}, {"\"", '"'}, {"\\", '\\'}, {"/", '/'},
    {"\n", '\n'}, {"\t", '\t'}, {"`", '`'}, {"\xC3\xA9", 0xE9}, {"\xE2\x82\xAC", 0x20AC}, {"\xF0\x9F\x98\x80", 0x1F600},
    {"\xEF\xBF\xBD", 0xFFFD},
};

class Json {
public:
    explicit Json(const std::string& seed) : random_(seed) {}

    // An object or list, three levels deep at most. Names come once in an object.
    Value value(unsigned level = 0) {
        Value made;
        const size_t what = level == 0 ? random_.between(0, 1) : random_.between(0, level == 3 ? 4 : 7);
        const bool is_container = level == 0 || what > 4;
        if (is_container && random_.between(0, 1) == 0) {
            made.kind = Value::Kind::array;
            for (size_t left = random_.between(0, 3); left != 0; --left) made.items.push_back(value(level + 1));
        } else if (is_container) {
            made.kind = Value::Kind::object;
            for (const char* name : {"a", "b", "bc", "caf\xC3\xA9", "a.b"}) {
                if (random_.between(0, 2) == 0) continue;
                made.keys.emplace_back(name);
                made.items.push_back(value(level + 1));
            }
        } else if (what < 3) {
            made.kind = Value::Kind::string;
            for (size_t left = random_.between(0, 7); left != 0; --left)
                made.text += characters[random_.between(0, std::size(characters) - 1)].utf8;
        } else {
            const char* const others[] = {"0", "-1", "14", "0.5", "-12.75e+10", "1E9", "true", "false", "null"};
            made.text = others[random_.between(0, std::size(others) - 1)];
        }
        return made;
    }

    // How it may be written.
    std::string written(const Value& value) {
        std::string text = blank();
        if (value.kind == Value::Kind::string) text += quoted(value.text);
        else if (value.kind == Value::Kind::other) text += value.text;
        else text += value.kind == Value::Kind::object ? '{' : '[';
        for (size_t index = 0; index != value.items.size(); ++index) {
            if (index != 0) text += ',';
            if (value.kind == Value::Kind::object) text += blank() + quoted(value.keys[index]) + blank() + ':';
            text += written(value.items[index]);
        }
        if (value.kind == Value::Kind::object) text += blank() + '}';
        if (value.kind == Value::Kind::array) text += blank() + ']';
        return text + blank();
    }

private:
    std::string blank() {
        const char* const blanks[] = {"", "", "", "", " ", "\n", "\r\n\t"};
        return blanks[random_.between(0, std::size(blanks) - 1)];
    }
    std::string escape(unsigned unit) {
        char text[8];
        std::snprintf(text, sizeof text, random_.between(0, 1) == 0 ? "\\u%04x" : "\\u%04X", unit);
        return text;
    }
    std::string quoted(const std::string& meaning) {
        std::string text = "\"";
        for (size_t at = 0; at != meaning.size();) {
            const Character* found = characters;
            while (meaning.compare(at, std::strlen(found->utf8), found->utf8) != 0) {
                if (++found == std::end(characters)) break;
            }
            if (found == std::end(characters)) {
                text += meaning[at++];
                continue;
            }
            at += std::strlen(found->utf8);
            const size_t how = random_.between(0, 3);
            const unsigned code = found->code;
            if (code == 0xFFFD && how == 0) text += '\xFF';  // an ill-formed byte
            else if (code == 0xFFFD && how == 1) text += escape(0xD83D);  // a half without the other one
            else if (code >= 0x10000 && how < 2) text += escape(0xD83D) + escape(0xDE00);
            else if (code < 0x10000 && how == 2) text += escape(code);
            else if (code == '"' || code == '\\') text += '\\' + std::string(found->utf8);
            else if (code == '\n') text += "\\n";
            else if (code == '\t') text += "\\t";
            else if (code == '/' && how == 1) text += "\\/";
            else text += found->utf8;
            // Halves that could be taken for a pair are kept apart.
            if (code == 0xFFFD && at < meaning.size() && how == 1 && meaning.compare(at, 4, "\xF0\x9F\x98\x80") == 0) {
                text += "\xF0\x9F\x98\x80";
                at += 4;
            }
        }
        return text + '"';
    }

    corpus::Random random_;
};

}  // namespace generated
