#pragma once
// What a user receives.
#include "../base/string_view.hpp"
#include "../base/words.hpp"

OPENAI_STREAM_BEGIN

enum class EventKind : uint8_t {
    started,         // the first of an answer: id, name = the model, created
    role,            // the speaker of a choice: name ("assistant")
    text,            // a piece of the answer: text
    reasoning,       // a piece of the model's reasoning: text; name = "summary" when it is one
    refusal,         // a piece of a refusal: text
    tool_call,       // one begins or becomes better known: id, name, text = "function", "custom" or "mcp", tool_index
    tool_arguments,  // a piece of a tool call's arguments (JSON text): text, tool_index
    finish,          // a choice has ended: finish_reason, name = the reason as sent
    usage,           // tokens counted: usage
    keepalive,       // the server is alive (a comment line, or an event that says nothing else)
    // Only for programs that ask for them, see ExtraEvents and ResponseExtras. In a choice they come after its texts
    // and before its finish, fields of a tool call after the call; in an event that did not fit into the buffer, where
    // they stand.
    logprob,         // of a token: text = the token, name = its log probability in digits, id = "content" or "refusal"
    top_logprob,     // the same of a token that was likely there: as many as there are, after the logprob
    audio,           // a piece of the answer as sound: text, in base64. With null text, what is known of it: id, and
                     // created = when the server will forget it
    transcript,      // a piece of what is said in it: text
    annotation,      // a source of the text: text = its URL, name = its title, id = the type ("url_citation"), place
    content_filter,  // what a filter found: name = the category, text = the severity, or "detected"; finish_reason =
                     // content_filter when it took something away; choice -1 = in the prompt
    // For programs that want more than the answer of the Responses API.
    output_item_added,  // an output item begins: text = its type ("message", "web_search_call"), item_id, output_index
    output_item_done,   // it is complete: text = its type, name = its status
    image,              // a piece of an image, in base64: text; content_index = partial_image_index, -1 = the image
                        // itself
    code,               // a piece of the code that the code interpreter runs: text
    command,            // a piece of a shell command: text; content_index = command_index
    command_output,     // a piece of what it printed: text; name = "stdout" or "stderr"
    other,              // any other event of the server, known or not: name = its type, text = its status if it has one
    custom_field,       // a piece of a field that the program has named: text (a string, or other JSON text),
                        // name = its path, tool_index = its place among the paths; choice 0 when it is in none
    segment,            // a piece of what one speaker said: text. With null text, whose it was, after all of it: name =
                        // the speaker, id = the segment's, place = when, in milliseconds
    item_json,          // a piece of an output item's JSON, when it is complete: text. See whole_items
};

// In the order of the words in to_finish_reason.
enum class FinishReason : uint8_t { none, stop, length, tool_calls, content_filter, function_call, other };

namespace detail {
// FinishReason::other for a name that is not known.
inline FinishReason to_finish_reason(StringView name) noexcept {
    const unsigned place = words::index_of("stop\0length\0tool_calls\0content_filter\0function_call\0",
                                           name.data(), name.size());
    return place != 0 ? static_cast<FinishReason>(place) : FinishReason::other;
}
}  // namespace detail

// Tokens; -1 = the server did not say.
struct Usage {
    int64_t prompt_tokens = -1;
    int64_t completion_tokens = -1;
    int64_t total_tokens = -1;
    int64_t cached_tokens = -1;     // of prompt_tokens
    int64_t reasoning_tokens = -1;  // of completion_tokens
};

// A range of the answer's text; -1 = the server did not say. Servers count characters, or UTF-16 units, or bytes.
struct TextRange {
    int64_t begin = -1;
    int64_t end = -1;
};

// One step of an answer. Views point into the stream's buffer and die at the next non-const call on the stream. A view
// with null data() means the server did not send that field.
struct Event {
    EventKind kind;
    FinishReason finish_reason;
    bool more;           // text: the next event continues the same string
    bool provisional;    // delivered before its event ended on the wire: what came later could not be looked at
    int32_t choice;      // which of n answers
    StringView text;     // always valid UTF-8, like the next three
    StringView id;
    StringView name;     // (the type of an event that no row knows: as much of it as is UTF-8)
    StringView item_id;  // Responses: of the output item this belongs to
    int64_t created;     // seconds since 1970, or 0
    // From here on, -1 = the server did not say.
    int32_t tool_index;       // which call of a choice (a function_call has none); Responses: the output_index
    int32_t output_index;     // Responses: which output item
    int32_t content_index;    // Responses: which part of it (also of a summary, a list of commands or of images)
    int32_t item_number;      // Responses: which item, as they began: the same in all events of an item, whatever the
                              // server says of it in each. -1: of none, or it is not certain
    int64_t sequence_number;  // Responses: of the event
    union {
        Usage usage;
        TextRange place;  // of an annotation, of a segment
    };

    Event() noexcept { reset(EventKind::started); }

    bool is(EventKind what) const noexcept { return kind == what; }
    bool is_started() const noexcept { return is(EventKind::started); }
    bool is_text() const noexcept { return is(EventKind::text); }
    bool is_reasoning() const noexcept { return is(EventKind::reasoning); }
    bool is_refusal() const noexcept { return is(EventKind::refusal); }
    bool is_tool_call() const noexcept { return is(EventKind::tool_call); }
    bool is_tool_arguments() const noexcept { return is(EventKind::tool_arguments); }
    bool is_finish() const noexcept { return is(EventKind::finish); }
    bool is_usage() const noexcept { return is(EventKind::usage); }

    // Nothing is said but its kind.
    void reset(EventKind what) noexcept {
        memset(static_cast<void*>(this), 0, offsetof(Event, tool_index));
        memset(static_cast<void*>(&tool_index), 0xff, sizeof *this - offsetof(Event, tool_index));
        kind = what;
    }
};

OPENAI_STREAM_END
