#pragma once
// An Exchange over a Transport.
#include "claim.hpp"
#include "conversation.hpp"
#include "stats.hpp"
#include "transport_of.hpp"

OPENAI_STREAM_BEGIN

// One conversation at a time with a server. Movable, not copyable; every state of it is safe to poll, close and
// destroy.
//
// One thread owns it. cancel() alone may come from anywhere. Inside its transport's callbacks it may be closed or
// cancelled; poll(), next() and open() do nothing there but say `failed`, and it must not be moved or destroyed.
//
// The buffer and what the transport's context points to must outlive the Stream; a request and its Endpoint must live
// until the first event or the end, unless is_detached().
class Stream : private Conversation {
public:
    constexpr Stream() noexcept = default;
    // Without limits of time, and without a mark: that no other Stream uses the same buffer or link is the caller's
    // part. (Two on one buffer read nonsense, and nothing outside of it.)
    constexpr Stream(const Transport& transport, Buffer memory) noexcept : Conversation(transport, memory) {}
    // With use(first).
    Stream(const Transport& transport, Buffer memory, Interceptor& first) noexcept : Conversation(transport, memory) {
        add(first);
    }
    // Over any object that transport_of() takes, which must outlive the Stream: a Socket, a class of your own. If it
    // has a clock there are limits of time, timeouts(), in the first bytes of the memory (at most 120); others may be
    // given and are copied. One Socket, or Tls, and one buffer serve one Stream at a time: Error::in_use.
    template <class Link, class = detail::if_link<Link>>
    Stream(Link&& link OPENAI_STREAM_BORROWED, Buffer bytes) noexcept {
        begin_over<Link>(link, bytes);
    }
    template <class Link, class = detail::if_link<Link>>
    Stream(Link&& link OPENAI_STREAM_BORROWED, Buffer bytes, Timeouts&& limits) noexcept {
        begin_over<Link>(link, bytes);
        if (own_timeouts_) own_timeouts_->set_limits(limits);
    }
    // With use(first).
    template <class Link, class First, class = detail::if_link<Link>>
    Stream(Link&& link OPENAI_STREAM_BORROWED, Buffer bytes, First& first) noexcept {
        begin_over<Link>(link, bytes);
        use(first);
    }
    Stream(Stream&& other) noexcept { move_from(other); }
    Stream& operator=(Stream&& other) noexcept {
        if (this != &other) {
            close();
            leave_list();
            move_from(other);
        }
        return *this;
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() {
        close();
        leave_list();
    }

    // Begins a conversation; a running one is abandoned. Dials (or takes the kept connection to the same server), sends
    // nothing yet. May wait as long as the transport's resolve and dial wait: Socket looks names up here.
    //
    // A connection is kept after an answer that was complete. poll() asks it before it sends: if the end of the old
    // message has yet to come, that is waited for (max_turn_ms). If it dies before a byte of this answer has come,
    // poll() makes a new one and sends the request once more, once: servers close connections while nobody looks.
    // From here on close() and cancel() mean this conversation, whatever the connection has yet to bring.
    // Errors: those of Exchange::begin, needs_tls, no_transport, no_redial, name_not_resolved, connect_failed,
    // reentered, closed (from inside resolve, dial or hang_up).
    template <class Server = detail::Braces, class Request = detail::Braces>
    Error open(Server&& endpoint, Request&& request) noexcept {
        if (link_.is_inside()) return Error::reentered;
        if constexpr (detail::is_lasting_call<Server, Request>()) {
            keep_or_drop_connection(endpoint);
            return finish_open(exchange_.begin(endpoint, request));
        } else {
            return Error::not_open;
        }
    }

    // From the next open() on the interceptor is asked, before those that were given earlier: see Interceptor. It must
    // outlive the Stream, and stay where it is.
    void use(Interceptor& interceptor) noexcept { add(interceptor); }
    // The same; timeouts() are no limits any more.
    void use(Timeouts& timeouts) noexcept {
        if (own_timeouts_) own_timeouts_->set_limits(Timeouts::none());
        add(timeouts);
    }
    // The limits that came with a transport that has a clock, to be changed before open(); null if there are none.
    Timeouts* timeouts() noexcept { return own_timeouts_; }

    // The next event, if it is there. Never waits; a bounded number of calls of the transport.
    Poll (poll)(Event& event) noexcept { return poll_any(event); }
    Poll (poll)(SseEvent& event) noexcept { return poll_any(event); }
    Poll (poll)(BodyPiece& piece) noexcept { return poll_any(piece); }

    // Waits for the next event in the transport's wait. Returns false if it is over, error() says how. Without a wait
    // pull, push and dial must do the waiting: one that would block is Error::no_wait.
    bool next(Event& event) noexcept { return next_any(event); }
    bool next(SseEvent& event) noexcept { return next_any(event); }
    bool next(BodyPiece& piece) noexcept { return next_any(piece); }

    // What to wait for before the next poll().
    Interest wants() const noexcept {
        if (!exchange_.is_open()) return Interest::none;
        if (has_work_left_) return Interest::work_left;
        if (link_.state() != detail::Link::State::up)
            return link_.state() == detail::Link::State::down ? Interest::none : link_.dial_interest();
        return exchange_.wants_to_send() ? Interest::read | Interest::write : Interest::read;
    }

    // How long poll() may be left alone if nothing arrives, in ms; UINT32_MAX: for ever.
    uint32_t next_deadline_ms() const noexcept {
        if (!link_.has_clock() || !is_open()) return UINT32_MAX;
        const uint32_t turn_ms = exchange_.awaits_turn() ? turn_left_ms() : UINT32_MAX, ms = left_ms();
        return ms < turn_ms ? ms : turn_ms;
    }

    // How long a kept connection is waited for that has yet to bring the end of the message before, in ms (in polls
    // where there is no clock): through a proxy the last chunk is a packet of its own. Then a new one is made; where
    // none can be, because there is no dial, to give up would end the conversation.
    static constexpr uint32_t max_turn_ms = 250, max_turn_ms_without_dial = 60000;
    // Longest wait of next() between two such polls.
    static constexpr uint32_t blind_turn_wait_ms = 10;

    // Ends the conversation and the connection. Idempotent, legal in every state.
    void close() noexcept {
        exchange_.stop(Verdict::closed_by_caller, Error::closed);
        link_.hang_up();
    }
    // Makes the conversation end with Error::cancelled as soon as its owner calls poll() or next(), or now if that
    // waits. From any thread, signal handler or interrupt; the Stream must exist. open() forgets it.
    void cancel() noexcept {
        is_cancelled_.set();
        const Transport& transport = link_.transport();
        if (transport.wake) transport.wake(transport.context);
    }

    using Conversation::error;
    using Conversation::failure;
    using Conversation::verdict;
    // Also before the first open(): see error().
    bool failed() const noexcept { return error() != Error::none; }
    // What went wrong and what to do, in sentences for a person: the error, the status, the server's own words, host
    // and port, what the platform or TLS says. Written into this memory (400 bytes hold nearly all of them) and cut
    // where that ends; a C string, never null; "" without an error. Never the key, nor anything of the request but the
    // name of a field.
    const char* explain(Buffer memory) const noexcept;
    // After open(): the request lies in the buffer as a whole, so that it and its Endpoint may be gone. If not, both
    // must live until the first event.
    bool is_detached() const noexcept { return exchange_.is_detached(); }
    Quirks quirks() const noexcept { return exchange_.quirks(); }
    Stats stats() const noexcept {
        Stats stats = exchange_.stats();
        stats.is_reused = is_reused_;
        stats.has_reconnected = has_reconnected_;
        return stats;
    }

    // for (const Event& event : stream): one pass, waits like next().
    class Iterator {
    public:
        explicit Iterator(Stream* stream) noexcept : stream_(stream) { ++*this; }
        const Event& operator*() const noexcept { return event_; }
        const Event* operator->() const noexcept { return &event_; }
        Iterator& operator++() noexcept {
            if (stream_ && !stream_->next(event_)) stream_ = nullptr;
            return *this;
        }
        bool operator!=(const Iterator& other) const noexcept { return stream_ != other.stream_; }

    private:
        Stream* stream_;  // null: the end
        Event event_;
    };
    Iterator begin() noexcept { return Iterator(this); }
    Iterator end() noexcept { return Iterator(nullptr); }

private:
    static_assert(static_cast<int>(Occasion::failed) == static_cast<int>(Poll::failed), "in the order of Poll");

    static constexpr int max_calls_per_poll = 8;    // of pull and push
    static constexpr uint32_t blind_wait_ms = 50;  // the longest wait when nothing can end it

    template <class Link> void begin_over(typename detail::remove_reference<Link>::type& link, Buffer bytes) noexcept {
        using T = typename detail::remove_reference<Link>::type;
        constexpr bool has_owner = __is_base_of(detail::LinkOwner, T);
        link_.set_transport(detail::transport_over<Link>(link));
        if constexpr (has_owner || detail::fits<decltype(detail::now_ms_of<T>(0))>()) {
            auto* const own = detail::OwnTimeouts::place(bytes);
            own_timeouts_ = own;
            if (own) add(*own);
            if constexpr (has_owner)
                if (own) own->join(link, *this);
        }
        exchange_.set_memory(bytes);
    }
    // The other one then has no connection and no Transport: nothing is left there to be hung up.
    void move_from(Stream& other) noexcept {
        Conversation::operator=(other);
        stay_in_list();
        other.Conversation::operator=(Stream());
    }

    // Ends the conversation before. Its connection stays if it leads to the same server and may carry another request.
    void keep_or_drop_connection(const Endpoint& endpoint) noexcept {
        const bool kept = !link_.is_down() && server_.is_of(endpoint) && exchange_.can_drain();
        if (!kept) link_.hang_up();
        exchange_.leave(is_reused_ = kept);
        has_reconnected_ = has_work_left_ = false;
        is_cancelled_.clear();
    }
    OPENAI_STREAM_OUTLINE Error finish_open(Error begun) noexcept {
        const Transport& transport = link_.transport();
        link_.set_inside(true);
        active_ = first_;
        if (begun == Error::none) {
            server_.set(exchange_.endpoint());
            if (!transport.pull || !transport.push) stop(Error::no_transport);
            else if (server_.tls() && !transport.secure) {
                exchange_.wipe_request();
                stop(Error::needs_tls);
            }
        }
        intercept(Occasion::opened);
        if (is_open()) {
            if (is_reused_) {
                turn_since_ = link_.time();
            } else if (call(transport.resolve)) {
                begin_connection();
            }
        }
        if (!is_open()) intercept(Occasion::failed);
        if (!is_open()) finish();
        link_.set_inside(false);
        return error();
    }
    // It has failed, or is done, and that is about to be said: interceptors have no more say in it.
    void finish() noexcept {
        active_ = nullptr;
        if (!exchange_.can_drain()) link_.hang_up();
    }

    // ---- a kept connection -------------------------------------------------------------------------------------

    bool is_late() noexcept { return link_.time() - turn_since_ >= max_turn(); }
    uint32_t turn_left_ms() const noexcept {
        const uint32_t passed_ms = link_.now_ms() - turn_since_;
        return passed_ms < max_turn() ? max_turn() - passed_ms : 0;
    }
    uint32_t max_turn() const noexcept { return link_.transport().dial ? max_turn_ms : max_turn_ms_without_dial; }

    // The kept connection has ended before a byte of the answer: the request goes over a new one. Where none can be
    // made, poll() says how it ended.
    //
    // RFC 9112 section 9.3.1 leaves it to the client to repeat a request on a new connection when it knows that this
    // does no harm. Here it is so: nothing of an answer has been seen, a server that closes an idle connection (9.5)
    // has not read the request, and one that has read it has at most made an answer that nobody reads. It is done once
    // for each open(), never after a first byte or a time-out, and never on a connection that was new.
    void replace_connection() noexcept {
        const bool was_sent = !exchange_.awaits_turn();
        if (was_sent) {
            if (!link_.transport().dial) return;
            intercept(Occasion::restarted);
        }
        has_reconnected_ = was_sent;
        exchange_.resend();
        link_.hang_up();
        is_reused_ = false;
        if (exchange_.is_open()) begin_connection();  // not closed from inside hang_up
    }

    template <class E> Poll poll_any(E& event) noexcept {
        if (link_.is_inside()) return Poll::failed;
        link_.set_inside(true);
        has_work_left_ = false;
        Occasion occasion;  // at the end, what poll() says
        int calls_left = max_calls_per_poll;
        while (true) {
            if (is_cancelled_.get()) exchange_.stop(Verdict::cancelled, Error::cancelled);
            if (is_reused_ && exchange_.is_unheard()) replace_connection();
            occasion = static_cast<Occasion>((exchange_.poll)(event));
            // The clock is asked at each turn: a server that never stops sending must not outlast the limits.
            if (occasion == Occasion::pending) occasion = move(--calls_left);
            const bool says_again = intercept(occasion, typed(event)) == Action::again;
            if (occasion == Occasion::moved) continue;
            if (occasion > Occasion::pending) {
                if (is_open()) continue;  // it was restarted
                finish();
                break;
            }
            if (has_work_left_ || (!says_again && (occasion == Occasion::event || is_open()))) break;
        }
        link_.set_inside(false);
        return static_cast<Poll>(occasion);
    }

    // Connects, sends or receives something; pending: nothing of it is possible now, or it has been done often enough.
    // (While something can be sent nothing is pulled, since a pull may wait; when it cannot, an early answer is looked
    // for.)
    //
    // Before anything is sent over a kept connection, the message before must have ended, and nothing may have come
    // after it: a server may have closed the connection, or have said something that nobody has asked for.
    OPENAI_STREAM_OUTLINE Occasion move(int calls_left) noexcept {
        has_work_left_ = calls_left < 0;
        if (has_work_left_) return Occasion::pending;
        if (link_.state() == detail::Link::State::dialing) call(link_.transport().dial);
        if (link_.state() != detail::Link::State::up) return Occasion::pending;
        if (link_.push(exchange_)) return Occasion::moved;
        const bool is_free = exchange_.awaits_turn() && exchange_.is_message_over() && link_.is_quiet();
        if (!is_free && link_.pull(exchange_)) return Occasion::moved;
        if (!exchange_.awaits_turn()) return Occasion::pending;
        if (exchange_.is_message_over()) exchange_.take_turn();
        else if (is_late()) exchange_.ended();
        else return Occasion::pending;
        return Occasion::moved;
    }

    static Event* typed(Event& event) noexcept { return &event; }
    static Event* typed(SseEvent&) noexcept { return nullptr; }
    static Event* typed(BodyPiece&) noexcept { return nullptr; }

    template <class E> bool next_any(E& event) noexcept {
        while (true) {
            const Poll result = poll_any(event);
            if (result != Poll::pending) return result == Poll::event;
            const Transport& transport = link_.transport();
            if (has_work_left_) continue;
            if (!transport.wait) {
                // A pause before another attempt is none of the transport's.
                if (link_.state() != detail::Link::State::down) fail(Error::no_wait);
                continue;
            }
            uint32_t ms = transport.wake ? UINT32_MAX : blind_wait_ms;
            uint32_t least_ms = left_ms();
            if (least_ms < ms) ms = least_ms;
            if (exchange_.awaits_turn()) {
                least_ms = link_.has_clock() ? turn_left_ms() : blind_turn_wait_ms;
                if (least_ms < ms) ms = least_ms;
            }
            link_.set_inside(true);
            const IoResult io = link_.wait(wants(), ms);
            link_.set_inside(false);
            if (io.is_failed()) exchange_.failed(io.code());
        }
    }
};

OPENAI_STREAM_END
