#pragma once
// One conversation over a Transport as an interceptor sees it, and what it may do. A Stream is one, and polls it.
#include "../base/atomic.hpp"
#include "exchange_failure.hpp"
#include "exchange_quirks.hpp"
#include "interceptor.hpp"
#include "link.hpp"

OPENAI_STREAM_BEGIN

namespace detail {
class OwnTimeouts;
}
class Timeouts;

class Conversation {
public:
    // ---- what there is to be seen --------------------------------------------------------------------------------

    bool is_open() const noexcept { return exchange_.is_open(); }  // neither done nor failed
    Error error() const noexcept { return exchange_.error(); }
    Verdict verdict() const noexcept { return exchange_.verdict(); }
    OPENAI_STREAM_INLINE Failure failure() const noexcept { return exchange_.failure(); }
    // Of the server, with a NUL after it; empty before the first open().
    StringView host() const noexcept { return server_.host(); }
    uint16_t port() const noexcept { return server_.port(); }

    Phase phase() const noexcept {
        return !is_open() || link_.state() == detail::Link::State::down              ? Phase::pause
               : link_.state() != detail::Link::State::up || exchange_.awaits_turn() ? Phase::connect
               : exchange_.has_head()                                                ? Phase::body
               : exchange_.wants_to_send()                                           ? Phase::send
                                                                                     : Phase::headers;
    }
    // Something other than keep-alives was delivered, or would have been if no interceptor had dropped it.
    bool has_content() const noexcept { return exchange_.has_content(); }
    // In this attempt; for an answer that was resumed, in all of its attempts together.
    uint64_t sent_bytes() const noexcept { return exchange_.sent_bytes(); }
    uint64_t received_bytes() const noexcept { return exchange_.received_bytes(); }
    // A number that changes when bytes have moved. Those of a head do not count before it is there as a whole.
    uint32_t progress() const noexcept {
        return static_cast<uint32_t>(sent_bytes() + (exchange_.has_head() ? received_bytes() : 0));
    }

    bool has_clock() const noexcept { return link_.has_clock(); }
    uint32_t now_ms() const noexcept { return link_.now_ms(); }  // has_clock() only
    // For how long it may go on: the least that an interceptor says.
    uint32_t left_ms() const noexcept {
        uint32_t least_ms = UINT32_MAX;
        for (const Interceptor* one = active_; one; one = one->next) {
            const uint32_t ms = one->left_ms ? one->left_ms(*one, *this) : UINT32_MAX;
            if (ms < least_ms) least_ms = ms;
        }
        return least_ms;
    }
    // The transport said at resolve or dial what it would say once more: refused(), a name without an address.
    bool is_refused_for_good() const noexcept { return link_.is_final(); }
    bool has_dial() const noexcept { return link_.transport().dial != nullptr; }
    // restart() would find the request. A detached one stays in the buffer until the first event, unless the answer
    // needs its room before.
    bool has_request() const noexcept { return exchange_.can_restart(); }

    // ---- what can be done ----------------------------------------------------------------------------------------

    // Ends it, and the connection, unless it has ended. A refusal whose status has come stays one.
    void fail(Error error) noexcept {
        link_.hang_up();  // first: a close from inside it counts
        link_.forget_refusal();
        exchange_.fail_unless_refused(error);
    }
    void cancel() noexcept {
        link_.hang_up();
        exchange_.stop(Verdict::cancelled, Error::cancelled);
    }

    // After a failure: the same request from its beginning; reconnect() then makes the new connection. Returns false,
    // and changes nothing, if the error's category is caller (so after close() and cancel()) or capacity, if there is
    // no dial, if an event was delivered, which would then come twice, or if the request is not there any more. Also
    // returns false, and the conversation has ended, if it was closed from inside hang_up.
    bool restart() noexcept {
        if (!may_restart() || has_content() || !exchange_.can_restart()) return false;
        exchange_.restart();
        return begin_attempt();
    }
    // The same for an answer of the Responses API, of which events were delivered and this request gets the rest. It
    // must stay until the end.
    bool resume_from(const RetrieveRequest& request) noexcept {
        if (!may_restart() || !exchange_.can_resume()) return false;
        static_cast<void>(exchange_.resume_from(request));
        return begin_attempt();
    }
    // After restart() or resume_from(), at once or on a later Occasion::pending.
    void reconnect() noexcept {
        if (is_open() && link_.state() == detail::Link::State::down) begin_connection();
    }


    // The listener is told the fields of this attempt's head. To be called on Occasion::opened and restarted.
    void add_header_listener(HeaderListener& listener) noexcept { exchange_.add_header_listener(listener); }
    // What failure() says from now on.
    void set_retry_after_ms(int64_t ms) noexcept { exchange_.set_retry_after_ms(ms); }

protected:
    constexpr Conversation() noexcept = default;
    constexpr Conversation(const Transport& transport, Buffer memory) noexcept;
    constexpr Conversation(const Conversation&) noexcept = default;
    Conversation& operator=(const Conversation&) noexcept = default;
    ~Conversation() = default;

    // From the next open() on. Nothing of a chain is linked where this is not called.
    void add(Interceptor& interceptor) noexcept {
        for (const Interceptor* one = first_; one; one = one->next)
            if (one == &interceptor) return;
        interceptor.next = first_;
        first_ = &interceptor;
        ask_ = ask;
    }
    // event: seen on Occasion::event alone.
    OPENAI_STREAM_OUTLINE Action intercept(Occasion occasion, Event* event = nullptr) noexcept {
        return active_ ? ask_(*this, occasion, event) : Action::deliver;
    }
    // Who calls it hangs up.
    void stop(Error error, int32_t code = 0) noexcept {
        exchange_.stop(Verdict::failed, error, code);
    }
    // A new connection; there is none.
    void begin_connection() noexcept {
        if (link_.begin()) call(link_.transport().dial);
        else stop(Error::no_redial);
    }
    // resolve or dial. Returns false if the conversation has ended.
    OPENAI_STREAM_OUTLINE bool call(IoResult (*function)(void* context, StringView host, uint16_t port)) noexcept {
        const IoResult io = link_.call(function, server_);
        if (!io.is_ready() && !io.is_would_block())
            stop(io.is_unresolved() ? Error::name_not_resolved
                 : io.is_bytes()    ? Error::transport_contract
                                    : Error::connect_failed,
                 io.is_failed() ? io.code() : 0);
        return is_open();
    }

    // In this order small machines reach them with short instructions.
    detail::AtomicFlag is_cancelled_;
    bool has_work_left_ = false;
    bool is_reused_ = false;        // the connection of this conversation was that of the one before
    bool has_reconnected_ = false;  // which was dead, and was replaced
    Interceptor* active_ = nullptr;       // of this conversation, the first to be asked; null after its end
    Interceptor* first_ = nullptr;        // of the next; not owned
    Action (*ask_)(Conversation& conversation, Occasion occasion, Event* event) = nullptr;
    Conversation** listed_at_ = nullptr;  // what points to it, see leave_list(); null: it is in no list
    Conversation* next_user_ = nullptr;
    uint32_t turn_since_ = 0;             // when the kept connection was asked first; in the link's time
    detail::Link link_;
    Exchange exchange_;
    detail::ServerKey server_;  // of the connection
    const void* mark_ = nullptr;  // of its buffer, see detail::OwnTimeouts
    Timeouts* own_timeouts_ = nullptr;  // in its buffer; null: none

    // ---- the list of those over one transport, if that keeps one (see detail::LinkOwner) ---------------------------

    void leave_list() noexcept {
        if (!listed_at_) return;
        *listed_at_ = next_user_;
        if (next_user_) next_user_->listed_at_ = listed_at_;
        listed_at_ = nullptr;
    }
    // What stood in the list has been copied to this.
    void stay_in_list() noexcept {
        if (!listed_at_) return;
        *listed_at_ = this;
        if (next_user_) next_user_->listed_at_ = &next_user_;
    }

private:
    friend class detail::OwnTimeouts;

    // Asks all, until one says `again`.
    static Action ask(Conversation& conversation, Occasion occasion, Event* event) noexcept {
        if (occasion != Occasion::event) event = nullptr;
        Exchange& exchange = conversation.exchange_;
        if (exchange.has_content() || exchange.is_short_of_room()) exchange.release_request();
        for (Interceptor* one = conversation.active_; one && occasion == Occasion::opened; one = one->next)
            if (one->may_restart) exchange.keep_request();
        for (Interceptor* one = conversation.active_; one; one = one->next)
            if (one->on(*one, conversation, occasion, event) == Action::again) return Action::again;
        return Action::deliver;
    }

    void join(Conversation*& first) noexcept {
        next_user_ = first;
        if (next_user_) next_user_->listed_at_ = &next_user_;
        listed_at_ = &first;
        first = this;
    }
    // The transport is gone: nothing of it may be called, and there is nothing to be hung up.
    void lose_link() noexcept {
        link_ = detail::Link();
        fail(Error::link_gone);
        leave_list();
    }

    // To be copied, which is filling with zeros.
    static const Conversation fresh;

    bool may_restart() const noexcept {
        return !is_open() && category(error()) > ErrorCategory::capacity && has_dial();
    }
    // The exchange has begun the next attempt. The connection before is hung up only now: a close from inside hang_up
    // then ends this attempt.
    bool begin_attempt() noexcept {
        link_.hang_up();
        is_reused_ = false;
        if (is_open()) intercept(Occasion::restarted);
        return is_open();
    }
};

inline constexpr Conversation Conversation::fresh;
constexpr Conversation::Conversation(const Transport& transport, Buffer memory) noexcept
    : Conversation(fresh) {
    link_.set_transport(transport);
    exchange_.set_memory(memory);
}

OPENAI_STREAM_END
