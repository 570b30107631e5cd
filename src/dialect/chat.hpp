#pragma once
// Chat Completions, streamed or not, as OpenAI documents it and as other servers send it (OpenAPI 2.3.0,
// CreateChatCompletionStreamResponse). Where two keys mean the same, the earlier row is preferred.
#include "errors.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr json::Row chat_own_rows[] = {
    {"id", value_id},
    {"choices", ignored, chat_choice, json::ReadMode::deferred},
    {"created", created_at},
    {"model", value_model},
    {"usage", ignored, usage},
    {"object", object_name},
    {"x_groq", ignored, chat_x_groq, json::ReadMode::whole, Quirk::x_groq},
};
// Errors come with and without `error`, so its members may stand in an event, too: with "object":"error" (older vLLM),
// with "type":"error", with a code that is one of an error, beside no choices; see ChatRules::is_failure().
inline constexpr json::Context chat_root_rows =
    json::Context::of<chat_own_rows, error_member_rows, error_unnamed_rows>();
inline constexpr json::Context chat_error_rows = chat_root_rows.drop(sizeof chat_own_rows / sizeof(json::Row));
inline constexpr json::Row chat_x_groq_rows[] = {
    {"usage", ignored, usage},  // also where nobody has asked for it
    {"error", error_text, error, json::ReadMode::pieces},
};
inline constexpr json::Row chat_choice_rows[] = {
    {"index", choice_index},
    {"delta", ignored, chat_delta},
    {"finish_reason", value_finish_reason},
    // An answer that was not streamed; or, beside or after the deltas of one that was (Perplexity, Writer, MiniMax),
    // all that they have said: then it says nothing new.
    {"message", ignored, chat_message, json::ReadMode::deferred},
    {"text", value_text, skipped, json::ReadMode::pieces},  // legacy completions
    {"error", error_text, error, json::ReadMode::pieces, Quirk::error_in_choice},
    {"usage", ignored, usage, json::ReadMode::whole, Quirk::usage_in_choice},
};
inline constexpr json::Row chat_delta_rows[] = {
    {"content", value_text, chat_part, json::ReadMode::pieces | json::ReadMode::deferred},
    {"role", value_role},
    {"tool_calls", ignored, chat_tool_call, json::ReadMode::deferred},
    {"reasoning_content", value_reasoning, skipped, json::ReadMode::pieces, Quirk::reasoning_content_key},
    {"reasoning", value_reasoning, skipped, json::ReadMode::pieces, Quirk::reasoning_key},
    {"thinking", value_reasoning, skipped, json::ReadMode::pieces, Quirk::thinking_key},
    {"reasoning_text", value_reasoning, skipped, json::ReadMode::pieces, Quirk::reasoning_text_key},
    // beside another
    {"reasoning_details", ignored, chat_reasoning_detail, json::ReadMode::deferred, Quirk::reasoning_details},
    {"refusal", value_refusal, skipped, json::ReadMode::pieces},
};
// Mistral: [{"type":"thinking","thinking":[{"type":"text","text":"..."}]},{"type":"text","text":"..."}]
inline constexpr json::Row chat_part_rows[] = {
    {"text", value_text, skipped, json::ReadMode::pieces, Quirk::text_part},
    {"thinking", value_reasoning, chat_thinking_part, json::ReadMode::pieces, Quirk::thinking_part},
    {"refusal", value_refusal, skipped, json::ReadMode::pieces},
    {"type", value_tool_type},  // "reasoning": its text is none of the answer's
    // Databricks: {"type":"reasoning","summary":[{"type":"summary_text","text":"..."}]}
    {"summary", value_reasoning, chat_thinking_part, json::ReadMode::pieces, Quirk::reasoning_part},
    {"reasoning", value_reasoning, chat_thinking_part, json::ReadMode::pieces, Quirk::reasoning_part},
};
// [{"type":"reasoning.text","text":"..."},{"type":"reasoning.summary","summary":"..."}]
inline constexpr json::Row chat_reasoning_detail_rows[] = {
    {"text", value_reasoning, skipped, json::ReadMode::pieces},
    {"summary", value_reasoning, skipped, json::ReadMode::pieces},
};
inline constexpr json::Row chat_thinking_part_rows[] = {
    {"text", value_reasoning, skipped, json::ReadMode::pieces},
};
inline constexpr json::Row chat_tool_call_rows[] = {
    {"index", tool_index},
    {"id", value_tool_id},
    {"type", value_tool_type},
    {"function", ignored, chat_function},
    {"custom", ignored, chat_function},
};
inline constexpr json::Row chat_function_rows[] = {
    {"name", value_tool_name},
    // an object: its JSON text
    {"arguments", value_tool_arguments, opaque, json::ReadMode::pieces | json::ReadMode::raw},
    {"input", value_tool_arguments, opaque, json::ReadMode::pieces | json::ReadMode::raw},  // of a custom tool
};
inline constexpr json::Row usage_rows[] = {
    {"prompt_tokens", prompt_tokens},
    {"completion_tokens", completion_tokens},
    {"total_tokens", total_tokens},
    {"prompt_tokens_details", ignored, prompt_details},
    {"completion_tokens_details", ignored, completion_details},
};
inline constexpr json::Row prompt_details_rows[] = {{"cached_tokens", cached_tokens}};
inline constexpr json::Row completion_details_rows[] = {{"reasoning_tokens", reasoning_tokens}};

inline constexpr json::Context chat_contexts[context_count] = {
    json::Context(),
    json::Context(),
    chat_error_rows.take(named_error_rows),  // all else is nothing
    chat_error_rows,
    json::Context::of<error_headers_rows>(),
    json::Context::of<error_other_rows>(),
    chat_root_rows.take(chat_root_rows.count() - 1),  // likewise
    json::Context::of<chat_choice_rows>(),
    json::Context::of<chat_delta_rows>(),
    json::Context::of<chat_part_rows>(),
    json::Context::of<chat_tool_call_rows>(),
    json::Context::of<chat_reasoning_detail_rows>(),
    json::Context::of<chat_thinking_part_rows>(),
    json::Context::of<chat_delta_rows>(),
    json::Context::of<chat_function_rows>(),
    json::Context::of<usage_rows>(),
    json::Context::of<prompt_details_rows>(),
    json::Context::of<completion_details_rows>(),
    json::Context::of<chat_x_groq_rows>(),
};

inline constexpr Dialect chat{chat_contexts, chat_root, true};

// The contexts of an API that says by other keys what a chat says: ContextTable().with<rows>(chat_root) and so on. An
// event stands for a chunk, and each of its objects for the one of a chat that has the same values. All are empty at
// first but those of errors. For Dialect::contexts; static, as its rows are.
struct ContextTable {
    json::Context contexts[context_count] = {
        json::Context(),
        json::Context(),
        chat_contexts[error_root],
        chat_contexts[error],
        chat_contexts[error_headers],
        chat_contexts[error_other_members],
    };
    template <const auto& rows> constexpr ContextTable with(ContextId object) const noexcept {
        ContextTable more = *this;
        more.contexts[object] = json::Context::of<rows>();
        return more;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
