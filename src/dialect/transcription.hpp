#pragma once
// Transcription, POST /audio/transcriptions and /audio/translations (OpenAPI 2.3.0,
// CreateTranscriptionResponseStreamEvent): what was said as EventKind::text, streamed or not; and by whom, as
// EventKind::segment, where the request asked for "diarized_json".
#include "typed_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr EventType transcription_event_types[] = {
    {"text.delta", says_piece, TextRole::text},
    {"text.segment", says_whole | says_source, TextRole::segment},
    {"text.done", says_whole | says_ends, TextRole::text},
};
inline constexpr json::Row transcription_own_rows[] = {
    {"delta", response_delta, skipped, json::ReadMode::pieces},
    {"text", response_whole_text, skipped, json::ReadMode::pieces},
    // Of a segment.
    {"id", response_source_type},
    {"speaker", response_source_title},
    {"start", response_segment_begin},
    {"end", response_segment_end},
};
inline constexpr json::Row transcription_usage_rows[] = {
    {"input_tokens", prompt_tokens},
    {"output_tokens", completion_tokens},
    {"total_tokens", total_tokens},
};
inline constexpr ResponseContextTable transcription_contexts =
    ResponseContextTable()
        .with<transcription_own_rows, typed_member_rows, typed_error_rows>(response_event)
        .with<transcription_usage_rows>(response_usage);
inline constexpr TypedDialect transcription(transcription_contexts, EventTypes::of<transcription_event_types>(),
                                            {"transcript.", 11},
                                            {says_whole | says_ends, TextRole::text});

}  // namespace dialect

OPENAI_STREAM_END
