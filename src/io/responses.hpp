#pragma once
// The Responses API in server-sent events, whose `event:` line tells the type before the data does.
#include "../dialect/response_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr ResponseDialect responses{
    {response_contexts, response_event, true, ResponseReader::next, true},
    response_event_types, sizeof response_event_types / sizeof response_event_types[0]};

}  // namespace dialect

OPENAI_STREAM_END
