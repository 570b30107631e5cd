#pragma once
// Reasoning that a server left in the content, between tags: <think>...</think>. Most servers take it out and send it
// as EventKind::reasoning; one that was started without its reasoning parser does not, and a program that speaks would
// read the model's thoughts aloud.
//
// Given: the content in pieces cut anywhere, also within a tag, and a table of tags. Gives: the same bytes without the
// tags, each piece marked as reasoning or not. What may be the beginning of a tag waits until that is decided; since it
// is, byte for byte, the beginning of a tag of the table, it is kept nowhere else.
#include "../base/buffer.hpp"

OPENAI_STREAM_BEGIN

// The bytes before and after reasoning. Both static, of 1 to 255 bytes. One that begins within another one's beginning
// and ends there is not found when the rest of the other one does not come.
struct ThinkTags {
    StringView begin, end;
};

// What models write, by the names they are known under.
inline constexpr ThinkTags think_tags[] = {
    {"<think>", "</think>"},            // DeepSeek R1, Qwen 3, GLM, MiniMax and most others
    {"<thinking>", "</thinking>"},      // prompts that ask for it by this name
    {"<thought>", "</thought>"},        // Gemini, over its compatible API
    {"<reasoning>", "</reasoning>"},    // fine-tunes
    {"<seed:think>", "</seed:think>"},  // Seed-OSS
    {"[THINK]", "[/THINK]"},            // Magistral
    {"\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7"},  // Kimi-VL
};

struct ThinkPiece {
    StringView text;  // valid until the next call that is not const, and as long as what was given to feed()
    bool is_reasoning = false;
};

class ThinkSplitter {
public:
    // Where reasoning may begin.
    enum class Begin : uint8_t {
        first,     // only before the answer, after white space at most: an answer may speak about tags
        anywhere,  // also within the answer
        open,      // it has begun: some templates end in the first tag of the table, so that the model only closes it
    };

    // The tags are not owned.
    constexpr explicit ThinkSplitter(Begin begin = Begin::first, Span<const ThinkTags> tags = think_tags) noexcept
        : tags_(tags), begin_(begin), is_inside_(begin == Begin::open) {}

    // The text goes on. Not owned: it must stay until next() has returned false. What was not fetched by next() before
    // is passed over.
    void feed(StringView text) noexcept {
        ThinkPiece unwanted;
        while (next(unwanted)) {}
        rest_ = text;
    }
    // The text has ended: what looked like the beginning of a tag is text, and next() delivers it.
    void finish() noexcept { is_finished_ = true; }

    // Returns false if there is no piece: feed() more.
    bool next(ThinkPiece& piece) noexcept {
        while (true) {
            size_t unmatched = 0;  // bytes of what is held
            if (!rest_.empty()) {
                const StringView plain = rest_.take(held_ == 0 ? plain_size() : 0);
                rest_ = rest_.drop(plain.size());
                if (!plain.empty()) return deliver(piece, plain);
                unmatched = match(rest_[0]);
            } else if (held_ == 0 || !is_finished_) {
                return false;
            } else {
                unmatched = held_;
            }
            if (unmatched != 0) return deliver(piece, release(unmatched));
        }
    }

    // Reasoning has begun, and its end has not come.
    bool is_reasoning() const noexcept { return is_inside_; }

private:
    bool deliver(ThinkPiece& piece, StringView text) const noexcept {
        piece.text = text;
        piece.is_reasoning = is_inside_;
        return true;
    }
    static bool is_blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

    // The tags that count now: the one that ends what is open, else those that begin it.
    StringView tag(size_t index) const noexcept { return is_inside_ ? tags_[index].end : tags_[index].begin; }
    bool counts(size_t index) const noexcept { return is_inside_ ? index == open_ : !is_answer_; }
    // A tag that begins with these bytes and this one; as many as there are if there is none.
    size_t find(StringView bytes, char next) const noexcept {
        size_t index = 0;
        for (; index != tags_.size; ++index) {
            const StringView whole = tag(index);
            if (counts(index) && whole.take(bytes.size()) == bytes && !whole.drop(bytes.size()).empty() &&
                whole[bytes.size()] == next)
                break;
        }
        return index;
    }

    // Bytes up to the first that may begin a tag.
    size_t plain_size() noexcept {
        size_t size = 0;
        if (is_inside_) {
            const char first = tag(open_)[0];
            while (size != rest_.size() && rest_[size] != first) ++size;
            return size;
        }
        for (; size != rest_.size(); ++size) {
            if (find(StringView(), rest_[size]) != tags_.size) return size;
            if (begin_ != Begin::anywhere && !is_blank(rest_[size])) is_answer_ = true;
            if (is_answer_) return rest_.size();
        }
        return size;
    }

    // One byte more. It ends a tag or makes the held beginning of one longer, and is read; or else it is not, and this
    // returns how many of the held bytes begin no tag.
    size_t match(char c) noexcept {
        const StringView held = tag(held_of_).take(held_);
        size_t dropped = 0;
        size_t index = find(held, c);
        if (index != tags_.size) {
            rest_ = rest_.drop(1);
            held_of_ = static_cast<uint8_t>(index);
            if (++held_ != tag(index).size()) return 0;
            held_ = 0;
            open_ = held_of_;
            is_inside_ = !is_inside_;
            return 0;
        }
        if (!is_inside_ && begin_ != Begin::anywhere) is_answer_ = true;
        while (index == tags_.size && dropped != held_) index = find(held.drop(++dropped), c);
        return dropped;
    }
    // So many of the held bytes, which lie in the table. What is left of them begins another tag.
    StringView release(size_t count) noexcept {
        const StringView held = tag(held_of_).take(held_), left = held.drop(count);
        for (size_t index = 0; index != tags_.size; ++index)
            if (counts(index) && tag(index).take(left.size()) == left) held_of_ = static_cast<uint8_t>(index);
        held_ = static_cast<uint8_t>(left.size());
        return held.take(count);
    }

    Span<const ThinkTags> tags_;
    StringView rest_;  // what was not read yet
    Begin begin_;
    bool is_inside_;
    bool is_answer_ = false;  // no reasoning begins any more
    bool is_finished_ = false;
    uint8_t open_ = 0;     // the tags of what is open
    uint8_t held_of_ = 0;  // what waits is the beginning of this one's tag
    uint8_t held_ = 0;     // bytes
};

OPENAI_STREAM_END
