#pragma once
// Folds the events of an answer, of whichever API, into a whole message.
#include "../dialect/quirks.hpp"
#include "../request/chat_request.hpp"
#include "../request/response_input.hpp"
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
// After end() the next event begins another message, in the memory that is left. What as_message() and text() gave of
// the one before stays as it was; unless the two are to share the memory, make a new Collector for each answer.
//
// Errors are sticky, and what was collected before stays readable, each text a prefix of what it would have been (or
// {}, which the arguments would have replaced): message_too_large, too_many_parts.
//
// Cost: linear in the events, for the numbers of parts that there may be.
class Collector {
public:
    // As many as the API allows for n, and as it allows tools (of a choice); and of all parts, choices and items.
    static constexpr unsigned max_choices = 128, max_calls = 128, max_parts = detail::collected::Texts::max_records;

    constexpr Collector() noexcept = default;
    constexpr explicit Collector(Buffer memory) noexcept : texts_(memory) {}

    // The next event of the answer.
    inline Error add(const Event& event) noexcept;
    // How the answer ended. After a good end everything is finished: also calls without arguments and those of custom
    // tools, which no finish reason ends (some servers send one in every chunk), and where the server said no reason.
    inline Error end(Verdict verdict) noexcept;

    Error error() const noexcept { return error_; }
    // The server has ended every choice, or (known after end()) the answer. It is false of what was cancelled, was cut
    // off on the way or did not fit; of what the server itself has cut off, finish_reason() tells.
    bool is_complete() const noexcept { return error_ == Error::none && (is_done(verdict_) || has_ended_all()); }

    // ---- reading; views as in MessagePart ----------------------------------------------------------------------

    // The parts that the last add() or end() has finished. A part is finished when nothing is to come for it: at the
    // end of its output item, else of its choice; a call without arguments, or of a custom tool, that is in no item: at
    // end(). Each is reported once, but a call whose arguments were broken once more when the rest of them came (some
    // servers send a finish reason in every chunk). What a server sends after a part's end is kept, too.
    MessageParts just_finished() const noexcept {
        return {texts_, EventKind::text, EventKind::tool_call, -1, Flag::just_finished};
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
    StringView id() const noexcept { return of_first(EventKind::started, 0, Field::id); }
    StringView model() const noexcept { return of_first(EventKind::started, 0, Field::name); }
    StringView role(int32_t choice = 0) const noexcept {
        return of_first(EventKind::role, choice, Field::id);
    }
    // The first that the server gave; none: it has not ended the choice.
    FinishReason finish_reason(int32_t choice = 0) const noexcept {
        const uint16_t index = find(EventKind::role, choice);
        return index == none ? FinishReason::none : texts_[index].finish_reason;
    }
    // The same in the server's words.
    StringView finish_reason_text(int32_t choice = 0) const noexcept {
        return of_first(EventKind::role, choice, Field::name);
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

    // What was odd about the calls, as the Stream has it of the rest; looked for when this is called.
    Quirks quirks() const noexcept {
        Quirks all;
        for (const MessagePart& call : parts()) {
            if (call.kind != EventKind::tool_call) continue;
            if (call.is_guessed) all.add(Quirk::guessed_call);
            if (call.was_repeated) all.add(Quirk::repeated_arguments);
            if (call.has_generated_id) all.add(Quirk::generated_call_id);
            if (call.has_invalid_json) all.add(Quirk::invalid_arguments);
        }
        return all;
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

    // For store: false, see collector_items.hpp. add(), and keeps each output item as it was sent.
    inline Error add_with_item(const Event& event) noexcept;
    // Those that are complete, as items of the next ResponseRequest.
    inline List<InputItem> as_items() noexcept;

    // Ends collecting and gives away the memory that is left, for the next Collector: the messages of a conversation
    // may lie in one buffer, one after the other. Views from before die.
    Buffer release_unused() noexcept { return texts_.release_unused(); }

private:
    using Record = detail::collected::Record;
    using Field = detail::collected::Field;
    using Flag = detail::collected::Flag;
    static constexpr uint16_t none = detail::collected::none;

    Error fail(Error error) noexcept {
        if (error_ == Error::none) error_ = error;
        return error_;
    }
    Error fail_unless(bool enough) noexcept { return enough ? Error::none : fail(Error::message_too_large); }

    void forget_just_finished() noexcept {
        if (!has_just_finished_) return;
        has_just_finished_ = false;
        for (uint16_t index = 0; index != texts_.count(); ++index) texts_[index].clear(Flag::just_finished);
    }
    uint16_t find(EventKind kind, int32_t choice) const noexcept {
        uint16_t index = 0;
        while (index != texts_.count() && !(texts_[index].kind == kind && texts_[index].choice == choice)) ++index;
        return index == texts_.count() ? none : index;
    }
    StringView of_first(EventKind kind, int32_t choice, Field field) const noexcept {
        const uint16_t index = find(kind, choice);
        return index == none ? StringView() : texts_.get(texts_[index], field);
    }
    bool has_ended_all() const noexcept { return choice_count_ != 0 && ended_count_ == choice_count_; }

    // none: error() says why.
    uint16_t add_record(EventKind kind, int32_t choice, size_t room = 0) noexcept {
        if (texts_.count() == max_parts) {
            fail(Error::too_many_parts);
            return none;
        }
        const uint16_t index = texts_.add(kind, room);
        if (index == none) fail(Error::message_too_large);
        else texts_[index].choice = choice;
        return index;
    }
    uint16_t choice_of(int32_t choice) noexcept {
        const uint16_t found = find(EventKind::role, choice);
        if (found != none) return found;
        if (choice_count_ == max_choices) {
            fail(Error::too_many_parts);
            return none;
        }
        const uint16_t index = add_record(EventKind::role, choice);
        if (index != none) ++choice_count_;
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
    inline uint16_t find_last_item() const noexcept;
    bool is_whole_item(uint16_t index) const noexcept {
        return texts_[index].kind == EventKind::item_json && texts_[index].is(Flag::ended);
    }
    inline Error add_extra_content(uint16_t call, const Event& event) noexcept;
    inline uint16_t write_reasoning_content(int32_t choice) noexcept;

    detail::collected::Texts texts_;
    Usage usage_;
    Error error_ = Error::none;
    Verdict verdict_ = Verdict::still_open;
    uint8_t choice_count_ = 0;
    uint8_t ended_count_ = 0;
    uint16_t call_count_ = 0;
    uint16_t refusal_count_ = 0;
    uint16_t item_count_ = 0;  // of records of items as they were sent
    uint16_t last_part_ = none;  // the part that the last text went to
    bool has_just_finished_ = false;
    // About the tool call whose event was the last one.
    bool is_same_object_ = false;    // arguments that come now belong to it
    bool is_same_fragment_ = false;  // they continue the same string
    bool is_early_ = false;          // those were arguments that were delivered early
    bool came_first_ = false;        // and nothing that tells their call came before them
    // See add_with_extra_content().
    bool is_announced_ = false;  // the last event of a call said only that one begins
    uint16_t open_extra_ = none;     // the record whose text goes on, also of an item
    uint16_t waiting_extra_ = none;  // the one whose call is not known yet
};

OPENAI_STREAM_END
