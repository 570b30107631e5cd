#pragma once
// Speech, POST /audio/speech with "stream_format": "sse" (OpenAPI 2.3.0, CreateSpeechResponseStreamEvent): the sound in
// base64, each event a text of its own.
#include "typed_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr EventType speech_event_types[] = {
    {"audio.delta", says_piece, TextRole::audio},
    {"audio.done", says_ends},
};
inline constexpr json::Row speech_own_rows[] = {{"audio", response_first_text, skipped, json::ReadMode::pieces}};
inline constexpr ResponseContextTable speech_contexts =
    ResponseContextTable()
        .with<speech_own_rows, typed_member_rows, typed_error_rows>(response_event)
        .with<response_usage_rows>(response_usage);
inline constexpr TypedDialect speech(speech_contexts, EventTypes::of<speech_event_types>(), {"speech.", 7});

}  // namespace dialect

OPENAI_STREAM_END
