#pragma once
// What a user receives.
#include "../base/string_view.hpp"
#include "../base/words.hpp"

OPENAI_STREAM_BEGIN

enum class EventKind : uint8_t {
    started,         // the first of an answer: id, name = the model, created
    role,            // the speaker of a choice: text ("assistant")
    text,            // a piece of the answer: text
    reasoning,       // a piece of the model's reasoning: text
    refusal,         // a piece of a refusal: text
    tool_call,       // a tool call begins or becomes better known: id, name, text = its type ("function"), tool_index
    tool_arguments,  // a piece of a tool call's arguments (JSON text): text, tool_index
    finish,          // a choice has ended: finish_reason, name = the reason as sent
    usage,           // tokens counted: usage
    keepalive,       // the server is alive (a comment line)
};

// In the order of the words in to_finish_reason.
enum class FinishReason : uint8_t { none, stop, length, tool_calls, content_filter, function_call, other };

// FinishReason::other for a name that is not known.
inline FinishReason to_finish_reason(StringView name) noexcept {
    const unsigned place = words::place_in("stop\0length\0tool_calls\0content_filter\0function_call\0",
                                           name.data(), name.size());
    return place != 0 ? static_cast<FinishReason>(place) : FinishReason::other;
}

// Tokens; -1 = the server did not say.
struct Usage {
    int64_t prompt_tokens = -1;
    int64_t completion_tokens = -1;
    int64_t total_tokens = -1;
    int64_t cached_tokens = -1;     // of prompt_tokens
    int64_t reasoning_tokens = -1;  // of completion_tokens
};

// One step of an answer. Views point into the stream's buffer and die at the next non-const call on the stream. A view
// with null data() means the server did not send that field.
struct Event {
    EventKind kind;
    FinishReason finish_reason;
    bool more;           // text: the next event continues the same string
    bool early;          // handed out before its event ended on the wire: what came later could not be looked at
    int32_t choice;      // which of n answers
    int32_t tool_index;  // which call of a choice; -1 = the server did not say
    StringView text;     // always valid UTF-8
    StringView id;
    StringView name;
    int64_t created;     // seconds since 1970, or 0
    Usage usage;

    Event() noexcept { reset(EventKind::started); }
    // Nothing is said but its kind.
    void reset(EventKind what) noexcept {
        memset(static_cast<void*>(this), 0, sizeof *this);
        kind = what;
        tool_index = -1;
        usage = Usage();
    }
};

OPENAI_STREAM_END
