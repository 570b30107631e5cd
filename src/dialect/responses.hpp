#pragma once
// The Responses API as tables (OpenAPI 2.3.0, ResponseStreamEvent): what each type of event means, what the keys in it
// are, what kinds of output items and parts there are. How they are read is response_reader.hpp.
#include "typed_events.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr EventType response_event_types[] = {
    {"output_text.", says_piece, TextRole::text},
    {"function_call_arguments.", says_piece, TextRole::arguments},
    {"reasoning_text.", says_piece, TextRole::reasoning},
    {"reasoning_summary_text.", says_piece, TextRole::summary},
    {"refusal.", says_piece, TextRole::refusal},
    {"custom_tool_call_input.", says_piece, TextRole::arguments},
    {"mcp_call_arguments.", says_piece, TextRole::arguments},
    {"code_interpreter_call_code.", says_piece, TextRole::code},
    {"shell_call_command.", says_piece, TextRole::command},
    {"shell_call_command.added", says_piece, TextRole::command},
    {"shell_call_output_content.", says_piece, TextRole::output},
    {"image_generation_call.partial_image", says_piece, TextRole::partial_image},
    {"audio.", says_piece, TextRole::audio},
    {"audio.transcript.", says_piece, TextRole::transcript},
    {"content_part.", says_part | says_mark},
    {"reasoning_summary_part.", says_part | says_mark, TextRole::summary},
    {"reasoning_part.", says_part | says_mark | says_odd},  // vLLM

    {"inject.created", says_mark},  // of a WebSocket

    {"output_item.added", says_item},
    {"output_item.done", says_item_done},
    {"output_text.annotation.added", says_source},

    {"created", says_begins},
    {"completed", says_ends},
    {"done", says_ends | says_odd},  // of servers that have it from the Realtime API
    {"incomplete", says_ends},
    {"failed", says_failure_of_answer},
};

// Output items with a text of their own ("arguments", "input", "code", "result"), or whose parts may come without a
// type. Those with arguments are calls: EventKind::tool_call, whose type is the first word. ("function": of a run.)
inline constexpr TextRole response_item_roles[] = {
    TextRole::none, TextRole::text, TextRole::reasoning, TextRole::arguments, TextRole::arguments, TextRole::arguments,
    TextRole::arguments, TextRole::code, TextRole::picture};
inline constexpr RoleWords response_item_types{
    "message\0reasoning\0function_call\0custom_tool_call\0mcp_call\0function\0code_interpreter_call\0"
    "image_generation_call\0",
    response_item_roles};
// The "text" of a part.
inline constexpr TextRole response_part_roles[] = {TextRole::none,      TextRole::text,      TextRole::text,
                                                   TextRole::reasoning, TextRole::reasoning, TextRole::summary};
inline constexpr RoleWords response_part_types{"output_text\0text\0reasoning_text\0reasoning\0summary_text\0",
                                               response_part_roles};

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
    response_cut,
    response_context_count,
};

// Targets. Values lie where those of Chat Completions do that mean other things; texts where texts lie, since only they
// can be delivered in pieces.
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
    response_list_index,     // of the item or the part in its list
    response_segment_begin,  // seconds with a fraction; from here on
    response_segment_end,
};

inline constexpr json::Row response_object_rows[] = {
    {"id", response_own_id},
    {"model", value_model},
    {"created_at", created_at},
    {"status", response_status},
    {"error", error_text, error, json::ReadMode::pieces},
    {"incomplete_details", ignored, response_cut},
    {"usage", ignored, response_usage},
    {"output", ignored, response_item, json::ReadMode::deferred},
};
inline constexpr json::Row response_event_own_rows[] = {
    {"type", response_event_type},
    {"delta", response_delta, response_shell, json::ReadMode::pieces},
    {"text", response_whole_text, skipped, json::ReadMode::pieces},
    {"refusal", response_whole_refusal, skipped, json::ReadMode::pieces},
    {"arguments", response_whole_arguments, skipped, json::ReadMode::pieces},
    {"input", response_whole_arguments, skipped, json::ReadMode::pieces},
    {"code", response_code, skipped, json::ReadMode::pieces},
    {"command", response_first_text, skipped, json::ReadMode::pieces},
    {"partial_image_b64", response_first_text, skipped, json::ReadMode::pieces},
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
    {"message", value_error_message, skipped, json::ReadMode::pieces},
    {"param", value_error_param},
    {"object", object_name},
    {"detail", error_hint, error, json::ReadMode::pieces, Quirk::detail_key},
    {"errors", error_hint, error, json::ReadMode::pieces, Quirk::errors_key},
};
// An answer that was not streamed is an event, too. ("output" is in the data of a shell's event, too.)
inline constexpr json::Context response_event_rows = json::Context::of<response_event_own_rows, response_object_rows>();
inline constexpr json::Row response_item_rows[] = {
    {"id", response_item_id},
    {"type", response_item_type},
    {"status", response_item_status},
    {"call_id", response_call_id},
    {"name", response_name},
    // an object: its JSON text
    {"arguments", response_item_text, opaque, json::ReadMode::pieces | json::ReadMode::raw},
    {"input", response_item_text, opaque, json::ReadMode::pieces | json::ReadMode::raw},  // of a custom tool
    {"code", response_item_code, skipped, json::ReadMode::pieces},
    {"result", response_item_picture, skipped, json::ReadMode::pieces},  // an image
    {"content", ignored, response_part, json::ReadMode::deferred},
    {"summary", ignored, response_summary, json::ReadMode::deferred},
    {"stdout", response_first_text, skipped, json::ReadMode::pieces},  // one of "output" of a shell's event
    {"stderr", response_second_text, skipped, json::ReadMode::pieces},
};
inline constexpr json::Row response_part_rows[] = {
    {"type", response_part_type},
    {"text", response_first_text, skipped, json::ReadMode::pieces},
    {"refusal", response_second_text, skipped, json::ReadMode::pieces},
    {"annotations", ignored, response_source},
};
inline constexpr json::Row response_summary_rows[] = {
    {"text", response_first_text, skipped, json::ReadMode::pieces},
};
inline constexpr json::Row response_shell_rows[] = {
    {"stdout", response_first_text, skipped, json::ReadMode::pieces},
    {"stderr", response_second_text, skipped, json::ReadMode::pieces},
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
    {"input_tokens_details", ignored, response_usage},
    {"output_tokens_details", ignored, response_usage},
    {"cached_tokens", cached_tokens},        // in the details
    {"reasoning_tokens", reasoning_tokens},  // likewise
};
inline constexpr json::Row response_cut_rows[] = {{"reason", response_status}};

inline constexpr json::Context response_contexts[response_context_count] = {
    json::Context(),
    json::Context(),
    error_rows.take(named_error_rows),  // all else is nothing
    error_rows,
    json::Context::of<error_headers_rows>(),
    json::Context::of<error_other_rows>(),
    response_event_rows.drop(sizeof response_event_own_rows / sizeof(json::Row)),
    response_event_rows,
    json::Context::of<response_item_rows>(),
    json::Context::of<response_part_rows>(),
    json::Context::of<response_summary_rows>(),
    json::Context::of<response_shell_rows>(),
    json::Context::of<response_source_rows>(),
    json::Context::of<response_usage_rows>(),
    json::Context::of<response_cut_rows>(),
};

// The dialect with the types of events that it knows, which must outlive it.
struct ResponseDialect : Dialect {
    EventTypes types;
    StringView prefix{"response.", 9};  // of all types but `error` and `keepalive`

    TypeMeaning meaning_of(StringView type) const noexcept {
        if (!(type.take(prefix.size()) == prefix)) {
            const unsigned place = detail::words::index_of("error\0keepalive\0", type.data(), type.size());
            return {static_cast<uint16_t>(place == 0 ? 0 : place == 1 ? says_failure_of_answer : says_alive)};
        }
        type = type.drop(prefix.size());
        const TypeMeaning found = types.find(type);
        if (found.says != 0) return found;
        return {static_cast<uint16_t>(is_progress(type) ? says_mark : 0)};
    }
};

}  // namespace dialect

OPENAI_STREAM_END
