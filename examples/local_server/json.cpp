#include "json.hpp"

#include "errors.hpp"
#include "limits.hpp"
#include "text.hpp"

#include <algorithm>
#include <cstdio>

namespace local_server {
namespace {

// One pass from the first byte to the last, by recursive descent: a function for each rule of the grammar. Depth and
// number of values are limited, so that neither the stack nor the memory depends on the client.
class JsonReader {
public:
    explicit JsonReader(std::string_view text) : text_(text) {}

    Json read() {
        Json root = value(0);
        expect(at_ == text_.size(), "the end");
        return root;
    }

private:
    void expect(bool met, const char* expected) const {
        if (met) return;
        const std::string place = std::string(expected) + " at byte " + std::to_string(at_);
        throw ApiError{400, "The body is not valid JSON: expected " + place + '.', "invalid_json"};
    }

    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

    // Returns false if the text goes on with something else.
    bool skip(std::string_view wanted) {
        if (text_.substr(at_, wanted.size()) != wanted) return false;
        at_ += wanted.size();
        return true;
    }

    void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }

    // A value and the white space around it.
    Json value(size_t depth) {
        expect(depth < max_json_depth, "less nesting");
        expect(++values_ <= max_json_values, "fewer values");
        Json result;
        skip_space();
        if (skip("{")) {
            result.kind = Json::Kind::object;
            read_items(result, depth, "}");
        } else if (skip("[")) {
            result.kind = Json::Kind::array;
            read_items(result, depth, "]");
        } else if (skip("\"")) {
            result.kind = Json::Kind::string;
            result.text = rest_of_string();
        } else if (peek() == '-' || is_digit(peek())) {
            result.kind = Json::Kind::number;
            result.text = number();
        } else if ((result.truth = skip("true")) || skip("false")) {
            result.kind = Json::Kind::boolean;
        } else {
            expect(skip("null"), "a value");
        }
        skip_space();
        return result;
    }

    void read_items(Json& parent, size_t depth, const char* close) {
        skip_space();
        if (skip(close)) return;
        do {
            if (parent.kind == Json::Kind::object) {
                skip_space();
                expect(skip("\""), "a member's name");
                parent.keys.push_back(rest_of_string());
                skip_space();
                expect(skip(":"), "':'");
            }
            parent.items.push_back(value(depth + 1));
        } while (skip(","));
        expect(skip(close), "',' or the closing bracket");
    }

    // [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ("e" / "E") [ "+" / "-" ] 1*digit ]
    std::string number() {
        const size_t start = at_;
        skip("-");
        if (!skip("0")) skip_digits();
        if (skip(".")) skip_digits();
        if (skip("e") || skip("E")) {
            if (!skip("+")) skip("-");
            skip_digits();
        }
        return std::string(text_.substr(start, at_ - start));
    }

    void skip_digits() {
        expect(is_digit(peek()), "a digit");
        while (is_digit(peek())) ++at_;
    }

    std::string rest_of_string() {
        std::string result;
        while (!skip("\"")) {
            expect(at_ < text_.size(), "'\"'");
            if (skip("\\")) {
                append_utf8(result, escape());
                continue;
            }
            const CodePoint next = decode_utf8(text_.substr(at_));
            expect(next.size > 0 && next.value >= 0x20, "UTF-8 without control characters");
            result.append(text_, at_, next.size);
            at_ += next.size;
        }
        return result;
    }

    // What follows a backslash. Two surrogates are one code point; a lone one becomes U+FFFD.
    char32_t escape() {
        constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
        if (skip("u")) {
            const char32_t first = four_hex_digits();
            if (first < 0xD800 || first > 0xDFFF) return first;
            const size_t after_first = at_;
            const char32_t second = first < 0xDC00 && skip("\\u") ? four_hex_digits() : 0;
            if (second >= 0xDC00 && second <= 0xDFFF) return 0x10000 + (first - 0xD800) * 0x400 + (second - 0xDC00);
            at_ = after_first;
            return 0xFFFD;
        }
        const size_t which = letters.find(peek());
        expect(which != letters.npos, "an escape");
        ++at_;
        return static_cast<char32_t>(meanings[which]);
    }

    char32_t four_hex_digits() {
        char32_t value = 0;
        for (const size_t end = at_ + 4; at_ < end; ++at_) {
            expect(hex_value(peek()) < 16, "four hexadecimal digits");
            value = value * 16 + hex_value(peek());
        }
        return value;
    }

    const std::string_view text_;
    size_t at_ = 0;
    size_t values_ = 0;
};

}  // namespace

const Json& Json::operator[](std::string_view key) const {
    static const Json none;
    for (size_t at = keys.size(); at > 0; --at)
        if (keys[at - 1] == key) return items[at - 1];
    return none;
}

Json read_json(std::string_view text) { return JsonReader(text).read(); }

std::string quote(std::string_view text) {
    std::string out = "\"";
    const auto escape = [&out](char32_t unit) {
        char digits[8];
        snprintf(digits, sizeof digits, "\\u%04x", static_cast<unsigned>(unit & 0xFFFF));
        out += digits;
    };
    while (!text.empty()) {
        const CodePoint next = decode_utf8(text);
        if (next.value >= 0x10000) {
            escape(0xD800 + (next.value - 0x10000) / 0x400);
            escape(0xDC00 + (next.value - 0x10000) % 0x400);
        } else if (next.value >= 0x800 || next.value < 0x20) {
            escape(next.size > 0 ? next.value : 0xFFFD);
        } else {
            if (next.value == '"' || next.value == '\\') out += '\\';
            out += text.substr(0, next.size);
        }
        text.remove_prefix(std::max<size_t>(next.size, 1));
    }
    return out + '"';
}

std::string quote_or_null(std::string_view text) { return text.empty() ? "null" : quote(text); }

}  // namespace local_server
