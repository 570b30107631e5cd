#pragma once
// Events of the APIs that say their type as the Responses API does, but in shapes of their own: images, speech,
// transcription, assistants, agents. An API is two tables; what they need besides the rules of responses is here, so
// that a client of the Responses API does not carry it.
#include "response_reader.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// The contexts of an API whose events have a type: ResponseContextTable().with<rows>(response_event) and so on, for
// Dialect::contexts. What is not given is passed over, but for errors. A context that no rule knows (first_own and on)
// is a part of the object around it.
struct ResponseContextTable {
    static constexpr unsigned own_count = 5;
    static constexpr uint8_t first_own = response_context_count;
    json::Context contexts[response_context_count + own_count] = {
        json::Context(),
        json::Context(),
        response_contexts[error_root],
        response_contexts[error],
        response_contexts[error_headers],
        response_contexts[error_other_members],
    };
    template <const auto&... rows> constexpr ResponseContextTable with(unsigned object) const noexcept {
        ResponseContextTable more = *this;
        more.contexts[object] = json::Context::of<rows...>();
        return more;
    }
};

// What the events of such an API may have besides its own members: first a table's own rows, then these.
inline constexpr json::Row typed_error_rows[] = {
    {"error", error_text, error, json::ReadMode::pieces},
    {"message", value_error_message, skipped, json::ReadMode::pieces},
    {"param", value_error_param},
    {"code", value_error_code},
    {"object", object_name},
    {"detail", error_hint, error, json::ReadMode::pieces, Quirk::detail_key},
    {"errors", error_hint, error, json::ReadMode::pieces, Quirk::errors_key},
};
inline constexpr json::Row typed_member_rows[] = {
    {"type", response_event_type},
    {"usage", ignored, response_usage},
};

struct TypedDialect : ResponseDialect {
    TypeMeaning body;  // of an answer that was not streamed

    constexpr TypedDialect(const ResponseContextTable& tables, EventTypes list, StringView begin,
                           TypeMeaning of_body = {}) noexcept;
};

class TypedReader : public ResponseReader {
public:
    // Dialect::next, as that of ResponseReader.
    static Outcome next(DocumentReader& reader, Event& event, const Dialect& dialect, const StringView& type) noexcept {
        return reader.read<TypedReader&>(of<TypedReader>(reader, dialect, type), event);
    }

    // What DocumentReader::read() asks.
    Outcome deliver(DocumentReader& reader, Event& event) noexcept {
        const Quirks quirks = reader.quirk_counts;
        const Outcome outcome = ResponseReader::deliver(reader, event);
        if (outcome != Outcome::event) return outcome;
        if (event.kind == EventKind::annotation && is_segment()) event.kind = EventKind::segment;
        if (event.kind == EventKind::started) event.created = reader.created;
        if (event.kind != EventKind::finish || event.finish_reason != FinishReason::other) return outcome;
        // Words that the Responses API has not.
        const unsigned place =
            detail::words::index_of("requires_action\0idle\0max_completion_tokens\0expired\0budget_reached\0",
                                    event.name.data(), event.name.size());
        if (place != 0) reader.quirk_counts = quirks;
        if (place == 1) event.finish_reason = state_.reason_of(StringView("completed", 9));
        if (place == 2) event.finish_reason = FinishReason::stop;
        if (place == 3) event.finish_reason = FinishReason::length;
        return outcome;
    }
    bool take_scalar(DocumentReader& reader, json::StepKind step) noexcept {
        const unsigned target = reader.paths.row()->target;
        // Of a run: its key says that it is code.
        if (target == response_item_type && reader.paths.text() == StringView("code_interpreter", 16)) return false;
        if (target < response_list_index) return ResponseReader::take_scalar(reader, step);
        const json::Scanner& token = reader.paths.token();
        const int shift = target == response_list_index ? 0 : 3;
        int64_t number = 0;
        if (step != json::StepKind::number) return false;
        if (!json::to_integer(token.begin(), token.end(), number, shift)) return false;
        const int32_t value = number < 0 || number >= INT32_MAX ? -1 : static_cast<int32_t>(number);
        if (target == response_list_index) set_list_index(value);
        else (target == response_segment_begin ? state_.source_begin : state_.source_end) = value;
        return reader.first_error != Error::none;
    }
    bool enter(DocumentReader& reader, Event& event) noexcept {
        const unsigned context = reader.paths.context();
        const bool is_object = reader.paths.is_object();
        if (context == response_source && !is_object && says(says_pieces)) {  // each piece has sources of its own
            reader.take_jump();
            assume_owner();
            return false;
        }
        ResponseReader::enter(reader, event);
        if (context != response_event || !is_object) return false;
        if (!type().data()) state_.meaning = static_cast<const TypedDialect&>(dialect()).body;
        // The event is the answer itself; or its list is one of items.
        if (says(says_begins | says_ends | says_pieces)) state_.is_answer = true;
        return false;
    }
    bool exit(DocumentReader& reader, Event& event) noexcept {
        const bool was_over = state_.is_over;
        const Quirks quirks = reader.quirk_counts;
        ResponseReader::exit(reader, event);
        if (says(says_begins) && says(says_mark)) reader.quirk_counts = quirks;  // a turn of a session, not an answer
        if (says(says_pieces)) state_.pending &= static_cast<uint8_t>(~State::pending_item_done);
        if (was_over || !state_.is_over) return false;
        if (says(says_begins)) state_.has_item_id = false;  // the id is the answer's
        // There lies its speaker.
        if (is_segment()) state_.texts &= static_cast<uint16_t>(~bit_of(response_untyped_text));
        if (says(says_pieces)) {
            state_.item_level = 0;
            state_.is_item_over = true;
        }
        return false;
    }

private:
    bool is_segment() const noexcept { return state_.meaning.role == TextRole::segment; }
    // Of the item or the part in its list. One whose text has left before it came was counted.
    void set_list_index(int32_t value) noexcept {
        const bool is_item = reader().paths.context_at(reader().paths.depth() - 1) == response_item;
        int16_t& place = is_item ? state_.item_place : state_.part_place;
        if ((reader().early & kept_texts) != 0 && place != value) late_key();
        if (value >= 0 && value <= DeliveryLog::max_place) place = static_cast<int16_t>(value);
    }
};

constexpr TypedDialect::TypedDialect(const ResponseContextTable& tables, EventTypes list, StringView begin,
                                     TypeMeaning of_body) noexcept
    : ResponseDialect{{tables.contexts, response_event, true, TypedReader::next, true}, list, begin},
      body(of_body) {}

}  // namespace dialect

OPENAI_STREAM_END
