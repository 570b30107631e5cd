#pragma once
// Sessions of agents, GET /agents/sessions/{id}/events with "OpenAI-Beta: agents=v1" (npm openai 7.59.0,
// AgentSessionEvent). An answer is what a session does until it is idle, out of budget, or has failed; a turn that has
// failed ends it, too. How far turns, environments and subagents are comes as EventKind::other.
#include "typed_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr EventType agent_event_types[] = {
    {"session.turn.output_text.", says_piece, TextRole::text},
    {"session.turn.reasoning_summary_text.", says_piece, TextRole::summary},
    {"output.command_execution_output.", says_piece, TextRole::output},
    {"session.turn.content_part.", says_part | says_mark},
    {"session.turn.reasoning_summary_part.", says_part | says_mark, TextRole::summary},
    {"session.turn.item.added", says_item},
    {"session.turn.item.done", says_item_done},

    {"session.created", says_begins},
    {"session.turn.created", says_begins | says_mark},
    {"session.turn.cancelled", says_mark},
    {"session.turn.failed", says_failure_of_answer},
    {"session.requires_action", says_mark},
    {"session.idle", says_ends},
    {"session.budget_reached", says_ends},
    {"session.failed", says_failure_of_answer},

    {"session.environment.connected", says_mark},
    {"session.environment.disconnected", says_mark},
    {"session.environment.expired", says_mark},
    {"session.environment.ready", says_mark},
    {"session.environment.reset", says_mark},
    {"session.environment.suspended", says_mark},
    {"session.subagent.active", says_mark},
    {"session.subagent.closed", says_mark},
    {"session.subagent.created", says_mark},
};

inline constexpr json::Row agent_own_rows[] = {
    {"type", response_event_type},
    {"delta", response_delta, skipped, json::ReadMode::pieces},
    {"text", response_whole_text, skipped, json::ReadMode::pieces},
    {"item_id", response_item_id},
    {"output_index", response_output_index},
    {"content_index", response_content_index},
    {"summary_index", response_content_index},
    {"item", ignored, response_item},
    {"part", ignored, response_part},
    {"session", ignored, response_object},
    {"turn", ignored, response_object},
};
constexpr uint8_t agent_settings = ResponseContextTable::first_own;
inline constexpr json::Row agent_object_rows[] = {
    {"id", response_own_id},
    {"created_at", created_at},
    {"status", response_status},
    {"error", error_text, error, json::ReadMode::pieces},
    {"usage", ignored, response_usage},
    {"agent", ignored, agent_settings},
};
inline constexpr json::Row agent_settings_rows[] = {{"model", value_model}};
inline constexpr ResponseContextTable agent_contexts =
    ResponseContextTable()
        .with<agent_own_rows, typed_error_rows>(response_event)
        .with<agent_object_rows>(response_object)
        .with<response_item_rows>(response_item)
        .with<response_part_rows>(response_part)
        .with<response_summary_rows>(response_summary)
        .with<response_usage_rows>(response_usage)
        .with<agent_settings_rows>(agent_settings);
inline constexpr TypedDialect agents(agent_contexts, EventTypes::of<agent_event_types>(), {"agent.", 6});

}  // namespace dialect

OPENAI_STREAM_END
