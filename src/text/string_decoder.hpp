#pragma once
// The inside of one JSON string that arrives in pieces: its escapes are decoded as far as they have come. What is cut
// within an escape or a code point waits in the caller's memory, at most 11 bytes of it.
#include "../base/buffer.hpp"
#include "../json/scanner.hpp"
#include "../json/unescape.hpp"

OPENAI_STREAM_BEGIN

namespace detail::text {

class StringDecoder {
public:
    static constexpr size_t min_memory_bytes = 16;  // two escapes that make one character, and some room

    // Not owned. At least min_memory_bytes.
    explicit StringDecoder(Buffer memory) noexcept : memory_(memory) {}

    // A string or a piece of one, as the scanner has just read it. Its input must stay until next() has returned false.
    void set_input(const json::Scanner& token) noexcept {
        if (token.is_first()) {
            replacement_pending_ = false;
            held_count_ = 0;
        }
        raw_ = StringView(token.begin(), static_cast<size_t>(token.end() - token.begin()));
        is_plain_ = !token.has_escape() && !token.is_above_ascii();
        is_last_ = token.is_complete();
    }

    // Finds the next piece of text, never empty, valid UTF-8, valid until the next call. Returns false if there is none
    // in what was shown.
    bool next(StringView& decoded) noexcept {
        while (true) {
            if (replacement_pending_) {
                replacement_pending_ = false;
                decoded = utf8::replacement;
                return true;
            }
            if (held_count_ == 0 && is_plain_) {
                decoded = raw_;
                raw_ = StringView();
                return !decoded.empty();
            }
            if (held_count_ == 0 || is_cut_) fill();
            json::Unescaper unescaper(held_, held_ + held_count_, held_);
            unescaper.last = is_last_ && raw_.empty();
            const json::Stop stop = unescaper.run();
            if (stop == json::Stop::high_half) unescaper.out = utf8::append(unescaper.out, 0xFFFD);
            replacement_pending_ = stop == json::Stop::bad_byte;
            is_cut_ = stop == json::Stop::cut;
            decoded = StringView(held_, static_cast<size_t>(unescaper.out - held_));
            held_count_ = static_cast<size_t>(unescaper.end - unescaper.at);
            held_ += unescaper.at - held_;
            if (!decoded.empty()) return true;
            if (!replacement_pending_ && raw_.empty()) return false;
        }
    }
    // All of the string was found.
    bool is_over() const noexcept { return is_last_ && raw_.empty() && held_count_ == 0 && !replacement_pending_; }

private:
    // What is held moves to the front, and more comes after it.
    void fill() noexcept {
        const size_t count = raw_.take(memory_.size - held_count_).size();
        if (held_count_ != 0) memmove(memory_.data, held_, held_count_);
        if (count != 0) memcpy(memory_.data + held_count_, raw_.data(), count);
        raw_ = raw_.drop(count);
        held_ = memory_.data;
        held_count_ += count;
    }

    Buffer memory_;
    StringView raw_;         // what was shown and not copied yet
    char* held_ = nullptr;   // what was copied and not decoded, in memory_
    size_t held_count_ = 0;
    bool is_cut_ = false;    // it is the beginning of an escape or a code point; else it follows a bad byte
    bool is_plain_ = false;
    bool is_last_ = false;
    bool replacement_pending_ = false;
};

}  // namespace detail::text

OPENAI_STREAM_END
