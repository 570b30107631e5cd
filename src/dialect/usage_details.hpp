#pragma once
// What servers count of tokens besides Usage, as fields: EventKind::custom_field, name = the path, text = the count in
// digits. (The tokens that were cached, and those of reasoning, are in Usage of each program.) A program that names
// more fields lists these among its own; one that does not name them links none of it.
#include "field_rows.hpp"

OPENAI_STREAM_BEGIN

// Of a chat, and of legacy completions: oai::ExtraEvents extras(oai::usage_detail_fields). They come after the usage
// event.
inline constexpr FieldPath usage_detail_fields[] = {
    {"usage.prompt_tokens_details.cache_write_tokens"},
    {"usage.prompt_tokens_details.audio_tokens"},
    {"usage.prompt_tokens_details.image_tokens"},
    {"usage.prompt_tokens_details.text_tokens"},
    {"usage.completion_tokens_details.audio_tokens"},
    {"usage.completion_tokens_details.text_tokens"},
    {"usage.completion_tokens_details.accepted_prediction_tokens"},
    {"usage.completion_tokens_details.rejected_prediction_tokens"},
};
// Of the Responses API, streamed or not: oai::ResponseExtras extras(oai::response_usage_detail_fields). They come
// before the finish event. The details of details are JSON texts.
inline constexpr FieldPath response_usage_detail_fields[] = {
    {"response.usage.input_tokens_details.cache_write_tokens"},
    {"response.usage.input_tokens_details.cache_write_tokens_details"},
    {"response.tool_usage"},
    {"usage.input_tokens_details.cache_write_tokens"},
    {"usage.input_tokens_details.cache_write_tokens_details"},
    {"tool_usage"},
};

OPENAI_STREAM_END
