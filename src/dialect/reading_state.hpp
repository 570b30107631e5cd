#pragma once
// What a reader of one answer remembers between two tokens, apart from the bytes of its values: one block, so that
// small machines reach all of it with short instructions (bytes below 32, numbers and pointers below 128).
// Those who use it: DocumentReader, and the rules of the dialect that it reads by.
#include "event.hpp"
#include "targets.hpp"

OPENAI_STREAM_BEGIN

namespace dialect {

// What is left to do when an object has ended and its values are delivered, in this order: its deferred containers are
// read, then it is over.
enum Todo : uint8_t {
    todo_choices = 1,
    todo_message = 2,  // before the others: what it says becomes the choice's own, see ChatRules::end_choice()
    todo_parts = 4,
    todo_tools = 8,
    todo_details = 16,  // of reasoning
    todo_finish = 32,
    todo_usage = 64,
};
constexpr unsigned max_deferred = 5;  // kinds of containers: their bits are the first
constexpr unsigned todo_containers = (1u << max_deferred) - 1;
// The container that is read in this context, as the number of its bit.
constexpr unsigned deferred_in(unsigned context) noexcept { return context - chat_choice; }
static_assert(1u << deferred_in(chat_choice) == todo_choices && 1u << deferred_in(chat_message) == todo_message &&
                  1u << deferred_in(chat_part) == todo_parts && 1u << deferred_in(chat_tool_call) == todo_tools &&
                  1u << deferred_in(chat_reasoning_detail) == todo_details,
              "the contexts stand in the order of Todo");
constexpr unsigned todo_of_choice = todo_parts | todo_tools | todo_message | todo_details | todo_finish;
constexpr unsigned todo_of_root = todo_choices | todo_usage;

// What became of the message of the choice being read, in an event that is read in parts.
enum class MessageUse : uint8_t {
    none,         // there is none, or it counts no more
    read,         // what the choice has said is its message's
    passed_over,  // the choice seems to have had deltas
};
// What has to be announced before anything else is delivered: a set.
enum Announced : uint8_t { announced_start = 1, announced_tool_call = 2 };

struct ReadingState {
    // About the text of the dialect that is read.
    Error first_error = Error::none;
    bool is_whole = false;         // all of it was in the buffer when it began
    bool is_last = false;          // all of it has come
    bool is_raw = false;           // a raw value is being delivered while it arrives
    bool is_jumping = false;       // the container entered next was deferred and is read now
    bool is_unknown_text = false;  // what is pending is a text, but nothing tells of what
    bool is_chunk = false;         // choices were seen
    bool has_ended_early = false;  // after `failed`: what was there was valid
    bool message_goes_on = false;  // of the error's message being read a part is kept, and more may come
    uint8_t return_count = 0;
    uint8_t passed_over = 0;  // the last of the deferred containers
    uint8_t signs = 0;        // of ErrorSign
    uint8_t region = 0;       // the sign of what stands in the container of errors being read; 0: it has none
    uint8_t error_depth = 0;  // around that container
    uint8_t announced = 0;    // of Announced
    uint8_t pending = 0;      // of Todo
    uint8_t deliverable = 0;  // of Todo: of the objects that have ended
    bool has_usage = false;
    bool has_choice = false;  // it has an object of a choice
    // About the choice or the call being read.
    bool said_detail = false;      // details of reasoning were delivered of the choice
    bool choice_was_used = false;  // something of it left before it ended: its index cannot change any more
    bool tool_was_used = false;
    MessageUse message = MessageUse::none;
    // About the answer.
    bool was_understood = false;
    bool has_counts = false;  // there are some
    bool was_started = false;

    uint32_t ready = 0;         // bit n: values.at(n) is to be delivered now
    uint32_t early = 0;         // bit n: one for target n was delivered before its object ended
    uint32_t early_around = 0;  // the same when a list of parts began
    uint32_t seen_choices = 0;
    uint32_t delta_choices = 0;  // a delta of it has said something: its message says nothing new
    uint32_t finished_choices = 0;
    int32_t choice = 0;
    int32_t tool_index = 0;  // -1 = the server did not say
    uint32_t wait_ms = 0;    // what an error asked to wait
    char* raw_begin = nullptr;               // of a value that is taken as JSON text
    const json::TableRow* pending_row = nullptr;  // whose value has begun and is not there as a whole
    int64_t created = 0;
    int64_t counts[reasoning_tokens - prompt_tokens + 1] = {};  // of tokens, in the order of Usage
};

}  // namespace dialect

OPENAI_STREAM_END
