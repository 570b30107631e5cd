#pragma once
// What may stand between a conversation and the program that reads it, and nobody links who does not name it: limits,
// further attempts, notes, and whatever a program adds (a budget, a log, a circuit breaker).
#include "../dialect/event.hpp"

OPENAI_STREAM_BEGIN

class Conversation;

// When an interceptor is asked. The first four are what poll() is about to say, in the order of Poll.
enum class Occasion : uint8_t {
    event,      // one is about to be delivered
    pending,    // nothing can be done now
    done,       // the answer is complete: the last that is said of this conversation
    failed,     // it is not; also the last, unless an interceptor restarts it
    moved,      // bytes have moved, and more may follow at once
    opened,     // open() has accepted a request, or refused it; the transport was not called yet
    restarted,  // the request goes out once more, over a new connection: what was noted of an answer is void
};

enum class Action : uint8_t {
    deliver,  // nothing to say: the next interceptor is asked, then the program
    again,    // nobody else is asked, and poll() looks again: an event is dropped, a wait begins later; an end is one
              // nevertheless, unless the conversation was restarted
};

// What a conversation waits for. pause: for the time of its next attempt, or it is over.
enum class Phase : uint8_t { pause, connect, send, headers, body };

// One member of the chain that Stream::use() makes. Derive from it, and give it functions that take the place of
// virtual ones. It must stay where it is, as long as the Stream that it was given to, and belong to no other.
//
// The one that was given last is nearest to the link and asked first. So what drops events or restarts belongs after
// what counts what the program sees: use(timeouts), use(budget), use(retries), use(resume). Those of this library work
// in any order; a Timeouts that was given last counts the events that ResumePolicy drops, too.
struct Interceptor {
    // event: null but for Occasion::event, and in raw mode. Its views may be read, and its members changed.
    using On = Action (*)(Interceptor& self, Conversation& conversation, Occasion occasion, Event* event);
    // For how long the conversation may go on as it is: poll() is called by then, and on() is asked. In Phase::pause
    // what counts is the conversation as a whole. UINT32_MAX: for ever.
    using LeftMs = uint32_t (*)(const Interceptor& self, const Conversation& conversation);

    constexpr explicit Interceptor(On what_to_do, LeftMs how_long = nullptr) noexcept
        : on(what_to_do), left_ms(how_long) {}
    // A copy is in no chain, and what is assigned to stays in its own.
    constexpr Interceptor(const Interceptor& other) noexcept
        : on(other.on), left_ms(other.left_ms), may_restart(other.may_restart) {}
    Interceptor& operator=(const Interceptor& other) noexcept {
        on = other.on;
        left_ms = other.left_ms;
        may_restart = other.may_restart;
        return *this;
    }

    On on;
    LeftMs left_ms;               // may be null
    // It may call Conversation::restart(). Then a request that is detached stays in the buffer until the first event,
    // and one that takes more than half of the buffer is not detached: it must live until the first event.
    bool may_restart = true;
    Interceptor* next = nullptr;  // who is asked after it; use() sets it
};

OPENAI_STREAM_END
