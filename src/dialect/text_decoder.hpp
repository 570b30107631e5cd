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

class TextDecoder {
public:
    constexpr TextDecoder() noexcept = default;

    // A string begins at `at`: the inside of a JSON string (escapes), or raw JSON text.
    void begin(const TextOwner& owner, char* at, bool escapes) noexcept {
        owner_ = owner;
        in_.at = in_.end = at;
        in_.last = false;
        in_.escapes = escapes;
        is_first_ = is_open_ = true;
        is_plain_ = end_pending_ = false;
    }
    // More of it is there: up to `end`, writable. complete: the string ends there.
    void extend(const char* end, bool complete) noexcept {
        in_.end = end;
        in_.last = complete;
    }
    // The whole string is there, and no byte of it is an escape or above ASCII.
    void set_plain() noexcept {
        if (!detail::is_small_build) is_plain_ = true;
    }
    // What was not read of it has moved.
    void rebase(char* at) noexcept {
        in_.end = at + (in_.end - in_.at);
        in_.at = at;
    }
    bool holds_half() const noexcept { return held_count_ != 0; }  // of a pair whose other half may come
    bool is_open() const noexcept { return is_open_; }  // a string has begun and was not delivered to its end
    const TextOwner& owner() const noexcept { return owner_; }
    char* unread() const noexcept { return const_cast<char*>(in_.at); }  // begin() was given char*
    const char* end() const noexcept { return in_.end; }

    // Finds the next piece(). Returns false if there is none, now (is_open()) or any more. If it is open after a piece,
    // the string goes on.
    OPENAI_STREAM_NOINLINE bool next(Quirks& quirks) noexcept {
        while (is_open_) {
            const bool is_empty = in_.at == in_.end;
            if (is_empty && !in_.last && !replacement_pending_) return false;
            if (is_first_ && held_count_ != 0 && !join_surrogate(quirks)) return false;
            is_first_ = false;
            if (replacement_pending_) {
                replacement_pending_ = false;
                piece_ = utf8::replacement;
            } else if (!detail::is_small_build && OPENAI_STREAM_LIKELY(is_plain_)) {
                piece_ = StringView(in_.at, static_cast<size_t>(in_.end - in_.at));
                in_.at = in_.end;
            } else {
                decode(quirks);
            }
            is_open_ = replacement_pending_ || in_.at != in_.end || !in_.last;
            // An empty piece says something only at the end of an empty string, or of one that was said to go on.
            if (!piece_.empty() || (!is_open_ && (is_empty || end_pending_))) {
                end_pending_ = is_open_;
                return true;
            }
            if (!replacement_pending_) return false;  // cut within an escape, or ended in a half that is held back
        }
        return false;
    }
    // Valid UTF-8, where it lies.
    StringView piece() const noexcept { return piece_; }

    // A half that was held back for `choice` (-1: any) and whose other half never came becomes a string of its own:
    // U+FFFD, to be delivered by next(). Returns false if there is none.
    bool release(int32_t choice, Quirks& quirks) noexcept {
        for (unsigned index = 0; index != held_count_; ++index) {
            if (choice >= 0 && held_[index].owner.choice != choice) continue;
            owner_ = held_[index].owner;
            in_.at = in_.end;
            in_.last = is_open_ = true;
            is_first_ = end_pending_ = false;
            drop(index);
            add_replacement(quirks);
            return true;
        }
        return false;
    }

    // The same of one kind of text.
    bool release(EventKind kind, Quirks& quirks) noexcept {
        for (unsigned index = 0; index != held_count_; ++index) {
            if (held_[index].owner.kind != kind) continue;
            const PendingSurrogate found = held_[index];
            held_[index] = held_[0];
            held_[0] = found;
            return release(-1, quirks);
        }
        return false;
    }

private:
    struct PendingSurrogate {
        TextOwner owner;
        uint32_t half = 0;
    };
    // Halves held back at a time, over all choices and kinds; one more becomes U+FFFD.
    static constexpr unsigned max_held = 4;

    OPENAI_STREAM_NOINLINE void drop(unsigned index) noexcept { held_[index] = held_[--held_count_]; }
    void add_replacement(Quirks& quirks) noexcept {
        replacement_pending_ = true;
        quirks.add(Quirk::lone_surrogate);
    }

    // At the beginning of a string whose predecessor may have ended in half a pair. Returns false if more bytes are
    // needed to tell.
    bool join_surrogate(Quirks& quirks) noexcept {
        for (unsigned index = 0; index != held_count_; ++index) {
            if (!(held_[index].owner == owner_)) continue;
            const auto count = in_.end - in_.at;
            if (!in_.last && count < 6 && (count == 0 || *in_.at == '\\')) return false;
            if (count == 0) return true;  // an empty string decides nothing
            if (in_.escapes && json::is_low_surrogate(json::escaped_unit(in_.at, in_.end))) {
                in_.half = held_[index].half;
                is_plain_ = false;
            } else {
                add_replacement(quirks);
            }
            drop(index);
            return true;
        }
        return true;
    }

    void decode(Quirks& quirks) noexcept {
        char* const begin = in_.out = unread();
        const json::Stop stop = in_.run();
        piece_ = StringView(begin, static_cast<size_t>(in_.out - begin));
        bool is_lone = in_.was_lone;
        in_.was_lone = false;
        if (stop == json::Stop::bad_byte) {
            replacement_pending_ = true;
            quirks.add(Quirk::bad_utf8);
        } else if (stop == json::Stop::high_half) {
            if (held_count_ != max_held) held_[held_count_++] = {owner_, in_.half};
            else replacement_pending_ = is_lone = true;
            in_.half = 0;
        }
        if (is_lone) quirks.add(Quirk::lone_surrogate);
    }

    uint8_t held_count_ = 0;
    bool is_open_ = false;
    bool is_first_ = false;  // nothing of this string was delivered
    bool is_plain_ = false;
    bool replacement_pending_ = false;
    bool end_pending_ = false;  // the last piece said that the string goes on
    // All of a fresh one is zero; begin() sets the rest.
    static constexpr json::Unescaper nothing() noexcept {
        json::Unescaper in;
        in.last = in.escapes = false;
        return in;
    }

    json::Unescaper in_ = nothing();  // what was not decoded yet
    StringView piece_;
    TextOwner owner_;
    PendingSurrogate held_[max_held] = {};
};

}  // namespace dialect

OPENAI_STREAM_END
