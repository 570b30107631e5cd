#pragma once
// How named fields, and the other events that few programs want, are read: by the rules around those of chat.
#include "chat_rules.hpp"
#include "field_rows.hpp"
#include "token_lists.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

class ExtraRules {
public:
    constexpr explicit ExtraRules(const FieldRows& named_fields) noexcept : rows_(named_fields) {}

    // What DocumentReader::read() asks.
    Outcome deliver(DocumentReader& reader, Event& event) noexcept {
        while (true) {
            // (Before a document begins, as below: nothing of an answer before.)
            const bool is_free = reader.announced == 0 && !reader.text.is_open() && reader.paths.depth() != 0;
            if (EventKind kind; is_free && lists_.next(reader.values, kind) && end_token(reader, event, kind))
                return Outcome::event;
            unsigned todo = 0, permitted = reader.permitted_now();
            if (reader.return_count < later_level_) later_level_ = 0;
            // One at a time. (A document begins without a choice: what an answer before has left there is none of it.)
            const Later* const later = later_level_ == 0 ? first_deliverable(reader, permitted) : nullptr;
            if (later && later->scope == Scope::choice) permitted &= todo_parts;
            if (reader.next_event(event, permitted, todo)) {
                if (event.kind == EventKind::custom_field) event.name = rows_.path(event.tool_index);
                return Outcome::event;
            }
            // The next value of a field does not continue this one.
            if (!reader.text.is_open() && reader.text.release(EventKind::custom_field, reader.quirk_counts)) continue;
            if (todo != 0) {
                value_ = deferred_places_[DocumentReader::id_of(todo)];
                ChatRules::read_deferred(reader, todo);
            } else if (later) {
                read_later(reader, *later);
            }
            return Outcome::need_more;
        }
    }
    json::StepKind next_step(DocumentReader& reader) noexcept {
        Watcher watcher{*this, reader};
        return reader.paths.next(watcher);
    }
    static void wait(DocumentReader&) noexcept {}
    static Outcome finish(DocumentReader& reader) noexcept { return ChatRules::finish(reader); }

    bool take_scalar(DocumentReader& reader, json::StepKind kind) noexcept {
        const json::Scanner& token = reader.paths.token();
        const json::TableRow& row = *reader.paths.row();
        const bool is_text = kind == json::StepKind::text, is_number = kind == json::StepKind::number;
        if (row.target < target_count) return ChatRules::take_scalar(reader, kind);
        const bool was_put_off = reader.take_jump();
        if (row.target == field_value) {
            if (!take_field(reader, row, is_text, was_put_off)) return false;
        } else if (row.target == sound_data || row.target == sound_transcript) {
            if (is_text) take_text(reader, row, true);
        } else if (row.target >= list_token) {
            look_at_place(reader);
            lists_.take(reader, row.target, is_text);
        } else if (is_number) {
            int64_t* const number = row.target == sound_expires_at ? &time_
                                    : row.target == range_begin    ? &range_.begin
                                                                   : &range_.end;
            if (row.target <= range_end) json::to_integer(token.begin(), token.end(), *number);
        } else if (!is_text && token.is_true()) {
            if (row.target == filter_filtered) is_filtered_ = true;
            if (row.target == filter_detected) is_detected_ = true;
        }
        if (was_put_off) reader.paths.resume_after_value(reader.go_back());
        return true;
    }
    bool enter(DocumentReader& reader, Event& event) noexcept {
        json::PathReader& paths = reader.paths;
        const json::TableRow* const row = paths.row();
        const unsigned context = paths.context();
        const bool is_field = row && row->target == field_value, is_object = paths.is_object();
        const bool was_put_off = reader.is_jumping;
        const bool may_wait = row && json::has(row->mode, json::ReadMode::deferred) && reader.is_whole && !was_put_off;
        if (context < context_count && !is_field) {
            if (may_wait && context == chat_tool_call && !is_object && reader.is_empty_list(reader.at() - 1)) {
                paths.skip(nullptr);  // it takes back no function_call
                return false;
            }
            if (may_wait) deferred_places_[deferred_in(context)] = value_;
            if (context == chat_choice && is_object) is_in_choice_ = true;
            if (context == chat_tool_call && is_object) {
                is_in_call_ = true;
                was_call_announced_ = false;
            }
            return ChatRules::enter(reader, event);
        }
        reader.is_jumping = false;
        if (may_wait && put_off(reader, reader.at() - 1, paths.depth() - 2)) {
            paths.skip(row);
            return false;
        }
        if (is_field) {
            paths.skip(row);
            if (reader.is_whole) reader.raw_begin = reader.at() - 1;
            else begin_text(reader, *row, reader.at() - 1, false);
            reader.is_raw = !reader.is_whole;
            return false;
        }
        look_at_place(reader);
        if (TokenLists::is_list(context) && !is_object && reader.is_whole) {
            lists_.pass_over(context, reader.at());
            paths.skip(nullptr);
            return false;
        }
        if (context == chat_logprob || context == chat_refusal_logprob) is_refusal_ = context == chat_refusal_logprob;
        if (context == chat_filters || context == chat_prompt_filters) is_prompt_ = context == chat_prompt_filters;
        if (context == chat_top_logprob && !is_object) return end_token(reader, event, EventKind::logprob);
        if (is_object && context != chat_citation) forget_object();
        return false;
    }

    bool exit(DocumentReader& reader, Event& event) noexcept {
        const json::PathReader& paths = reader.paths;
        const json::TableRow* const row = paths.row();
        if (row && row->target == field_value) {
            end_field(reader, *row);
            return false;
        }
        if (row && row->context >= context_count) return false;  // put off
        const bool has_event = !row && paths.is_object() && end_object(reader, event, paths.context());
        return ChatRules::exit(reader, event) || has_event;
    }
private:
    using Scope = FieldScope;
    using Later = LaterField;
    static constexpr unsigned max_later = 16;  // in one object; one more is read where it stands

    // What json::PathReader::next() asks.
    struct Watcher {
        static constexpr bool sees_all = true;
        ExtraRules& extras;
        DocumentReader& reader;

        const json::TableRow* key(const json::TableRow* row, StringView name) noexcept {
            const json::PathReader& paths = reader.paths;
            const unsigned level = paths.depth() - 1;
            const unsigned context = paths.context_at(level);
            const bool is_token = context == chat_token_tops;
            if (is_token || context == chat_filters || context == chat_prompt_filters) {
                const Value said(reader.writable(paths.token().begin()), paths.token().end(), 0);
                reader.values.keep(is_token ? value_tool_type : value_tool_name, said);
                extras.step(level, name);
                return is_token ? TokenLists::row_in(context) : &filter_category;
            }
            const json::TableRow* const field = extras.step(level, name);
            return row && (row->key_size != 0 || !field) ? row : field;
        }
        const json::TableRow* element(unsigned level) noexcept {
            FieldPlace& list = extras.places_[level];
            if (!list.is_list_of_documents) {
                const json::TableRow* const field = extras.step(level, StringView("[]", 2));
                return field ? field : TokenLists::row_in(reader.paths.context_at(level));
            }
            extras.value_ = list;
            extras.value_.is_list_of_documents = false;
            return nullptr;
        }
        const json::TableRow* element(unsigned level, unsigned context) noexcept {
            const json::TableRow* const row = element(level);
            return context == skipped || context == field_parent ? row : nullptr;
        }
        void begin(bool is_array, bool again) noexcept {
            const unsigned depth = reader.paths.depth();
            if (depth == 1 && !again) extras.begin_document(reader, is_array);
            extras.places_[depth - 1] = extras.value_;
        }
    };

    const json::TableRow* step(unsigned level, StringView name) noexcept {
        return rows_.step(places_[level], name, value_);
    }

    void begin_document(const DocumentReader& reader, bool is_array) noexcept {
        value_ = reader.paths.context() == chat_root ? rows_.root() : FieldPlace();
        value_.is_list_of_documents = is_array;
        later_count_ = later_level_ = 0;
        is_in_choice_ = is_in_call_ = is_of_choice_ = is_prompt_ = is_refusal_ = false;
        lists_ = TokenLists();
        forget_object();
    }
    void forget_object() noexcept {
        time_ = 0;
        range_ = TextRange();
        is_filtered_ = is_detected_ = false;
    }

    // ---- values for later --------------------------------------------------------------------------------------

    // The last of the dialect's own objects that have ended comes first; what was read in it comes in its order.
    const Later* first_deliverable(const DocumentReader& reader, unsigned permitted) const noexcept {
        const Later* found = nullptr;
        for (const Later* later = later_; later != later_ + later_count_; ++later) {
            switch (later->scope) {
                case Scope::call:
                    if (!is_in_call_ && reader.is_chunk) return later;
                    break;
                case Scope::choice:
                    if ((reader.deliverable & permitted & todo_finish) != 0) return later;
                    break;
                case Scope::root:
                    if (!found && (reader.deliverable & permitted & todo_usage) != 0) found = later;
                    break;
            }
        }
        return found;
    }
    // A value of the dialect's own objects waits until its object has ended; the texts come first.
    bool put_off(DocumentReader& reader, char* at, unsigned level) noexcept {
        if (!reader.is_whole || later_count_ == max_later || reader.paths.context_at(level) >= context_count)
            return false;
        const Scope scope = is_in_call_ ? Scope::call : is_within_choice(reader) ? Scope::choice : Scope::root;
        later_[later_count_++] = {at, reader.paths.row(), value_, scope};
        return true;
    }
    bool is_within_choice(const DocumentReader& reader) const noexcept {
        return is_in_choice_ || reader.permitted_now() == 0;
    }
    void read_later(DocumentReader& reader, const Later& later) noexcept {
        value_ = later.place;
        is_of_choice_ = later.scope != Scope::root;
        reader.read_as(later.begin, later.row, 0);
        later_level_ = reader.return_count;
        const auto index = static_cast<size_t>(&later - later_);
        --later_count_;
        for (size_t at = index; at != later_count_; ++at) later_[at] = later_[at + 1];
    }
    // ---- values ------------------------------------------------------------------------------------------------

    // Before something leaves where it stands.
    void look_at_place(DocumentReader& reader) noexcept {
        if (reader.is_whole) return;
        is_of_choice_ = is_within_choice(reader);
        if (!is_of_choice_) return;
        reader.announce_start();
        reader.choice_was_used = true;
    }
    // Before a field of a tool call that is still being read: the call, as far as it is known.
    void announce_call(PendingEvents& out) noexcept {
        const bool is_new = !out.tool_was_used && !was_call_announced_;
        if (is_new || out.values.present(call_values) != 0) out.announced |= announced_tool_call;
        was_call_announced_ = true;
    }
    int32_t choice(const PendingEvents& out) const noexcept { return is_of_choice_ ? out.choice : 0; }

    void begin_text(DocumentReader& reader, const json::TableRow& row, char* at, bool escapes) noexcept {
        look_at_place(reader);
        if (is_in_call_) announce_call(reader);
        const bool is_field = row.target == field_value;
        const EventKind kind = is_field                         ? EventKind::custom_field
                               : row.target == sound_transcript ? EventKind::transcript
                                                                : EventKind::audio;
        const int32_t place = is_field ? rows_.index_of(row) : -1;
        reader.text.begin({kind, choice(reader), place}, at, escapes);
    }

    void take_text(DocumentReader& reader, const json::TableRow& row, bool escapes) noexcept {
        const json::Scanner& token = reader.paths.token();
        if (token.is_first()) begin_text(reader, row, reader.writable(token.begin()), escapes);
        reader.text.extend(token.end(), token.is_complete());
    }
    // Returns false if it was put off.
    bool take_field(DocumentReader& reader, const json::TableRow& row, bool is_text, bool was_put_off) noexcept {
        const json::PathReader& paths = reader.paths;
        char* const begin = reader.writable(paths.token().begin() - is_text);
        if (paths.token().is_first() && !was_put_off && put_off(reader, begin, paths.depth() - 1)) return false;
        take_text(reader, row, is_text);
        return true;
    }

    // ---- objects -----------------------------------------------------------------------------------------------

    void end_field(DocumentReader& reader, const json::TableRow& row) noexcept {
        const char* const end = reader.paths.token().end();
        if (reader.is_raw) {
            reader.text.extend(end, true);
            reader.is_raw = false;
        } else if (reader.raw_begin) {
            begin_text(reader, row, reader.raw_begin, false);
            reader.text.extend(end, true);
            reader.raw_begin = nullptr;
            if (reader.is_at_return()) reader.paths.resume_after_value(reader.go_back());
        }
    }
    bool end_object(PendingEvents& out, Event& event, unsigned context) noexcept {
        if (context == chat_logprobs) lists_.complete(out.values);
        if (context == chat_choice) is_in_choice_ = false;
        if (context == chat_tool_call) is_in_call_ = false;
        if (context == chat_logprob || context == chat_refusal_logprob)
            return end_token(out, event, EventKind::logprob);
        if (context == chat_top_logprob) return end_token(out, event, EventKind::top_logprob);
        if (context == chat_audio) {
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
    bool end_token(PendingEvents& out, Event& event, EventKind kind) noexcept {
        if (out.values.present(call_values) == 0) return false;
        fill(out, event, kind, ignored, value_tool_name, value_tool_type);
        event.id = is_refusal_ ? StringView("refusal", 7) : StringView("content", 7);
        return true;
    }
    void fill(PendingEvents& out, Event& event, EventKind kind, unsigned id, unsigned name, unsigned said) noexcept {
        out.fill(event, kind, id, name, said);
        event.choice = choice(out);
    }

    FieldRows rows_;
    uint8_t later_count_ = 0;
    uint8_t later_level_ = 0;    // the count of returns while one of them is read; 0: none is
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
    TokenLists lists_;
    FieldPlace value_;  // of what comes next
    FieldPlace places_[json::PathReader::max_known_depth] = {};  // of the containers that are open
    FieldPlace deferred_places_[max_deferred] = {};
    Later later_[max_later] = {};
};

}  // namespace dialect

OPENAI_STREAM_END
