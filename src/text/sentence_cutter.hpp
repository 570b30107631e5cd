#pragma once
// Sentences while they arrive: a program that speaks sends each to its voice as soon as it is over, and not half of
// one. Words likewise, for captions.
//
// Given: text in pieces, memory for a sentence. Gives: the same bytes, a sentence or word at a time. A sentence ends
//   after . ! ? and the ellipsis, with the quotes and brackets after them, if white space follows and then anything
//     but a small letter of ASCII;
//   after the stops of Chinese and Japanese, whatever follows;
//   at the end of a line, whatever stands there (titles and lists have no stops).
// It does not end after the dot of an abbreviation of the table, of single letters (J. R. R., e.g.) or of a number that
// is all of the sentence so far (a list); 3.14 and main.cpp have no white space. Not covered: ordinals ("am 3. Mai"),
// stops of other scripts, small letters beyond ASCII, an abbreviation that does end its sentence.
#include "../base/ascii.hpp"
#include "../base/buffer.hpp"
#include "../base/words.hpp"
#include "columns.hpp"

OPENAI_STREAM_BEGIN

// What SentenceCutter::next() delivers. Valid until the next call that is not const.
struct SentencePiece {
    StringView text;    // with the white space after the sentence, or before the word
    bool more = false;  // it did not fit into the memory, and goes on
};

// Words before a dot that ends no sentence; with '#' only if a digit follows ("No. 5", but "No."). A NUL stands after
// each, two after the last one.
inline constexpr char abbreviations[] =
    "Mr\0Mrs\0Ms\0Dr\0Prof\0St\0Mt\0Sr\0Jr\0Rev\0Hon\0Gen\0Col\0Lt\0Capt\0Sgt\0vs\0cf\0Hr\0Fr\0bzw\0Mme\0Mlle\0"
    "No#\0no#\0Nr#\0nr#\0Vol#\0vol#\0Fig#\0fig#\0pp#\0ca#\0approx#\0Bd#\0Abs#\0";

class SentenceCutter {
public:
    enum class Unit : uint8_t {
        sentence,
        word,  // with the white space before it; each character of Chinese, Japanese and Korean is one
    };
    static constexpr size_t min_memory_bytes = 16;

    // Neither is owned; the words are a list as `abbreviations` is. With less than min_memory_bytes nothing is
    // delivered.
    constexpr explicit SentenceCutter(Buffer memory, Unit unit = Unit::sentence,
                                      const char* words = abbreviations) noexcept
        : memory_(memory), words_(words), unit_(unit) {}

    // The text goes on. Not owned: it must stay until next() has returned false. What was not fetched by next() before
    // is passed over.
    void feed(StringView text) noexcept {
        SentencePiece unwanted;
        while (next(unwanted)) {}
        rest_ = text;
    }
    // The text has ended: next() delivers what waits.
    void finish() noexcept { is_finished_ = true; }

    // Returns false if no sentence is over: feed() more.
    bool next(SentencePiece& piece) noexcept {
        if (memory_.size < min_memory_bytes) return false;
        if (released_ != 0 && held_ != released_) memmove(memory_.data, memory_.data + released_, held_ - released_);
        held_ -= released_;
        read_ -= released_;
        stop_ -= released_;
        released_ = 0;
        while (true) {
            while (read_ != held_) {
                const utf8::Sequence sequence = utf8::sequence_at(memory_.data + read_, memory_.data + held_);
                if (sequence.incomplete && !(is_finished_ && rest_.empty())) break;
                const uint32_t c =
                    sequence.valid ? detail::text::decode(memory_.data + read_, sequence.length) : 0xFFFD;
                const bool is_end = unit_ == Unit::word ? ends_word(c) : ends_sentence(c);
                const size_t end = read_;
                read_ += sequence.length;
                if (is_end && end != 0) return release(piece, end, false);
            }
            if (held_ == memory_.size) return cut(piece);
            if (rest_.empty()) return is_finished_ && held_ != 0 && release(piece, held_, false);
            memory_.data[held_++] = rest_[0];
            rest_ = rest_.drop(1);
        }
    }

private:
    enum class State : uint8_t {
        begin,    // nothing but white space was read
        inside,
        stopped,  // a stop was read, and quotes
        spaced,   // and white space
        line,     // a line has ended
    };

    static bool is_line_end(uint32_t c) noexcept { return c == '\n' || c == '\r'; }
    static bool is_blank(uint32_t c) noexcept { return c == ' ' || c == '\t' || is_line_end(c); }
    static bool is_east_asian_stop(uint32_t c) noexcept {
        return c == 0x3002 || c == 0xFF01 || c == 0xFF1F || c == 0xFF61 || c == 0xFF0E;
    }
    static bool is_stop(uint32_t c) noexcept {
        return c == '.' || c == '!' || c == '?' || c == 0x2026 || is_east_asian_stop(c);
    }
    // Quotes and brackets that close, and what Markdown puts around words.
    static bool is_closer(uint32_t c) noexcept {
        return c == '"' || c == '\'' || c == '*' || c == '_' || c == '`' ||
               (c != ',' && c != ':' && c != ';' && detail::text::is_in(detail::text::closing, c));
    }
    static bool is_letter(char c) noexcept { return ascii::to_lower(c) >= 'a' && ascii::to_lower(c) <= 'z'; }

    // A code point comes at read_. Returns true if a sentence has ended before it.
    bool ends_sentence(uint32_t c) noexcept {
        switch (state_) {
            case State::stopped:
                if (is_stop(c)) {
                    is_dot_ = false;
                    is_east_asian_ = is_east_asian_ || is_east_asian_stop(c);
                } else if (is_line_end(c)) {
                    state_ = State::line;
                } else if (is_blank(c)) {
                    is_before_number_ = false;
                    state_ = is_dot_ && is_abbreviation() ? State::inside : State::spaced;
                } else if (!is_closer(c)) {
                    if (is_east_asian_) return begin_next(c);
                    state_ = State::inside;
                }
                return false;
            case State::spaced:
                if (is_line_end(c)) state_ = State::line;
                else if (is_blank(c)) return false;
                else if (is_east_asian_ || !goes_on_with(c)) return begin_next(c);
                else state_ = State::inside;
                return false;
            case State::line: return !is_blank(c) && begin_next(c);
            case State::begin:
                if (is_blank(c)) return false;
                state_ = State::inside;
                break;
            case State::inside: break;
        }
        if (is_line_end(c)) state_ = State::line;
        if (!is_stop(c)) return false;
        state_ = State::stopped;
        stop_ = read_;
        is_dot_ = c == '.';
        is_east_asian_ = is_east_asian_stop(c);
        return false;
    }
    bool goes_on_with(uint32_t c) const noexcept {
        return (c >= 'a' && c <= 'z') || (is_before_number_ && c >= '0' && c <= '9');
    }
    // It is the first one of the next sentence.
    bool begin_next(uint32_t c) noexcept {
        state_ = State::begin;
        static_cast<void>(ends_sentence(c));
        return true;
    }
    bool ends_word(uint32_t c) noexcept {
        const bool joins = rule_.joins(c);
        const bool is_wide = detail::text::is_wide(c) || detail::text::is_wide(last_);
        const bool is_end =
            state_ != State::begin && !joins && (is_blank(c) || (is_wide && detail::text::may_break(last_, c)));
        if (is_end) state_ = State::begin;
        if (!is_blank(c)) state_ = State::inside;
        if (!joins) last_ = c;
        return is_end;
    }

    // The dot at stop_ ends no sentence. Returns false, too, if that depends on what follows (is_before_number_).
    bool is_abbreviation() noexcept {
        const char* const end = memory_.data + stop_;
        const char* begin = end;
        while (begin != memory_.data && !is_blank(static_cast<unsigned char>(begin[-1]))) --begin;
        bool is_number = begin != end;
        for (const char* at = begin; at != end; ++at) is_number = is_number && ascii::is_digit(*at);
        const char* before = begin;
        while (before != memory_.data && is_blank(static_cast<unsigned char>(before[-1]))) --before;
        if (is_number) return before == memory_.data;
        while (begin != end && !is_letter(*begin) && static_cast<unsigned char>(*begin) < 0x80) ++begin;
        bool is_single = begin != end;  // letters with dots between them
        for (const char* at = begin; at != end; ++at)
            is_single = is_single && ((at - begin) % 2 == 0 ? is_letter(*at) : *at == '.');
        if (is_single) return true;  // the last one is a letter: of two dots the first is the stop
        const StringView found(begin, static_cast<size_t>(end - begin));
        for (const char* entry = words_; *entry != '\0'; entry += detail::words::length(entry) + 1) {
            StringView known(entry, detail::words::length(entry));
            const bool is_before_number = known[known.size() - 1] == '#';
            if (is_before_number) known = known.take(known.size() - 1);
            if (!(known == found)) continue;
            is_before_number_ = is_before_number;
            return !is_before_number;
        }
        return false;
    }

    bool release(SentencePiece& piece, size_t count, bool more) noexcept {
        released_ = count;
        if (stop_ < count) is_dot_ = false;  // what stands before it leaves
        piece.text = StringView(memory_.data, count);
        piece.more = more;
        return true;
    }
    // The memory is full: the last words that fit leave, or else all whole code points.
    bool cut(SentencePiece& piece) noexcept {
        const bool more = state_ == State::inside || state_ == State::stopped;
        size_t count = read_;
        while (more && count != 0 && !is_blank(static_cast<unsigned char>(memory_.data[count - 1]))) --count;
        if (count == 0) count = read_;
        if (!more) state_ = State::begin;
        return release(piece, count, more);
    }

    Buffer memory_;
    const char* words_;
    StringView rest_;      // of the input
    size_t held_ = 0;      // bytes in memory_
    size_t read_ = 0;      // of them, whose end is known
    size_t stop_ = 0;      // where the stop stands
    size_t released_ = 0;  // so many bytes were delivered
    Unit unit_;
    State state_ = State::begin;
    bool is_dot_ = false;            // the stop is a dot alone
    bool is_before_number_ = false;  // it belongs to the number that follows, if one does
    bool is_east_asian_ = false;  // the stop ends a sentence whatever follows
    bool is_finished_ = false;
    detail::text::CharacterRule rule_;  // of words
    uint32_t last_ = 0;                 // the first code point of the last character
};

OPENAI_STREAM_END
