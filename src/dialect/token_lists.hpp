#pragma once
// Log probabilities of legacy completions lie in lists beside each other: {"tokens":["a",...],
// "token_logprobs":[-1,...],"top_logprobs":[{"a":-1,...},...]}. In an event that is there as a whole they are passed
// over, and told token by token when all are there. In one that is not, each list is told where it stands.
#include "document_reader.hpp"
#include "extra_event_tables.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class TokenLists {
public:
    static constexpr bool is_list(unsigned context) noexcept {
        return context >= chat_tokens && context <= chat_token_tops;
    }
    // The row of what stands in one of them; null: none.
    static const json::TableRow* row_in(unsigned context) noexcept {
        return is_list(context) ? &token_list_rows[context - chat_tokens] : nullptr;
    }

    // A list that begins before `at` is passed over; all of it is there when complete() comes.
    void pass_over(unsigned context, char* at) noexcept { lists_[context - chat_tokens] = at; }
    void complete(ValueStore& values) noexcept {
        values.forget(call_values);  // a token without a number was the last one
        is_complete_ = true;
    }
    // What stands in a list that is not passed over was read.
    void take(DocumentReader& reader, unsigned target, bool is_text) noexcept {
        const json::Scanner& token = reader.paths.token();
        if (is_text != (target == list_token)) return;
        if (target != list_top) reader.values.forget(call_values);
        const Value value(DocumentReader::writable(token.begin()), token.end(), 0);
        reader.values.keep(is_text ? value_tool_type : value_tool_name, value);
        told_ = target == list_top ? EventKind::top_logprob : EventKind::logprob;
    }

    // The next one to be told: as what, with values for it. Returns false if there is none.
    bool next(ValueStore& values, EventKind& kind) noexcept {
        kind = told_;
        told_ = EventKind::started;
        if (kind != EventKind::started) return true;
        while (is_complete_) {
            if (top_) {
                char* const key = element_at(top_);
                char* const value = key ? element_at(end_of(key)) : nullptr;
                top_ = value ? end_of(value) : nullptr;
                kind = EventKind::top_logprob;
                if (value && is_number(*value) && keep(values, key, value)) return true;
                continue;
            }
            char* elements[count] = {};
            for (unsigned list = 0; list != count; ++list) {
                if (lists_[list]) elements[list] = element_at(lists_[list]);
                lists_[list] = elements[list] ? end_of(elements[list]) : nullptr;
            }
            top_ = elements[2] && *elements[2] == '{' ? elements[2] + 1 : nullptr;
            is_complete_ = elements[0] || elements[1] || elements[2];
            kind = EventKind::logprob;
            if (keep(values, elements[0], elements[1])) return true;
        }
        return false;
    }

private:
    static constexpr unsigned count = chat_token_tops - chat_tokens + 1;

    // The JSON text has been read: it is valid, and nothing in it is cut.
    // What comes after `at` in a list, or a key or a value in an object; null: nothing.
    static char* element_at(char* at) noexcept {
        while (static_cast<unsigned char>(*at) <= ' ' || *at == ',' || *at == ':') ++at;
        return *at == ']' || *at == '}' ? nullptr : at;
    }
    static char* end_of(char* at) noexcept {
        unsigned depth = 0;
        do {
            const char c = *at++;
            if (c == '"') {
                for (; *at != '"'; ++at) at += *at == '\\';
                ++at;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if (c == '}' || c == ']') {
                --depth;
            }
        } while (depth != 0 || (at[-1] != '"' && at[-1] != '}' && at[-1] != ']' && !ends_literal(*at)));
        return at;
    }
    static bool ends_literal(char c) noexcept {
        return static_cast<unsigned char>(c) <= ' ' || c == ',' || c == '}' || c == ']';
    }
    static bool is_number(char c) noexcept { return c == '-' || ascii::is_digit(c); }
    static bool keep(ValueStore& values, char* token, char* digits) noexcept {
        const bool has_token = token && *token == '"';
        const bool has_digits = digits && is_number(*digits);
        if (has_token) values.keep(value_tool_type, Value(token + 1, end_of(token) - 1, 0));
        if (has_digits) values.keep(value_tool_name, Value(digits, end_of(digits), 0));
        return has_token || has_digits;
    }

    char* lists_[count] = {};  // what was not told of each; null: nothing is left
    char* top_ = nullptr;      // the same of the object whose members are told
    bool is_complete_ = false;
    EventKind told_ = EventKind::started;  // logprob, top_logprob: it was read and has not left
};

}  // namespace dialect

OPENAI_STREAM_END
