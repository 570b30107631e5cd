#pragma once
// The library's own APIs by name: what names none of them links none of their tables.
#include "../dialect/agents.hpp"
#include "../dialect/assistants.hpp"
#include "../dialect/images.hpp"
#include "../dialect/model_list.hpp"
#include "../dialect/speech.hpp"
#include "../dialect/transcription.hpp"
#include "exchange.hpp"

OPENAI_STREAM_BEGIN

constexpr Api::Api(const dialect::ResponseDialect& table) noexcept : Api(table, &Exchange::as_responses) {}
inline constexpr Api Api::chat(dialect::chat);
inline constexpr Api Api::responses(dialect::responses);
inline constexpr Api Api::rest_of_response(dialect::responses, &Exchange::as_rest_of_response);
inline constexpr Api Api::models(dialect::model_list);
inline constexpr Api Api::images(dialect::images);
inline constexpr Api Api::speech(dialect::speech);
inline constexpr Api Api::transcription(dialect::transcription);
inline constexpr Api Api::assistants(dialect::assistants);
inline constexpr Api Api::agents(dialect::agents);

OPENAI_STREAM_END
