#pragma once
// What else servers put into Chat Completions: log probabilities, sound, legacy function calls, sources, content
// filters (OpenAPI 2.3.0; Azure's own documents). The rows of chat.hpp, and these after them.
#include "chat.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// Besides ContextId.
enum ExtraContextId : uint8_t {
    chat_logprobs = context_count,
    chat_logprob,
    chat_refusal_logprob,
    chat_top_logprob,
    chat_tokens,        // of legacy completions: lists beside each other
    chat_token_digits,
    chat_token_tops,    // its keys are tokens
    chat_audio,
    chat_annotation,
    chat_citation,
    chat_prompt_filter,
    chat_filters,         // its keys are categories, whatever they are called
    chat_prompt_filters,  // the same of the prompt
    chat_filter,
    field_parent,  // something in it is a field that the program has named
    chat_extras_count,
};

// Besides Target. What is kept until its object has ended lies where that of a tool call would: value_tool_type (text),
// value_tool_id and value_tool_name.
enum ExtraTarget : uint8_t {
    sound_data = target_count,
    sound_transcript,
    sound_expires_at,
    range_begin,
    range_end,
    filter_filtered,
    filter_detected,
    list_token,
    list_digits,
    list_top,
    field_value = 0xFF,  // of any dialect
};

inline constexpr json::Row chat_root_extras[] = {
    {"prompt_filter_results", ignored, chat_prompt_filter, json::ReadMode::deferred},  // Azure
};
inline constexpr json::Row chat_choice_extras[] = {
    {"logprobs", ignored, chat_logprobs, json::ReadMode::deferred},
    {"content_filter_results", ignored, chat_filters, json::ReadMode::deferred},  // Azure
};
inline constexpr json::Row chat_delta_extras[] = {
    {"audio", ignored, chat_audio, json::ReadMode::deferred},
    {"annotations", ignored, chat_annotation, json::ReadMode::deferred},
    {"function_call", ignored, chat_tool_call, json::ReadMode::deferred},  // what came before tool_calls
};
inline constexpr json::Row chat_tool_call_extras[] = {
    {"name", value_tool_name},  // of a function_call
    {"arguments", value_tool_arguments, opaque, json::ReadMode::pieces | json::ReadMode::raw},
};

inline constexpr json::Row chat_logprobs_rows[] = {
    {"content", ignored, chat_logprob},
    {"refusal", ignored, chat_refusal_logprob},
    {"tokens", ignored, chat_tokens},
    {"token_logprobs", ignored, chat_token_digits},
    {"top_logprobs", ignored, chat_token_tops},
};
inline constexpr json::Row chat_logprob_rows[] = {
    {"token", value_tool_type},
    {"logprob", value_tool_name},
    {"top_logprobs", ignored, chat_top_logprob},
};
inline constexpr json::Row chat_top_logprob_rows[] = {
    {"token", value_tool_type},
    {"logprob", value_tool_name},
};
inline constexpr json::Row chat_audio_rows[] = {
    {"id", value_tool_id},
    {"expires_at", sound_expires_at},
    {"data", sound_data, skipped, json::ReadMode::pieces},
    {"transcript", sound_transcript, skipped, json::ReadMode::pieces},
};
inline constexpr json::Row chat_annotation_rows[] = {
    {"type", value_tool_id},
    {"url_citation", ignored, chat_citation},
};
inline constexpr json::Row chat_citation_rows[] = {
    {"url", value_tool_type},
    {"title", value_tool_name},
    {"start_index", range_begin},
    {"end_index", range_end},
};
inline constexpr json::Row chat_prompt_filter_rows[] = {
    {"content_filter_results", ignored, chat_prompt_filters},
};
inline constexpr json::Row chat_filter_rows[] = {
    {"severity", value_tool_type},
    {"filtered", filter_filtered},
    {"detected", filter_detected},
};
// For keys and elements of which only the place is known.
inline constexpr json::TableRow token_list_rows[] = {
    {0, list_token, skipped, json::ReadMode::whole},
    {0, list_digits, skipped, json::ReadMode::whole},
    {0, list_top, skipped, json::ReadMode::whole},
};
inline constexpr json::TableRow filter_category{0, ignored, chat_filter, json::ReadMode::whole};
inline constexpr json::TableRow field_above{0, ignored, field_parent, json::ReadMode::deferred};

inline constexpr json::Context chat_extras_contexts[chat_extras_count] = {
    json::Context(),
    json::Context(),
    error_rows.take(named_error_rows),
    error_rows,
    json::Context::of<error_headers_rows>(),
    json::Context::of<error_other_rows>(),
    json::Context::of<chat_own_rows, error_member_rows, chat_root_extras>(),
    json::Context::of<chat_choice_rows, chat_choice_extras>(),
    json::Context::of<chat_delta_rows, chat_delta_extras>(),
    json::Context::of<chat_part_rows>(),
    json::Context::of<chat_tool_call_rows, chat_tool_call_extras>(),
    json::Context::of<chat_reasoning_detail_rows>(),
    json::Context::of<chat_thinking_part_rows>(),
    json::Context::of<chat_delta_rows, chat_delta_extras>(),
    json::Context::of<chat_function_rows>(),
    json::Context::of<usage_rows>(),
    json::Context::of<prompt_details_rows>(),
    json::Context::of<completion_details_rows>(),
    json::Context::of<chat_x_groq_rows>(),
    json::Context::of<chat_logprobs_rows>(),
    json::Context::of<chat_logprob_rows>(),
    json::Context::of<chat_logprob_rows>(),
    json::Context::of<chat_top_logprob_rows>(),
    json::Context(),
    json::Context(),
    json::Context(),
    json::Context::of<chat_audio_rows>(),
    json::Context::of<chat_annotation_rows>(),
    json::Context::of<chat_citation_rows>(),
    json::Context::of<chat_prompt_filter_rows>(),
    json::Context(),
    json::Context(),
    json::Context::of<chat_filter_rows>(),
    json::Context(),
};

}  // namespace dialect

OPENAI_STREAM_END
