#pragma once
// The vocabulary of the dialect tables: where a value goes, and in which context a container is read.
#include "../json/path_reader.hpp"
#include "event.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

enum Target : uint8_t {
    ignored,
    // Values that are kept as bytes until their object ends; in the order in which they are delivered.
    value_id,
    value_model,
    value_role,
    value_reasoning,
    value_text,
    value_refusal,
    value_tool_type,
    value_tool_id,
    value_tool_name,
    value_tool_arguments,
    value_finish_reason,
    value_error_message,
    value_error_type,
    value_error_code,
    value_error_param,
    value_count,
    // Numbers.
    created_at = value_count,
    choice_index,
    tool_index,
    prompt_tokens,  // to reasoning_tokens: in the order of Usage
    completion_tokens,
    total_tokens,
    cached_tokens,
    reasoning_tokens,
    // Marks.
    error_hint,     // what is an error by being there, if the event is no good chunk: a message, or what tells of it
    error_text,     // the same, whatever the event is
    error_status,   // a code that is an error by being there
    error_other,    // in an error, what no row names: in a list a message
    error_inner,    // what is in a container there that no row names
    object_name,    // what the object is: an error, by its name
    error_retry_after,  // from here on a time
    error_retry_after_ms,
    target_count,
};

// Sets of targets.
constexpr uint32_t bit_of(unsigned target) noexcept { return 1u << target; }
constexpr uint32_t part_values = bit_of(value_reasoning) | bit_of(value_text) | bit_of(value_refusal);
constexpr uint32_t choice_values = bit_of(value_role) | part_values;
constexpr uint32_t call_values = bit_of(value_tool_type) | bit_of(value_tool_id) | bit_of(value_tool_name);
constexpr uint32_t tool_values = call_values | bit_of(value_tool_arguments);
constexpr uint32_t error_values = bit_of(value_error_message) | bit_of(value_error_type) | bit_of(value_error_code) |
                                  bit_of(value_error_param);
constexpr uint32_t text_values = part_values | bit_of(value_tool_arguments);

enum ContextId : uint8_t {
    skipped,
    opaque,              // no keys: for values taken as raw JSON
    error_root,          // the body of an error answer, or the data of an `error` event
    error,
    error_headers,       // of the answer that became the error
    error_other_members,
    chat_root,
    chat_choice,
    chat_message,        // of an answer that was not streamed, or beside the deltas of one that is
    chat_part,           // content as a list of parts
    chat_tool_call,
    chat_reasoning_detail,
    chat_thinking_part,
    chat_delta,
    chat_function,
    usage,
    prompt_details,
    completion_details,
    chat_x_groq,
    context_count,
};

// The values that belong to an object in a context, and end with it.
inline constexpr uint16_t values_of[context_count] = {
    0, 0, 0, 0, 0, 0, 0,
    choice_values | bit_of(value_finish_reason),
    part_values,
    part_values | bit_of(value_tool_type),
    tool_values,
    part_values,
    part_values,
};
static_assert(value_count <= 16 && chat_choice == 7 && chat_part == 9 && chat_tool_call == 10, "the order above");

enum class Outcome : uint8_t {
    event,      // one event was written
    need_more,  // only for a text that comes in parts: set_input() from unread() on, with more after it
    end,        // the text was read to its end
    refused,    // the text was read to its end and reported an error: value(value_error_message) and so on
    last,       // the text was read to its end, and it ends the answer
    failed,     // error() says why
};

class DocumentReader;
struct Dialect;
// Reads on, up to one event or the end of the text. type: of the server-sent event that the text came in, empty if it
// has none; null data(): it came in no event, it is an answer that was not streamed.
using NextOf = Outcome(DocumentReader& reader, Event& event, const Dialect& dialect, const StringView& type) noexcept;
NextOf next_of_chat;

// A table, where a reader enters it, and the rules by which it is read.
struct Dialect {
    const json::Context* contexts;  // by ContextId; static
    uint8_t root;                   // of an event's data
    bool ends_with_done_marker;     // "[DONE]" is the end
    NextOf* next = next_of_chat;
    bool needs_end_event = false;   // "[DONE]" does not make an answer complete, one of its events does
};

}  // namespace dialect

OPENAI_STREAM_END
