#pragma once
// The Responses API in server-sent events, whose `event:` line tells the type before the data does.
#include "../dialect/response_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr ResponseDialect responses{
    {response_contexts, response_event, true, ResponseReader::next, true},
    EventTypes::of<response_event_types>()};

// How an answer begins: nothing of it was noted, or the events are the later ones of an answer whose others were
// delivered before; see ResponseState::begin().
inline void begin_response(DocumentReader& reader, Buffer memory) noexcept {
    ResponseState::begin(memory, false);
    reader.set_state_memory(memory);
}
inline void begin_rest_of_response(DocumentReader& reader, Buffer memory) noexcept {
    ResponseState::begin(memory, true);
    reader.set_state_memory(memory);
}

}  // namespace dialect

OPENAI_STREAM_END
