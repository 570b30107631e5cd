#pragma once
// Events of the Responses API, by the tables of responses.hpp. A DocumentReader comes here only by the Dialect it was
// given; without a request of that API nothing of it is linked.
//
// When an event is there as a whole, everything in it is looked at before anything is delivered: lists of items and of
// parts are passed over, and read when the event has ended. When an event does not fit into the buffer, everything is
// delivered where it stands, with what is known by then. What is not known then is asked in this order: whether the
// item has said it before (then it is passed over), what its key says, what the last event was about; a text that none
// of them tells is a message's. What comes later must agree with what was assumed, else the answer fails with late_key.
#include "response_values.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ResponseReader : public ResponseValues {
public:
    // Dialect::next of a DocumentReader that was lent memory.
    static Outcome next(DocumentReader& reader, Event& event, const Dialect& dialect, const StringView& type) noexcept {
        return reader.read<ResponseReader&>(of<ResponseReader>(reader, dialect, type), event);
    }

    // What DocumentReader::read() asks.
    Outcome deliver(DocumentReader&, Event& event) noexcept {
        if (emit_next(event)) return Outcome::event;
        if (const unsigned list = deliverable_list()) {
            state_.lists &= static_cast<uint8_t>(~list);
            reader().read_deferred(list, 0);
        }
        return Outcome::need_more;
    }
    static json::StepKind next_step(DocumentReader& reader) noexcept { return reader.paths.next(); }
    bool take_scalar(DocumentReader&, json::StepKind step) noexcept {
        const bool is_text = step == json::StepKind::text || is_text_row();
        if (is_text) {
            if (!take_text()) reader().fail(Error::event_too_large);
            if (step != json::StepKind::text && reader().paths.token().is_complete())
                reader().note(Quirk::scalar_text);
        } else if (step == json::StepKind::boolean) {
            if (reader().paths.token().is_true()) reader().note_error(reader().paths.row()->target);
        } else {
            take_number();
        }
        return reader().first_error != Error::none;
    }
    void wait(DocumentReader&) noexcept { refuse_unknown_text(); }

    Outcome finish(DocumentReader&) noexcept {
        if (has_error()) return Outcome::refused;
        if (!detail::is_small_build) reader().learn({0, response_sequence_number}, state_.known());
        return state_.is_last ? Outcome::last : Outcome::end;
    }

    bool enter(DocumentReader&, Event&) noexcept {
        const json::TableRow* const row = reader().paths.row();
        const unsigned context = reader().paths.context();
        const bool is_object = reader().paths.is_object(), was_deferred = reader().take_jump();
        if (row && json::has(row->mode, json::ReadMode::raw)) {
            state_.key_role = TextRole::arguments;
            state_.role = TextRole::none;
            if (!reader().is_whole) {
                state_.text_context = response_item;
                assume_owner();
            }
            const bool is_wanted = reader().is_whole || role_of(response_item_text) == TextRole::arguments;
            if (is_wanted && !was_delivered(TextRole::arguments)) {
                reader().tool_index = index();
                reader().enter_raw(row);
            } else {
                reader().paths.skip(nullptr);
            }
        } else if (!is_object) {
            enter_list(row, context, was_deferred);
        } else if (context == response_event) {
            begin_event();
        } else if (context == response_object) {
            state_.is_answer = true;
        } else if (context == response_item) {
            begin_item(!row);
        } else if (context == response_part || context == response_summary) {
            begin_part(!row);
        } else if (context == response_source) {
            if (!has_error()) reader().forget(source_values);  // they lie where those of the error do
            state_.source_begin = state_.source_end = -1;
        } else if ((context == error || context == error_root) && !reader().enter_error(row)) {
            reader().paths.skip(nullptr);
        }
        return false;
    }
    OPENAI_STREAM_OUTLINE bool exit(DocumentReader&, Event&) noexcept {
        const json::TableRow* const row = reader().paths.row();
        if (row && json::has(row->mode, json::ReadMode::raw)) {
            reader().leave_raw(row->target);
        } else if (row) {  // a list passed over
            const unsigned list = 1u << reader().passed_over;
            state_.lists = static_cast<uint8_t>(reader().was_empty() ? state_.lists & ~list : state_.lists | list);
        } else {
            reader().exit_error();
            if (reader().paths.is_object()) end_object(reader().paths.context());
            reader().leave_deferred();
        }
        return false;
    }

protected:
    void begin_owner() noexcept {
        state_.owner = ResponseState::unresolved;
        state_.is_owner_assumed = state_.is_owner_unsure = state_.is_delta = false;
    }

private:

    // ---- what is read --------------------------------------------------------------------------------------------

    static constexpr uint32_t item_values = bit_of(response_item_id) | bit_of(response_item_type) |
                                            bit_of(response_call_id) | bit_of(response_name) |
                                            bit_of(response_item_text) | bit_of(response_item_status) | part_values;

    void begin_event() noexcept {
        state_.begin_event();
        if (!type().empty()) set_type(type());
        reader().forget(~0u);
        reader().created = 0;
        reader().forget_counts();
    }
    void begin_item(bool is_in_list) noexcept {
        const uint32_t values = has_error() ? item_values & ~bit_of(response_item_status) : item_values;
        state_.is_item_over = state_.is_part_listed = false;
        if (is_in_list && state_.is_listed) {
            begin_owner();
            if (state_.item_place != DeliveryLog::max_place) ++state_.item_place;
            state_.has_item_id = false;
            reader().forget(values);
        } else {
            reader().forget(values & ~bit_of(response_item_id));
        }
    }
    void begin_part(bool is_in_list) noexcept {
        state_.is_part_listed = is_in_list;
        state_.text_context = reader().paths.context();
        if (is_in_list && state_.part_place != DeliveryLog::max_place) ++state_.part_place;
        reader().forget(bit_of(response_part_type) | part_values);
    }

    void enter_list(const json::TableRow* row, unsigned context, bool was_deferred) noexcept {
        if (row && json::has(row->mode, json::ReadMode::deferred) && reader().is_whole && !was_deferred) {
            reader().defer(row, deferred_in(context));
        } else if (!may_have_texts()) {
            reader().paths.skip(nullptr);
        } else if (context == response_item) {
            state_.item_place = -1;
            state_.is_listed = !is_known() || state_.is_answer;
            if (state_.is_listed && !state_.is_typed) state_.is_answer = true;
            if (state_.is_listed && !reader().is_whole) state_.is_start_pending = true;
        } else if (context == response_part || context == response_summary) {
            state_.part_place = -1;
        } else if (context == response_source && row) {
            assume_owner();
            const int32_t place = part();
            if (has_error() || was_delivered(log_sources, place)) reader().paths.skip(nullptr);
            else mark_delivered(log_sources, place);
        }
    }

    void end_object(unsigned context) noexcept {
        const json::PathReader& paths = reader().paths;
        const bool is_in_list = paths.depth() != 0 && !paths.token().is_object_at(paths.depth() - 1u);
        if (context == response_event) {
            end_event();
        } else if (context == response_item) {
            if (!is_in_list) return;
            if (state_.is_listed) end_item();
            else set_pending_texts(response_item, kept_texts & ~bit_of(response_item_text));
        } else if (context == response_part || context == response_summary) {
            if (is_in_list) end_part(context);
        } else if (context == response_source) {
            if (is_in_list) state_.pending |= State::pending_source;
        }
    }
    void set_pending_texts(unsigned context, uint32_t targets) noexcept {
        state_.text_context = static_cast<uint8_t>(context);
        state_.texts = static_cast<uint16_t>(reader().values.present(targets));
    }
    void end_part(unsigned context) noexcept {
        const TextRole role = role_of_part();
        if (state_.has_left && role != TextRole::none && state_.assumed != TextRole::none && role != state_.assumed)
            late_key();
        state_.assumed = TextRole::none;
        set_pending_texts(context, part_values);
    }

    // The item has been read, but for its lists.
    void end_item() noexcept {
        check_owner();
        announce_item();
        set_pending_texts(response_item, bit_of(response_item_text));
        if (!was_delivered(log_once, log_item_done) || says(says_item_done)) state_.pending |= State::pending_item_done;
        state_.item_level = reader().return_count;
        state_.is_item_over = true;
    }
    void end_event() noexcept {
        state_.is_over = true;
        if (!reader().values.is_empty(response_event_type)) look_up_type();
        if (!state_.is_typed && !state_.has_item_id && has(response_status))
            state_.is_answer = true;
        check_assumed_type();
        const bool has_answer = state_.is_answer;
        // What went wrong with an item, a call of a tool mostly.
        if (!has_answer && (is_mark() || is_unknown_type()) && (state_.has_item_id || state_.output_index >= 0))
            reader().signs = 0;
        if (has_answer) state_.is_start_pending = true;
        state_.is_listed = false;
        const unsigned said = state_.meaning.says;
        // Those of an item are read when it is over; one that ends here only says whose the event is.
        if ((said & (says_item_done | says_pieces)) == 0) state_.lists &= State::output_list;
        if (has_answer || said != 0) reader().was_understood = true;
        const unsigned odd = said & (says_begins | says_odd);
        if (odd > says_begins || (odd != 0 && reader().was_started))
            reader().note(odd > says_begins ? Quirk::other_event_type : Quirk::started_again);
        if (said == 0) {
            if ((!has_answer || state_.is_typed) && !has_error()) reader().note(Quirk::unknown_event);
            if (state_.is_typed) {
                state_.pending |= State::pending_mark;
                state_.lists = 0;
            } else if (has_answer) {
                end_answer();
            }
            return;
        }
        if (state_.is_part_assumed && state_.has_left) state_.is_first_assumed = true;
        if ((said & (says_item | says_item_done)) == 0) check_owner();
        if ((said & (says_piece | says_whole)) != 0) {
            if (state_.is_first_assumed && state_.content_index < 0) state_.content_index = 0;
            check_passed();
            set_pending_texts(response_event, part_values | bit_of(response_untyped_text));
        }
        if ((said & says_piece) != 0) note_piece();
        if ((said & says_part) != 0) {
            state_.is_part_listed = false;
            check_passed();
            end_part(state_.meaning.role == TextRole::summary ? response_summary : response_part);
        }
        if ((said & says_item) != 0) announce_item();
        if ((said & says_item_done) != 0) end_item();
        if ((said & says_source) != 0) mark_delivered(log_sources, part());
        if ((said & says_ends) != 0) end_answer();
        if ((said & says_failure_of_answer) != 0) {
            reader().signs = error_certain;
            take_error_code(response_first_text);
            take_error_code(response_untyped_text);
        }
        state_.pending = static_cast<uint8_t>(state_.pending | (said & State::said_and_pending));
        if (!may_have_lists()) state_.lists = 0;
    }
    // "code" was read as a text, since it may be the code interpreter's.
    void take_error_code(unsigned text) noexcept {
        if (reader().values.is_empty(value_error_code) && has(text))
            reader().values.move(text, value_error_code);
    }
    void end_answer() noexcept {
        const bool is_body = !type().data();
        const StringView status = text_of(response_status);
        if (status == StringView("failed", 6)) reader().signs = error_certain;
        if (has_error()) return;
        // An event that lacks its type may be any; an answer that was not streamed has ended, whatever its status.
        if (!state_.is_typed && !is_body) {
            reader().note(Quirk::untyped_event);
            if (!is_final(status)) return;
        }
        state_.pending |= State::pending_finish;
        if (reader().has_usage) state_.pending |= State::pending_usage;
        state_.is_last = !is_body;
    }
    static bool is_final(StringView status) noexcept {
        return detail::words::index_of("completed\0incomplete\0cancelled\0", status.data(), status.size()) != 0;
    }
};

}  // namespace dialect

OPENAI_STREAM_END
