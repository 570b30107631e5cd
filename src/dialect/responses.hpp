#pragma once
// The Responses API as tables (OpenAPI 2.3.0, ResponseStreamEvent): what each type of event means, what the keys in it
// are, what kinds of output items and parts there are. How they are read is response_reader.hpp.
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
enum ItemKind : uint8_t { call_kind = 1, reasoning_kind = 2, message_kind = 4, any_kind = 0xFF };

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

// What an event says.
enum class Says : uint8_t {
    mark,       // that it came: EventKind::other
    begins,     // the answer begins: EventKind::started, and no mark
    piece,      // a piece of a text
    whole,      // a text as a whole, handed out if no piece of it was; and a mark
    part,       // the same of its "part"; and a mark
    item,       // an output item begins
    item_done,  // it is complete: what was not said of it
    source,     // an annotation
    ends,       // the answer ends: what was not said of it, finish, usage
    fails,      // the answer ends with an error
    alive,      // EventKind::keepalive
};

struct EventType {
    const char* name;  // static
    uint8_t size;
    Says says;
    Voice voice;

    template <size_t count>
    constexpr EventType(const char (&type)[count], Says meaning = Says::mark, Voice whose = Voice::none) noexcept
        : name(type), size(count - 1), says(meaning), voice(whose) {}
};

inline constexpr EventType response_event_types[] = {
    {"response.output_text.delta", Says::piece, Voice::text},
    {"response.function_call_arguments.delta", Says::piece, Voice::arguments},
    {"response.reasoning_text.delta", Says::piece, Voice::reasoning},
    {"response.reasoning_summary_text.delta", Says::piece, Voice::summary},
    {"response.refusal.delta", Says::piece, Voice::refusal},
    {"response.custom_tool_call_input.delta", Says::piece, Voice::arguments},
    {"response.mcp_call_arguments.delta", Says::piece, Voice::arguments},
    {"response.code_interpreter_call_code.delta", Says::piece, Voice::code},
    {"response.shell_call_command.added", Says::piece, Voice::command},
    {"response.shell_call_command.delta", Says::piece, Voice::command},
    {"response.shell_call_output_content.delta", Says::piece, Voice::output},
    {"response.image_generation_call.partial_image", Says::piece, Voice::partial_image},
    {"response.audio.delta", Says::piece, Voice::audio},
    {"response.audio.transcript.delta", Says::piece, Voice::transcript},

    {"response.output_text.done", Says::whole, Voice::text},
    {"response.function_call_arguments.done", Says::whole, Voice::arguments},
    {"response.reasoning_text.done", Says::whole, Voice::reasoning},
    {"response.reasoning_summary_text.done", Says::whole, Voice::summary},
    {"response.refusal.done", Says::whole, Voice::refusal},
    {"response.custom_tool_call_input.done", Says::whole, Voice::arguments},
    {"response.mcp_call_arguments.done", Says::whole, Voice::arguments},
    {"response.code_interpreter_call_code.done", Says::whole, Voice::code},
    {"response.shell_call_command.done", Says::whole, Voice::command},
    {"response.shell_call_output_content.done", Says::whole, Voice::output},
    {"response.content_part.done", Says::part},
    {"response.reasoning_summary_part.done", Says::part, Voice::summary},
    {"response.reasoning_part.done", Says::part},  // vLLM

    {"response.output_item.added", Says::item},
    {"response.output_item.done", Says::item_done},
    {"response.output_text.annotation.added", Says::source},

    {"response.created", Says::begins},
    {"response.completed", Says::ends},
    {"response.done", Says::ends},  // of servers that have it from the Realtime API
    {"response.incomplete", Says::ends},
    {"response.failed", Says::fails},
    {"error", Says::fails},
    {"keepalive", Says::alive},

    {"response.queued"},
    {"response.in_progress"},
    {"response.content_part.added"},
    {"response.reasoning_summary_part.added"},
    {"response.reasoning_part.added"},
    {"response.audio.done"},
    {"response.audio.transcript.done"},
    {"response.web_search_call.in_progress"},
    {"response.web_search_call.searching"},
    {"response.web_search_call.completed"},
    {"response.file_search_call.in_progress"},
    {"response.file_search_call.searching"},
    {"response.file_search_call.completed"},
    {"response.code_interpreter_call.in_progress"},
    {"response.code_interpreter_call.interpreting"},
    {"response.code_interpreter_call.completed"},
    {"response.image_generation_call.in_progress"},
    {"response.image_generation_call.generating"},
    {"response.image_generation_call.completed"},
    {"response.mcp_call.in_progress"},
    {"response.mcp_call.completed"},
    {"response.mcp_call.failed"},
    {"response.mcp_list_tools.in_progress"},
    {"response.mcp_list_tools.completed"},
    {"response.mcp_list_tools.failed"},
};

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

// Output items with a text of their own ("arguments", "input", "code", "result"), or whose parts may come without a
// type. name: the type of a call, EventKind::tool_call.
inline constexpr WordRow response_item_types[] = {
    {"message", Voice::text},
    {"reasoning", Voice::reasoning},
    {"function_call", Voice::arguments, "function"},
    {"custom_tool_call", Voice::arguments, "custom"},
    {"mcp_call", Voice::arguments, "mcp"},
    {"code_interpreter_call", Voice::code},
    {"image_generation_call", Voice::picture},
};
// The "text" of a part.
inline constexpr WordRow response_part_types[] = {
    {"output_text", Voice::text},
    {"text", Voice::text},
    {"reasoning_text", Voice::reasoning},
    {"reasoning", Voice::reasoning},
    {"summary_text", Voice::summary},
};

// Contexts besides skipped, opaque, error_root and error.
enum ResponseContextId : uint8_t {
    response_object = chat_root,
    response_event,  // the data of an event, or an answer that was not streamed
    response_item,
    response_part,
    response_summary,
    response_shell,  // "delta" of what a shell printed
    response_source,
    response_usage,
    response_input,
    response_output,
    response_cut,
    response_context_count,
};

// Targets. Values lie where those of Chat Completions do that mean other things; texts where texts lie, since only they
// can be handed out in pieces.
enum ResponseTarget : uint8_t {
    response_item_id = value_id,
    response_event_type = value_role,
    response_first_text = value_text,
    response_second_text = value_refusal,       // a refusal, stderr
    response_item_type = value_tool_type,
    response_call_id = value_tool_id,
    response_untyped_text = value_model,        // of an event whose type has not come yet
    response_name = value_tool_name,
    response_part_type = value_tool_name,
    response_item_text = value_tool_arguments,
    response_status = value_finish_reason,      // of the answer; or why it is incomplete
    response_item_status = value_error_param,
    response_source_type = value_error_type,
    response_source_place = value_error_code,   // its URL, or the id of its file
    response_source_title = value_model,
    // Not kept as values.
    response_own_id = target_count,             // lies where response_item_id does
    // Texts whose key says what they may be; they lie where response_first_text and response_item_text do.
    response_delta,
    response_whole_text,                        // a text that comes as a whole only
    response_whole_refusal,                     // likewise
    response_whole_arguments,
    response_code,                              // the same; of an `error` its code
    response_item_code,
    response_item_picture,
    response_sequence_number,
    response_output_index,
    response_content_index,
    response_source_begin,
    response_source_end,
};

inline constexpr json::Row response_event_rows[] = {
    {"type", response_event_type},
    {"delta", response_delta, response_shell, json::Take::pieces},
    {"text", response_whole_text, skipped, json::Take::pieces},
    {"refusal", response_whole_refusal, skipped, json::Take::pieces},
    {"arguments", response_whole_arguments, skipped, json::Take::pieces},
    {"input", response_whole_arguments, skipped, json::Take::pieces},
    {"code", response_code, skipped, json::Take::pieces},
    {"command", response_first_text, skipped, json::Take::pieces},
    {"partial_image_b64", response_first_text, skipped, json::Take::pieces},
    {"item_id", response_item_id},
    {"call_id", response_call_id},
    {"output_index", response_output_index},
    {"content_index", response_content_index},
    {"summary_index", response_content_index},
    {"command_index", response_content_index},
    {"partial_image_index", response_content_index},
    {"sequence_number", response_sequence_number},
    {"item", ignored, response_item},
    {"part", ignored, response_part},
    {"annotation", ignored, response_source},
    {"response", ignored, response_object},
    {"error", error_text, error, json::Take::pieces},
    {"message", value_error_message, skipped, json::Take::pieces},
    {"param", value_error_param},
    {"object", object_name},
    {"detail", error_text, skipped, json::Take::pieces},  // FastAPI
    // An answer that was not streamed. ("output" is in the data of a shell's event, too.)
    {"id", response_own_id},
    {"model", value_model},
    {"created_at", created_at},
    {"status", response_status},
    {"incomplete_details", ignored, response_cut},
    {"usage", ignored, response_usage},
    {"output", ignored, response_item, json::Take::deferred},
};
inline constexpr json::Row response_object_rows[] = {
    {"id", response_own_id},
    {"model", value_model},
    {"created_at", created_at},
    {"status", response_status},
    {"error", error_text, error, json::Take::pieces},
    {"incomplete_details", ignored, response_cut},
    {"usage", ignored, response_usage},
    {"output", ignored, response_item, json::Take::deferred},
};
inline constexpr json::Row response_item_rows[] = {
    {"id", response_item_id},
    {"type", response_item_type},
    {"status", response_item_status},
    {"call_id", response_call_id},
    {"name", response_name},
    {"arguments", response_item_text, opaque, json::Take::pieces | json::Take::raw},  // an object: its JSON text
    {"input", response_item_text, opaque, json::Take::pieces | json::Take::raw},      // of a custom tool
    {"code", response_item_code, skipped, json::Take::pieces},
    {"result", response_item_picture, skipped, json::Take::pieces},  // an image
    {"content", ignored, response_part, json::Take::deferred},
    {"summary", ignored, response_summary, json::Take::deferred},
    {"stdout", response_first_text, skipped, json::Take::pieces},  // one of "output" of a shell's event
    {"stderr", response_second_text, skipped, json::Take::pieces},
};
inline constexpr json::Row response_part_rows[] = {
    {"type", response_part_type},
    {"text", response_first_text, skipped, json::Take::pieces},
    {"refusal", response_second_text, skipped, json::Take::pieces},
    {"annotations", ignored, response_source},
};
inline constexpr json::Row response_summary_rows[] = {
    {"text", response_first_text, skipped, json::Take::pieces},
};
inline constexpr json::Row response_shell_rows[] = {
    {"stdout", response_first_text, skipped, json::Take::pieces},
    {"stderr", response_second_text, skipped, json::Take::pieces},
};
inline constexpr json::Row response_source_rows[] = {
    {"type", response_source_type},
    {"url", response_source_place},
    {"file_id", response_source_place},
    {"title", response_source_title},
    {"filename", response_source_title},
    {"start_index", response_source_begin},
    {"end_index", response_source_end},
};
inline constexpr json::Row response_usage_rows[] = {
    {"input_tokens", prompt_tokens},
    {"output_tokens", completion_tokens},
    {"total_tokens", total_tokens},
    {"input_tokens_details", ignored, response_input},
    {"output_tokens_details", ignored, response_output},
};
inline constexpr json::Row response_input_rows[] = {{"cached_tokens", cached_tokens}};
inline constexpr json::Row response_output_rows[] = {{"reasoning_tokens", reasoning_tokens}};
inline constexpr json::Row response_cut_rows[] = {{"reason", response_status}};

inline constexpr json::Context response_contexts[response_context_count] = {
    json::Context(),
    json::Context(),
    json::Context(error_root_rows),
    json::Context(error_rows),
    json::Context(response_object_rows),
    json::Context(response_event_rows),
    json::Context(response_item_rows),
    json::Context(response_part_rows),
    json::Context(response_summary_rows),
    json::Context(response_shell_rows),
    json::Context(response_source_rows),
    json::Context(response_usage_rows),
    json::Context(response_input_rows),
    json::Context(response_output_rows),
    json::Context(response_cut_rows),
};

// The dialect with the types of events that it knows, which must outlive it.
struct ResponseDialect : Dialect {
    const EventType* types;
    size_t type_count;

    // Null: the name is not known.
    const EventType* find(StringView name) const noexcept {
        for (const EventType* row = types; row != types + type_count; ++row)
            if (StringView(row->name, row->size) == name) return row;
        return nullptr;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
