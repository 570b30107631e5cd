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

    constexpr explicit ResponseState(size_t item_count) noexcept
        : is_owner_assumed(false), is_owner_unsure(false), is_delta(false), memory(item_count) {}
    // Where it lies in memory that begins anywhere.
    static ResponseState& in(Buffer memory) noexcept {
        return *static_cast<ResponseState*>(static_cast<void*>(memory.data + gap_in(memory)));
    }
    // Before the first event. There must be min_bytes. is_late: the events are the later ones of an answer, and those
    // before were delivered already: of what had begun by then only pieces are delivered.
    static void begin(Buffer memory, bool is_late) noexcept {
        ResponseState& state = in(memory);
        state = ResponseState((memory.size - gap_in(memory) - sizeof(ResponseState)) / sizeof(DeliveredItem));
        if (is_late) state.memory.begin_late();
    }

    void begin_event() noexcept {
        memset(static_cast<void*>(this), 0, offsetof(ResponseState, item_place));
        memset(&item_place, 0xff, offsetof(ResponseState, last_role) - offsetof(ResponseState, item_place));
    }

    // What outlives an event.
    StringView known() noexcept {
        const char* const begin = reinterpret_cast<const char*>(this);
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
    // About the event being read: nothing is known.
    TypeMeaning meaning;  // of the event's type
    uint8_t pending = 0;
    uint8_t lists = 0;               // pending
    uint8_t item_level = 0;          // of returns, at which the item's lists are read
    uint8_t text_context = skipped;  // of the object that texts are of
    TextRole role = TextRole::none;  // of the text being delivered
    TextRole key_role = TextRole::none;   // what the key of an item's own text says
    TextRole assumed = TextRole::none;    // of a text that left, or may leave, before its type has come
    TextRole passed = TextRole::none;     // of a text that was passed over since it had been said
    bool is_typed = false;         // the type has come, known or not
    bool is_answer = false;        // the event has a response in it, or is one
    bool is_listed = false;        // within the answer's output
    bool is_item_over = false;
    bool has_item_id = false;
    bool is_part_listed = false;
    bool has_left = false;         // some of this event left before its end
    bool is_start_pending = false; // where the answer has not started
    bool is_over = false;          // the event has been read, but for its lists
    bool is_last = false;
    // In one byte, since the smallest buffer has no room for more.
    bool is_owner_assumed : 1;     // it has not been named
    bool is_owner_unsure : 1;      // it may as well be another one
    bool is_delta : 1;             // the text read has the key of a piece
    uint16_t texts = 0;            // pending: bits of targets
    // The same, as -1.
    int16_t item_place = -1;       // in a list
    int16_t part_place = -1;       // likewise
    int16_t owner = unresolved;    // the item in memory: once something was said of it, or was assumed to be its
    int32_t output_index = -1;
    int32_t content_index = -1;
    int32_t source_begin = -1, source_end = -1;
    int64_t sequence_number = -1;
    // About the answer.
    TextRole last_role = TextRole::none;  // of the last piece
    bool has_calls = false;         // of tools that the program has
    bool is_first_assumed = false;  // an event without content_index is of the first part
    DeliveryLog memory;  // the last one: its items lie after it

private:
    static size_t gap_in(Buffer memory) noexcept {
        return (0 - reinterpret_cast<uintptr_t>(memory.data)) & (alignof(ResponseState) - 1);
    }
};
constexpr size_t min_response_bytes = sizeof(ResponseState) + 2 * sizeof(DeliveredItem) + alignof(ResponseState);

}  // namespace dialect

OPENAI_STREAM_END
