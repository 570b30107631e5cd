#pragma once
// Most events of an answer differ in two strings only: the text, and perhaps one that nobody reads (random padding).
// The bytes around them are kept; an event that has the same bytes around its strings is read by comparing.
//
// Exact, not a guess: JSON is read byte after byte, so the same bytes up to a string, a valid string, and the same
// bytes after it mean the same as they did the first time.
#include "../base/buffer.hpp"
#include "../json/scanner.hpp"
#include "text_decoder.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class EventTemplate {
public:
    constexpr EventTemplate() noexcept = default;

    // Where the bytes are kept; not owned. Without memory nothing is learned.
    void use(Buffer memory) noexcept {
        memory_ = memory;
        is_known_ = false;
    }

    Buffer memory() const noexcept { return memory_; }

    // The event [begin, end), as it was sent, has made one text and nothing else. `text` is that string, between its
    // quotes; `padding` another one after it that means nothing (size 0 with null data: none).
    void learn(const TextOwner& owner, StringView event, StringView text, StringView padding) noexcept {
        const char* const text_end = text.end() + 1;
        const bool has_padding = padding.data() > text_end;
        const char* const middle_end = has_padding ? padding.data() - 1 : event.end();
        const char* const tail = has_padding ? padding.end() + 1 : event.end();
        prefix_ = static_cast<uint32_t>(text.data() - 1 - event.data());
        middle_ = static_cast<uint32_t>(middle_end - text_end);
        tail_ = static_cast<uint32_t>(event.end() - tail);
        is_known_ = static_cast<size_t>(prefix_) + middle_ + tail_ <= memory_.size;
        if (!is_known_) return;
        owner_ = owner;
        has_padding_ = has_padding;
        memcpy(memory_.data, event.data(), prefix_);
        memcpy(memory_.data + prefix_, text_end, middle_);
        memcpy(memory_.data + prefix_ + middle_, tail, tail_);
    }

    // The text of an event, between its quotes.
    struct Match {
        const char* begin = nullptr;  // null: the event does not match
        const char* end = nullptr;
        bool is_plain = false;  // no byte of it is an escape or above ASCII
    };
    // Compares the event [at, end) with the template.
    Match match(const char* at, const char* end) const noexcept {
        Match text;
        if (!is_known_ || !skip(at, end, memory_.data, prefix_)) return text;
        json::Scanner scanner;
        const bool is_string = read_string(scanner, at, end);
        text.begin = scanner.begin();
        text.end = scanner.end();
        text.is_plain = !scanner.has_escape() && !scanner.is_above_ascii();
        const char* kept = memory_.data + prefix_;
        if (!is_string || !skip(at, end, kept, middle_) ||
            (has_padding_ && (!read_string(scanner, at, end) || !skip(at, end, kept + middle_, tail_))) || at != end)
            text.begin = nullptr;
        return text;
    }
    const TextOwner& owner() const noexcept { return owner_; }

private:
    OPENAI_STREAM_NOINLINE static bool read_string(json::Scanner& scanner, const char*& at, const char* end) noexcept {
        scanner = json::Scanner();
        scanner.set_input(at, end);
        const json::TokenKind kind = scanner.next();
        at = scanner.at();
        return kind == json::TokenKind::string && scanner.is_complete();
    }
    OPENAI_STREAM_NOINLINE
    static bool skip(const char*& at, const char* end, const char* bytes, size_t count) noexcept {
        if (static_cast<size_t>(end - at) < count || memcmp(at, bytes, count) != 0) return false;
        at += count;
        return true;
    }

    Buffer memory_;  // prefix, middle, tail
    uint32_t prefix_ = 0, middle_ = 0, tail_ = 0;
    TextOwner owner_{};
    bool has_padding_ = false;
    bool is_known_ = false;
};

// What a DocumentReader makes its template with. It does nothing where size counts more than speed, but has the same
// size there: no option of a compiler changes the layout of a public type.
template <bool learns> class TemplateLearner {
public:
    constexpr TemplateLearner() noexcept = default;
    void use(Buffer memory) noexcept { template_.use(memory); }

    // An event begins at `at`. Returns true if [at, end) matches: then its text is all it says.
    bool begin(char* at, const char* end, bool may_match, TextDecoder& text) noexcept {
        begin_ = at;
        plain_text_ = StringView();
        if (!may_match) return false;
        const EventTemplate::Match found = template_.match(at, end);
        if (!found.begin) return false;
        text.begin(template_.owner(), at + (found.begin - at), true);
        text.extend(found.end, true);
        if (found.is_plain) text.set_plain();
        return true;
    }
    // The last text read; null data() if it was not all there, or needs decoding.
    void note_text(StringView plain) noexcept { plain_text_ = plain; }
    // The event has ended at `end`, and made one event.
    void learn(const TextDecoder& text, const char* end, StringView padding) noexcept {
        if (plain_text_.data() && text.end() == plain_text_.end())
            template_.learn(text.owner(), {begin_, static_cast<size_t>(end - begin_)}, plain_text_, padding);
    }

private:
    char* begin_ = nullptr;
    StringView plain_text_;
    EventTemplate template_;
};
template <> class TemplateLearner<false> {
public:
    constexpr TemplateLearner() noexcept = default;
    void use(Buffer) noexcept {}
    bool begin(char*, const char*, bool, TextDecoder&) noexcept { return false; }
    void note_text(StringView) noexcept {}
    void learn(const TextDecoder&, const char*, StringView) noexcept {}

private:
    [[maybe_unused]] TemplateLearner<true> unused_;
};

}  // namespace dialect

OPENAI_STREAM_END
