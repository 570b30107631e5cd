#pragma once
// Lines of so many columns, while the text arrives: a word is shown when it is over, on the next line if it does not
// fit on this one. What was shown never moves.
//
// Given: text in pieces, memory for a word. Gives: the text with line ends ('\n') in place of the blanks at which lines
// are broken. Lines may also be broken after a hyphen and between characters of Chinese, Japanese and Korean (not
// before their stops and closing brackets). A word that is longer than a line is broken where the line ends. Line ends
// of the text stay (CR LF and CR become LF), blanks before them go; a tab counts as one blank.
#include "columns.hpp"
#include "utf8_hold.hpp"

OPENAI_STREAM_BEGIN

class WordWrap {
public:
    static constexpr size_t min_memory_bytes = 64;  // 32 for a character that was cut, the rest for a word

    // Not owned. A word that is longer than the memory less 32 bytes is broken only where a line ends. With less than
    // min_memory_bytes nothing is delivered.
    WordWrap(unsigned columns, Buffer memory) noexcept
        : hold_(memory.size < min_memory_bytes ? Buffer() : Buffer(memory.data, held_bytes)),
          word_(memory.size < min_memory_bytes ? Buffer() : Buffer(memory.data + held_bytes, memory.size - held_bytes)),
          columns_(columns != 0 ? columns : 1) {}

    // The text goes on. Not owned: it must stay until next() has returned false. What was not fetched by next() before
    // is passed over.
    void feed(StringView text) noexcept {
        StringView unwanted;
        while (next(unwanted)) {}
        hold_.feed(text);
    }
    // The text has ended: next() delivers the last word.
    void finish() noexcept {
        is_finished_ = true;
        hold_.finish();
    }

    // Finds the next piece of the lines, never empty, valid until the next call that is not const. Returns false if
    // there is none: feed() more.
    bool next(StringView& piece) noexcept {
        while (true) {
            if (emit_pending(piece)) return true;
            if (rest_.empty() && !hold_.next(rest_)) {
                if (!is_finished_ || word_size_ == 0) return false;
                place_word();
                continue;
            }
            const detail::text::Unit unit = first_of(rest_);
            if (add(unit.code_point, rest_.take(unit.size))) rest_ = rest_.drop(unit.size);
        }
    }

private:
    static constexpr size_t held_bytes = 32;

    // The first character of what hold_ has delivered, which has none that is larger.
    static detail::text::Unit first_of(StringView text) noexcept {
        return detail::text::unit_at(text.begin(), text.take(held_bytes).end(), TextUnit::character,
                             text.size() <= held_bytes);
    }

    // The next pending piece: the end of a line, then blanks, then the word. Returns false if there is none.
    bool emit_pending(StringView& piece) noexcept {
        static constexpr char blanks[] = "                ";
        if (is_line_pending_) {
            is_line_pending_ = false;
            piece = StringView("\n", 1);
            return true;
        }
        if (!is_placed_) return false;
        if (blanks_ != 0) {
            piece = StringView(blanks, sizeof blanks - 1).take(blanks_);
            column_ += static_cast<unsigned>(piece.size());
            blanks_ -= static_cast<unsigned>(piece.size());
            return true;
        }
        if (shown_ == word_size_) {
            is_placed_ = false;
            word_size_ = shown_ = word_columns_ = 0;
            return false;
        }
        piece = take_line();
        return !piece.empty() || emit_pending(piece);
    }
    // As much of the word as has room in the line.
    StringView take_line() noexcept {
        const StringView left(word_.data + shown_, word_size_ - shown_);
        size_t size = 0;
        while (size != left.size()) {
            const detail::text::Unit unit = first_of(left.drop(size));
            const unsigned width = detail::text::columns_of(unit.code_point);
            if (column_ != 0 && column_ + width > columns_) {
                is_line_pending_ = true;
                column_ = 0;
                break;
            }
            column_ += width;
            size += unit.size;
        }
        shown_ += size;
        return left.take(size);
    }

    // One character. Returns false if a word has to be shown before it is read.
    bool add(uint32_t code_point, StringView bytes) noexcept {
        const bool is_line_end = code_point == '\n' || code_point == '\r';
        const bool is_blank = code_point == ' ' || code_point == '\t';
        if (word_size_ != 0 && (is_line_end || is_blank || detail::text::may_break(last_, code_point)))
            return place_word();
        if (is_line_end) {
            is_line_pending_ = true;
            column_ = blanks_ = 0;
        } else if (is_blank) {
            if (blanks_ != columns_) ++blanks_;
        } else {
            if (bytes.size() > word_.size - word_size_) {
                place_word();
                is_glued_ = true;
                return false;
            }
            memcpy(word_.data + word_size_, bytes.data(), bytes.size());
            word_size_ += bytes.size();
            word_columns_ += detail::text::columns_of(code_point);
            last_ = code_point;
        }
        return true;
    }
    // The word is over: it goes into this line or begins the next one. Returns false.
    bool place_word() noexcept {
        if (!is_glued_ && column_ + blanks_ + word_columns_ > columns_) {
            is_line_pending_ = column_ != 0;
            column_ = blanks_ = 0;
        }
        is_glued_ = false;
        is_placed_ = true;
        return false;
    }

    Utf8Hold hold_;
    Buffer word_;
    StringView rest_;  // whole characters
    size_t word_size_ = 0, shown_ = 0;  // bytes of the word, and how many of them were shown
    unsigned columns_;
    unsigned column_ = 0;        // of the line that is being shown
    unsigned blanks_ = 0;        // before the word
    unsigned word_columns_ = 0;
    uint32_t last_ = 0;          // character of the word
    bool is_placed_ = false;     // the word is being shown
    bool is_glued_ = false;      // the word goes on one that was longer than the memory
    bool is_line_pending_ = false;
    bool is_finished_ = false;
};

OPENAI_STREAM_END
