// Emphasis as models write it, while it arrives: **bold**, *slanted*, `code`, blocks of code and # headings become
// styles, and their signs go. What looks like a sign and is none (2 * 3, snake_case) stays. Not all of Markdown:
// everything else is text.
#pragma once

#include "openai_stream.hpp"
#include <string>

class Markdown {
public:
    struct Style {
        bool bold, slanted, code;
    };

    // Text goes on; put(text, style) gets it without the signs. Up to three characters wait for what follows.
    template <class Put> void add(openai_stream::StringView text, Put&& put) {
        for (const char c : text) {
            if (!signs_.empty() && (c != signs_[0] || signs_.size() == 3)) settle(c, put);
            const bool is_sign = c == '`' || (!is_code() && (c == '*' || c == '_' || (c == '#' && is_line_start_)));
            if (is_sign && signs_.size() < 3)
                signs_ += c;
            else
                plain(c, put);
        }
        flush(put);
    }
    // It has ended; the next text begins anew.
    template <class Put> void finish(Put&& put) {
        if (!signs_.empty()) settle('\n', put);
        flush(put);
        *this = Markdown();
    }

private:
    static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t'; }
    static bool is_word(char c) {
        return (c & 0x80) != 0 || (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    }
    bool is_code() const { return has_code_ || has_block_; }

    // The signs before `next` are complete.
    template <class Put> void settle(char next, Put&& put) {
        const std::string signs = signs_;
        signs_.clear();
        const bool may_open = !is_space(next), may_close = !is_space(before_);
        if (signs[0] == '`') {
            if (signs.size() == 3 && (has_block_ || is_line_start_))
                set(has_block_, !has_block_, put), is_info_ = has_block_;
            else if (!has_block_ && signs.size() == 1)
                set(has_code_, !has_code_, put);
            else
                return plain(signs, put);
            return;
        }
        if (signs[0] == '#') {
            if (!is_space(next)) return plain(signs, put);
            set(has_heading_, true, put);
            is_blank_skipped_ = true;
            return;
        }
        const bool is_between = signs[0] == '_' && is_word(before_) && is_word(next);
        bool slanted = (signs.size() & 1) != 0, bold = signs.size() > 1;
        // A sign closes what it has opened, or opens.
        const bool fits = !is_between && (!slanted || (is_slanted_ ? may_close : may_open)) &&
                          (!bold || (is_bold_ ? may_close : may_open));
        if (!fits) return plain(signs, put);
        if (slanted) set(is_slanted_, !is_slanted_, put);
        if (bold) set(is_bold_, !is_bold_, put);
    }
    template <class Put> void plain(openai_stream::StringView text, Put&& put) {
        for (const char c : text) plain(c, put);
    }
    template <class Put> void plain(char c, Put&& put) {
        const bool is_skipped = (is_blank_skipped_ && c == ' ') || is_info_;
        is_blank_skipped_ = false;
        if (c == '\n' && has_heading_) set(has_heading_, false, put);
        if (c == '\n' && before_ == '\n')  // a paragraph ends what is open
            for (bool* part : {&is_bold_, &is_slanted_, &has_code_}) set(*part, false, put);
        if (c == '\n') is_info_ = false;
        if (!is_skipped) text_ += c;
        is_line_start_ = c == '\n' || (is_line_start_ && c == ' ');
        before_ = c;
    }
    template <class Put> void set(bool& part, bool value, Put&& put) {
        flush(put);
        part = value;
    }
    template <class Put> void flush(Put&& put) {
        if (!text_.empty()) put(text_, Style{is_bold_ || has_heading_, is_slanted_, is_code()});
        text_.clear();
    }

    std::string signs_, text_;  // what may be one; what has been read and was not put
    char before_ = '\n';
    bool is_bold_ = false, is_slanted_ = false, has_code_ = false, has_block_ = false, has_heading_ = false;
    bool is_line_start_ = true;
    bool is_info_ = false;           // the words after ``` are not shown
    bool is_blank_skipped_ = false;  // after #
};
