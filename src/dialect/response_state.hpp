#pragma once
// What the reader of the Responses API knows besides the values of the object being read.
#include "document_reader.hpp"
#include "delivery_log.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// What outlives an event and the calls it takes to deliver it; lies in the stream's buffer.
struct ResponseState {
    enum Pending : uint8_t {  // in the order in which they leave
        pending_item = 1,
        pending_call = 2,
        pending_source = 4,
        pending_item_done = 8,  // after its lists
        pending_mark = 16,
        pending_finish = 32,
        pending_usage = 64,
        pending_alive = 128,
    };
    // What an event says and is delivered as it is.
    static constexpr unsigned said_and_pending = pending_source | pending_mark | pending_alive;
    static_assert(said_and_pending == (says_source | says_mark | says_alive), "the same bits");
    enum List : uint8_t {  // bits of DocumentReader::deferred_
        output_list = 1u << deferred_in(response_item),
        content_list = 1u << deferred_in(response_part),
        summary_list = 1u << deferred_in(response_summary),
    };
    static constexpr int16_t unresolved = -1;  // in place of an item's index

    // What lies in memory that begins anywhere: rules that are the state, with functions of their own. Their object
    // begins with the bytes that begin() writes ([intro.object], P0593R6), since it needs no constructor to run; and
    // the state is its only member, so that both have one address.
    template <class Rules> static Rules& in(char* memory) noexcept {
        static_assert(__is_standard_layout(Rules) && __is_trivially_copyable(Rules), "as bytes");
        static_assert(sizeof(Rules) == sizeof(ResponseState), "nothing but the state");
        return *static_cast<Rules*>(static_cast<void*>(memory + gap_in(memory)));
    }
    // Before the first event. There must be min_response_bytes. is_late: the events are the later ones of an answer,
    // and those before were delivered already: of what had begun by then only pieces are delivered.
    static void begin(Buffer memory, bool is_late) noexcept {
        ResponseState& state = in<ResponseState>(memory.data);
        memset(static_cast<void*>(&state), 0, sizeof state);
        state.begin_event();
        state.memory.begin((memory.size - gap_in(memory.data) - sizeof state) / sizeof(DeliveredItem), is_late);
    }
    // Nothing is known of the event.
    void begin_event() noexcept {
        constexpr size_t not_known = offsetof(ResponseState, item_place);
        memset(static_cast<void*>(this), 0, not_known);
        memset(reinterpret_cast<char*>(this) + not_known, 0xff, offsetof(ResponseState, reader) - not_known);
    }

    // What outlives an event: what was noted of the answer.
    StringView known() noexcept {
        const char* const begin = reinterpret_cast<const char*>(this) + offsetof(ResponseState, last_role);
        return {begin, static_cast<size_t>(static_cast<const char*>(memory.end()) - begin)};
    }
    // Why an answer ended, by its status or what cut it off; none: it does not say.
    FinishReason reason_of(StringView name) const noexcept {
        const unsigned place =
            detail::words::index_of("completed\0max_output_tokens\0content_filter\0incomplete\0cancelled\0"
                                    "queued\0in_progress\0steered\0max_messages\0",
                                    name.data(), name.size());
        return place == 0   ? FinishReason::none
               : place == 1 ? (has_calls ? FinishReason::tool_calls : FinishReason::stop)
               : place == 2 ? FinishReason::length
               : place == 3 ? FinishReason::content_filter
                            : FinishReason::other;
    }

    // In this order small machines reach them with short instructions.
    // About the event being read: 0 until something is known.
    TypeMeaning meaning;    // of the event's type
    uint8_t pending;
    uint8_t lists;          // pending
    uint8_t item_level;     // of returns, at which the item's lists are read
    uint8_t text_context;   // of the object that texts are of
    TextRole role;          // of the text being delivered
    TextRole key_role;      // what the key of an item's own text says
    TextRole assumed;       // of a text that left, or may leave, before its type has come
    TextRole passed;        // of a text that was passed over since it had been said
    bool is_typed;          // the type has come, known or not
    bool is_answer;         // the event has a response in it, or is one
    bool is_listed;         // within the answer's output
    bool is_item_over;
    bool has_item_id;
    bool is_part_listed;
    bool has_left;          // some of this event left before its end
    bool is_start_pending;  // if the answer has not started
    bool is_over;           // the event has been read, but for its lists
    bool is_last;
    // In one byte, since the smallest buffer has no room for more.
    bool is_owner_assumed : 1;  // it has not been named
    bool is_owner_unsure : 1;   // it may as well be another one
    bool is_delta : 1;          // the text read has the key of a piece
    bool is_part_assumed : 1;   // it has not been said, and is taken to be the first
    uint16_t texts;         // pending: bits of targets
    // The same: -1 until it is known.
    int16_t item_place;     // in a list
    int16_t part_place;     // likewise
    int16_t owner;          // the item in memory: once something was said of it, or was assumed to be its
    int32_t output_index;
    int32_t content_index;
    int32_t source_begin, source_end;
    int64_t sequence_number;
    // For this call of Dialect::next.
    DocumentReader* reader;
    const StringView* type;
    // About the answer.
    TextRole last_role;     // of the last piece
    bool has_calls;         // of tools that the program has
    bool is_first_assumed;  // an event without content_index is of the first part
    DeliveryLog memory;     // the last one: its items lie after it

private:
    static size_t gap_in(const char* memory) noexcept {
        return (0 - reinterpret_cast<uintptr_t>(memory)) & (alignof(ResponseState) - 1);
    }
};
static_assert(sizeof(ResponseState) == offsetof(ResponseState, memory) + sizeof(DeliveryLog), "no gap before items");
constexpr size_t min_response_bytes = sizeof(ResponseState) + 2 * sizeof(DeliveredItem) + alignof(ResponseState);

}  // namespace dialect

OPENAI_STREAM_END
