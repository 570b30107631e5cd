#pragma once
// Events that few programs want: those of chat_extras.hpp, and fields that the program itself has named. An EventReader
// comes here only by the Dialect it was given; without an object of this class nothing of it is linked.
#include "chat_extras.hpp"
#include "event_reader.hpp"

OPENAI_STREAM_BEGIN

// A field that is wanted as EventKind::field: "provider", "timings.predicted_per_second", "x_groq.usage.queue_time",
// "citations[]" (each element of the list), "choices[].stop_reason". Keys with '.' or '[' in them cannot be named. What
// has an event of its own (a text, usage) is not handed out as a field once more, nor is what lies within another row's
// value. Null is nothing. The path must be static.
//
// A field of a tool call ("choices[].delta.tool_calls[].extra_content") comes after a tool_call event of its call, and
// before any of the next one. In an event that did not fit into the buffer that tool_call may say nothing yet: what is
// known of the call then comes after the field.
struct FieldRow : json::Row {
    template <size_t size> constexpr FieldRow(const char (&path)[size]) noexcept
        : Row(path, dialect::field_value, dialect::opaque,
              json::Take::pieces | json::Take::raw | json::Take::deferred) {
        static_assert(size <= 256, "a path of 255 bytes at most");
    }
};

namespace dialect {

class Extras : public Dialect {
public:
    static constexpr unsigned max_rows = 32;  // bits of Place::rows

    constexpr Extras(const json::Context* tables, ContextId where, bool has_done_marker, const FieldRow* list,
                     size_t count) noexcept
        : Dialect{tables, where, has_done_marker, next_of}, rows_(list), row_count_(static_cast<uint8_t>(count)) {}

private:
    // Where in the paths of the rows a value stands: these rows have led here, up to this byte of their paths.
    struct Place {
        uint32_t rows = 0;
        uint8_t offset = 0;
        bool is_list_of_documents = false;
    };
    // The object of the dialect that a value belongs to.
    enum class Scope : uint8_t { root, choice, call };
    // A value passed over, to be read when its object has ended.
    struct Later {
        char* begin = nullptr;
        const json::Row* row = nullptr;
        Place place;
        Scope scope = Scope::root;
    };
    static constexpr unsigned max_later = 16;  // in one object; one more is read where it stands

    // What json::PathReader::next() asks.
    struct Watcher {
        static constexpr bool sees_all = true;
        Extras& extras;
        EventReader& reader;

        const json::Row* key(const json::Row* row, StringView name) noexcept {
            const json::PathReader& paths = reader.paths_;
            const unsigned level = paths.depth() - 1;
            const unsigned context = paths.context_at(level);
            if (context == chat_filters || context == chat_prompt_filters) {
                Value category(reader.writable(paths.token().begin()), paths.token().end(), 0);
                reader.out_.values.keep(value_tool_name, category);
                extras.step(extras.places_[level], name);
                return &filter_category;
            }
            const json::Row* const field = extras.step(extras.places_[level], name);
            return row && (row->key_size != 0 || !field) ? row : field;
        }
        const json::Row* element(unsigned level) noexcept {
            Place& list = extras.places_[level];
            if (!list.is_list_of_documents) return extras.step(list, StringView("[]", 2));
            extras.value_ = list;
            extras.value_.is_list_of_documents = false;
            return nullptr;
        }
        const json::Row* element(unsigned level, unsigned context) noexcept {
            const json::Row* const row = element(level);
            return context == skipped || context == field_parent ? row : nullptr;
        }
        void begin(bool is_array, bool again) noexcept {
            const unsigned depth = reader.paths_.depth();
            if (depth == 1 && !again) extras.begin_document(reader, is_array);
            extras.places_[depth - 1] = extras.value_;
        }
    };

    static Outcome next_of(EventReader& reader, Event& event, const Dialect* dialect, const void*) noexcept {
        // They come from a BodyOf, which was given what is not const.
        return const_cast<Extras*>(static_cast<const Extras*>(dialect))->read_next(reader, event);
    }

    void begin_document(const EventReader& reader, bool is_array) noexcept {
        value_ = Place();
        if (reader.paths_.context() == root) value_.rows = row_count_ == 32 ? ~0u : (1u << row_count_) - 1;
        value_.is_list_of_documents = is_array;
        later_count_ = 0;
        is_in_choice_ = is_in_call_ = is_of_choice_ = is_prompt_ = is_refusal_ = false;
        forget_object();
    }
    void forget_object() noexcept {
        time_ = 0;
        range_ = TextRange();
        is_filtered_ = is_detected_ = false;
    }

    // A value called `name` stands below `place`: where it stands, and the row that is meant, or one for what contains
    // it. Null: nobody wants it.
    const json::Row* step(const Place& place, StringView name) noexcept {
        value_ = Place();
        const json::Row* found = nullptr;
        for (uint32_t left = place.rows, index = 0; left != 0; left >>= 1, ++index) {
            if ((left & 1) == 0) continue;
            const json::Row& row = rows_[index];
            const char* const begin = row.key + place.offset;
            const char* const end = row.key + row.key_size;
            const char* at = begin;
            while (at != end && *at != '.' && *at != '[') ++at;
            if (at == begin && at != end && *at == '[') at += end - at > 1 ? 2 : 1;
            if (!(StringView(begin, static_cast<size_t>(at - begin)) == name)) continue;
            if (at == end) {
                if (!found) found = &row;
                continue;
            }
            value_.rows |= 1u << index;
            value_.offset = static_cast<uint8_t>(at + (*at == '.') - row.key);
        }
        return found ? found : value_.rows != 0 ? &field_above : nullptr;
    }

    // EventReader::next(), with more to look at.
    Outcome read_next(EventReader& reader, Event& event) noexcept {
        Outbox& out = reader.out_;
        Watcher watcher{*this, reader};
        while (true) {
            unsigned todo = 0;
            unsigned allowed = reader.return_count_ == 0 ? ~0u : top(reader).allowed;
            const Later* const later = first_due(out.due_ & allowed);
            if (later && later->scope == Scope::choice) allowed &= todo_parts;
            if (out.next(event, allowed, todo)) {
                if (event.kind == EventKind::field) event.name = path(event.tool_index);
                return Outcome::event;
            }
            if (!is_small_build && reader.is_matched_) return Outcome::end;
            // The next value of a field does not continue this one.
            if (!out.text.is_open() && out.text.release(EventKind::field, out.quirks)) continue;
            if (todo != 0) {
                value_ = deferred_places_[EventReader::id_of_todo(todo)];
                reader.read_deferred(todo);
                continue;
            }
            if (later) {
                read_later(reader, *later);
                continue;
            }
            const json::StepKind step_kind = reader.paths_.next(watcher);
            switch (step_kind) {
                case json::StepKind::text:
                case json::StepKind::number:
                case json::StepKind::boolean:
                    if (!take_scalar(reader, step_kind)) return reader.fail(Error::late_key);
                    break;
                case json::StepKind::enter:
                    if (enter(reader, event)) return Outcome::event;
                    break;
                case json::StepKind::leave:
                    if (leave(reader, event)) return Outcome::event;
                    break;
                case json::StepKind::failed: return reader.fail(reader.paths_.token().error());
                case json::StepKind::need_more:
                    if (reader.is_raw_ && out.text.end() != reader.at()) {
                        out.text.extend(reader.at(), false);
                        break;
                    }
                    reader.pending_row_ = reader.paths_.row();
                    if (!reader.is_last_) return Outcome::need_more;
                    if (!reader.pending_row_ || reader.paths_.depth() != 0) return reader.finish();
                    reader.paths_.accept_piece();
                    break;
            }
        }
    }

    StringView path(int32_t place) const noexcept {
        const json::Row& row = rows_[place];
        return {row.key, row.key_size};
    }
    static const EventReader::Return& top(const EventReader& reader) noexcept {
        return reader.returns_[reader.return_count_ - 1];
    }

    // ---- values for later --------------------------------------------------------------------------------------

    // Of the dialect's own objects that have ended the last one comes first, and what was read in it in its order.
    const Later* first_due(unsigned due) const noexcept {
        const Later* found = nullptr;
        for (const Later* later = later_; later != later_ + later_count_; ++later) {
            switch (later->scope) {
                case Scope::call:
                    if (!is_in_call_) return later;
                    break;
                case Scope::choice:
                    if ((due & todo_finish) != 0) return later;
                    break;
                case Scope::root:
                    if (!found && (due & todo_usage) != 0) found = later;
                    break;
            }
        }
        return found;
    }
    // A value of the dialect's own objects waits until its object has ended; the texts come first.
    bool put_off(EventReader& reader, char* at, unsigned level) noexcept {
        if (!reader.is_whole_ || later_count_ == max_later || reader.paths_.context_at(level) >= context_count)
            return false;
        const Scope scope = is_in_call_ ? Scope::call : is_within_choice(reader) ? Scope::choice : Scope::root;
        later_[later_count_++] = {at, reader.paths_.row(), value_, scope};
        return true;
    }
    bool is_within_choice(const EventReader& reader) const noexcept {
        return is_in_choice_ || (reader.return_count_ != 0 && top(reader).allowed == 0);
    }
    void read_later(EventReader& reader, const Later& later) noexcept {
        value_ = later.place;
        is_of_choice_ = later.scope != Scope::root;
        EventReader::Return& to = reader.returns_[reader.return_count_++];
        to.at = reader.at();
        to.depth = static_cast<uint8_t>(reader.paths_.depth());
        to.state = reader.paths_.read_again(later.row);
        to.allowed = 0;
        reader.paths_.show(later.begin, reader.paths_.limit());
        reader.is_jumping_ = true;
        const auto index = static_cast<size_t>(&later - later_);
        --later_count_;
        for (size_t at = index; at != later_count_; ++at) later_[at] = later_[at + 1];
    }
    static void go_back(EventReader& reader) noexcept {
        const EventReader::Return& to = reader.returns_[--reader.return_count_];
        reader.paths_.show(to.at, reader.paths_.limit());
        reader.paths_.resume_behind_value(to.state);
    }

    // ---- values ------------------------------------------------------------------------------------------------

    // Before something leaves where it stands.
    void look_at_place(EventReader& reader) noexcept {
        if (reader.is_whole_) return;
        is_of_choice_ = is_within_choice(reader);
        if (!is_of_choice_) return;
        reader.out_.announce_start();
        reader.out_.choice_was_used_ = true;
    }
    // Before a field of a tool call that is still being read: the call, as far as it is known.
    void announce_call(Outbox& out) noexcept {
        const bool is_new = !out.tool_was_used_ && !was_call_announced_;
        if (is_new || out.values.present(call_values) != 0) out.announce_ |= Outbox::announced_tool_call;
        was_call_announced_ = true;
    }
    int32_t choice(const Outbox& out) const noexcept { return is_of_choice_ ? out.choice_ : 0; }

    void begin_text(EventReader& reader, const json::Row& row, char* at, bool escapes) noexcept {
        look_at_place(reader);
        if (is_in_call_) announce_call(reader.out_);
        const bool is_field = row.target == field_value;
        const EventKind kind = is_field                         ? EventKind::field
                               : row.target == sound_transcript ? EventKind::transcript
                                                                : EventKind::audio;
        const int32_t place = is_field ? static_cast<int32_t>(static_cast<const FieldRow*>(&row) - rows_) : -1;
        reader.out_.text.begin({kind, choice(reader.out_), place}, at, escapes);
    }

    // False: it contradicts what was handed out.
    bool take_scalar(EventReader& reader, json::StepKind kind) noexcept {
        const json::PathReader& paths = reader.paths_;
        const json::Scanner& token = paths.token();
        const json::Row& row = *paths.row();
        const bool is_text = kind == json::StepKind::text, is_number = kind == json::StepKind::number;
        if (row.target < target_count) return reader.take_scalar(kind);
        const bool was_put_off = reader.is_jumping_;
        reader.is_jumping_ = false;
        if (row.target == field_value) {
            if (!take_field(reader, row, is_text, is_text || is_number, was_put_off)) return true;
        } else if (row.target == sound_data || row.target == sound_transcript) {
            if (is_text) take_text(reader, row, true);
        } else if (is_number) {
            int64_t* const number = row.target == sound_expires_at ? &time_
                                    : row.target == range_begin    ? &range_.begin
                                                                   : &range_.end;
            if (row.target <= range_end) json::to_integer(token.begin(), token.end(), *number);
        } else if (!is_text && token.is_true()) {
            if (row.target == filter_filtered) is_filtered_ = true;
            if (row.target == filter_detected) is_detected_ = true;
        }
        if (was_put_off) go_back(reader);
        return true;
    }
    void take_text(EventReader& reader, const json::Row& row, bool escapes) noexcept {
        const json::Scanner& token = reader.paths_.token();
        if (token.is_first()) begin_text(reader, row, reader.writable(token.begin()), escapes);
        reader.out_.text.extend(token.end(), token.is_complete());
    }
    // False: it was put off.
    bool take_field(EventReader& reader, const json::Row& row, bool is_text, bool has_bytes,
                    bool was_put_off) noexcept {
        const json::PathReader& paths = reader.paths_;
        const json::Scanner& token = paths.token();
        const char* begin = token.begin() - is_text;
        const char* end = nullptr;
        if (!has_bytes) {  // true or false: it ends where the reader stands, or before the comma there
            begin = token.is_true() ? "true" : "false";
            end = begin + (token.is_true() ? 4 : 5);
            if (reader.is_whole_) begin = paths.at() - (paths.at()[-1] == ',') - (end - begin);
        }
        const bool is_first = !has_bytes || token.is_first();
        if (is_first && !was_put_off && put_off(reader, reader.writable(begin), paths.depth() - 1)) return false;
        if (has_bytes) {
            take_text(reader, row, is_text);
        } else {
            begin_text(reader, row, reader.writable(begin), false);
            reader.out_.text.extend(begin + (token.is_true() ? 4 : 5), true);
        }
        return true;
    }

    // ---- objects -----------------------------------------------------------------------------------------------

    // True: an event was written.
    bool enter(EventReader& reader, Event& event) noexcept {
        json::PathReader& paths = reader.paths_;
        const json::Row* const row = paths.row();
        const unsigned context = paths.context();
        const bool is_field = row && row->target == field_value, is_object = paths.is_object();
        const bool was_put_off = reader.is_jumping_;
        const bool is_deferred = row && json::has(row->take, json::Take::deferred) && reader.is_whole_ && !was_put_off;
        if (context < context_count && !is_field) {
            if (is_deferred && context == chat_tool_call && !is_object && reader.is_empty_list(reader.at() - 1)) {
                paths.skip(nullptr);  // it takes back no function_call
                return false;
            }
            if (is_deferred) deferred_places_[deferred_in(context)] = value_;
            if (context == chat_choice && is_object) is_in_choice_ = true;
            if (context == chat_tool_call && is_object) {
                is_in_call_ = true;
                was_call_announced_ = false;
            }
            reader.enter();
            return false;
        }
        reader.is_jumping_ = false;
        if (is_deferred && put_off(reader, reader.at() - 1, paths.depth() - 2)) {
            paths.skip(row);
            return false;
        }
        if (is_field) {
            paths.skip(row);
            if (reader.is_whole_) {
                reader.raw_begin_ = reader.at() - 1;
            } else {
                begin_text(reader, *row, reader.at() - 1, false);
                reader.is_raw_ = true;
            }
            return false;
        }
        look_at_place(reader);
        if (context == chat_logprob || context == chat_refusal_logprob) is_refusal_ = context == chat_refusal_logprob;
        if (context == chat_filters || context == chat_prompt_filters) is_prompt_ = context == chat_prompt_filters;
        if (context == chat_top_logprob && !is_object) return end_token(reader.out_, event, EventKind::logprob);
        if (is_object && context != chat_citation) forget_object();
        return false;
    }

    bool leave(EventReader& reader, Event& event) noexcept {
        const json::PathReader& paths = reader.paths_;
        const json::Row* const row = paths.row();
        if (row && row->target == field_value) {
            end_field(reader, *row);
            return false;
        }
        if (row && row->context >= context_count) return false;  // put off
        const bool has_event = !row && paths.is_object() && end_object(reader.out_, event, paths.context());
        reader.leave();
        return has_event;
    }
    void end_field(EventReader& reader, const json::Row& row) noexcept {
        const char* const end = reader.paths_.token().end();
        if (reader.is_raw_) {
            reader.out_.text.extend(end, true);
            reader.is_raw_ = false;
        } else if (reader.raw_begin_) {
            begin_text(reader, row, reader.raw_begin_, false);
            reader.out_.text.extend(end, true);
            reader.raw_begin_ = nullptr;
            if (reader.return_count_ != 0 && reader.paths_.depth() == top(reader).depth) go_back(reader);
        }
    }
    bool end_object(Outbox& out, Event& event, unsigned context) noexcept {
        if (context == chat_choice) {
            is_in_choice_ = false;
        } else if (context == chat_tool_call) {
            is_in_call_ = false;
        } else if (context == chat_logprob || context == chat_refusal_logprob) {
            return end_token(out, event, EventKind::logprob);
        } else if (context == chat_top_logprob) {
            return end_token(out, event, EventKind::top_logprob);
        } else if (context == chat_audio) {
            if (out.values.is_empty(value_tool_id) && time_ == 0) return false;
            fill(out, event, EventKind::audio, value_tool_id, ignored, ignored);
            event.created = time_;
            return true;
        } else if (context == chat_annotation) {
            if (out.values.present(call_values) == 0) return false;
            fill(out, event, EventKind::annotation, value_tool_id, value_tool_name, value_tool_type);
            event.place = range_;
            return true;
        } else if (context == chat_filter) {
            fill(out, event, EventKind::content_filter, ignored, value_tool_name, value_tool_type);
            if (is_prompt_) event.choice = -1;
            if (is_filtered_) event.finish_reason = FinishReason::content_filter;
            if (is_detected_ && !event.text.data()) event.text = StringView("detected", 8);
            return true;
        }
        return false;
    }
    bool end_token(Outbox& out, Event& event, EventKind kind) noexcept {
        if (out.values.present(call_values) == 0) return false;
        fill(out, event, kind, ignored, value_tool_name, value_tool_type);
        event.id = is_refusal_ ? StringView("refusal", 7) : StringView("content", 7);
        return true;
    }
    void fill(Outbox& out, Event& event, EventKind kind, Target id, Target name, Target said) noexcept {
        out.fill(event, kind, id, name, said);
        event.choice = choice(out);
    }

    const FieldRow* rows_;
    uint8_t row_count_;
    uint8_t later_count_ = 0;
    bool is_in_choice_ = false;
    bool is_in_call_ = false;
    bool was_call_announced_ = false;  // in an event read in parts: the call that is read
    bool is_of_choice_ = false;  // what is read now
    bool is_prompt_ = false;     // content filters: of the prompt
    bool is_refusal_ = false;    // log probabilities: of the refusal
    bool is_filtered_ = false;
    bool is_detected_ = false;
    int64_t time_ = 0;
    TextRange range_;
    Place value_;  // of what comes next
    Place places_[json::PathReader::max_known_depth] = {};  // of the containers that are open
    Place deferred_places_[max_deferred] = {};
    Later later_[max_later] = {};
};

}  // namespace dialect

// What an answer is read for, to deliver what EventKind lists after keepalive: ChatRequest::extras, or BodyOf(extras).
// It must outlive the conversation, and serves one at a time. The rows must outlive it.
class ChatExtras : public dialect::Extras {
public:
    constexpr ChatExtras() noexcept : ChatExtras(nullptr, 0) {}
    template <size_t count> constexpr explicit ChatExtras(const FieldRow (&named_fields)[count]) noexcept
        : ChatExtras(named_fields, count) {
        static_assert(count <= max_rows, "too many rows");
    }
    template <size_t count> explicit ChatExtras(FieldRow (&&)[count]) = delete;  // would be gone

private:
    constexpr ChatExtras(const FieldRow* list, size_t count) noexcept
        : Extras(dialect::chat_extras_contexts, dialect::chat_root, dialect::chat.ends_with_done_marker, list, count) {}
};

OPENAI_STREAM_END
