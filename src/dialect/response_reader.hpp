#pragma once
// Events of the Responses API, by the tables of responses.hpp. An EventReader comes here only by the Dialect it was
// given; without a request of that API nothing of it is linked.
//
// Of an event that is there as a whole everything is looked at before something is handed out: lists of items and of
// parts are passed over, and read when the event has ended. Of an event that does not fit into the buffer everything is
// delivered where it stands, with what is known by then. What is not known then is asked in this order: whether the
// item has said it before (then it is passed over), what its key says, what the last event was about; a text that none
// of them tells is a message's. What comes later must agree with what was assumed, else the answer fails with late_key.
#include "response_state.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ResponseReader {
public:
    // What the Dialect of an EventReader that was lent memory calls. type: of the server-sent event, empty if it has
    // none; null data(): there are no events, it is an answer that was not streamed.
    static Outcome next(EventReader& reader, Event& event, const Dialect* dialect, const StringView& type) noexcept {
        return ResponseReader(reader, *static_cast<const ResponseDialect*>(dialect), type).read_next(event);
    }

    // Where the state lies in the memory.
    static ResponseState* state_in(Buffer memory) noexcept {
        return reinterpret_cast<ResponseState*>(memory.data + gap_in(memory));
    }
    // Before the first event. There must be min_bytes. is_late: the events are the later ones of an answer, and those
    // before were handed out already: of what had begun by then only pieces are handed out.
    static constexpr size_t min_bytes = sizeof(ResponseState) + 2 * sizeof(SaidItem) + alignof(ResponseState);
    static void prepare(Buffer memory, bool is_late) noexcept {
        const size_t begin = gap_in(memory) + sizeof(ResponseState);
        ResponseState& state = *state_in(memory);
        state = ResponseState((memory.size - begin) / sizeof(SaidItem));
        if (is_late) state.memory.begin_late();
    }

private:
    static size_t gap_in(Buffer memory) noexcept {
        return (0 - reinterpret_cast<uintptr_t>(memory.data)) & (alignof(ResponseState) - 1);
    }
    using State = ResponseState;

    ResponseReader(EventReader& reader, const ResponseDialect& dialect, const StringView& type) noexcept
        : reader_(reader), out_(reader.out_), paths_(reader.paths_), state_(*state_in(reader.memory())),
          dialect_(dialect), type_(type) {}

    // EventReader::run(), for this dialect.
    Outcome read_next(Event& event) noexcept {
        while (true) {
            if (reader_.error_ == Error::none && hand_out(event)) return Outcome::event;
            if (reader_.error_ != Error::none) return Outcome::failed;
            if (const unsigned list = due_list()) {
                state_.lists &= static_cast<uint8_t>(~list);
                reader_.read_deferred(list);
                continue;
            }
            const json::StepKind step = paths_.next();
            switch (step) {
                case json::StepKind::text:
                    if (!take_text()) return reader_.fail(Error::event_too_large);
                    break;
                case json::StepKind::number:
                case json::StepKind::boolean:
                    if (is_text_row()) {
                        if (!take_text()) return reader_.fail(Error::event_too_large);
                        if (paths_.token().is_complete()) out_.quirks.add(Quirk::scalar_text);
                    } else if (step == json::StepKind::boolean) {
                        if (paths_.token().is_true()) reader_.note_error(paths_.row()->target);
                    } else if (!take_number()) {
                        return reader_.fail(Error::late_key);
                    }
                    break;
                case json::StepKind::enter: enter(); break;
                case json::StepKind::leave: leave(); break;
                case json::StepKind::failed: return reader_.fail(paths_.token().error());
                case json::StepKind::need_more:
                    if (reader_.is_raw_ && out_.text.end() != reader_.at()) {
                        out_.text.extend(reader_.at(), false);
                        break;
                    }
                    reader_.pending_row_ = paths_.row();
                    if (!reader_.is_last_) {
                        refuse_unknown_text();
                        return Outcome::need_more;
                    }
                    if (!reader_.pending_row_ || paths_.depth() != 0) return finish();
                    paths_.accept_piece();
                    break;
            }
        }
    }

    Outcome finish() noexcept {
        reader_.ended_early_ = !paths_.finish();
        if (reader_.ended_early_) return reader_.fail(Error::bad_json);
        if (has_error()) {
            reader_.decode_error();
            return Outcome::refused;
        }
        out_.values.forget(error_values);  // as EventReader::finish() does
        if (is_understood()) reader_.has_understood_ = true;
        return state_.is_last ? Outcome::last : Outcome::end;
    }

    // ---- what is read --------------------------------------------------------------------------------------------

    static constexpr uint32_t item_values = bit_of(response_item_id) | bit_of(response_item_type) |
                                            bit_of(response_call_id) | bit_of(response_name) |
                                            bit_of(response_item_text) | bit_of(response_item_status) | part_values;
    static constexpr uint32_t source_values =
        bit_of(response_source_type) | bit_of(response_source_place) | bit_of(response_source_title);
    static constexpr uint32_t kept_texts =
        bit_of(response_first_text) | bit_of(response_second_text) | bit_of(response_item_text);

    void forget(uint32_t targets) noexcept { out_.forget(targets); }

    void begin_event() noexcept {
        state_.sequence_number = state_.output_index = state_.content_index = -1;
        state_.item_place = state_.part_place = -1;
        state_.texts = 0;
        state_.owed = state_.lists = 0;
        state_.is_answer = state_.is_listed = state_.is_item_over = state_.has_item_id = state_.is_part_listed = false;
        state_.has_left = state_.is_start_owed = state_.is_over = state_.is_last = false;
        state_.voice = state_.assumed = state_.passed = Voice::none;
        state_.text_context = skipped;
        begin_owner();
        state_.meaning = EventMeaning();
        state_.is_typed = !type_.empty();
        if (state_.is_typed) state_.meaning = dialect_.meaning_of(type_);
        forget(~0u);
        out_.created_ = 0;
        out_.usage_ = Usage();
    }
    void begin_owner() noexcept {
        state_.owner = ResponseState::unresolved;
        state_.is_owner_assumed = state_.is_owner_unsure = state_.is_delta = false;
    }
    void begin_item(bool is_in_list) noexcept {
        state_.is_item_over = state_.is_part_listed = false;
        if (is_in_list && state_.is_listed) {
            begin_owner();
            if (state_.item_place != ResponseMemory::max_place) ++state_.item_place;
            state_.has_item_id = false;
            forget(item_values);
        } else {
            forget(item_values & ~bit_of(response_item_id));
        }
    }
    void begin_part(bool is_in_list) noexcept {
        state_.is_part_listed = is_in_list;
        state_.text_context = paths_.context();
        if (is_in_list && state_.part_place != ResponseMemory::max_place) ++state_.part_place;
        forget(bit_of(response_part_type) | part_values);
    }

    void enter() noexcept {
        const json::Row* const row = paths_.row();
        const unsigned context = paths_.context();
        const bool is_object = paths_.is_object(), was_deferred = reader_.is_jumping_;
        reader_.is_jumping_ = false;
        if (row && json::has(row->take, json::Take::raw)) {
            state_.key_voice = Voice::arguments;
            state_.voice = Voice::none;
            if (!reader_.is_whole_) {
                state_.text_context = response_item;
                assume_owner();
            }
            const bool is_wanted = reader_.is_whole_ || voice_of(response_item_text) == Voice::arguments;
            if (is_wanted && !was_said(Voice::arguments)) {
                paths_.skip(row);
                out_.tool_index_ = index();
                reader_.raw_begin_ = reader_.at() - 1;
            } else {
                paths_.skip(nullptr);
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
            forget(source_values);
            state_.source_begin = state_.source_end = -1;
        } else if ((context == error || context == error_root) && !reader_.enter_error(row)) {
            paths_.skip(nullptr);
        }
    }
    void enter_list(const json::Row* row, unsigned context, bool was_deferred) noexcept {
        if (row && json::has(row->take, json::Take::deferred) && reader_.is_whole_ && !was_deferred) {
            const unsigned id = deferred_in(context);
            reader_.deferred_[id] = {reader_.at() - 1, row};
            reader_.passed_over_ = static_cast<uint8_t>(id);
            paths_.skip(row);
        } else if (is_foreign() || !may_have_texts()) {
            paths_.skip(nullptr);
        } else if (context == response_item) {
            state_.item_place = -1;
            state_.is_listed = !is_known() || state_.is_answer;
            if (state_.is_listed && !state_.is_typed) state_.is_answer = true;
            if (state_.is_listed && !reader_.is_whole_) state_.is_start_owed = !out_.was_started_;
        } else if (context == response_part || context == response_summary) {
            state_.part_place = -1;
        } else if (context == response_source && row) {
            assume_owner();
            if (has_error() || was_said(said_sources, part())) paths_.skip(nullptr);
            else say(said_sources, part());
        }
    }

    void leave() noexcept {
        const json::Row* const row = paths_.row();
        if (row && json::has(row->take, json::Take::raw)) {
            if (reader_.is_raw_) {
                out_.text.extend(paths_.token().end(), true);
            } else if (reader_.raw_begin_ && out_.accepts(row->target)) {
                Value value(reader_.raw_begin_, paths_.token().end(), paths_.rank());
                value.raw = true;
                out_.values.keep(row->target, value);
            }
            reader_.is_raw_ = false;
            reader_.raw_begin_ = nullptr;
            return;
        }
        if (row) {  // a list passed over
            const unsigned list = 1u << reader_.passed_over_;
            if (reader_.is_empty_list(reader_.deferred_[reader_.passed_over_].begin))
                state_.lists &= static_cast<uint8_t>(~list);
            else
                state_.lists |= static_cast<uint8_t>(list);
            return;
        }
        reader_.leave_error();
        if (paths_.is_object()) end_object(paths_.context());
        if (reader_.return_count_ != 0 && paths_.depth() == reader_.returns_[reader_.return_count_ - 1].depth) {
            const EventReader::Return& to = reader_.returns_[--reader_.return_count_];
            paths_.show(to.at, paths_.limit());
            paths_.resume(to.state);
        }
    }

    void end_object(unsigned context) noexcept {
        const bool is_in_list = paths_.depth() != 0 && !paths_.token().is_object_at(paths_.depth() - 1u);
        if (context == response_event) {
            end_event();
        } else if (context == response_item) {
            if (!is_in_list) return;
            if (state_.is_listed) end_item();
            else owe_texts(response_item, kept_texts & ~bit_of(response_item_text));
        } else if (context == response_part || context == response_summary) {
            if (is_in_list) end_part(context);
        } else if (context == response_source) {
            if (is_in_list && !is_foreign()) state_.owed |= State::owed_source;
        }
    }
    void owe_texts(unsigned context, uint32_t targets) noexcept {
        state_.text_context = static_cast<uint8_t>(context);
        state_.texts = static_cast<uint16_t>(out_.values.present(targets));
    }
    void end_part(unsigned context) noexcept {
        const WordRow* const type = find(response_part_types, text_of(response_part_type));
        if (state_.has_left && type && type->voice != state_.assumed && state_.assumed != Voice::none) late_key();
        state_.assumed = Voice::none;
        owe_texts(context, part_values);
    }

    // The item has been read, but for its lists.
    void end_item() noexcept {
        check_owner();
        announce_item();
        owe_texts(response_item, bit_of(response_item_text));
        if (!was_said(said_once, said_item_done) || says(Says::item_done)) state_.owed |= State::owed_item_done;
        state_.item_level = reader_.return_count_;
        state_.is_item_over = true;
    }
    void announce_item() noexcept {
        const uint32_t known = out_.values.present(bit_of(response_call_id) | bit_of(response_name));
        const bool has_new_id = !text_of(response_call_id).empty() && !was_said(said_once, said_call_id);
        bool is_new = !was_said(said_once, said_item);
        if (says(Says::item))
            state_.owner = static_cast<int16_t>(state_.memory.begin(state_.items(), key(), is_new));
        if (is_new) state_.owed |= State::owed_item;
        const bool is_better_known = (state_.has_left && known != 0) || has_new_id;
        if (call_type() && (!was_said(said_once, said_call) || is_better_known)) state_.owed |= State::owed_call;
    }

    void end_event() noexcept {
        state_.is_over = true;
        if (!out_.values.is_empty(static_cast<Target>(response_event_type))) look_up_type();
        if (!state_.is_typed && !state_.has_item_id && out_.values.present(bit_of(response_status)) != 0)
            state_.is_answer = true;
        check_assumed_type();
        const bool has_answer = state_.is_answer;
        // What went wrong with an item, a call of a tool mostly.
        if (!has_answer && (says(Says::mark) || is_foreign()) && (state_.has_item_id || state_.output_index >= 0))
            reader_.signs_ = 0;
        if (has_answer && !out_.was_started_) state_.is_start_owed = true;
        state_.is_listed = false;
        if (has_answer || is_known()) reader_.has_understood_ = true;
        if (!is_known()) {
            if ((!has_answer || state_.is_typed) && !has_error()) out_.quirks.add(Quirk::unknown_event);
            if (state_.is_typed) state_.owed |= State::owed_mark;
            if (state_.is_typed) state_.lists = 0;
            if (has_answer && !state_.is_typed) end_answer();
            return;
        }
        const Says says = state_.meaning.says;
        if (says != Says::item_done && says != Says::item) check_owner();
        if (says == Says::piece || says == Says::whole) {
            if (state_.is_first_assumed && state_.content_index < 0) state_.content_index = 0;
            check_passed();
            owe_texts(response_event, part_values | bit_of(response_untyped_text));
            if (says == Says::whole) {
                state_.owed |= State::owed_mark;
            } else {
                state_.lists = 0;
                note_piece();
            }
        } else if (says == Says::part) {
            state_.is_part_listed = false;
            check_passed();
            end_part(state_.meaning.voice == Voice::summary ? response_summary : response_part);
            state_.owed |= State::owed_mark;
        } else if (says == Says::item) {
            announce_item();
            state_.lists = 0;
        } else if (says == Says::item_done) {
            end_item();
        } else if (says == Says::source) {
            say(said_sources, part());
            state_.owed |= State::owed_source;
        } else if (says == Says::ends) {
            end_answer();
        } else if (says == Says::fails) {
            reader_.signs_ = error_certain;
            take_error_code(response_first_text);
            take_error_code(response_untyped_text);
        } else if (says == Says::alive) {
            state_.owed |= State::owed_alive;
        } else if (says == Says::mark) {
            state_.owed |= State::owed_mark;
        }
        if (says == Says::mark || says == Says::begins) state_.lists = 0;
    }
    // "code" was read as a text, since it may be the code interpreter's.
    void take_error_code(unsigned text) noexcept {
        if (out_.values.is_empty(value_error_code) && out_.values.present(bit_of(text)) != 0)
            out_.values.move(text, value_error_code);
    }
    void end_answer() noexcept {
        const bool is_body = !type_.data();
        const StringView status = text_of(response_status);
        if (status == StringView("failed", 6)) reader_.signs_ = error_certain;
        if (has_error()) return;
        // An event that lacks its type may be any; an answer that was not streamed has ended, whatever its status.
        if (!state_.is_typed && !is_body && !is_final(status)) return;
        state_.owed |= State::owed_finish;
        if (out_.has_usage()) state_.owed |= State::owed_usage;
        state_.is_last = !is_body;
    }
    static bool is_final(StringView status) noexcept {
        return words::place_in("completed\0incomplete\0cancelled\0", status.data(), status.size()) != 0;
    }

    void look_up_type() noexcept {
        out_.values.decode(static_cast<Target>(response_event_type));
        state_.meaning = dialect_.meaning_of(out_.values.text(static_cast<Target>(response_event_type)));
        state_.is_typed = true;
    }

    // Where a text lies; a number that is none.
    static unsigned target_of(const json::Row& row) noexcept {
        if (row.target >= response_delta && row.target <= response_code) return response_first_text;
        return row.target == response_item_code || row.target == response_item_picture ? unsigned{response_item_text}
                                                                                      : row.target;
    }
    // A number, true or false is a text there. (The code of an error may be a number.)
    bool is_text_row() const noexcept {
        const unsigned target = target_of(*paths_.row());
        return target < target_count && (bit_of(target) & kept_texts) != 0 && paths_.row()->target != response_code;
    }
    // False: what it means is not known, and it is not there as a whole.
    bool take_text() noexcept {
        const json::Scanner& token = paths_.token();
        const unsigned target = target_of(*paths_.row());
        const unsigned context = paths_.depth() != 0 ? paths_.context_at(paths_.depth() - 1) : unsigned{skipped};
        if (target == response_own_id) {
            if (!state_.has_item_id) reader_.keep(response_item_id);
            return true;
        }
        if (target == object_name) {
            reader_.keep(target);
            return true;
        }
        if (target >= target_count) return true;
        if ((bit_of(target) & kept_texts) == 0) {
            if (target == response_item_id) state_.has_item_id = true;
            if ((bit_of(target) & source_values) != 0 && has_error() && context == response_source) return true;
            if (target == response_item_status && has_error() && context == response_item) return true;
            reader_.keep(target);
            if (target == response_event_type && !reader_.is_whole_) look_up_type();
            return true;
        }
        if (token.is_first()) state_.key_voice = voice_of_key();
        if (token.is_first() && token.is_complete()) {
            keep_text(target, context);
            return true;
        }
        if (token.is_first()) {
            state_.text_context = static_cast<uint8_t>(context);
            assume_owner();
            const Voice voice = assumed_voice_of(*paths_.row());
            if (voice == Voice::unknown) return false;
            assume_part(voice);
            if (voice != Voice::none && out_.accepts(target) && may_say(voice)) {
                begin_text(voice, reader_.writable(token.begin()), true);
                out_.hand_out_early(bit_of(target));
            }
        }
        if (out_.text.is_open()) out_.text.extend(token.end(), token.is_complete());
        return true;
    }
    void keep_text(unsigned target, unsigned context) noexcept {
        if (prepare_text(target, context)) reader_.keep(target);
    }
    // A text that is there as a whole. False: it is passed over. target: where it is to be kept.
    bool prepare_text(unsigned& target, unsigned context) noexcept {
        if (reader_.is_whole_) return true;
        state_.text_context = static_cast<uint8_t>(context);
        assume_owner();
        const Voice voice = assumed_voice_of(*paths_.row());
        assume_part(voice);
        if (voice == Voice::none && !says(Says::fails)) return false;  // an error's code is no text
        if (voice > Voice::unknown && !is_piece() && was_said(voice)) {
            state_.passed = voice;
            return false;
        }
        if (voice == Voice::unknown && context == response_event) target = response_untyped_text;
        return true;
    }
    bool take_number() noexcept {
        const unsigned target = paths_.row()->target;
        const json::Scanner& token = paths_.token();
        if (target == response_code) {
            reader_.keep(value_error_code);
            return true;
        }
        if (target < target_count)
            return (bit_of(target) & text_values) != 0 || reader_.take_scalar(json::StepKind::number);
        int64_t number = 0;
        if (!token.is_first() || !json::to_integer(token.begin(), token.end(), number)) return true;
        const int32_t index = number < 0 || number >= INT32_MAX ? -1 : static_cast<int32_t>(number);
        if (target == response_sequence_number) state_.sequence_number = number;
        else if (target == response_output_index) return set(state_.output_index, index);
        else if (target == response_content_index) return set_part(index);
        else if (target == response_source_begin) state_.source_begin = index;
        else if (target == response_source_end) state_.source_end = index;
        return true;
    }
    // False: a text left with another one.
    bool set(int32_t& number, int32_t value) const noexcept {
        const bool fits = !state_.has_left || number < 0 || number == value;
        number = value;
        return fits;
    }
    // The same of the part. A text that left with none has others before it, see assume_part().
    bool set_part(int32_t value) noexcept {
        const bool is_unknown = state_.has_left && state_.content_index < 0 && has_parts(state_.voice);
        return set(state_.content_index, value) && !(is_unknown && value >= 0);
    }

    // A text that does not fit, and of which nobody knows what it is, cannot be handed out in pieces.
    void refuse_unknown_text() noexcept {
        const json::Row* const row = reader_.pending_row_;
        reader_.is_unknown_text_ = false;
        if (!row || paths_.depth() == 0) return;
        const unsigned target = target_of(*row);
        if (target >= target_count || (bit_of(target) & kept_texts) == 0) return;
        state_.text_context = paths_.context_at(paths_.depth() - 1);
        state_.key_voice = voice_of_key();
        reader_.is_unknown_text_ = state_.text_context == response_event && !is_known() &&
                                   assumed_voice_of(*row) == Voice::unknown;
    }

    // ---- what is meant -------------------------------------------------------------------------------------------

    // A sign that is not certain counts where nothing else says what it is: no type of an event, and no answer.
    bool has_error() const noexcept {
        if ((reader_.signs_ & error_certain) != 0) return true;
        const StringView status = text_of(response_status);
        const bool is_answer = state_.is_answer && (status.empty() || reason_of(status) != FinishReason::none);
        return reader_.signs_ == error_possible && !is_known() && !is_answer && !(state_.is_typed && type_.data());
    }
    bool says(Says what) const noexcept { return state_.meaning.says == what; }
    bool is_known() const noexcept { return !says(Says::unknown); }  // what the event says
    bool is_foreign() const noexcept { return state_.is_typed && !is_known(); }  // nobody knows what it says
    bool is_piece() const noexcept {
        const bool may_be = says(Says::piece) || (!is_known() && state_.is_delta);
        return may_be && (state_.text_context == response_event || state_.text_context == response_shell);
    }

    // So far as it is known.
    bool may_have_texts() const noexcept {
        const Says what = state_.meaning.says;
        return what == Says::unknown || (what >= Says::piece && what <= Says::item_done && what != Says::item) ||
               what == Says::ends || what == Says::fails;
    }

    template <size_t count> static const WordRow* find(const WordRow (&rows)[count], StringView word) noexcept {
        for (const WordRow& row : rows)
            if (StringView(row.spelling, row.size) == word) return &row;
        return nullptr;
    }
    // Words are compared as they were sent: none of ours is written with escapes.
    const WordRow* item_type() const noexcept { return find(response_item_types, text_of(response_item_type)); }
    StringView text_of(ResponseTarget target) const noexcept { return out_.values.text(static_cast<Target>(target)); }
    const char* call_type() const noexcept {
        const WordRow* const row = item_type();
        return row ? row->name : nullptr;
    }

    Voice voice_of(unsigned target) const noexcept {
        if (is_foreign() || !may_have_texts()) return Voice::none;
        const WordRow* row = nullptr;
        if (target == response_item_text) {
            row = item_type();
            if (row && (row->name || row->voice > Voice::arguments)) return row->voice;
            return text_of(response_item_type).data() ? Voice::none : state_.key_voice;
        }
        if (state_.text_context == response_event) {
            if (!is_known()) return state_.assumed != Voice::none ? state_.assumed : Voice::unknown;
            if (!says(Says::piece) && !says(Says::whole)) return Voice::none;
            const bool is_error = state_.meaning.voice == Voice::output && target == response_second_text;
            return is_error ? Voice::errors : state_.meaning.voice;
        }
        if (state_.text_context == response_shell || state_.text_context == response_item)
            return target == response_second_text ? Voice::errors : Voice::output;
        if (state_.text_context == response_summary) return Voice::summary;
        if (state_.text_context != response_part) return Voice::none;
        if (target == response_second_text) return Voice::refusal;
        const StringView type = text_of(response_part_type);
        if (!type.data() && says(Says::part) && state_.meaning.voice == Voice::summary) return Voice::summary;
        row = type.data() ? find(response_part_types, type) : item_type();
        if (!row) return type.data() || text_of(response_item_type).data() ? Voice::none : text_of_owner();
        return row->voice < Voice::arguments ? row->voice : Voice::none;
    }
    // A text without a type: a message's, unless its item is known for a reasoning.
    Voice text_of_owner() const noexcept {
        const SaidItem* const owner = item();
        return owner && owner->kind == reasoning_kind ? Voice::reasoning : Voice::text;
    }
    // What the key of a text says it is. (A delta is most likely of the sort that the last one was.)
    Voice voice_of_key() const noexcept {
        const unsigned target = paths_.row()->target;
        return target == response_delta                                                    ? state_.last_voice
               : target == response_whole_text                                             ? Voice::text
               : target == response_whole_refusal                                          ? Voice::refusal
               : target == response_whole_arguments || target == response_item_text        ? Voice::arguments
               : target == response_item_code                                              ? Voice::code
               : target == response_item_picture                                           ? Voice::picture
                                                                                           : Voice::none;
    }

    // Of a text that is not there as a whole. Where the type comes after it, one that is no piece is passed over if its
    // item has said it before.
    Voice assumed_voice_of(const json::Row& row) noexcept {
        Voice voice = voice_of(target_of(row));
        const bool has_part_type = text_of(response_part_type).data() != nullptr;
        if (voice != Voice::unknown) {
            if (state_.text_context == response_part && !has_part_type) {
                if (!is_known() && !state_.is_part_listed && passes_said_text()) return Voice::none;
                state_.assumed = voice;
            }
            return voice;
        }
        if (row.target == response_code && was_said(said_once, said_code)) return Voice::none;
        // No event, but an answer that was not streamed: the request's own, sent back; or the code of an error.
        if (!type_.data() && row.target != response_code) return Voice::none;
        if (row.target == response_whole_text) {
            if (passes_said_text()) return Voice::none;
            voice = text_of_owner();
        } else {
            voice = row.target == response_code || state_.key_voice == Voice::none ? Voice::unknown : state_.key_voice;
        }
        if (voice == Voice::unknown) return voice;
        state_.is_delta = row.target == response_delta;
        state_.assumed = voice;
        return voice;
    }

    // ---- whose it is ---------------------------------------------------------------------------------------------

    // As far as the server has said it by now; of the item where it has not.
    int32_t told_index() const noexcept { return state_.is_listed ? state_.item_place : state_.output_index; }
    int32_t index() const noexcept {
        const int32_t told = told_index();
        if (told >= 0) return told;
        const SaidItem* const owner = item();
        return owner && owner->has_place && !may_be_of_another_call() ? owner->place : -1;
    }
    // Nobody knows for certain which call it is: so none is told, and a Collector will not say that it can be run.
    bool may_be_of_another_call() const noexcept { return state_.is_owner_unsure && kinds() == call_kind; }
    int32_t part() const noexcept { return state_.is_part_listed ? state_.part_place : state_.content_index; }

    uint32_t hash_of(ResponseTarget target) const noexcept {
        out_.values.decode(static_cast<Target>(target));
        const StringView name = text_of(target);
        if (name.empty()) return 0;
        uint32_t hash = 2166136261u;  // FNV-1a
        for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
        return hash != 0 ? hash : 1;
    }
    static unsigned kind_of(Voice voice) noexcept {
        return voice == Voice::text || voice == Voice::refusal        ? message_kind
               : voice == Voice::reasoning || voice == Voice::summary ? reasoning_kind
               : voice == Voice::arguments                            ? call_kind
                                                                      : any_kind;
    }
    // What the item may be, as far as it is known.
    unsigned kinds() const noexcept {
        constexpr unsigned has_parts = message_kind | reasoning_kind;
        if (const WordRow* const type = item_type()) return kind_of(type->voice);
        if (text_of(response_item_type).data()) return no_call_kinds;
        if (says(Says::piece) || says(Says::whole)) return kind_of(state_.meaning.voice);
        if (state_.text_context == response_summary || (says(Says::part) && state_.meaning.voice == Voice::summary))
            return reasoning_kind;
        if (says(Says::part) || state_.text_context == response_part) {
            const WordRow* const type = find(response_part_types, text_of(response_part_type));
            return type ? kind_of(type->voice) : has_parts;
        }
        if (says(Says::source)) return message_kind;
        if (state_.text_context == response_item) return kind_of(state_.key_voice);
        if (state_.text_context == response_event && !state_.is_typed)
            return state_.key_voice == Voice::text ? has_parts : kind_of(state_.key_voice);
        return any_kind;
    }
    ItemKey key() const noexcept {
        ItemKey key;
        if (state_.has_item_id) key.id = hash_of(response_item_id);
        key.call_id = hash_of(response_call_id);
        key.place = told_index();
        key.kinds = static_cast<uint8_t>(kinds());
        key.may_begin = is_piece() || says(Says::piece) || says(Says::item);
        key.ends = says(Says::item_done);
        return key;
    }
    int owner() const noexcept {
        bool is_sure = true;
        return state_.owner != State::unresolved ? int{state_.owner}
                                                 : state_.memory.find(state_.items(), key(), is_sure);
    }
    // Null: nothing is known of it.
    const SaidItem* item() const noexcept {
        const int index = owner();
        return index >= 0                           ? state_.items() + index
               : index == ResponseMemory::forgotten ? &state_.memory.of_forgotten()
                                                    : nullptr;
    }

    // The same for the part that a text of an event belongs to: a piece goes on with the item's last one, and what an
    // item says first is of its first part, also where the server says no parts. What is not known then is of no part.
    void assume_part(Voice voice) noexcept {
        if (state_.content_index >= 0 || state_.is_part_listed || !has_parts(voice)) return;
        const SaidItem* const owner = item();
        if (is_piece() && owner && owner->next_part != 0 && owner->last_voice == static_cast<uint8_t>(voice)) {
            state_.content_index = owner->next_part - 1;
        } else if (!owner || owner->said[row_of(voice).group] == 0) {
            state_.content_index = 0;
            state_.is_first_assumed = true;
        }
    }
    static bool has_parts(Voice voice) noexcept {
        return row_of(voice).bit == said_part && row_of(voice).group != said_never;
    }
    // Before something of an event leaves of which the end is not known: where it has not said whose it is, it is taken
    // to be of the item that its kind and the last event tell.
    void assume_owner() noexcept {
        if (state_.owner != State::unresolved || !key().is_empty()) return;
        bool is_sure = true;
        const int found = state_.memory.find(state_.items(), key(), is_sure);
        if (found == ResponseMemory::none) return;
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
        const int named = state_.memory.find_named(state_.items(), names);
        const int assumed = state_.owner;
        if (named == assumed) return;
        if (named == ResponseMemory::none && (assumed < 0 || state_.items()[assumed].lacks(names))) return;
        state_.owner = State::unresolved;
        if (state_.has_left) late_key();
        check_passed();
    }
    // All is known of a text that was passed over since it had been said: it was.
    void check_passed() noexcept {
        if (state_.passed == Voice::none) return;
        if (!(state_.passed == Voice::unknown ? was_text_said() : was_said(state_.passed))) late_key();
    }
    void check_assumed_type() noexcept {
        if (state_.assumed == Voice::none || !state_.is_typed || !state_.has_left) return;
        const bool is_text = says(Says::piece) || says(Says::whole);
        if (is_text ? state_.meaning.voice != state_.assumed : is_foreign()) late_key();
    }
    void late_key() noexcept { reader_.fail(Error::late_key); }

    // After a piece: what the next one is taken to go on with.
    void note_piece() noexcept {
        state_.last_voice = state_.meaning.voice;
        if (state_.has_left && row_of(state_.last_voice).group != said_never)
            say(row_of(state_.last_voice).group, bit_of_voice(state_.last_voice));
    }

    bool was_said(SaidGroup group, int32_t bit) const noexcept {
        const SaidItem* const owner = item();
        return owner && owner->has(group, ResponseMemory::bit_of(bit));
    }
    void say(SaidGroup group, int32_t bit) noexcept {
        const ItemKey names = key();
        int found = state_.owner;
        if (found == State::unresolved) {
            bool is_sure = true;
            found = state_.memory.find(state_.items(), names, is_sure);
            state_.is_owner_unsure = !is_sure;
            state_.is_owner_assumed = names.is_empty();
        }
        const unsigned bits = 1u << ResponseMemory::bit_of(bit);
        state_.owner = static_cast<int16_t>(state_.memory.add(state_.items(), found, names, group, bits));
    }
    static const VoiceRow& row_of(Voice voice) noexcept { return voices[static_cast<unsigned>(voice)]; }
    int32_t bit_of_voice(Voice voice) const noexcept {
        const VoiceRow& row = row_of(voice);
        return row.bit == said_part ? part() : static_cast<int32_t>(row.bit);
    }
    bool was_said(Voice voice) const noexcept { return was_said(row_of(voice).group, bit_of_voice(voice)); }

    // The part's text, or its summary.
    bool was_text_said() const noexcept { return was_said(said_parts, part()) || was_said(said_more, part()); }

    // So it is passed over, whichever of the two it will be.
    bool passes_said_text() noexcept {
        if (!was_text_said()) return false;
        state_.passed = Voice::unknown;
        return true;
    }

    // What the dialect knows has been read.
    bool is_understood() const noexcept { return is_known() || state_.is_answer; }

    // Whether a text of it may be handed out now; it is noted then.
    bool may_say(Voice voice) noexcept {
        if (row_of(voice).group == said_never) return true;
        if (!is_piece() && was_said(voice)) {
            state_.passed = voice;
            return false;
        }
        say(row_of(voice).group, bit_of_voice(voice));
        if (is_piece() && state_.owner >= 0) note_part(voice);
        return true;
    }
    // Of a piece that leaves: what assume_part() takes the item's next one to go on with.
    void note_part(Voice voice) noexcept {
        SaidItem& owner = state_.items()[state_.owner];
        const bool is_noted = state_.content_index >= 0 && state_.content_index < SaidItem::max_noted_part;
        owner.next_part = static_cast<uint8_t>(is_noted ? state_.content_index + 1 : 0) & 7;
        owner.last_voice = static_cast<uint8_t>(voice) & 15;
    }

    // ---- what is handed out --------------------------------------------------------------------------------------

    void begin_text(Voice voice, char* at, bool escapes) noexcept {
        state_.voice = voice;
        if (!out_.was_started_) state_.is_start_owed = true;
        if (!reader_.is_whole_) {
            const bool is_of_item = state_.text_context == response_part || state_.text_context == response_summary ||
                                    voice == Voice::picture || state_.text_context == response_item;
            if (is_of_item && !text_of(response_item_type).empty() && !is_piece()) announce_item();
            state_.has_left = true;
        }
        const EventKind kind = row_of(voice).kind;
        out_.text.begin({kind, 0, kind == EventKind::tool_arguments ? index() : -1}, at, escapes);
    }
    // Arguments that are an object and do not fit.
    void begin_raw() noexcept {
        state_.voice = Voice::arguments;
        if (!out_.was_started_) state_.is_start_owed = true;
        if (item_type()) announce_item();
        state_.has_left = true;
        may_say(Voice::arguments);
    }
    // The first of the texts that are owed. False: it is not handed out.
    bool begin_owed_text() noexcept {
        unsigned target = response_first_text;
        while ((state_.texts & bit_of(target)) == 0) {
            if (++target == value_count) target = 0;
        }
        state_.texts = static_cast<uint16_t>(state_.texts & ~bit_of(target));
        const Value value = out_.values.at(target);
        const Voice voice = voice_of(target == response_untyped_text ? unsigned{response_first_text} : target);
        const bool is_there = out_.values.present(bit_of(target)) != 0 && value.size != 0;
        out_.values.forget(bit_of(target));
        if (!is_there || voice <= Voice::unknown || !may_say(voice)) return false;
        begin_text(voice, value.begin, !value.raw);
        out_.text.extend(value.begin + value.size, true);
        if (value.plain) out_.text.set_plain();
        return true;
    }

    // What is owed now. False: nothing.
    bool hand_out(Event& event) noexcept {
        while (true) {
            if (out_.ready_ != 0) {  // they have to leave before their object has ended
                state_.texts = static_cast<uint16_t>(out_.ready_ & kept_texts);
                out_.ready_ = 0;
                if (state_.text_context == response_part && !text_of(response_part_type).data())
                    state_.assumed = voice_of(response_first_text);
            }
            if (reader_.is_raw_ && state_.voice == Voice::none) begin_raw();
            if (out_.text.is_open() || state_.texts != 0 || state_.owed != 0) {
                if (!out_.was_started_ && needs_start()) state_.is_start_owed = true;
            }
            if (state_.is_start_owed) {
                emit_start(event);
                return true;
            }
            if ((state_.owed & State::owed_item) != 0) {
                emit_item(event);
                return true;
            }
            if ((state_.owed & State::owed_call) != 0) {
                emit_call(event);
                return true;
            }
            if (out_.text.is_open()) {
                if (emit_text(event)) return true;
                if (out_.text.is_open()) return false;
                continue;
            }
            if (state_.texts != 0) {
                begin_owed_text();
                continue;
            }
            if ((state_.owed & State::owed_source) != 0) {
                emit_source(event);
                return true;
            }
            if (due_list() != 0) return false;
            if ((state_.owed & State::owed_item_done) != 0 && reader_.return_count_ == state_.item_level) {
                emit_item_done(event);
                return true;
            }
            if (reader_.return_count_ != 0 || state_.owed == 0 || state_.lists != 0) return false;
            return emit_end(event);
        }
    }
    bool needs_start() const noexcept {
        return out_.text.is_open() || (state_.owed & ~(State::owed_mark | State::owed_alive)) != 0;
    }
    // The list to be read now; 0: none.
    unsigned due_list() const noexcept {
        if (out_.text.is_open() || state_.texts != 0) return 0;
        if (state_.is_item_over && reader_.return_count_ == state_.item_level)
            if (const unsigned lists = state_.lists & (State::content_list | State::summary_list))
                return lists & (0u - lists);
        return state_.is_over && reader_.return_count_ == 0 ? state_.lists & State::output_list : 0u;
    }

    void fill(Event& event, EventKind kind, bool is_of_item) noexcept {
        out_.fill(event, kind);
        event.sequence_number = state_.sequence_number;
        if (!is_of_item) return;
        event.output_index = index();
        if (!may_be_of_another_call()) event.item_number = state_.memory.number_of(owner());
        if (!state_.has_item_id) return;
        out_.values.decode(static_cast<Target>(response_item_id));
        event.item_id = text_of(response_item_id);
    }
    void take(ResponseTarget target, StringView& into) noexcept { out_.values.take(static_cast<Target>(target), into); }
    static StringView view_of(const char* text) noexcept {
        return text ? StringView(text, words::length(text)) : StringView();
    }

    void emit_start(Event& event) noexcept {
        state_.is_start_owed = false;
        out_.was_started_ = true;
        fill(event, EventKind::started, false);
        if (!state_.is_answer) return;
        if (!state_.has_item_id) take(response_item_id, event.id);
        out_.values.take(value_model, event.name);
        event.created = out_.created_;
    }
    void emit_item(Event& event) noexcept {
        state_.owed &= static_cast<uint8_t>(~State::owed_item);
        say(said_once, said_item);
        fill(event, EventKind::item, true);
        out_.values.decode(static_cast<Target>(response_item_type));
        event.text = text_of(response_item_type);
    }
    void emit_call(Event& event) noexcept {
        state_.owed &= static_cast<uint8_t>(~State::owed_call);
        say(said_once, said_call);
        fill(event, EventKind::tool_call, true);
        event.tool_index = event.output_index;
        take(response_call_id, event.id);
        if (!event.id.empty()) say(said_once, said_call_id);
        take(response_name, event.name);
        event.text = view_of(call_type());
        if (*event.text.data() != 'm') state_.has_calls = true;
    }
    bool emit_text(Event& event) noexcept {
        if (!out_.text.next(out_.quirks)) return false;
        const TextOwner& owner = out_.text.owner();
        fill(event, owner.kind, state_.voice != Voice::none);
        event.tool_index = owner.tool_index;
        event.text = out_.text.piece();
        event.more = out_.text.is_open();
        if (state_.voice == Voice::none) return true;
        event.name = view_of(row_of(state_.voice).name);
        if (row_of(state_.voice).bit == said_part) event.content_index = part();
        return true;
    }
    void emit_source(Event& event) noexcept {
        state_.owed &= static_cast<uint8_t>(~State::owed_source);
        fill(event, EventKind::annotation, true);
        event.content_index = part();
        take(response_source_type, event.id);
        take(response_source_place, event.text);
        take(response_source_title, event.name);
        event.place.begin = state_.source_begin;
        event.place.end = state_.source_end;
    }
    void emit_item_done(Event& event) noexcept {
        state_.owed &= static_cast<uint8_t>(~State::owed_item_done);
        state_.is_item_over = false;
        say(said_once, said_item_done);
        fill(event, EventKind::item_done, true);
        take(response_item_type, event.text);
        take(response_item_status, event.name);
    }
    // What is owed at an event's end.
    bool emit_end(Event& event) noexcept {
        const unsigned first = state_.owed & (0u - state_.owed);
        if (first == State::owed_finish && out_.text.release(-1, out_.quirks)) {
            state_.voice = Voice::none;
            return emit_text(event);
        }
        state_.owed &= static_cast<uint8_t>(~first);
        if (first == State::owed_mark) {
            fill(event, EventKind::other, !state_.is_answer);
            event.content_index = state_.content_index;
            take(response_event_type, event.name);
            if (!event.name.data()) event.name = utf8::valid_beginning(type_);
            take(response_status, event.text);
        } else if (first == State::owed_finish) {
            emit_finish(event);
        } else if (first == State::owed_usage) {
            fill(event, EventKind::usage, false);
            event.usage = out_.usage_;
        } else {
            fill(event, EventKind::keepalive, false);
        }
        return true;
    }
    void emit_finish(Event& event) noexcept {
        out_.seen_choices_ = out_.finished_choices_ = 1;
        fill(event, EventKind::finish, false);
        take(response_status, event.name);
        if (!event.name.data()) event.name = StringView("completed", 9);
        event.finish_reason = reason_of(event.name);
        if (event.finish_reason == FinishReason::none) {
            event.finish_reason = FinishReason::other;
            out_.quirks.add(Quirk::unknown_finish_reason);
        }
    }
    FinishReason reason_of(StringView name) const noexcept {
        const unsigned place = words::place_in("completed\0max_output_tokens\0content_filter\0incomplete\0cancelled\0"
                                               "queued\0in_progress\0", name.data(), name.size());
        return place == 0   ? FinishReason::none
               : place == 1 ? (state_.has_calls ? FinishReason::tool_calls : FinishReason::stop)
               : place == 2 ? FinishReason::length
               : place == 3 ? FinishReason::content_filter
                            : FinishReason::other;
    }

    EventReader& reader_;
    Outbox& out_;
    json::PathReader& paths_;
    ResponseState& state_;
    const ResponseDialect& dialect_;
    const StringView& type_;
};

}  // namespace dialect

OPENAI_STREAM_END
