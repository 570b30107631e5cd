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
inline constexpr ResponseContextTable assistant_contexts =
    ResponseContextTable()
        .with<assistant_own_rows, typed_error_rows>(response_event)
        .with<assistant_item_rows>(response_item)
        .with<assistant_part_rows>(response_part)
        .with<assistant_source_rows>(response_source)
        .with<assistant_usage_rows>(response_usage)
        .with<response_cut_rows>(response_cut)
        .with<assistant_delta_rows>(assistant_delta)
        .with<assistant_action_rows>(assistant_action)
        .with<assistant_call_rows>(assistant_call)
        .with<assistant_text_rows>(assistant_text)
        .with<assistant_file_rows>(assistant_file);
inline constexpr TypedDialect assistants(assistant_contexts, EventTypes::of<assistant_event_types>(), {"thread.", 7});

}  // namespace dialect

OPENAI_STREAM_END
