#pragma once
// What happens in a session of an agent: GET /agents/sessions/{id}/events, with "OpenAI-Beta: agents=v1". Views of the
// caller's memory, as long as a ChatRequest's.
#include "response_by_id.hpp"

OPENAI_STREAM_BEGIN

struct AgentEventsRequest {
    detail::PathSegment session_id;
    Tristate include_obfuscation = Tristate::unset;

    constexpr AgentEventsRequest() noexcept = default;
    constexpr explicit AgentEventsRequest(StringView session) noexcept : session_id(session) {}

    Error validate() const noexcept { return session_id.validate(); }
    // The field that is missing or cannot be sent; null: none.
    const char* invalid_field() const noexcept { return validate() != Error::none ? "session_id" : nullptr; }
    http::RequestWithoutBody head() const noexcept {
        return {http::Method::get, include_obfuscation != Tristate::unset, {this, &descriptor, 1}, http::agents_bit};
    }

private:
    static const detail::MessageDescriptor descriptor;
};

namespace detail::agents {
inline constexpr FieldDescriptor events_rows[] = {
    "/agents/sessions/",
    {"", FieldType::list, offsetof(AgentEventsRequest, session_id)},
    "/events",
    {"?include_obfuscation=\0false\0true\0", FieldType::enumeration,
     offsetof(AgentEventsRequest, include_obfuscation)},
    {"", FieldType::end},
};
}  // namespace detail::agents

inline constexpr detail::MessageDescriptor AgentEventsRequest::descriptor =
    detail::MessageDescriptor::of<AgentEventsRequest>(detail::agents::events_rows, detail::ListStyle::lines);

OPENAI_STREAM_END
