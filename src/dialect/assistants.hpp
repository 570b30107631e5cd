#pragma once
// Runs of the Assistants API, POST /threads/runs and its like with "stream": true (OpenAPI 2.3.0,
// AssistantStreamEvent): the `event:` line alone has the type, and the data is the run, the step or the message itself.
// An answer is a run until it has ended or wants the results of tools; its messages are output items.
#include "typed_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr EventType assistant_event_types[] = {
    {"message.delta", says_pieces, TextRole::text},
    {"run.step.delta", says_pieces, TextRole::arguments},
    {"message.created", says_item},
    {"message.completed", says_item_done},
    {"message.incomplete", says_item_done},

    {"run.created", says_begins},
    {"run.completed", says_ends},
    {"run.requires_action", says_ends},
    {"run.incomplete", says_ends},
    {"run.cancelled", says_ends},
    {"run.expired", says_ends},
    {"run.failed", says_failure_of_answer},

    {"created", says_mark},
    {"run.cancelling", says_mark},
    {"run.step.created", says_mark},
    {"run.step.cancelled", says_mark},
    {"run.step.expired", says_mark},
};

enum AssistantContextId : uint8_t {
    assistant_delta = ResponseContextTable::first_own,
    assistant_action,
    assistant_call,
    assistant_text,
    assistant_file,
};
inline constexpr json::Row assistant_own_rows[] = {
    {"id", response_item_id},
    {"created_at", created_at},
    {"model", value_model},
    {"status", response_status},
    {"last_error", error_text, error, json::ReadMode::pieces},
    {"incomplete_details", ignored, response_cut},
    {"usage", ignored, response_usage},
    {"delta", ignored, assistant_delta},
    {"content", ignored, response_part, json::ReadMode::deferred},
    {"required_action", ignored, assistant_action},
};
inline constexpr json::Row assistant_delta_rows[] = {
    {"content", ignored, response_part, json::ReadMode::deferred},
    {"step_details", ignored, assistant_action},
};
inline constexpr json::Row assistant_action_rows[] = {
    {"submit_tool_outputs", ignored, assistant_action},
    {"tool_calls", ignored, response_item, json::ReadMode::deferred},
};
inline constexpr json::Row assistant_item_rows[] = {
    {"index", response_list_index},
    {"id", response_call_id},
    {"type", response_item_type},
    {"function", ignored, assistant_call},
    {"code_interpreter", ignored, assistant_call},
};
inline constexpr json::Row assistant_call_rows[] = {
    {"name", response_name},
    {"arguments", response_item_text, opaque, json::ReadMode::pieces | json::ReadMode::raw},
    {"input", response_item_code, skipped, json::ReadMode::pieces},  // of the code interpreter
};
inline constexpr json::Row assistant_part_rows[] = {
    {"index", response_list_index},
    {"text", ignored, assistant_text},
    {"refusal", response_second_text, skipped, json::ReadMode::pieces},
};
inline constexpr json::Row assistant_text_rows[] = {
    {"value", response_first_text, skipped, json::ReadMode::pieces},
    {"annotations", ignored, response_source},
};
inline constexpr json::Row assistant_source_rows[] = {
    {"type", response_source_type},
    {"file_citation", ignored, assistant_file},
    {"file_path", ignored, assistant_file},
    {"start_index", response_source_begin},
    {"end_index", response_source_end},
};
inline constexpr json::Row assistant_file_rows[] = {{"file_id", response_source_place}};
inline constexpr json::Row assistant_usage_rows[] = {
    {"prompt_tokens", prompt_tokens},
    {"completion_tokens", completion_tokens},
    {"total_tokens", total_tokens},
};
inline constexpr auto assistant_event_rows = join(assistant_own_rows, typed_error_rows);
inline constexpr ResponseContextTable assistant_contexts = ResponseContextTable()
                                                               .with(response_event, assistant_event_rows.rows)
                                                               .with(response_item, assistant_item_rows)
                                                               .with(response_part, assistant_part_rows)
                                                               .with(response_source, assistant_source_rows)
                                                               .with(response_usage, assistant_usage_rows)
                                                               .with(response_cut, response_cut_rows)
                                                               .with(assistant_delta, assistant_delta_rows)
                                                               .with(assistant_action, assistant_action_rows)
                                                               .with(assistant_call, assistant_call_rows)
                                                               .with(assistant_text, assistant_text_rows)
                                                               .with(assistant_file, assistant_file_rows);
inline constexpr TypedDialect assistants(assistant_contexts, assistant_event_types, {"thread.", 7});

}  // namespace dialect

OPENAI_STREAM_END
