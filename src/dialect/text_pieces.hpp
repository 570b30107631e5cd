#pragma once
// A text on its way to the user: decoded where it lies, always valid UTF-8, whatever the server cut in two.
#include "../json/unescape.hpp"
#include "event.hpp"
#include "quirks.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// Whose text it is: a surrogate pair is joined only within one of these.
struct TextOwner {
    EventKind kind = EventKind::started;
    int32_t choice = 0;
    int32_t tool_index = 0;

    bool operator==(const TextOwner& other) const noexcept {
        return kind == other.kind && choice == other.choice && tool_index == other.tool_index;
    }
};

class TextPieces {
public:
    constexpr TextPieces() noexcept = default;

    // A string begins at `at`: the inside of a JSON string (escapes), or raw JSON text.
    void begin(const TextOwner& owner, char* at, bool escapes) noexcept {
        owner_ = owner;
        escapes_ = escapes;
        is_first_ = is_open_ = true;
        is_complete_ = is_plain_ = owes_end_ = false;
        at_ = end_ = at;
    }
    // More of it is there: up to `end`, writable. complete: the string ends there.
    void extend(char* end, bool complete) noexcept {
        end_ = end;
        is_complete_ = complete;
    }
    // The whole string is there, and no byte of it is an escape or above ASCII.
    void set_plain() noexcept { is_plain_ = true; }
    // What was not read of it has moved.
    void rebase(char* at) noexcept {
        end_ = at + (end_ - at_);
        at_ = at;
    }
    bool is_open() const noexcept { return is_open_; }  // a string has begun and was not handed out to its end
    const TextOwner& owner() const noexcept { return owner_; }
    char* unread() const noexcept { return at_; }
    char* end() const noexcept { return end_; }

    // The next piece; false when there is none (now, or any more: is_open() tells). more: the string goes on.
    bool next(StringView& piece, bool& more, Quirks& quirks) noexcept {
        while (is_open_) {
            if (at_ == end_ && !is_complete_ && !owes_replacement_) return false;
            const bool is_end = at_ == end_ && is_complete_;  // of an empty string, or of one that was said to go on
            if (is_first_ && held_count_ != 0 && !meet_held_half(quirks)) return false;
            is_first_ = false;
            if (owes_replacement_) {
                owes_replacement_ = false;
                piece = utf8::replacement;
            } else if (OPENAI_STREAM_LIKELY(is_plain_)) {
                piece = StringView(at_, static_cast<size_t>(end_ - at_));
                at_ = end_;
            } else {
                decode(piece, quirks);
            }
            more = is_open_ = owes_replacement_ || at_ != end_ || !is_complete_;
            const bool owes_end = owes_end_;
            owes_end_ = more;
            if (!piece.empty() || is_end || (owes_end && !more)) return true;
            owes_end_ = owes_end;
            if (!owes_replacement_) return false;  // cut within an escape, or ended in a half that is held back
        }
        return false;
    }

    // A half that was held back for `choice` (-1: any) and whose other half never came; false when there is none.
    bool release(int32_t choice, TextOwner& owner, Quirks& quirks) noexcept {
        for (unsigned index = 0; index != held_count_; ++index) {
            if (choice >= 0 && held_[index].owner.choice != choice) continue;
            owner = held_[index].owner;
            drop(index);
            quirks.add(Quirk::lone_surrogate);
            return true;
        }
        return false;
    }

private:
    struct Held {
        TextOwner owner;
        uint16_t half = 0;
    };
    // Halves held back at a time, over all choices and kinds; one more becomes U+FFFD.
    static constexpr unsigned max_held = 4;

    void drop(unsigned index) noexcept { held_[index] = held_[--held_count_]; }

    // At the beginning of a string whose predecessor may have ended in half a pair. False: more bytes are needed to
    // tell.
    bool meet_held_half(Quirks& quirks) noexcept {
        for (unsigned index = 0; index != held_count_; ++index) {
            if (!(held_[index].owner == owner_)) continue;
            if (!is_complete_ && end_ - at_ < 6 && (at_ == end_ || *at_ == '\\')) return false;
            if (at_ == end_) return true;  // an empty string decides nothing
            const uint32_t low = escapes_ ? json::escaped_unit(at_, end_) : 0;
            if (json::is_low_surrogate(low)) {
                joined_ = json::join_surrogates(held_[index].half, low);
                is_plain_ = false;
            } else {
                owes_replacement_ = true;
                quirks.add(Quirk::lone_surrogate);
            }
            drop(index);
            return true;
        }
        return true;
    }

    void decode(StringView& piece, Quirks& quirks) noexcept {
        char* const begin = at_;
        char* out = begin;
        if (joined_ != 0) {  // six bytes of escape become four of UTF-8
            out = utf8::append(out, joined_);
            at_ += 6;
            joined_ = 0;
        }
        json::Unescaper decoder{at_, end_, out, is_complete_, escapes_};
        const json::Stop stop = decoder.run();
        piece = StringView(begin, static_cast<size_t>(decoder.out - begin));
        at_ = begin + (decoder.at - begin);
        if (decoder.was_lone) quirks.add(Quirk::lone_surrogate);
        if (stop == json::Stop::bad_byte) {
            owes_replacement_ = true;
            quirks.add(Quirk::bad_utf8);
        } else if (stop == json::Stop::high_half) {
            if (held_count_ != max_held) {
                held_[held_count_++] = {owner_, decoder.half};
            } else {
                owes_replacement_ = true;
                quirks.add(Quirk::lone_surrogate);
            }
        }
    }

    char* at_ = nullptr;  // not decoded yet
    char* end_ = nullptr;
    uint32_t joined_ = 0;  // the code point that begins this string, its first half having ended the one before
    uint8_t held_count_ = 0;
    bool is_open_ = false;
    bool is_first_ = false;  // nothing of this string was handed out
    bool is_complete_ = false;
    bool is_plain_ = false;
    bool escapes_ = false;
    bool owes_replacement_ = false;
    bool owes_end_ = false;  // the last piece said that the string goes on
    TextOwner owner_;
    Held held_[max_held] = {};
};

}  // namespace dialect

OPENAI_STREAM_END
