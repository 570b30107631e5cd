#pragma once
// The vocabulary of APIs whose events say their type: what an event means, whose text it has, and by which words that
// is told. An API is tables of these: responses.hpp.
#include "errors.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// Whose text it is, and as what it is handed out.
enum class Voice : uint8_t {
    none,     // nobody's: it is passed over
    unknown,  // what would tell has not come yet
    text,
    refusal,
    reasoning,
    summary,        // of the reasoning
    arguments,      // of a call
    code,           // for the code interpreter
    picture,        // the image that was made
    partial_image,  // on the way to it
    command,        // for a shell
    output,         // what it printed
    errors,         // the same to stderr
    audio,
    transcript,
};

// What was said before is remembered by output item in four sets of bits. said_never: it comes in pieces only.
enum SaidGroup : uint8_t { said_once, said_parts, said_more, said_sources, said_group_count, said_never };
// The bits of said_once; of the others, bit n is part n (from max_part on they share one).
enum SaidOnce : uint8_t {
    said_item,
    said_item_done,
    said_call,
    said_call_id,
    said_arguments,
    said_code,
    said_picture,
    said_part,
};

// What sort of item a text is of, as a set: an event that names no item belongs to one that may be of its sort.
// An item of a type without a row is anything but a call: what a tool said has the call_id of its call.
enum ItemKind : uint8_t {
    call_kind = 1,
    reasoning_kind = 2,
    message_kind = 4,
    rowless_kind = 8,
    no_call_kinds = 0xFE,
    any_kind = 0xFF
};

struct VoiceRow {
    EventKind kind;
    SaidGroup group;
    SaidOnce bit;      // said_part: that of the part
    const char* name;  // Event::name; static, may be null
};
// In the order of Voice.
inline constexpr VoiceRow voices[] = {
    {EventKind::other, said_never, said_part, nullptr},
    {EventKind::other, said_never, said_part, nullptr},
    {EventKind::text, said_parts, said_part, nullptr},
    {EventKind::refusal, said_parts, said_part, nullptr},
    {EventKind::reasoning, said_parts, said_part, nullptr},
    {EventKind::reasoning, said_more, said_part, "summary"},
    {EventKind::tool_arguments, said_once, said_arguments, nullptr},
    {EventKind::code, said_once, said_code, nullptr},
    {EventKind::image, said_once, said_picture, nullptr},
    {EventKind::image, said_never, said_part, nullptr},
    {EventKind::command, said_parts, said_part, nullptr},
    {EventKind::command_output, said_more, said_part, "stdout"},
    {EventKind::command_output, said_sources, said_part, "stderr"},
    {EventKind::audio, said_never, said_part, nullptr},
    {EventKind::transcript, said_never, said_part, nullptr},
};

// What an event says: a set. An event of which nothing is said is unknown.
enum Says : uint16_t {
    says_mark = 1,                 // that it came: EventKind::other
    says_begins = 2,               // the answer begins: EventKind::started
    says_piece = 4,                // a piece of a text
    says_whole = 8,                // a text as a whole, delivered if no piece of it was
    says_part = 16,                // the same of its "part"
    says_item = 32,                // an output item begins
    says_item_done = 64,           // it is complete: what was not said of it
    says_source = 128,             // an annotation
    says_ends = 256,               // the answer ends: what was not said of it, finish, usage
    says_failure_of_answer = 512,  // the answer ends with an error
    says_alive = 1024,             // EventKind::keepalive
};

struct EventMeaning {
    uint16_t says = 0;  // of Says
    Voice voice = Voice::none;
};

// A type of event, without "response."; or, ending in '.', several: those of a piece ("delta") and of a whole ("done");
// those of a part ("added" and "done").
struct EventType {
    const char* name;  // static
    uint16_t says;
    Voice voice;
    uint8_t size;

    template <size_t count>
    constexpr EventType(const char (&type)[count], unsigned what, Voice whose = Voice::none) noexcept
        : name(type), says(static_cast<uint16_t>(what)), voice(whose), size(count - 1) {}

    // What is said by the type of this name, as far as it is this one or one of these.
    EventMeaning meaning_of(StringView type) const noexcept {
        if (type.size() < size || !(type.take(size) == StringView(name, size))) return {};
        const EventMeaning meaning = of(says);
        if (name[size - 1] != '.') return type.size() == size ? meaning : EventMeaning();
        const unsigned word = words::place_in("delta\0done\0added\0", type.data() + size, type.size() - size);
        if (says == says_piece) return word == 1 ? meaning : of(word == 2 ? says_whole | says_mark : 0u);
        return word == 2 ? meaning : of(word == 3 ? unsigned{says_mark} : 0u);
    }

private:
    EventMeaning of(unsigned what) const noexcept { return {static_cast<uint16_t>(what), voice}; }
};

// How far an answer or a call of a tool has come: the last word of a type that is a mark, whichever tool it is.
inline bool is_progress(StringView type) noexcept {
    const char* word = type.end();
    while (word != type.begin() && word[-1] != '.') --word;
    return words::place_in("queued\0in_progress\0searching\0interpreting\0generating\0completed\0failed\0", word,
                           static_cast<size_t>(type.end() - word)) != 0;
}

// A word, and what is meant by it.
struct WordRow {
    const char* spelling;  // static
    uint8_t size;
    Voice voice;
    const char* name;  // static, may be null

    template <size_t count>
    constexpr WordRow(const char (&text)[count], Voice whose, const char* called = nullptr) noexcept
        : spelling(text), size(count - 1), voice(whose), name(called) {}
};

}  // namespace dialect

OPENAI_STREAM_END
