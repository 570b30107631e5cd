#pragma once
// JSON by the grammar of RFC 8259, written from it and not from the library: what is asked whether a text is one.
#include "script.hpp"

namespace fuzz {

class JsonGrammar {
public:
    // The depth is that of the library, which counts the containers that are open.
    static constexpr int max_depth = 128;

    explicit JsonGrammar(Bytes text) : at_(text.data), end_(text.data + text.size) {}
    bool is_text() {
        if (!value(0)) return false;
        blanks();
        return at_ == end_;
    }
    bool is_number() { return number() && at_ == end_; }

private:
    bool is(char c) {
        if (at_ == end_ || *at_ != c) return false;
        ++at_;
        return true;
    }
    bool is_digit() const { return at_ != end_ && *at_ >= '0' && *at_ <= '9'; }
    bool is_hex() const {
        return is_digit() || (at_ != end_ && ((*at_ >= 'a' && *at_ <= 'f') || (*at_ >= 'A' && *at_ <= 'F')));
    }
    void blanks() {
        while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
    }
    bool digits() {
        if (!is_digit()) return false;
        while (is_digit()) ++at_;
        return true;
    }
    bool number() {
        is('-');
        if (!is('0') && !digits()) return false;
        if (is('.') && !digits()) return false;
        if (!is('e') && !is('E')) return true;
        if (!is('+')) is('-');
        return digits();
    }
    bool string() {
        if (!is('"')) return false;
        while (!is('"')) {
            if (at_ == end_ || static_cast<unsigned char>(*at_) < 0x20) return false;
            if (*at_++ != '\\') continue;
            if (is('u')) {
                for (int i = 0; i != 4; ++i, ++at_)
                    if (!is_hex()) return false;
            } else if (at_ == end_ || *at_ == '\0' || !strchr("\"\\/bfnrt", *at_++)) {
                return false;
            }
        }
        return true;
    }
    bool word(const char* text) {
        while (*text != '\0')
            if (!is(*text++)) return false;
        return true;
    }
    bool value(int depth) {
        blanks();
        if (at_ == end_) return false;
        if (*at_ == '"') return string();
        if (*at_ == 't') return word("true");
        if (*at_ == 'f') return word("false");
        if (*at_ == 'n') return word("null");
        const bool is_object = *at_ == '{';
        if (!is_object && *at_ != '[') return number();
        ++at_;
        if (++depth > max_depth) return false;
        const char last = is_object ? '}' : ']';
        blanks();
        if (is(last)) return true;
        do {
            blanks();
            if (is_object) {
                if (!string()) return false;
                blanks();
                if (!is(':')) return false;
            }
            if (!value(depth)) return false;
            blanks();
        } while (is(','));
        return is(last);
    }

    const char* at_;
    const char* const end_;
};

}  // namespace fuzz
