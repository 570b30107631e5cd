#pragma once
// What an event of an API with typed events means, so far as it is known, and which output item it belongs to: what
// has come by now is asked first, then what the item has said before, what a key says, what the last event was about. A
// text that none of them tells is a message's. What comes later must agree, else the answer fails with late_key.
#include "response_state.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// It is the state itself, so that small machines need one pointer to it and to all that it is asked.
class ResponseMeaning {
protected:
    using State = ResponseState;

    // For one call of Dialect::next.
    template <class Rules>
    static Rules& of(DocumentReader& reader, const Dialect& dialect, const StringView& type) noexcept {
        Rules& rules = State::in<Rules>(reader.memory());
        reader.dialect_now = &dialect;
        rules.state_.reader = &reader;
        rules.state_.type = &type;
        return rules;
    }
    DocumentReader& reader() const noexcept { return *state_.reader; }
    const ResponseDialect& dialect() const noexcept {
        return static_cast<const ResponseDialect&>(*reader().dialect_now);
    }
    const StringView& type() const noexcept { return *state_.type; }

    static constexpr uint32_t kept_texts =
        bit_of(response_first_text) | bit_of(response_second_text) | bit_of(response_item_text);

    // ---- what is meant -------------------------------------------------------------------------------------------

    // A sign that is not certain counts where nothing else says what it is: no type of an event, and no answer.
    bool has_error() const noexcept {
        if ((reader().signs & error_certain) != 0) return true;
        const StringView status = text_of(response_status);
        const bool is_answer = state_.is_answer && (status.empty() || state_.reason_of(status) != FinishReason::none);
        return reader().signs == error_possible && !is_known() && !is_answer && !(state_.is_typed && type().data());
    }
    // The event says one of these: a set of EventMeaning.
    bool says(unsigned what) const noexcept { return (state_.meaning.says & what) != 0; }
    bool is_known() const noexcept { return state_.meaning.says != 0; }  // what the event says
    bool is_mark() const noexcept { return (state_.meaning.says & ~says_odd) == says_mark; }  // and no more
    // Nobody knows what it says.
    OPENAI_STREAM_OUTLINE bool is_unknown_type() const noexcept { return state_.is_typed && !is_known(); }
    bool is_piece() const noexcept {
        if (says(says_pieces)) return true;
        const bool may_be = says(says_piece) || (!is_known() && state_.is_delta);
        return may_be && (state_.text_context == response_event || state_.text_context == response_shell);
    }
    // So far as it is known.
    bool may_have_texts() const noexcept {
        if (!is_known()) return !state_.is_typed;
        return says(says_piece | says_whole | says_part | says_item_done | says_ends | says_failure_of_answer |
                    says_pieces);
    }
    // What is known to have none is not asked for what it was thought to have.
    bool may_have_lists() const noexcept { return !is_mark() && !says(says_begins | says_piece | says_item); }

    // By their types; none: they have none that is known. Words are compared as they were sent: none of ours is written
    // with escapes.
    TextRole role_of_item() const noexcept { return response_item_types.role_of(text_of(response_item_type)); }
    TextRole role_of_part() const noexcept { return response_part_types.role_of(text_of(response_part_type)); }
    bool has(unsigned target) const noexcept { return reader().values.present(bit_of(target)) != 0; }
    StringView text_of(ResponseTarget target) const noexcept { return reader().values.text(target); }
    bool is_call() const noexcept { return role_of_item() == TextRole::arguments; }
    // Where a text lies; a number that is none.
    static unsigned target_of(const json::TableRow& row) noexcept {
        if (row.target >= response_delta && row.target <= response_code) return response_first_text;
        return row.target == response_item_code || row.target == response_item_picture ? unsigned{response_item_text}
                                                                                      : row.target;
    }
    TextRole role_of(unsigned target) const noexcept {
        if (!may_have_texts()) return TextRole::none;
        if (target == response_item_text) {
            const TextRole role = role_of_item();
            if (role >= TextRole::arguments) return role;
            return has(response_item_type) ? TextRole::none : state_.key_role;
        }
        if (state_.text_context == response_event) {
            if (!is_known()) return state_.assumed != TextRole::none ? state_.assumed : TextRole::unknown;
            if (!says(says_piece | says_whole)) return TextRole::none;
            const bool is_error = state_.meaning.role == TextRole::output && target == response_second_text;
            return is_error ? TextRole::errors : state_.meaning.role;
        }
        if (state_.text_context == response_shell || state_.text_context == response_item)
            return target == response_second_text ? TextRole::errors : TextRole::output;
        if (state_.text_context == response_summary) return TextRole::summary;
        if (state_.text_context != response_part) return TextRole::none;
        if (target == response_second_text) return TextRole::refusal;
        const bool has_type = has(response_part_type);
        if (!has_type && says(says_part) && state_.meaning.role == TextRole::summary) return TextRole::summary;
        const TextRole role = has_type ? role_of_part() : role_of_item();
        if (role == TextRole::none && !has_type && !has(response_item_type)) return text_of_owner();
        return role < TextRole::arguments ? role : TextRole::none;
    }
    // A text without a type: a message's, unless its item is known for a reasoning.
    TextRole text_of_owner() const noexcept {
        const DeliveredTexts* const owner = item();
        return owner && owner->kind == reasoning_kind ? TextRole::reasoning : TextRole::text;
    }
    // What the key of a text says it is. (A delta is most likely of the sort that the last one was.)
    TextRole role_of_key() const noexcept {
        const unsigned target = reader().paths.row()->target;
        return target == response_delta                                             ? state_.last_role
               : target == response_whole_text                                      ? TextRole::text
               : target == response_whole_refusal                                   ? TextRole::refusal
               : target == response_whole_arguments || target == response_item_text ? TextRole::arguments
               : target == response_item_code                                       ? TextRole::code
               : target == response_item_picture                                    ? TextRole::picture
                                                                                    : TextRole::none;
    }
    // The role of a text that is not there as a whole. If its type comes after it, a text that is no piece is passed
    // over when it was delivered before for that item.
    TextRole assumed_role_of(const json::TableRow& row) noexcept {
        TextRole role = role_of(target_of(row));
        if (role != TextRole::unknown) {
            if (state_.text_context == response_part && !has(response_part_type)) {
                if (!is_known() && !state_.is_part_listed && passes_said_text()) return TextRole::none;
                state_.assumed = role;
            }
            return role;
        }
        if (row.target == response_code && was_delivered(log_once, log_code)) return TextRole::none;
        // No event, but an answer that was not streamed: the request's own, sent back; or the code of an error.
        if (!type().data() && row.target != response_code) return TextRole::none;
        if (row.target == response_whole_text) {
            if (passes_said_text()) return TextRole::none;
            role = text_of_owner();
        } else {
            role =
                row.target == response_code || state_.key_role == TextRole::none ? TextRole::unknown : state_.key_role;
        }
        if (role == TextRole::unknown) return role;
        state_.is_delta = row.target == response_delta;
        state_.assumed = role;
        return role;
    }

    // ---- whose it is ---------------------------------------------------------------------------------------------

    // As far as the server has said it by now; of the item where it has not.
    int32_t told_index() const noexcept { return state_.is_listed ? state_.item_place : state_.output_index; }
    int32_t index() const noexcept {
        const int32_t told = told_index();
        if (told >= 0) return told;
        const DeliveredTexts* const owner = item();
        return owner && owner->has_place && !may_be_of_another_call() ? owner->place : -1;
    }
    // Nobody knows for certain which call it is: so none is told, and a Collector will not say that it can be run.
    bool may_be_of_another_call() const noexcept { return state_.is_owner_unsure && kinds() == call_kind; }
    int32_t part() const noexcept { return state_.is_part_listed ? state_.part_place : state_.content_index; }

    uint32_t hash_of(ResponseTarget target) const noexcept {
        reader().values.decode(target);
        const StringView name = text_of(target);
        if (name.empty()) return 0;
        uint32_t hash = 2166136261u;  // FNV-1a
        for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
        return hash != 0 ? hash : 1;
    }
    static unsigned kind_of(TextRole role) noexcept {
        return role == TextRole::text || role == TextRole::refusal        ? message_kind
               : role == TextRole::reasoning || role == TextRole::summary ? reasoning_kind
               : role == TextRole::arguments                              ? call_kind
                                                                          : any_kind;
    }
    // What the item may be, as far as it is known.
    unsigned kinds() const noexcept {
        constexpr unsigned has_parts = message_kind | reasoning_kind;
        TextRole role = role_of_item();
        if (role != TextRole::none) return kind_of(role);
        if (has(response_item_type)) return no_call_kinds;
        if (says(says_piece | says_whole)) return kind_of(state_.meaning.role);
        if (state_.text_context == response_summary || (says(says_part) && state_.meaning.role == TextRole::summary))
            return reasoning_kind;
        if (says(says_part) || state_.text_context == response_part) {
            role = role_of_part();
            return role != TextRole::none ? kind_of(role) : has_parts;
        }
        if (says(says_source)) return message_kind;
        if (state_.text_context == response_item) return kind_of(state_.key_role);
        if (state_.text_context == response_event && !state_.is_typed)
            return state_.key_role == TextRole::text ? has_parts : kind_of(state_.key_role);
        return any_kind;
    }
    ItemKey key() const noexcept {
        ItemKey key;
        if (state_.has_item_id) key.id = hash_of(response_item_id);
        key.call_id = hash_of(response_call_id);
        key.place = DeliveryLog::within(told_index());
        key.kinds = static_cast<uint8_t>(kinds());
        key.may_begin = is_piece() || says(says_piece | says_item);
        key.ends = says(says_item_done);
        return key;
    }
    int owner() const noexcept {
        bool is_sure = true;
        return state_.owner != State::unresolved ? int{state_.owner}
                                                 : state_.memory.find(key(), is_sure);
    }
    // Null: nothing is known of it.
    const DeliveredTexts* item() const noexcept {
        const int index = owner();
        if (index >= 0) return &state_.memory[index];
        return index == DeliveryLog::forgotten ? &state_.memory.of_forgotten() : nullptr;
    }
    // The same for the part that a text of an event belongs to: a piece goes on with the item's last one, and what an
    // item says first is of its first part, also where the server says no parts. What is not known then is of no part.
    void assume_part(TextRole role) noexcept {
        if (state_.content_index >= 0 || state_.is_part_listed || !has_parts(role)) return;
        const DeliveredTexts* const owner = item();
        if (is_piece() && owner && owner->next_part != 0 && owner->last_role == static_cast<uint8_t>(role)) {
            state_.content_index = owner->next_part - 1;
        } else if (!owner || owner->delivered[row_of(role).group] == 0) {
            state_.content_index = 0;
            state_.is_part_assumed = true;
        }
    }
    static bool has_parts(TextRole role) noexcept {
        return row_of(role).bit == log_part && row_of(role).group != log_never;
    }
    // Before something of an event leaves of which the end is not known: where it has not said whose it is, it is taken
    // to be of the item that its kind and the last event tell.
    void assume_owner() noexcept {
        if (state_.owner != State::unresolved) return;
        const ItemKey names = key();
        if (!names.is_empty()) return;
        bool is_sure = true;
        const int found = state_.memory.find(names, is_sure);
        if (found == DeliveryLog::none) return;
        state_.owner = static_cast<int16_t>(found);
        state_.is_owner_assumed = true;
        state_.is_owner_unsure = !is_sure;
    }
    // The names have come, if there are any. What they name has to be what was assumed; a text that was passed over
    // must have been said by it, too.
    void check_owner() noexcept {
        const ItemKey names = key();
        if (!state_.is_owner_assumed || names.is_empty()) return;
        state_.is_owner_assumed = false;
        const int named = state_.memory.find_named(names);
        const int assumed = state_.owner;
        if (named == assumed) return;
        if (named == DeliveryLog::none && (assumed < 0 || state_.memory[assumed].lacks(names))) return;
        state_.owner = State::unresolved;
        if (state_.has_left) late_key();
        check_passed();
    }
    // All is known of a text that was passed over since it had been said: it was.
    void check_passed() noexcept {
        if (state_.passed == TextRole::none) return;
        if (!(state_.passed == TextRole::unknown ? was_text_delivered() : was_delivered(state_.passed))) late_key();
    }
    void check_assumed_type() noexcept {
        if (state_.assumed == TextRole::none || !state_.is_typed || !state_.has_left) return;
        const bool is_text = says(says_piece | says_whole);
        if (is_text ? state_.meaning.role != state_.assumed : is_unknown_type()) late_key();
    }
    void late_key() noexcept { reader().fail(Error::late_key); }

    // After a piece: what the next one is taken to go on with.
    void note_piece() noexcept {
        state_.last_role = state_.meaning.role;
        if (state_.has_left) mark_delivered(state_.meaning.role);
    }

    bool was_delivered(LogGroup group, int32_t bit) const noexcept {
        const DeliveredTexts* const owner = item();
        return owner && group != log_never && owner->has(group, DeliveryLog::bit_of(bit));
    }
    void mark_delivered(LogGroup group, int32_t bit) noexcept {
        const ItemKey names = key();
        bool is_sure = true;
        int found = state_.owner;
        if (found == State::unresolved) {
            found = state_.memory.find(names, is_sure);
            state_.is_owner_unsure = !is_sure;
            state_.is_owner_assumed = names.is_empty();
            if (names.is_empty()) reader().note(Quirk::unnamed_item);
        }
        state_.owner = static_cast<int16_t>(state_.memory.add(found, names, group, 1u << DeliveryLog::bit_of(bit)));
        if (state_.memory.is_call_id(state_.owner, names.id)) reader().note(Quirk::call_id_as_item_id);
    }
    static const TextRoleRow& row_of(TextRole role) noexcept { return text_roles[static_cast<unsigned>(role)]; }
    int32_t bit_of_role(TextRole role) const noexcept {
        const TextRoleRow& row = row_of(role);
        return row.bit == log_part ? part() : static_cast<int32_t>(row.bit);
    }
    // Returns false if nothing is noted of such texts.
    bool mark_delivered(TextRole role) noexcept {
        const LogGroup group = row_of(role).group;
        if (group == log_never) return false;
        mark_delivered(group, bit_of_role(role));
        return true;
    }
    bool was_delivered(TextRole role) const noexcept { return was_delivered(row_of(role).group, bit_of_role(role)); }

    // The part's text, or its summary.
    bool was_text_delivered() const noexcept {
        return was_delivered(log_parts, part()) || was_delivered(log_more, part());
    }

    // A text that is no piece is passed over if it was delivered before.
    bool passes_said_text(TextRole role) noexcept {
        if (is_piece() || !was_delivered(role)) return false;
        state_.passed = role;
        return true;
    }
    // So it is passed over, whichever of the two it will be.
    bool passes_said_text() noexcept {
        if (!was_text_delivered()) return false;
        state_.passed = TextRole::unknown;
        return true;
    }

    // Returns true if a text of it may be delivered now, and notes that it was.
    bool claim(TextRole role) noexcept {
        if (passes_said_text(role)) return false;
        if (mark_delivered(role) && is_piece() && state_.owner >= 0) note_part(role);
        return true;
    }
    // A piece leaves: notes the part that assume_part() takes the item's next piece to go on with.
    void note_part(TextRole role) noexcept {
        DeliveredItem& owner = state_.memory[state_.owner];
        const bool is_noted = state_.content_index >= 0 && state_.content_index < DeliveredItem::max_noted_part;
        owner.next_part = static_cast<uint8_t>(is_noted ? state_.content_index + 1 : 0) & 7;
        owner.last_role = static_cast<uint8_t>(role) & 15;
    }

    void announce_item() noexcept {
        const uint32_t known = reader().values.present(bit_of(response_call_id) | bit_of(response_name));
        const bool has_new_id = !reader().values.is_empty(response_call_id) && !was_delivered(log_once, log_call_id);
        bool is_new = !was_delivered(log_once, log_item);
        if (says(says_item)) state_.owner = static_cast<int16_t>(state_.memory.begin(key(), is_new));
        if (is_new) state_.pending |= State::pending_item;
        const bool is_better_known = (state_.has_left && known != 0) || has_new_id;
        if (is_call() && (!was_delivered(log_once, log_call) || is_better_known))
            state_.pending |= State::pending_call;
    }

    ResponseState state_;
};

}  // namespace dialect

OPENAI_STREAM_END
