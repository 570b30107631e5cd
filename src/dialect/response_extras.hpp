#pragma once
// What few programs want of the Responses API: fields that a program has named, and log probabilities. As in ExtraRules
// a value that is wanted is passed over where it stands, and read when what it belongs to has ended: the event, or the
// item of an answer's output. Where an event does not fit into the buffer, it leaves where it stands.
#include "response_extra_tables.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ResponseExtraReader : public ResponseReader {
public:
    // Dialect::next, as that of ResponseReader.
    static Outcome next(DocumentReader& reader, Event& event, const Dialect& dialect, const StringView& type) noexcept {
        return reader.read<ResponseExtraReader&>(of<ResponseExtraReader>(reader, dialect, type), event);
    }

    // What DocumentReader::read() asks.
    Outcome deliver(DocumentReader& reader, Event& event) noexcept {
        while (true) {
            // The next value of a field does not continue this one.
            if (!reader.text.is_open() && reader.text.release(EventKind::custom_field, reader.quirk_counts))
                state_.role = TextRole::unknown;
            if (is_field_open() && reader.was_started) {
                if (emit_text(event)) {
                    event.name = extra().rows.path(event.tool_index);
                    name_owner(event);
                    return Outcome::event;
                }
                if (reader.text.is_open()) return Outcome::need_more;
                continue;
            }
            if (reader.paths.depth() == 0) extra().token = EventKind::started;  // of an answer before
            if (extra().token != EventKind::started) {
                if (reader.was_started) {
                    emit_token(event);
                    return Outcome::event;
                }
                state_.is_start_pending = true;
            }
            // The end comes after what was put off.
            const auto held = static_cast<uint8_t>(has_due_later() ? state_.pending & ends : 0u);
            state_.pending = static_cast<uint8_t>(state_.pending & ~held);
            const bool has_event = emit_next(event);
            state_.pending |= held;
            if (has_event) return Outcome::event;
            if (const unsigned list = deliverable_list()) {
                state_.lists &= static_cast<uint8_t>(~list);
                extra().value = extra().deferred_places[DocumentReader::id_of(list)];
                reader.read_deferred(list, 0);
                return Outcome::need_more;
            }
            const unsigned count = extra().later_count;
            if (read_next_later() || extra().later_count == count) return Outcome::need_more;
        }
    }
    json::StepKind next_step(DocumentReader& reader) noexcept {
        Watcher watcher{*this};
        return reader.paths.next(watcher);
    }
    bool take_scalar(DocumentReader& reader, json::StepKind kind) noexcept {
        const json::TableRow& row = *reader.paths.row();
        const json::Scanner& token = reader.paths.token();
        const bool is_text = kind == json::StepKind::text;
        if (row.target == field_value) {
            const bool was_put_off = reader.take_jump();
            char* const begin = DocumentReader::writable(token.begin() - is_text);
            if (token.is_first() && !was_put_off && put_off(begin, reader.paths.depth() - 1)) return false;
            if (token.is_first()) begin_field(row, DocumentReader::writable(token.begin()), is_text);
            reader.text.extend(token.end(), token.is_complete());
            if (was_put_off) reader.paths.resume_after_value(reader.go_back());
            return true;
        }
        if (row.target != token_text && row.target != token_digits) return ResponseReader::take_scalar(reader, kind);
        if (is_text != (row.target == token_text)) return false;
        const Value value(DocumentReader::writable(token.begin()), token.end(), 0);
        reader.values.keep(is_text ? response_source_type : response_source_place, value);
        return false;
    }
    bool enter(DocumentReader& reader, Event& event) noexcept {
        json::PathReader& paths = reader.paths;
        const json::TableRow* const row = paths.row();
        const unsigned context = paths.context();
        const bool is_field = row && row->target == field_value;
        if (context < response_context_count && !is_field) {
            const bool is_deferred = row && json::has(row->mode, json::ReadMode::deferred);
            if (is_deferred && reader.is_whole && !reader.is_jumping)
                extra().deferred_places[deferred_in(context)] = extra().value;
            return ResponseReader::enter(reader, event);
        }
        const bool was_put_off = reader.take_jump();
        if (row && !was_put_off && put_off(reader.at() - 1, paths.depth() - 2)) {
            paths.skip(row);
        } else if (is_field) {
            paths.skip(row);
            if (reader.is_whole) reader.raw_begin = reader.at() - 1;
            else begin_field(*row, reader.at() - 1, false);
            reader.is_raw = !reader.is_whole;
        } else if (context == response_logprob && row && !was_put_off) {
            look_at_place();
            assume_owner();
            if (is_told()) paths.skip(nullptr);
        } else if (context == response_top_logprob && !paths.is_object()) {
            end_token(EventKind::logprob);
        }
        return false;
    }
    bool exit(DocumentReader& reader, Event& event) noexcept {
        const json::TableRow* const row = reader.paths.row();
        if (row && row->target == field_value) {
            end_field(*row);
            return false;
        }
        if (row && row->context >= response_context_count) return false;  // put off
        const unsigned context = reader.paths.context();
        if (!row && reader.paths.is_object() && context == response_logprob) end_token(EventKind::logprob);
        if (!row && reader.paths.is_object() && context == response_top_logprob) end_token(EventKind::top_logprob);
        return ResponseReader::exit(reader, event);
    }

private:
    using Later = ResponseExtraState::Later;
    static constexpr unsigned ends = State::pending_item_done | State::pending_mark | State::pending_finish |
                                     State::pending_usage | State::pending_alive;

    ResponseExtraState& extra() const noexcept { return static_cast<const ResponseExtraDialect&>(dialect()).state; }

    // What json::PathReader::next() asks.
    struct Watcher {
        static constexpr bool sees_all = true;
        ResponseExtraReader& rules;

        const json::TableRow* key(const json::TableRow* row, StringView name) noexcept {
            const json::TableRow* const field = rules.step(rules.reader().paths.depth() - 1, name);
            return row && (row->key_size != 0 || !field) ? row : field;
        }
        const json::TableRow* element(unsigned level) noexcept { return rules.step(level, StringView("[]", 2)); }
        const json::TableRow* element(unsigned level, unsigned context) noexcept {
            const json::TableRow* const row = element(level);
            return context == skipped || context == response_field_parent ? row : nullptr;
        }
        void begin(bool, bool again) noexcept {
            const unsigned depth = rules.reader().paths.depth();
            if (depth == 1 && !again) rules.begin_document();
            rules.extra().places[depth - 1] = rules.extra().value;
        }
    };

    const json::TableRow* step(unsigned level, StringView name) noexcept {
        const json::TableRow* const row = extra().rows.step(extra().places[level], name, extra().value);
        return row == &field_above ? &response_field_above : row;
    }
    void begin_document() noexcept {
        extra().value = reader().paths.context() == response_event ? extra().rows.root() : FieldPlace();
        extra().later_count = extra().later_level = 0;
        extra().token = EventKind::started;
    }

    // ---- values for later --------------------------------------------------------------------------------------

    // at: where it begins. level: of what contains it.
    bool put_off(char* at, unsigned level) noexcept {
        const json::PathReader& paths = reader().paths;
        if (!reader().is_whole || extra().later_count == ResponseExtraState::max_later) return false;
        if (paths.context_at(level) >= response_context_count) return false;
        Later& later = extra().later[extra().later_count++];
        later = {at, paths.row(), extra().value, part_here(level + 1), reader().return_count};
        return true;
    }
    // The part of an item's list that is open, among the outermost `depth` containers.
    int16_t part_here(unsigned depth) const noexcept {
        for (unsigned level = 0; level != depth && state_.is_part_listed; ++level) {
            const unsigned context = reader().paths.context_at(level);
            if (context == response_part || context == response_summary) return state_.part_place;
        }
        return ResponseExtraState::part_of_event;
    }
    bool is_due(const Later& later) const noexcept { return reader().return_count == 0 || later.level != 0; }
    bool has_due_later() const noexcept {
        for (unsigned index = 0; index != extra().later_count; ++index)
            if (is_due(extra().later[index])) return true;
        return false;
    }
    // Begins to read the first of those whose time has come, or drops it. Returns false if none is read.
    bool read_next_later() noexcept {
        if (reader().return_count < extra().later_level) extra().later_level = 0;
        if (extra().later_count == 0 || extra().later_level != 0 || reader().text.is_open()) return false;
        const unsigned level = reader().return_count;
        const bool is_time = level == 0 ? state_.is_over : state_.is_item_over && level == state_.item_level;
        if (!is_time) return false;
        for (unsigned index = 0; index != extra().later_count;) {
            const Later later = extra().later[index];
            if (!is_due(later)) {  // of the event around the items
                ++index;
                continue;
            }
            --extra().later_count;
            for (unsigned at = index; at != extra().later_count; ++at) extra().later[at] = extra().later[at + 1];
            extra().is_of_item = later.level != 0 || !state_.is_answer;
            extra().part = later.part;
            if (has_error() || (later.row->context == response_logprob && is_told())) continue;
            extra().value = later.place;
            reader().read_as(later.begin, later.row, 0);
            extra().later_level = reader().return_count;
            return true;
        }
        return false;
    }

    // ---- fields --------------------------------------------------------------------------------------------------

    // Before something leaves where it stands.
    void look_at_place() noexcept {
        if (extra().later_level != 0) return;
        const unsigned depth = reader().paths.depth();
        extra().is_of_item = !state_.is_answer;
        for (unsigned level = 0; level != depth; ++level)
            if (reader().paths.context_at(level) == response_item) extra().is_of_item = true;
        extra().part = part_here(depth);
    }
    bool is_field_open() const noexcept {
        return reader().text.is_open() && reader().text.owner().kind == EventKind::custom_field;
    }
    void begin_field(const json::TableRow& row, char* at, bool escapes) noexcept {
        look_at_place();
        state_.role = TextRole::unknown;  // no other text has that
        reader().text.begin({EventKind::custom_field, 0, extra().rows.index_of(row)}, at, escapes);
    }
    void end_field(const json::TableRow& row) noexcept {
        const char* const end = reader().paths.token().end();
        if (reader().is_raw) {
            reader().text.extend(end, true);
            reader().is_raw = false;
        } else if (reader().raw_begin) {
            begin_field(row, reader().raw_begin, false);
            reader().text.extend(end, true);
            reader().raw_begin = nullptr;
            if (reader().is_at_return()) reader().paths.resume_after_value(reader().go_back());
        }
    }
    int32_t part_now() const noexcept {
        return extra().part != ResponseExtraState::part_of_event ? extra().part
               : state_.is_listed || state_.is_answer          ? -1
                                                               : state_.content_index;
    }
    void name_owner(Event& event) const noexcept {
        event.content_index = part_now();
        if (extra().is_of_item) return;
        event.output_index = event.item_number = -1;
        event.item_id = StringView();
    }

    // ---- log probabilities -----------------------------------------------------------------------------------------

    // Those of a text that comes as a whole were told with its pieces.
    bool is_told() const noexcept {
        return has_error() || (!says(says_piece) && was_delivered(log_once, bit_of_tokens()));
    }
    int32_t bit_of_tokens() const noexcept {
        const int32_t part = part_now(), last = DeliveryLog::max_part - log_tokens;
        if (part < 0) return log_tokens;
        return log_tokens + (part < last ? part : last);
    }
    void end_token(EventKind kind) noexcept {
        constexpr uint32_t values = bit_of(response_source_type) | bit_of(response_source_place);
        if (reader().values.present(values) != 0) extra().token = kind;
    }
    void emit_token(Event& event) noexcept {
        mark_delivered(log_once, bit_of_tokens());
        fill(event, {extra().token, ignored, response_source_place, response_source_type}, extra().is_of_item);
        event.id = StringView("content", 7);
        name_owner(event);
        extra().token = EventKind::started;
    }

};

constexpr ResponseExtraDialect::ResponseExtraDialect(const json::Context* tables, const FieldPath* list,
                                                     size_t count) noexcept
    : ResponseDialect{{tables, response_event, true, ResponseExtraReader::next, true},
                      EventTypes::of<response_event_types>()},
      state(FieldRows{list, static_cast<uint8_t>(count)}) {}

}  // namespace dialect

// What a ResponseRequest is read for, to get log probabilities, each token once, and the fields named: ask.extras =
// &extras. A FieldPath says where in an event a field stands: "item.encrypted_content", "item.action.queries[]",
// "response.service_tier"; an answer that was not streamed is an event of its own ("service_tier", "output[].phase").
// A key that the library reads itself ("item.status") is no field. Fields and tokens come after the texts of their
// event, or of their item in an answer's output, and before its end; with them comes whose they are, as with a text.
// In an event that does not fit into the buffer they come where they stand, with what is known by then.
//
// It must outlive the conversation, and serves one at a time. The paths must outlive it.
class ResponseExtras : public dialect::ResponseExtraDialect {
public:
    constexpr ResponseExtras() noexcept : ResponseExtras(nullptr, 0) {}
    template <size_t count> constexpr explicit ResponseExtras(const FieldPath (&named_fields)[count]) noexcept
        : ResponseExtras(named_fields, count) {
        static_assert(count <= max_rows, "too many rows");
    }
    template <size_t count> explicit ResponseExtras(FieldPath (&&)[count]) = delete;  // would be gone

private:
    constexpr ResponseExtras(const FieldPath* list, size_t count) noexcept
        : ResponseExtraDialect(dialect::response_extra_tables.contexts, list, count) {}
};

OPENAI_STREAM_END
