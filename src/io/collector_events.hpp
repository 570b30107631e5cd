#pragma once
// How a Collector takes an event: to which choice, output item and part it belongs, and what it adds to it; and when a
// part is finished. Given events in the order in which an answer brings them; after each of them the texts that
// collector.hpp lends are whole so far. (What fragments say of which tool call they are for: tool_merging.hpp.)
#include "collector.hpp"

OPENAI_STREAM_BEGIN

inline Error Collector::add(const Event& event) noexcept {
    forget_just_finished();
    // (A field may stand within a tool call, whose arguments go on after it.)
    if (error_ != Error::none || event.kind == EventKind::keepalive || event.kind == EventKind::custom_field)
        return error_;
    if (verdict_ != Verdict::still_open) *this = Collector(texts_.rest());
    if (event.kind == EventKind::tool_call || event.kind == EventKind::tool_arguments) return add_to_call(event);
    is_same_object_ = is_same_fragment_ = is_early_ = came_first_ = false;
    if (event.kind == EventKind::text || event.kind == EventKind::reasoning || event.kind == EventKind::refusal)
        return add_text(event);
    if (event.kind == EventKind::started) {
        uint16_t index = find(EventKind::started, 0);
        if (index == none) index = add_record(EventKind::started, 0);
        if (index == none) return error_;
        return fail_unless(detail::collected::set_once(texts_, texts_[index], Field::id, event.id) &&
                           detail::collected::set_once(texts_, texts_[index], Field::name, event.name));
    }
    if (event.kind == EventKind::role || event.kind == EventKind::finish) {
        const uint16_t index = choice_of(event.choice);
        if (index == none) return error_;
        if (event.kind == EventKind::role)
            return fail_unless(detail::collected::set_once(texts_, texts_[index], Field::id, event.name));
        if (!detail::collected::set_once(texts_, texts_[index], Field::name, event.name))
            return fail(Error::message_too_large);
        Record& choice = texts_[index];
        if (choice.finish_reason == FinishReason::none) {
            choice.finish_reason = event.finish_reason;
            ++ended_count_;
        }
        return finish_parts(event.choice, none, says_whole(event.finish_reason));
    }
    if (event.kind == EventKind::usage) usage_ = event.usage;
    // An item that begins anew where another one was: servers that count all of them as 0.
    if (event.kind == EventKind::output_item_added) {
        const uint16_t item = find_item(event);
        if (item != none && !event.item_id.empty() && event.item_number < 0 &&
            texts_.get(texts_[item], Field::id) != event.item_id) {
            const uint16_t next = add_record(EventKind::output_item_added, 0);
            if (next == none) return error_;
            texts_[next].index = event.output_index;
            return fail_unless(texts_.append(texts_[next], Field::id, event.item_id));
        }
    }
    if (event.kind == EventKind::output_item_done) {
        const uint16_t item = find_item(event);
        const bool is_cut =
            detail::words::index_of("incomplete\0failed\0in_progress\0", event.name.data(), event.name.size()) != 0;
        if (item != none) return finish_parts(-1, item, !is_cut);
    }
    return Error::none;
}

inline Error Collector::end(Verdict verdict) noexcept {
    verdict_ = verdict;
    forget_just_finished();
    return is_done(verdict) && error_ == Error::none ? finish_parts(-1, none, false) : error_;
}

// By its number; else by its id; else by its place, since there are servers that give it another id in each event.
inline uint16_t Collector::find_item(const Event& event) const noexcept {
    uint16_t by_id = none, by_place = none;
    for (uint16_t index = texts_.count(); index-- != 0;) {
        const Record& item = texts_[index];
        if (item.kind != EventKind::output_item_added) continue;
        const bool has_numbers = event.item_number >= 0 && item.number != none;
        if (has_numbers && item.number == static_cast<uint16_t>(event.item_number)) return index;
        const bool is_there = event.output_index >= 0 && item.index == event.output_index;
        const bool is_elsewhere = !is_there && event.output_index >= 0 && item.index >= 0;
        if (by_id == none && !event.item_id.empty() && texts_.get(item, Field::id) == event.item_id &&
            !(has_numbers && is_elsewhere))
            by_id = index;
        if (by_place == none && is_there && !has_numbers) by_place = index;
    }
    return by_id != none ? by_id : by_place;
}

// none: it is in none, or error() says why.
inline uint16_t Collector::item_of(const Event& event) noexcept {
    if (event.item_id.empty() && event.output_index < 0 && event.item_number < 0) return none;
    const uint16_t found = find_item(event);
    const uint16_t index = found != none ? found : add_record(EventKind::output_item_added, 0);
    if (index == none) return index;
    if (found == none)
        texts_[index].number = static_cast<uint16_t>(event.item_number < 0 ? none : event.item_number);
    if (texts_[index].index < 0) texts_[index].index = event.output_index;
    fail_unless(detail::collected::set_once(texts_, texts_[index], Field::id, event.item_id));
    return index;
}

inline Error Collector::add_text(const Event& event) noexcept {
    if (choice_of(event.choice) == none) return error_;
    const uint16_t item = item_of(event);
    if (error_ != Error::none) return error_;
    const bool is_summary = event.kind == EventKind::reasoning && !event.name.empty();
    const auto is_this = [&](uint16_t index) {
        const Record& part = texts_[index];
        return part.kind == event.kind && part.choice == event.choice && part.item == item &&
               part.content_index == event.content_index && part.is(Flag::summary) == is_summary;
    };
    uint16_t index = last_part_;
    if (index == none || !is_this(index)) {
        for (index = texts_.count(); index-- != 0;)
            if (is_this(index)) break;  // none: after the first one comes 0xFFFF
    }
    if (index == none) {
        const bool is_refusal = event.kind == EventKind::refusal;
        index = add_record(event.kind, event.choice, is_refusal ? sizeof(AssistantExtra) : 0);
        if (index == none) return error_;
        texts_[index].item = item;
        texts_[index].content_index = event.content_index;
        if (is_refusal) texts_[index].number = refusal_count_++;
        if (is_summary) texts_[index].set(Flag::summary);
    }
    last_part_ = index;
    return fail_unless(texts_.append(texts_[index], Field::text, event.text));
}

inline Error Collector::add_to_call(const Event& event) noexcept {
    const uint16_t choice = choice_of(event.choice);
    if (choice == none) return error_;
    const uint16_t item = item_of(event);
    if (error_ != Error::none) return error_;
    const uint16_t last = texts_[choice].item;
    const bool is_call = event.kind == EventKind::tool_call;
    const bool is_last_key = last != none && texts_[last].item == item &&
                             (item != none || texts_[last].index == event.tool_index);
    // Arguments after their call; or, when the event did not fit into the stream's buffer, what came after them or
    // after a call that was announced.
    const bool continues = is_last_key && (is_call ? (is_early_ || is_same_object_) && event.provisional &&
                                      (event.id.empty() || texts_[last].sizes[0] == 0) &&
                                      (event.name.empty() || texts_[last].sizes[1] == 0)
                                : is_same_object_);
    // An object that says nothing, and what is known of a call announced before one of its fields.
    const bool has_key = item != none || event.tool_index >= 0;
    if (is_call && event.id.empty() && event.name.empty() && event.text.empty() && (is_last_key || !has_key)) {
        is_same_object_ = is_same_fragment_ = is_early_ = came_first_ = false;
        return Error::none;
    }
    bool guess = false;
    uint16_t index = continues ? last : detail::collected::find_call(texts_, texts_[choice], item, event, guess);
    if (index == none) {
        if (is_call && event.id.empty() && event.name.empty() && !has_key) return Error::none;  // a type alone
        index = new_call(event, item);
        if (index == none) return error_;
    }
    // Arguments that went to the call before were this one's: they came before its id, without a key of their own.
    if (is_call && came_first_ && event.provisional && !continues && last != none) {
        texts_[last].set(Flag::guessed);
        guess = true;
    }
    Record& call = texts_[index];
    texts_[choice].item = index;
    // A call may become better known after its item's end; arguments that come then are some other call's.
    const bool is_better_known = is_call && item != none;
    if (!continues && item == none && call.is(Flag::finished) && call.is(Flag::broken))
        detail::collected::reopen(call);
    if (guess || (!continues && !is_better_known && call.is(Flag::finished))) call.set(Flag::guessed);
    if (guess && call.item != none) guess_open_calls();
    if (call.item == none) call.item = item;
    if (call.index < 0) call.index = event.tool_index;
    bool enough = true;
    if (is_call ? !event.name.empty() : !is_same_object_) call.clear(Flag::named_again);
    if (is_call) {
        if (detail::collected::has_complete_arguments(call) && !event.name.empty() &&
            texts_.get(call, Field::name) == event.name)
            call.set(Flag::named_again);
        enough = detail::collected::add_name(texts_, call, event) &&
                 detail::collected::set_once(texts_, call, Field::id, event.id) &&
                 detail::collected::set_once(texts_, call, Field::type, event.text);
    } else {
        const detail::collected::Added added =
            detail::collected::add_arguments(texts_, call, event.text, !(continues && is_same_fragment_), event.more);
        if (added == detail::collected::Added::next_call) return begin_next_call(event, index);
        enough = added == detail::collected::Added::yes;
    }
    is_same_object_ = is_call ? !(continues && is_early_) : event.more;  // after its arguments nothing of a call comes
    is_same_fragment_ = !is_call && event.more;
    is_early_ = !is_call && event.provisional;
    came_first_ = is_early_ && !has_key && (!continues || came_first_);
    return fail_unless(enough);
}

// Arguments that looked like a repeat of those of `before` so far are of another call of the same name.
inline Error Collector::begin_next_call(const Event& event, uint16_t before) noexcept {
    const uint16_t index = new_call(event, texts_[before].item);
    if (index == none) return error_;
    Record& call = texts_[index];
    Record& other = texts_[before];
    const uint32_t repeat_matched = other.repeat_matched;
    call.index = other.index;
    call.set(Flag::guessed);
    other.set(Flag::guessed);
    other.clear(Flag::repeating);
    other.repeat_matched = 0;
    texts_[choice_of(event.choice)].item = index;
    is_same_object_ = is_same_fragment_ = event.more;
    is_early_ = event.provisional;
    if (!texts_.append_of(call, Field::name, other, Field::name, other.sizes[1]) ||
        !texts_.append_of(call, Field::type, other, Field::type, other.sizes[2]) ||
        !texts_.append_of(call, Field::text, other, Field::text, repeat_matched) ||
        !texts_.append(call, Field::text, event.text))
        return fail(Error::message_too_large);
    detail::collected::follow_nesting(call, texts_.get(call, Field::text));
    return Error::none;
}

inline uint16_t Collector::new_call(const Event& event, uint16_t item) noexcept {
    unsigned calls = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index)
        if (texts_[index].kind == EventKind::tool_call && texts_[index].choice == event.choice) ++calls;
    if (calls == max_calls) {
        fail(Error::too_many_parts);
        return none;
    }
    const uint16_t index = add_record(EventKind::tool_call, event.choice, detail::collected::room_of_call);
    if (index == none) return index;
    texts_[index].item = item;
    texts_[index].number = call_count_++;
    return index;
}

// What one call was given may be another one's of those that have not ended.
inline void Collector::guess_open_calls() noexcept {
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        Record& call = texts_[index];
        if (call.kind == EventKind::tool_call && !call.is(Flag::finished)) call.set(Flag::guessed);
    }
}

// Completes the parts of a choice (-1: of all) and of an item (none: of all). is_ended: the server has said that they
// are complete (of what is in an item, with the item's end alone).
inline Error Collector::finish_parts(int32_t choice, uint16_t item, bool is_ended) noexcept {
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        Record& part = texts_[index];
        if (!part.can_grow() || (choice >= 0 && part.choice != choice)) continue;
        if (item != none && part.item != item) continue;
        const bool is_call = part.kind == EventKind::tool_call;
        if (choice >= 0 && detail::collected::may_go_on(texts_, part)) continue;
        if (is_call && !detail::collected::finalize(texts_, part))
            return fail(Error::message_too_large);
        part.set(Flag::finished);
        // With the answer's end those are ended that were left until then.
        const bool is_answer_end = choice < 0 && item == none;
        const bool was_ended = is_ended || (is_answer_end && says_whole(finish_reason(part.choice)));
        if (was_ended && (item != none || part.item == none)) part.set(Flag::ended);
        part.set(Flag::just_finished);
        has_just_finished_ = true;
    }
    return error_;
}

OPENAI_STREAM_END
