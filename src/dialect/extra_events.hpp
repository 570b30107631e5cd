#pragma once
// What a program has its answer read for to get the events of extra_event_tables.hpp, and fields that it has named. An
// DocumentReader comes here only by the Dialect it was given; without an object of this class nothing of it is linked.
#include "extra_rules.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class Extras : public Dialect {
public:
    static constexpr unsigned max_rows = FieldRows::max_count;

    constexpr Extras(const json::Context* tables, ContextId where, bool has_done_marker, const FieldPath* list,
                     size_t count) noexcept
        : Dialect{tables, where, has_done_marker, next_of}, rules_(FieldRows{list, static_cast<uint8_t>(count)}) {}

private:
    static Outcome next_of(DocumentReader& reader, Event& event, const Dialect& dialect, const StringView&) noexcept {
        return reader.read<ExtraRules&>(static_cast<const Extras&>(dialect).rules_, event);
    }
    mutable ExtraRules rules_;  // with what is known of the event being read, as the table itself stays
};

}  // namespace dialect

// What an answer is read for, to deliver what EventKind lists after keepalive: ChatRequest::extras, or Api(extras).
// It must outlive the conversation, and serves one at a time. The paths must outlive it.
class ExtraEvents : public dialect::Extras {
public:
    constexpr ExtraEvents() noexcept : ExtraEvents(nullptr, 0) {}
    template <size_t count> constexpr explicit ExtraEvents(const FieldPath (&named_fields)[count]) noexcept
        : ExtraEvents(named_fields, count) {
        static_assert(count <= max_rows, "too many rows");
    }
    template <size_t count> explicit ExtraEvents(FieldPath (&&)[count]) = delete;  // would be gone

private:
    constexpr ExtraEvents(const FieldPath* list, size_t count) noexcept
        : Extras(dialect::chat_extras_contexts, dialect::chat_root, dialect::chat.ends_with_done_marker, list, count) {}
};

OPENAI_STREAM_END
