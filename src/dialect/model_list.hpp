#pragma once
// The models that a server has, GET /models: {"object":"list","data":[{"id":"gpt-5","object":"model",...},...]}. It is
// one JSON text, of which each id is a text of its own.
#include "chat.hpp"
#include "document_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

inline constexpr json::Row model_list_rows[] = {
    {"data", ignored, chat_choice, json::ReadMode::deferred},
    {"error", error_text, error, json::ReadMode::pieces},
};
inline constexpr json::Row model_rows[] = {
    {"id", value_text, skipped, json::ReadMode::pieces},
};
inline constexpr ContextTable model_list_contexts =
    ContextTable().with<model_list_rows>(chat_root).with<model_rows>(chat_choice);

// The end of the list is that of the answer.
inline Outcome next_of_model_list(DocumentReader& reader, Event& event, const Dialect& dialect,
                                  const StringView& type) noexcept {
    const Outcome outcome = next_of_chat(reader, event, dialect, type);
    return outcome == Outcome::end && reader.has_understood() ? Outcome::last : outcome;
}
inline constexpr Dialect model_list{model_list_contexts.contexts, chat_root, false, next_of_model_list};

}  // namespace dialect

OPENAI_STREAM_END
