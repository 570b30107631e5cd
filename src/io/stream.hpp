#pragma once
// An Exchange over a Transport.
#include "../base/atomic.hpp"
#include "drain.hpp"
#include "exchange.hpp"
#include "head_notes.hpp"
#include "server_key.hpp"
#include "timeouts.hpp"
#include "transport.hpp"

OPENAI_STREAM_BEGIN

class Retries;
class Resume;

// One conversation at a time with a server. Movable, not copyable; every state of it is safe to poll, close and
// destroy.
//
// One thread owns it. cancel() alone may come from anywhere. Inside its transport's callbacks it may be closed or
// cancelled; poll(), next() and open() do nothing there but say `failed`, and it must not be moved or destroyed.
//
// The buffer, the Endpoint and what the transport's context points to must outlive the Stream; a request must live
// until the first event or the end.
class Stream {
public:
    constexpr Stream() noexcept : no_watch_(0) {}
    constexpr Stream(const Transport& transport, Buffer memory) noexcept
        : transport_(transport), exchange_(memory), no_watch_(0) {}
    constexpr Stream(const Transport& transport, Buffer memory, const Timeouts& timeouts) noexcept
        : transport_(transport), exchange_(memory), tend_(watch), is_timed_(true), watch_(timeouts) {}
    Stream(Stream&& other) noexcept : no_watch_(0) { take(other); }
    Stream& operator=(Stream&& other) noexcept {
        if (this != &other) {
            close();
            take(other);
        }
        return *this;
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() { close(); }

    // Begins a conversation; a running one is abandoned. Dials (or takes the kept connection to the same server), sends
    // nothing yet. May wait as long as the transport's resolve and dial wait: Socket looks names up here.
    //
    // A connection is kept after an answer that was complete. If the end of its message has yet to come, poll() waits
    // for that first, see Drain. If it dies before a byte of this answer has come, poll() makes a new one and sends the
    // request once more, once: servers close connections while nobody looks.
    // Errors: those of Exchange::begin, needs_tls, no_transport, no_redial, name_not_resolved, connect_failed,
    // reentered, cancelled and closed (from inside dial).
    template <class Request, class = traits::if_answered<Request>>
    Error open(const Endpoint& endpoint, const Request& request) noexcept {
        return open_at(endpoint, request);
    }
    // Would be gone before they are sent; braces would make a ChatRequest.
    template <class Request = ChatRequest> Error open(const Endpoint&&, const Request&) = delete;
    template <class Request = ChatRequest> Error open(const Endpoint&, const Request&&) = delete;
    template <class Request = ChatRequest> Error open(const Endpoint&&, const Request&&) = delete;

    // What this answer is read for, besides (a ChatExtras, which must outlive it). To be called behind open().
    void watch(dialect::Dialect& extras) noexcept { exchange_.watch(extras); }

    // From the next open() on: what servers say about their limits is noted there; a conversation is begun again as it
    // says. One for each Stream, which it must outlive; the one given last counts.
    inline void use(HeadNotes& notes) noexcept;
    inline void use(Retries& retries) noexcept;
    inline void use(Resume& resume) noexcept;

    // The next event, if it is there. Never waits; a bounded number of calls of the transport.
    Poll (poll)(Event& event) noexcept { return poll_any(event); }
    Poll (poll)(SseEvent& event) noexcept { return poll_any(event); }

    // Waits for the next event in the transport's wait. False: it is over, error() says how.
    bool next(Event& event) noexcept { return next_any(event); }
    bool next(SseEvent& event) noexcept { return next_any(event); }

    // What to wait for before the next poll().
    Interest wants() const noexcept {
        if (!exchange_.is_open()) return Interest::none;
        if (has_work_left_) return Interest::again;
        switch (link_) {
            case Link::down: return Interest::none;
            case Link::draining: return Interest::read;
            case Link::dialing: return dial_interest_;
            case Link::up: break;
        }
        return exchange_.wants_to_send() ? Interest::read | Interest::write : Interest::read;
    }

    // How long poll() may be left alone if nothing arrives, in ms; UINT32_MAX: for ever.
    uint32_t next_deadline_ms() const noexcept {
        if (!transport_.now_ms || !exchange_.is_open()) return UINT32_MAX;
        const uint32_t pause_ms = link_ == Link::draining         ? drain_left_ms()
                                  : link_ == Link::down && notes_ ? pause_left_ms()
                                                                  : UINT32_MAX;
        if (!is_timed_) return pause_ms;
        const uint32_t left_ms = watch_.left_ms(phase(), moved(), transport_.now_ms(transport_.context));
        return left_ms < pause_ms ? left_ms : pause_ms;
    }

    // Ends the conversation and the connection. Idempotent, legal in every state.
    void close() noexcept {
        exchange_.stop(Verdict::closed_by_caller, Error::closed);
        hang_up();
    }
    // Makes the conversation end with Error::cancelled as soon as its owner calls poll() or next(), or now if that
    // waits. From any thread, signal handler or interrupt; the Stream must exist. open() forgets it.
    void cancel() noexcept {
        is_cancelled_.set(true);
        if (transport_.wake) transport_.wake(transport_.context);
    }

    Error error() const noexcept { return exchange_.error(); }
    Verdict verdict() const noexcept { return exchange_.verdict(); }
    OPENAI_STREAM_INLINE Failure failure() const noexcept {
        Failure failure = exchange_.failure();
        if (notes_) failure.processing_ms = notes_->processing_ms;
        return failure;
    }
    // What went wrong and what to do, in sentences for a person: the error, the status, the server's own words, host
    // and port, what the platform or TLS says. Written into this memory (400 bytes hold nearly all of them) and cut
    // where that ends; a C string, never null; "" without an error. Never the key, nor anything of the request but the
    // name of a field.
    const char* explain(Buffer memory) const noexcept;
    const Quirks& quirks() const noexcept { return exchange_.quirks(); }
    Stats stats() const noexcept {
        Stats stats = exchange_.stats();
        stats.is_reused = is_reused_;
        if (notes_) {
            stats.attempts = notes_->attempts;
            stats.processing_ms = notes_->processing_ms;
        }
        stats.attempts.had_stale_link = had_stale_link_;
        if (is_timed_) stats.latency = watch_.latency();
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
    // draining: the end of the message before this one has yet to come.
    enum class Link : uint8_t { down, draining, dialing, up };
    // When tend_ is called: what poll() is about to say, that it begins to move bytes, that open() is over, that the
    // kept connection was dead and is about to be replaced.
    enum class Moment : uint8_t { event, pending, done, failed, moving, opened, replaced };
    static_assert(static_cast<int>(Moment::failed) == static_cast<int>(Poll::failed), "in the order of Poll");

    // Calls of pull and push in one poll().
    static constexpr int max_calls_per_poll = 8;
    // Longest wait when nothing can end it, in ms.
    static constexpr uint32_t blind_wait_ms = 50;
    // Pulls of open() that look for the end of the message before.
    static constexpr int max_drain_pulls = 4;

    // Calls one of the transport's functions; what it may not do meanwhile is refused by is_inside_.
    template <class Result, class... Arguments>
    Result call(Result (*function)(void* context, Arguments...), Arguments... arguments) noexcept {
        const bool was_inside = is_inside_;
        is_inside_ = true;
        const Result result = function(transport_.context, arguments...);
        is_inside_ = was_inside;
        return result;
    }

    void take(Stream& other) noexcept {
        transport_ = other.transport_;
        exchange_ = other.exchange_;
        endpoint_ = other.endpoint_;
        server_ = other.server_;
        drain_ = other.drain_;
        is_reused_ = other.is_reused_;
        had_stale_link_ = other.had_stale_link_;
        is_final_ = other.is_final_;
        dial_interest_ = other.dial_interest_;
        tend_ = other.tend_;
        notes_ = other.notes_;
        is_timed_ = other.is_timed_;
        if (is_timed_) watch_ = other.watch_;
        is_cancelled_ = other.is_cancelled_;
        link_ = other.link_;
        is_connected_ = other.is_connected_;
        was_connected_ = other.was_connected_;
        has_work_left_ = other.has_work_left_;
        other.is_connected_ = false;  // nothing is left there to be hung up
        other.transport_ = Transport();
        other.exchange_ = Exchange();
    }

    // The connected bit is cleared first: a close from inside the callback finds nothing.
    void hang_up() noexcept {
        link_ = Link::down;
        if (!is_connected_) return;
        is_connected_ = false;
        if (!transport_.hang_up) return;
        const bool was_inside = is_inside_;
        is_inside_ = true;
        transport_.hang_up(transport_.context);
        is_inside_ = was_inside;
    }
    void fail(Error error, int32_t code = 0) noexcept {
        exchange_.stop(Verdict::failed, error, code);
        hang_up();
    }

    template <class Server, class Request> Error open_at(const Server& endpoint, const Request& request) noexcept {
        if (is_inside_) return Error::reentered;
        keep_or_hang_up(endpoint);
        http::ResponseParser before;
        exchange_.copy_framing(before);
        return establish(endpoint, exchange_.begin(endpoint, request), before);
    }
    // Ends the conversation before. Its connection stays if it leads to the same server, where the old answer is
    // complete and nothing came after it, or at least its end may still come: draining.
    void keep_or_hang_up(const Endpoint& endpoint) noexcept {
        if (!is_connected_ || !server_.is_of(endpoint) || (link_ != Link::draining && !drain())) hang_up();
        is_reused_ = link_ != Link::down;
        had_stale_link_ = is_final_ = has_work_left_ = false;
        endpoint_ = &endpoint;
        is_cancelled_.set(false);
    }

    Error establish(const Endpoint& endpoint, Error begun, const http::ResponseParser& before) noexcept {
        if (begun != Error::none) {
            hang_up();
        } else if (!transport_.pull || !transport_.push) {
            fail(Error::no_transport);
        } else if (endpoint.tls && !transport_.secure) {
            fail(Error::needs_tls);
        } else if (link_ == Link::draining) {
            exchange_.await_end(before);
        } else if (link_ == Link::down && resolve()) {
            reach();
        }
        tend(Moment::opened, nullptr);
        return error();
    }
    // Returns false if the conversation has ended: no address was found. (The next attempt would not look for one.)
    bool resolve() noexcept {
        if (!transport_.resolve) return true;
        const Io io = call(transport_.resolve, endpoint_->host, endpoint_->effective_port());
        is_final_ = io.is_failed();
        if (is_final_) fail(io.is_unresolved() ? Error::name_not_resolved : Error::connect_failed, io.code());
        return exchange_.is_open();
    }
    // A new connection; is_connected_ is false.
    void reach() noexcept {
        if (!transport_.dial && was_connected_) return fail(Error::no_redial);
        server_.set(*endpoint_);
        is_connected_ = was_connected_ = true;
        link_ = Link::dialing;
        dial();
    }
    void dial() noexcept {
        if (transport_.dial) {
            const Io io = call(transport_.dial, endpoint_->host, endpoint_->effective_port());
            if (!exchange_.is_open()) return;
            dial_interest_ = io.interest();
            if (io.is_would_block()) return;
            is_final_ = io.is_refused();
            if (io.is_unresolved()) return fail(Error::name_not_resolved, io.code());
            if (io.is_failed()) return fail(Error::connect_failed, io.code());
            if (io.is_closed()) return fail(Error::connect_failed);
            if (!io.is_ready()) return fail(Error::transport_contract);
        }
        link_ = Link::up;
    }

    // ---- a kept connection -------------------------------------------------------------------------------------

    // Returns false if it cannot be used again.
    bool drain() noexcept {
        for (int pulls = 0; exchange_.can_drain() && !exchange_.is_reusable(); ++pulls) {
            if (pulls == max_drain_pulls) return false;
            if (!pull()) {
                link_ = Link::draining;
                drain_.begin(transport_.now_ms ? transport_.now_ms(transport_.context) : 0);
                return true;
            }
            if (!is_connected_) return false;
            exchange_.drain();
        }
        return exchange_.is_reusable() && is_quiet();
    }
    // A server may have closed a kept connection, or said something that nobody has asked for: then there is something
    // to read. (Only a transport that can wait can be asked without the risk of waiting for ever.)
    bool is_quiet() noexcept {
        if (!transport_.wait) return true;
        Io io = call(transport_.wait, Interest::read, uint32_t(0));
        const Buffer room = exchange_.incoming();
        if (!is_connected_ || io.is_would_block() || room.size == 0) return is_connected_;
        io = call(transport_.pull, room.data, room.size);
        return is_connected_ && io.is_would_block();
    }
    // One pull for the end of the message before, and what follows from it.
    void drain_on() noexcept {
        const Buffer room = exchange_.incoming();
        const Io io = call(transport_.pull, room.data, room.size);
        if (!exchange_.is_open()) return;  // closed from inside
        if (io.is_would_block()) {
            const bool has_dial = transport_.dial != nullptr;
            if (transport_.now_ms ? drain_left_ms() != 0 : drain_.take_poll(has_dial)) return;
        } else if (io.is_bytes()) {
            if (io.count() == 0 || io.count() > room.size) return fail(Error::transport_contract);
            const http::Part part = exchange_.skip(io.count());
            if (part == http::Part::need_more && drain_.take(io.count())) return;
            if (part == http::Part::end && is_quiet()) link_ = Link::up;
            if (link_ != Link::draining || !exchange_.is_open()) return;
        } else if (io.is_ready()) {
            return fail(Error::transport_contract);
        }
        exchange_.forget_framing();
        replace_connection();
    }
    uint32_t drain_left_ms() const noexcept {
        return drain_.left_ms(transport_.now_ms(transport_.context), transport_.dial != nullptr);
    }

    // The kept connection has died before a byte of the answer: true, the request goes over another one.
    //
    // RFC 9112 section 9.3.1 leaves it to the client to repeat a request on a new connection when it knows that this
    // does no harm. Here it is so: nothing of an answer has been seen, a server that closes an idle connection (9.5)
    // has not read the request, and one that has read it has at most made an answer that nobody reads. It is done once
    // for each open(), never after a first byte or a time-out, and never on a connection that was new.
    bool replace_stale() noexcept {
        if (!is_reused_ || !transport_.dial || exchange_.received_bytes() != 0) return false;
        if (error() != Error::no_response && error() != Error::connection_lost) return false;
        tend(Moment::replaced, nullptr);
        had_stale_link_ = true;
        exchange_.resend();
        replace_connection();
        return true;
    }
    void replace_connection() noexcept {
        hang_up();
        is_reused_ = false;
        reach();
    }

    template <class E> Poll poll_any(E& event) noexcept {
        if (is_inside_) return Poll::failed;
        has_work_left_ = false;
        for (int calls = 0;; ++calls) {
            if (is_cancelled_.get()) exchange_.stop(Verdict::cancelled, Error::cancelled);
            if (exchange_.is_open() && link_ == Link::draining) drain_on();
            if (exchange_.is_open() && link_ == Link::dialing) dial();
            const Poll result = (exchange_.poll)(event);
            const auto moment = static_cast<Moment>(result);
            if (result == Poll::failed && replace_stale()) continue;
            if (result != Poll::pending) {
                if (tend(moment, typed(event)) == 0) continue;
                if (result != Poll::event && !exchange_.can_drain()) hang_up();
                return result;
            }
            // The clock is asked at each turn: a server that never stops sending must not outlast the limits.
            has_work_left_ = calls >= max_calls_per_poll;
            const uint32_t left_ms = tend(calls == 0 ? Moment::moving : Moment::pending, nullptr);
            if (left_ms == 0 && !has_work_left_) continue;
            if (has_work_left_ || !transfer()) return Poll::pending;
        }
    }

    // Sends or receives something. False: neither is possible now.
    bool transfer() noexcept {
        return (link_ == Link::up && (push() || pull())) || tend(Moment::pending, nullptr) == 0;
    }

    // ---- time, in programs that set timeouts ---------------------------------------------------------------------

    Phase phase() const noexcept {
        return link_ == Link::down              ? Phase::pause
               : link_ != Link::up              ? Phase::connect
               : exchange_.wants_to_send()      ? Phase::send
               : exchange_.has_head()           ? Phase::body
                                                : Phase::headers;
    }
    // The bytes that count in this phase: a head must come as a whole.
    uint32_t moved() const noexcept {
        const uint64_t received = exchange_.has_head() ? exchange_.received_bytes() : 0;
        return static_cast<uint32_t>(exchange_.sent_bytes() + received);
    }
    OPENAI_STREAM_OUTLINE uint32_t tend(Moment moment, Event* event) noexcept {
        return tend_ ? tend_(*this, moment, event) : UINT32_MAX;
    }
    static Event* typed(Event& event) noexcept { return &event; }
    static Event* typed(SseEvent&) noexcept { return nullptr; }

    // The tend_ of a Stream with nothing but Timeouts.
    static uint32_t watch(Stream& stream, Moment moment, Event* event) noexcept {
        const Transport& transport = stream.transport_;
        if (!transport.now_ms) return UINT32_MAX;
        Watch& watch = stream.watch_;
        const uint32_t now_ms = transport.now_ms(transport.context);
        if (moment == Moment::opened) watch.begin(now_ms);
        if (!stream.exchange_.is_open()) return UINT32_MAX;
        const Phase phase = stream.phase();
        watch.note(phase, stream.moved(), now_ms);
        if (moment == Moment::event) watch.count(event, now_ms);
        const bool is_keepalive = moment == Moment::event && event && event->kind == EventKind::keepalive;
        if (moment != Moment::pending && moment != Moment::moving && !is_keepalive) return UINT32_MAX;
        // What is there already, though late, is read before the limits on single waits count.
        const uint32_t left_ms = moment == Moment::moving ? watch.total_left_ms(now_ms)
                                                          : watch.left_ms(phase, stream.moved(), now_ms);
        if (left_ms == 0) {
            stream.exchange_.give_up(watch.error(phase, now_ms));
            stream.hang_up();
        }
        return left_ms;
    }

    // ---- attempts, in programs that use Retries --------------------------------------------------------------------

    friend class Retries;
    friend class Resume;

    // The tend_ of a Stream that uses HeadNotes.
    static uint32_t take_notes(Stream& stream, Moment moment, Event* event) noexcept {
        if (moment == Moment::opened) stream.note_head();
        if (moment == Moment::replaced) stream.notes_->forget();
        return stream.is_timed_ ? watch(stream, moment, event) : UINT32_MAX;
    }
    void note_head() noexcept {
        notes_->forget();
        exchange_.announce_head_to(*notes_);
    }
    // Before the next attempt.
    uint32_t pause_left_ms() const noexcept {
        if (notes_->pause_ms_ == 0) return 0;
        const uint32_t elapsed_ms = transport_.now_ms(transport_.context) - notes_->pause_began_ms_;
        return elapsed_ms < notes_->pause_ms_ ? notes_->pause_ms_ - elapsed_ms : 0;
    }
    uint32_t total_left_ms() const noexcept {
        return is_timed_ ? watch_.total_left_ms(transport_.now_ms(transport_.context)) : UINT32_MAX;
    }

    // While something can be sent nothing is pulled, since a pull may wait; when it cannot, an early answer is looked
    // for.
    bool push() noexcept {
        const StringView bytes = exchange_.outgoing();
        if (bytes.empty()) return !exchange_.is_open();
        const Io io = call(transport_.push, bytes.data(), bytes.size());
        if (!exchange_.is_open()) return true;
        if (io.is_would_block()) return false;
        if (io.is_closed() || io.is_failed()) {
            exchange_.stop_sending();
        } else if (io.is_bytes() && io.count() != 0 && io.count() <= bytes.size()) {
            exchange_.sent(io.count());
        } else {
            fail(Error::transport_contract);
        }
        return true;
    }
    bool pull() noexcept {
        const Buffer room = exchange_.incoming();
        if (room.size == 0) return false;
        const Io io = call(transport_.pull, room.data, room.size);
        if (!is_connected_) return true;  // closed from inside
        if (io.is_would_block()) return false;
        if (io.is_closed()) {
            exchange_.ended();
        } else if (io.is_failed()) {
            exchange_.failed(io.code());
        } else if (io.is_bytes() && io.count() != 0 && io.count() <= room.size) {
            exchange_.received(io.count());
        } else {
            fail(Error::transport_contract);
        }
        return true;
    }

    template <class E> bool next_any(E& event) noexcept {
        while (true) {
            const Poll result = poll_any(event);
            if (result != Poll::pending) return result == Poll::event;
            if (has_work_left_ || !transport_.wait) continue;
            uint32_t ms = transport_.wake ? UINT32_MAX : blind_wait_ms;
            const uint32_t left_ms = tend(Moment::pending, nullptr);
            if (left_ms < ms) ms = left_ms;
            if (link_ == Link::draining) {
                const uint32_t drain_ms = transport_.now_ms ? drain_left_ms() : Drain::blind_wait_ms;
                if (drain_ms < ms) ms = drain_ms;
            }
            const Io io = call(transport_.wait, wants(), ms);
            if (io.is_failed()) exchange_.failed(io.code());
        }
    }

    // In this order small machines reach them with short instructions.
    Link link_ = Link::down;
    AtomicFlag is_cancelled_;
    bool is_connected_ = false;   // a hang_up is owed
    bool was_connected_ = false;  // at any time
    bool is_inside_ = false;      // one of the transport's callbacks
    bool has_work_left_ = false;
    bool is_reused_ = false;       // the connection of this conversation was that of the one before
    bool had_stale_link_ = false;  // which was dead, and was replaced
    bool is_final_ = false;        // another attempt to connect would fail likewise
    Interest dial_interest_ = Interest::write;
    Transport transport_;
    const Endpoint* endpoint_ = nullptr;  // of the conversation
    ServerKey server_;                    // of the connection
    Drain drain_;
    Exchange exchange_;
    // Looks after the conversation where the program has asked for it. Of `pending` it says for how many ms nobody has
    // to, of an event or an end whether that is to be handed out; 0: poll on.
    uint32_t (*tend_)(Stream& stream, Moment moment, Event* event) = nullptr;
    HeadNotes* notes_ = nullptr;  // not owned
    bool is_timed_ = false;       // watch_ is there
    union {
        char no_watch_;
        Watch watch_;
    };
};

inline void Stream::use(HeadNotes& notes) noexcept {
    notes_ = &notes;
    tend_ = take_notes;
}

OPENAI_STREAM_END
