#pragma once
// Folds the events of an answer, of whichever API, into a whole message.
#include "../request/chat_request.hpp"
#include "failure.hpp"
#include "message_part.hpp"

OPENAI_STREAM_BEGIN

enum class Echo : uint8_t;

//     char memory[4096];
//     oai::Collector message(memory);
//     while (stream.next(event)) message.add(event);
//     message.end(stream.verdict());
//
// Collected are, of each choice and each output item: texts, reasoning, refusals and tool calls (by the rules of
// tool_merging.hpp); besides, the role and the finish reason of each choice, the answer's id and model, and its usage.
// Every text is in one piece at any time.
//
// Memory: the caller's, nothing else (a copy of a Collector shares it: only one of the two may go on). It holds the
// texts, a collected::Record (56 bytes) for the answer and for each choice, output item and part, and room to write
// calls back (96 bytes each, 56 on 32 bits). All of it can be used; of texts that take turns the last percent cannot.
//
// Errors are sticky, and what was collected before stays readable, each text a prefix of what it would have been (or
// {}, which the arguments would have replaced): message_too_large, too_many_parts.
//
// Cost: linear in the events, for the numbers of parts that there may be.
class Collector {
public:
    // As many as the API allows for n, and as it allows tools (of a choice); and of all parts, choices and items.
    static constexpr unsigned max_choices = 128, max_calls = 128, max_parts = collected::Texts::max_records;

    constexpr Collector() noexcept = default;
    constexpr explicit Collector(Buffer memory) noexcept : texts_(memory) {}

    // The next event of the answer.
    inline Error add(const Event& event) noexcept;
    // How the answer ended. After a good end everything is finished: also calls without arguments and those of custom
    // tools, which no finish reason ends (some servers send one in every chunk), and where the server said no reason.
    inline Error end(Verdict verdict) noexcept;

    Error error() const noexcept { return error_; }
    // The server has ended every choice, or (known behind end()) the answer. False of what was cancelled, was cut off
    // on the way or did not fit; of what the server itself has cut off, finish_reason() tells.
    bool is_complete() const noexcept { return error_ == Error::none && (is_done(verdict_) || has_ended_all()); }

    // ---- reading; views as in MessagePart ----------------------------------------------------------------------

    // The parts that the last add() or end() has finished. A part is finished when nothing is to come for it: at the
    // end of its output item, else of its choice; a call without arguments, or of a custom tool, that is in no item: at
    // end(). Each is reported once, but a call whose arguments were broken once more when the rest of them came (some
    // servers send a finish reason in every chunk). What a server sends after a part's end is kept, too.
    MessageParts just_finished() const noexcept {
        return {texts_, EventKind::text, EventKind::tool_call, -1, collected::just_finished};
    }
    // All of them, or those of one choice.
    MessageParts parts(int32_t choice = -1) const noexcept {
        return {texts_, EventKind::text, EventKind::tool_call, choice, 0};
    }
    MessageParts tool_calls(int32_t choice = 0) const noexcept {
        return {texts_, EventKind::tool_call, EventKind::tool_call, choice, 0};
    }

    // All that was said of this kind, over all output items: null if nothing was. If it is in several parts they are
    // moved together, which takes as long as moving what lies between them.
    StringView text(int32_t choice = 0) noexcept { return joined(EventKind::text, choice); }
    StringView reasoning(int32_t choice = 0) noexcept { return joined(EventKind::reasoning, choice); }
    StringView refusal(int32_t choice = 0) noexcept { return joined(EventKind::refusal, choice); }

    // Null: the server did not say. The id of a response goes into the next request's previous_response_id.
    StringView id() const noexcept { return of_first(EventKind::started, 0, collected::Field::id); }
    StringView model() const noexcept { return of_first(EventKind::started, 0, collected::Field::name); }
    StringView role(int32_t choice = 0) const noexcept {
        return of_first(EventKind::role, choice, collected::Field::id);
    }
    // The first that the server gave; none: it has not ended the choice.
    FinishReason finish_reason(int32_t choice = 0) const noexcept {
        const uint16_t index = find(EventKind::role, choice);
        return index == collected::none ? FinishReason::none : texts_[index].finish_reason;
    }
    // The same in the server's words.
    StringView finish_word(int32_t choice = 0) const noexcept {
        return of_first(EventKind::role, choice, collected::Field::name);
    }
    // The last that the server gave; all -1: none.
    const Usage& usage() const noexcept { return usage_; }

    // The choices seen, in the order in which they began, and the number of each.
    size_t choice_count() const noexcept { return choice_count_; }
    int32_t choice_at(size_t place) const noexcept {
        for (uint16_t index = 0; index != texts_.count(); ++index)
            if (texts_[index].kind == EventKind::role && place-- == 0) return texts_[index].choice;
        return -1;
    }

    // ---- writing back ------------------------------------------------------------------------------------------

    // What the assistant said in a choice and the tools it called, as a message of the next ChatRequest. It needs no
    // further memory. Valid until the next call that is not const, but for one that asks for another choice's. Calls
    // that the server runs itself (type "mcp") are left out; arguments that are none at all become "{}", since servers
    // read them as JSON.
    inline Message as_message(int32_t choice = 0) noexcept;

    // The two below are for servers that want back what is no part of the API, see collector_echo.hpp.
    // add(), and keeps extra_content of tool calls.
    inline Error add_with_extra_content(const Event& event) noexcept;
    // as_message(), and what else is to be given back.
    inline Message as_message_with(Echo what, int32_t choice = 0) noexcept;

    // Ends collecting and gives away the memory that is left, for the next Collector: the messages of a conversation
    // may lie in one buffer, one behind the other. Views from before die.
    Buffer give_rest() noexcept { return texts_.give_rest(); }

private:
    using Record = collected::Record;
    using Field = collected::Field;

    Error fail(Error error) noexcept {
        if (error_ == Error::none) error_ = error;
        return error_;
    }
    Error fail_unless(bool enough) noexcept { return enough ? Error::none : fail(Error::message_too_large); }

    void forget_just_finished() noexcept {
        if (!has_just_finished_) return;
        has_just_finished_ = false;
        for (uint16_t index = 0; index != texts_.count(); ++index) texts_[index].clear(collected::just_finished);
    }
    uint16_t find(EventKind kind, int32_t choice) const noexcept {
        uint16_t index = 0;
        while (index != texts_.count() && !(texts_[index].kind == kind && texts_[index].choice == choice)) ++index;
        return index == texts_.count() ? collected::none : index;
    }
    StringView of_first(EventKind kind, int32_t choice, Field field) const noexcept {
        const uint16_t index = find(kind, choice);
        return index == collected::none ? StringView() : texts_.get(texts_[index], field);
    }
    bool has_ended_all() const noexcept { return choice_count_ != 0 && ended_count_ == choice_count_; }

    // none: error() says why.
    uint16_t add_record(EventKind kind, int32_t choice, size_t room = 0) noexcept {
        if (texts_.count() == max_parts) {
            fail(Error::too_many_parts);
            return collected::none;
        }
        const uint16_t index = texts_.add(kind, room);
        if (index == collected::none) fail(Error::message_too_large);
        else texts_[index].choice = choice;
        return index;
    }
    uint16_t choice_of(int32_t choice) noexcept {
        const uint16_t found = find(EventKind::role, choice);
        if (found != collected::none) return found;
        if (choice_count_ == max_choices) {
            fail(Error::too_many_parts);
            return collected::none;
        }
        const uint16_t index = add_record(EventKind::role, choice);
        if (index != collected::none) ++choice_count_;
        return index;
    }
    inline uint16_t find_item(const Event& event) const noexcept;
    inline uint16_t item_of(const Event& event) noexcept;
    inline Error add_text(const Event& event) noexcept;
    inline Error add_to_call(const Event& event) noexcept;
    inline void guess_open_calls() noexcept;
    inline uint16_t new_call(const Event& event, uint16_t item) noexcept;
    // The reason of a choice whose calls are complete.
    static bool says_whole(FinishReason reason) noexcept {
        return reason != FinishReason::none && reason != FinishReason::length && reason != FinishReason::content_filter;
    }
    bool is_written_back(const Record& record, int32_t choice) const noexcept {
        return record.kind == EventKind::tool_call && record.choice == choice &&
               texts_.get(record, Field::type) != StringView("mcp", 3);
    }
    inline Error begin_next_call(const Event& event, uint16_t before) noexcept;
    inline Error finish_parts(int32_t choice, uint16_t item, bool is_ended) noexcept;
    inline StringView joined(EventKind kind, int32_t choice) noexcept;
    inline Error add_extra_content(uint16_t call, const Event& event) noexcept;
    inline uint16_t write_reasoning_content(int32_t choice) noexcept;

    collected::Texts texts_;
    Usage usage_;
    Error error_ = Error::none;
    Verdict verdict_ = Verdict::still_open;
    uint8_t choice_count_ = 0;
    uint8_t ended_count_ = 0;
    uint16_t call_count_ = 0;
    uint16_t refusal_count_ = 0;
    uint16_t last_part_ = collected::none;  // the part that the last text went to
    bool has_just_finished_ = false;
    // Of the tool call whose event was the last one.
    bool is_same_object_ = false;    // arguments that come now belong to it
    bool is_same_fragment_ = false;  // they continue the same string
    bool is_early_ = false;          // those were arguments that were handed out early
    bool came_first_ = false;        // and nothing that tells their call came before them
    // See add_with_extra_content().
    bool is_announced_ = false;  // the last event of a call said only that one begins
    uint16_t open_extra_ = collected::none;     // the record whose text goes on
    uint16_t waiting_extra_ = collected::none;  // the one whose call is not known yet
};

// ---- events ----------------------------------------------------------------------------------------------------

inline Error Collector::add(const Event& event) noexcept {
    forget_just_finished();
    // (A field may stand within a tool call, whose arguments go on after it.)
    if (error_ != Error::none || event.kind == EventKind::keepalive || event.kind == EventKind::field) return error_;
    if (event.kind == EventKind::tool_call || event.kind == EventKind::tool_arguments) return add_to_call(event);
    is_same_object_ = is_same_fragment_ = is_early_ = came_first_ = false;
    if (event.kind == EventKind::text || event.kind == EventKind::reasoning || event.kind == EventKind::refusal)
        return add_text(event);
    if (event.kind == EventKind::started) {
        uint16_t index = find(EventKind::started, 0);
        if (index == collected::none) index = add_record(EventKind::started, 0);
        if (index == collected::none) return error_;
        return fail_unless(collected::set_once(texts_, texts_[index], Field::id, event.id) &&
                           collected::set_once(texts_, texts_[index], Field::name, event.name));
    }
    if (event.kind == EventKind::role || event.kind == EventKind::finish) {
        const uint16_t index = choice_of(event.choice);
        if (index == collected::none) return error_;
        if (event.kind == EventKind::role)
            return fail_unless(collected::set_once(texts_, texts_[index], Field::id, event.name));
        if (!collected::set_once(texts_, texts_[index], Field::name, event.name))
            return fail(Error::message_too_large);
        Record& choice = texts_[index];
        if (choice.finish_reason == FinishReason::none) {
            choice.finish_reason = event.finish_reason;
            ++ended_count_;
        }
        return finish_parts(event.choice, collected::none, says_whole(event.finish_reason));
    }
    if (event.kind == EventKind::usage) usage_ = event.usage;
    // An item that begins anew where another one was: servers that count all of them as 0.
    if (event.kind == EventKind::item) {
        const uint16_t item = find_item(event);
        if (item != collected::none && !event.item_id.empty() && event.item_number < 0 &&
            texts_.get(texts_[item], Field::id) != event.item_id) {
            const uint16_t next = add_record(EventKind::item, 0);
            if (next == collected::none) return error_;
            texts_[next].index = event.output_index;
            return fail_unless(texts_.append(texts_[next], Field::id, event.item_id));
        }
    }
    if (event.kind == EventKind::item_done) {
        const uint16_t item = find_item(event);
        const bool is_cut =
            words::place_in("incomplete\0failed\0in_progress\0", event.name.data(), event.name.size()) != 0;
        if (item != collected::none) return finish_parts(-1, item, !is_cut);
    }
    return Error::none;
}

inline Error Collector::end(Verdict verdict) noexcept {
    verdict_ = verdict;
    forget_just_finished();
    return is_done(verdict) && error_ == Error::none ? finish_parts(-1, collected::none, false) : error_;
}

// By its number; else by its id; else by its place, since there are servers that give it another id in each event.
inline uint16_t Collector::find_item(const Event& event) const noexcept {
    uint16_t by_id = collected::none, by_place = collected::none;
    for (uint16_t index = texts_.count(); index-- != 0;) {
        const Record& item = texts_[index];
        if (item.kind != EventKind::item) continue;
        const bool has_numbers = event.item_number >= 0 && item.number != collected::none;
        if (has_numbers && item.number == static_cast<uint16_t>(event.item_number)) return index;
        const bool is_there = event.output_index >= 0 && item.index == event.output_index;
        const bool is_elsewhere = !is_there && event.output_index >= 0 && item.index >= 0;
        if (by_id == collected::none && !event.item_id.empty() && texts_.get(item, Field::id) == event.item_id &&
            !(has_numbers && is_elsewhere))
            by_id = index;
        if (by_place == collected::none && is_there && !has_numbers) by_place = index;
    }
    return by_id != collected::none ? by_id : by_place;
}

// none: it is in none, or error() says why.
inline uint16_t Collector::item_of(const Event& event) noexcept {
    if (event.item_id.empty() && event.output_index < 0 && event.item_number < 0) return collected::none;
    const uint16_t found = find_item(event);
    const uint16_t index = found != collected::none ? found : add_record(EventKind::item, 0);
    if (index == collected::none) return index;
    if (found == collected::none)
        texts_[index].number = static_cast<uint16_t>(event.item_number < 0 ? collected::none : event.item_number);
    if (texts_[index].index < 0) texts_[index].index = event.output_index;
    fail_unless(collected::set_once(texts_, texts_[index], Field::id, event.item_id));
    return index;
}

inline Error Collector::add_text(const Event& event) noexcept {
    if (choice_of(event.choice) == collected::none) return error_;
    const uint16_t item = item_of(event);
    if (error_ != Error::none) return error_;
    const bool is_summary = event.kind == EventKind::reasoning && !event.name.empty();
    const auto is_this = [&](uint16_t index) {
        const Record& part = texts_[index];
        return part.kind == event.kind && part.choice == event.choice && part.item == item &&
               part.content_index == event.content_index && part.is(collected::summary) == is_summary;
    };
    uint16_t index = last_part_;
    if (index == collected::none || !is_this(index)) {
        for (index = texts_.count(); index-- != 0;)
            if (is_this(index)) break;  // none: behind the first one comes 0xFFFF
    }
    if (index == collected::none) {
        const bool is_refusal = event.kind == EventKind::refusal;
        index = add_record(event.kind, event.choice, is_refusal ? sizeof(AssistantExtra) : 0);
        if (index == collected::none) return error_;
        texts_[index].item = item;
        texts_[index].content_index = event.content_index;
        if (is_refusal) texts_[index].number = refusal_count_++;
        if (is_summary) texts_[index].set(collected::summary);
    }
    last_part_ = index;
    return fail_unless(texts_.append(texts_[index], Field::text, event.text));
}

inline Error Collector::add_to_call(const Event& event) noexcept {
    const uint16_t choice = choice_of(event.choice);
    if (choice == collected::none) return error_;
    const uint16_t item = item_of(event);
    if (error_ != Error::none) return error_;
    const uint16_t last = texts_[choice].item;
    const bool is_call = event.kind == EventKind::tool_call;
    const bool is_last_key = last != collected::none && texts_[last].item == item &&
                             (item != collected::none || texts_[last].index == event.tool_index);
    // Arguments behind their call; or, when the event did not fit into the stream's buffer, what came behind them or
    // behind a call that was announced.
    const bool continues =
        is_last_key && (is_call ? (is_early_ || is_same_object_) && event.early &&
                                      (event.id.empty() || texts_[last].sizes[0] == 0) &&
                                      (event.name.empty() || texts_[last].sizes[1] == 0)
                                : is_same_object_);
    // An object that says nothing, and what is known of a call announced before one of its fields.
    const bool has_key = item != collected::none || event.tool_index >= 0;
    if (is_call && event.id.empty() && event.name.empty() && event.text.empty() && (is_last_key || !has_key)) {
        is_same_object_ = is_same_fragment_ = is_early_ = came_first_ = false;
        return Error::none;
    }
    bool guess = false;
    uint16_t index = continues ? last : collected::find_call(texts_, texts_[choice], item, event, guess);
    if (index == collected::none) {
        if (is_call && event.id.empty() && event.name.empty() && !has_key) return Error::none;  // a type alone
        index = new_call(event, item);
        if (index == collected::none) return error_;
    }
    // Arguments that went to the call before were this one's: they came before its id, without a key of their own.
    if (is_call && came_first_ && event.early && !continues && last != collected::none) {
        texts_[last].set(collected::guessed);
        guess = true;
    }
    Record& call = texts_[index];
    texts_[choice].item = index;
    // A call may become better known after its item's end; arguments that come then are some other call's.
    const bool is_better_known = is_call && item != collected::none;
    if (!continues && item == collected::none && call.is(collected::finished) && call.is(collected::broken))
        collected::reopen(call);
    if (guess || (!continues && !is_better_known && call.is(collected::finished))) call.set(collected::guessed);
    if (guess && call.item != collected::none) guess_open_calls();
    if (call.item == collected::none) call.item = item;
    if (call.index < 0) call.index = event.tool_index;
    bool enough = true;
    if (is_call ? !event.name.empty() : !is_same_object_) call.clear(collected::named_again);
    if (is_call) {
        if (collected::has_complete_arguments(call) && !event.name.empty() &&
            texts_.get(call, Field::name) == event.name)
            call.set(collected::named_again);
        enough = collected::add_name(texts_, call, event) && collected::set_once(texts_, call, Field::id, event.id) &&
                 collected::set_once(texts_, call, Field::type, event.text);
    } else {
        const collected::Added added =
            collected::add_arguments(texts_, call, event.text, !(continues && is_same_fragment_), event.more);
        if (added == collected::Added::next_call) return begin_next_call(event, index);
        enough = added == collected::Added::yes;
    }
    is_same_object_ = is_call ? !(continues && is_early_) : event.more;  // behind its arguments nothing of a call comes
    is_same_fragment_ = !is_call && event.more;
    is_early_ = !is_call && event.early;
    came_first_ = is_early_ && !has_key && (!continues || came_first_);
    return fail_unless(enough);
}

// Arguments that looked like a repeat of those of `before` so far are of another call of the same name.
inline Error Collector::begin_next_call(const Event& event, uint16_t before) noexcept {
    const uint16_t index = new_call(event, texts_[before].item);
    if (index == collected::none) return error_;
    Record& call = texts_[index];
    Record& other = texts_[before];
    const uint32_t matched = other.matched;
    call.index = other.index;
    call.set(collected::guessed);
    other.set(collected::guessed);
    other.clear(collected::repeating);
    other.matched = 0;
    texts_[choice_of(event.choice)].item = index;
    is_same_object_ = is_same_fragment_ = event.more;
    is_early_ = event.early;
    if (!texts_.append_of(call, Field::name, other, Field::name, other.sizes[1]) ||
        !texts_.append_of(call, Field::type, other, Field::type, other.sizes[2]) ||
        !texts_.append_of(call, Field::text, other, Field::text, matched) ||
        !texts_.append(call, Field::text, event.text))
        return fail(Error::message_too_large);
    collected::follow_nesting(call, texts_.get(call, Field::text));
    return Error::none;
}

inline uint16_t Collector::new_call(const Event& event, uint16_t item) noexcept {
    unsigned calls = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index)
        if (texts_[index].kind == EventKind::tool_call && texts_[index].choice == event.choice) ++calls;
    if (calls == max_calls) {
        fail(Error::too_many_parts);
        return collected::none;
    }
    const uint16_t index = add_record(EventKind::tool_call, event.choice, collected::room_of_call);
    if (index == collected::none) return index;
    texts_[index].item = item;
    texts_[index].number = call_count_++;
    return index;
}

// What one call was given may be another one's of those that have not ended.
inline void Collector::guess_open_calls() noexcept {
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        Record& call = texts_[index];
        if (call.kind == EventKind::tool_call && !call.is(collected::finished)) call.set(collected::guessed);
    }
}

// Of a choice (-1: of all) and of an item (none: of all). is_ended: the server has said that they are complete
// (of what is in an item, with the item's end alone).
inline Error Collector::finish_parts(int32_t choice, uint16_t item, bool is_ended) noexcept {
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        Record& part = texts_[index];
        if (!part.can_grow() || (choice >= 0 && part.choice != choice)) continue;
        if (item != collected::none && part.item != item) continue;
        const bool is_call = part.kind == EventKind::tool_call;
        if (choice >= 0 && collected::may_go_on(texts_, part)) continue;
        if (is_call && !collected::settle(texts_, part))
            return fail(Error::message_too_large);
        part.set(collected::finished);
        // With the answer's end those are ended that were left until then.
        const bool is_answer_end = choice < 0 && item == collected::none;
        const bool was_ended = is_ended || (is_answer_end && says_whole(finish_reason(part.choice)));
        if (was_ended && (item != collected::none || part.item == collected::none)) part.set(collected::ended);
        part.set(collected::just_finished);
        has_just_finished_ = true;
    }
    return error_;
}

// ---- reading ---------------------------------------------------------------------------------------------------

inline StringView Collector::joined(EventKind kind, int32_t choice) noexcept {
    const uint16_t first = find(kind, choice);
    if (first == collected::none) return {};
    size_t size = texts_[first].size();
    uint16_t last = first;
    for (uint16_t index = static_cast<uint16_t>(first + 1); index < texts_.count(); ++index) {
        if (texts_[index].kind != kind || texts_[index].choice != choice || texts_[index].size() == 0) continue;
        if (texts_[last].size() != 0) texts_.join(texts_[last], texts_[index]);
        last = index;
        size += texts_[index].size();
    }
    const StringView whole = texts_.get(texts_[first], Field::text);
    return {texts_[first].size() != 0 ? whole.data() : texts_.get(texts_[last], Field::text).data(), size};
}

inline Message Collector::as_message(int32_t choice) noexcept {
    Message message = Message::assistant(text(choice));
    // In the room that is kept: what the refusals need, the ToolCalls, the ids. The calls of lower choices come first.
    char* const ids = texts_.kept_end() - collected::made_up_bytes * call_count_;
    char* const calls = ids - sizeof(ToolCall) * call_count_;
    size_t before = 0, count = 0;
    for (uint16_t index = 0; index != texts_.count(); ++index)
        if (texts_[index].kind == EventKind::tool_call && texts_[index].choice < choice) ++before;
    char* const own = calls + sizeof(ToolCall) * before;
    for (uint16_t index = 0; index != texts_.count(); ++index) {
        const Record& record = texts_[index];
        if (!is_written_back(record, choice)) continue;
        const MessagePart part = collected::part_of(texts_, record);
        ToolCall call;
        call.id = part.id.empty() ? collected::made_up_id(texts_, record) : part.id;
        call.name = part.name.data() ? part.name : StringView("", size_t{0});
        call.kind = collected::is_custom(texts_, record) ? ToolKind::custom : ToolKind::function;
        call.arguments = part.text.empty() && call.kind == ToolKind::function ? StringView("{}", 2) : part.text;
        memcpy(own + sizeof call * count++, &call, sizeof call);
    }
    if (count != 0) message.tool_calls = List<ToolCall>(reinterpret_cast<const ToolCall*>(own), count);
    const StringView refused = refusal(choice);
    if (message.content.empty() && count == 0 && !refused.empty()) {
        AssistantExtra extra;
        extra.refusal = refused;
        const Record& first = texts_[find(EventKind::refusal, choice)];
        char* const place = calls - sizeof extra * (first.number + size_t{1});
        memcpy(place, &extra, sizeof extra);
        message.parts = reinterpret_cast<const AssistantExtra*>(place);
    }
    return message;
}

OPENAI_STREAM_END
