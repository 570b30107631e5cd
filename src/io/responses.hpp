#pragma once
// The Responses API in server-sent events, whose `event:` line tells the type before the data does.
#include "../dialect/response_reader.hpp"
#include "../sse/event_assembler.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// source: the sse::EventAssembler that the data came from; null: it is no event's.
inline Outcome next_of_responses(EventReader& reader, Event& event, const Dialect* dialect,
                                 const void* source) noexcept {
    const auto* const events = static_cast<const sse::EventAssembler*>(source);
    return ResponseReader::next(reader, event, dialect, events ? events->given_type() : StringView());
}

inline constexpr ResponseDialect responses{
    {response_contexts, response_event, true, next_of_responses, true},
    response_event_types, sizeof response_event_types / sizeof response_event_types[0]};

}  // namespace dialect

OPENAI_STREAM_END
