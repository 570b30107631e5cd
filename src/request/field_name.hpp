#pragma once
// Where in a request something stands that cannot be sent, in words a caller finds again: "tools[0].parameters". When a
// request is refused, only numbers and tables are noted, which are static, for the request may be gone when somebody
// asks. The words are made then, and linked only into programs that ask.
#include "../base/ascii.hpp"
#include "../base/pieces.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// The words for the place of a piece, in memory of a fixed size; what does not fit is left out.
class FieldName {
public:
    explicit FieldName(Buffer memory) noexcept : memory_(memory) {}

    // `before`: what stands before the piece, or a name, which is returned. `at`: the cursor before the piece. `rows`,
    // `inner`: the tables of its first level and, below that, of its second; null: not known. Empty if the piece is the
    // whole text.
    StringView name(const char* before, const FieldDescriptor* rows, const FieldDescriptor* inner,
                    const Cursor& at) noexcept {
        const StringView text(before, words::length(before));
        if (*before >= 'a' && *before <= 'z') return up_to_quote(text);  // which a form's row has
        for (unsigned level = 0; level != at.level && rows; ++level, rows = inner) {
            const unsigned step = at.step[level];
            if (rows[step].kind != FieldType::list) continue;  // an object's members count as those of the one it is in
            add_key(list_key(rows, step));
            char digits[20];
            add("[");
            add(ascii::format_decimal(at.index[level + 1], digits));
            add("]");
        }
        if (rows) add_key(text == "," ? StringView("extra_json") : key_in(text));
        return {memory_.data, size_};
    }

private:
    void add(StringView text) noexcept {
        for (const char c : text)
            if (size_ != memory_.size) memory_.data[size_++] = c;
    }
    static StringView up_to_quote(StringView text) noexcept {
        size_t end = 0;
        while (end != text.size() && text[end] != '"') ++end;
        return text.take(end);
    }
    void add_key(StringView key) noexcept {
        if (size_ != 0 && !key.empty()) add(".");
        add(key);
    }
    // The key of the last member in a text that is being written: of `,"messages":[` it is `messages`.
    static StringView key_in(StringView text) noexcept {
        size_t end = text.size();
        while (end > 1 && !(text[end - 1] == ':' && text[end - 2] == '"')) --end;
        if (end < 3) return {};
        size_t begin = end -= 2;
        while (begin != 0 && text[begin - 1] != '"') --begin;
        return text.drop(begin).take(end - begin);
    }
    // A list's key stands in its own row, or in one before it; where that has several words, it is the first.
    static StringView list_key(const FieldDescriptor* rows, unsigned step) noexcept {
        for (++step; step-- != 0;) {
            if (rows[step].kind == FieldType::callback) continue;
            const bool has_words = rows[step].kind == FieldType::enumeration && rows[step].text[0] == '\0';
            const StringView text = has_words ? word(rows[step].text, 1)
                                              : StringView(rows[step].text, words::length(rows[step].text));
            const StringView key = key_in(text);
            if (!key.empty()) return key;
        }
        return {};
    }

    Buffer memory_;
    size_t size_ = 0;
};

}  // namespace detail

OPENAI_STREAM_END
