#pragma once
// TLS by mbedTLS over any other transport: a transport for transport_of().
#include "../io/claim.hpp"
#include "../io/transport.hpp"
#include "mbedtls_library.hpp"
#include "tls_below.hpp"
#include "tls_configuration.hpp"
#include "tls_handshake_problem.hpp"
#include "tls_problem.hpp"
#include "tls_report.hpp"
#include "tls_server_name.hpp"
#include "tls_session.hpp"
#include "tls_settings.hpp"
#include "tls_verifier.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

// One encrypted connection at a time over the transport below; dial() is ready() only when the server's certificate has
// been verified: its chain, its name, its dates and its pin. There is no switch that leaves any of it out. Neither
// copied nor moved.
// Memory: all of it is mbedTLS's: certificates from the constructor on, its buffers from the first dial() on.
// Waits: where the transport below does. One call of dial() computes for as long as mbedTLS's longest step.
// Errors: failed() carries the error of mbedTLS, or of the transport below if that failed; problem() and describe() say
// in words what it was, until the next dial().
// Threads: one at a time, but for wake() if that of the transport below may be called from any.
class Tls : public detail::LinkOwner {
public:
    // Reads the settings, with mbedTLS's heap and entropy: on a board make it when both are there. What is wrong with
    // the settings is a problem() at once, and the transport is not secure().
    explicit Tls(const Transport& below, const TlsSettings& settings = TlsSettings()) noexcept
        : below_(below), settings_(settings) {
        mbedtls_ssl_init(&ssl_);
        is_set_up_ = set_up();
    }
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;
    ~Tls() {
        hang_up();
        mbedtls_ssl_free(&ssl_);
    }

    // Returns true if whatever is pushed goes to a verified server or nowhere.
    bool secure() const noexcept { return is_set_up_; }

    // As the transport below does.
    IoResult resolve(StringView host, uint16_t port) noexcept {
        const Transport& below = below_.transport();
        return below.resolve ? below.resolve(below.context, host, port) : IoResult::ready();
    }

    // Dials below, then does the handshake, a few milliseconds per call: would_block(), with what it waits for, until
    // all is verified: ready(). refused(): another attempt would meet this problem(), too; failed() otherwise.
    IoResult dial(StringView host, uint16_t port) noexcept {
        if (!is_set_up_) return no_connection();
        if (state_ == State::down && !begin(host, port)) return no_connection();
        if (state_ == State::dialling) {
            const IoResult io = below_.dial(host, port);
            if (state_ != State::dialling) return IoResult::failed(0);  // hung up from inside
            if (!io.is_ready()) return io;
            if (!begin_handshake()) return no_connection();
        }
        if (state_ == State::handshaking) return handshake();
        return state_ == State::up ? IoResult::ready() : no_connection();
    }

    // The orderly end is closed(); an end without close_notify is cut_off().
    IoResult pull(char* into, size_t room) noexcept {
        if (state_ != State::up) return IoResult::failed(code());
        if (!read_end_.is_ready()) return read_end_;
        reads_by_ = Interest::read;
        for (int tickets = 0; tickets != max_tickets_per_pull; ++tickets) {
            const ReentryGuard guard(is_inside_);
            const int count = mbedtls_ssl_read(&ssl_, reinterpret_cast<unsigned char*>(into), room);
            if (state_ != State::up) return IoResult::failed(0);
            if (count > 0) return IoResult::bytes(static_cast<size_t>(count));
            if (detail::mbedtls_library::is_new_ticket(count)) {
                if (settings_.resume) session_.keep(ssl_);
                continue;
            }
            const IoResult io = no_bytes(count, reads_by_);
            if (!io.is_would_block()) read_end_ = io;
            return io;
        }
        reads_by_ = Interest::work_left;
        return IoResult::would_block();
    }

    IoResult push(const char* from, size_t count) noexcept {
        if (state_ != State::up) return IoResult::failed(code());
        if (!write_end_.is_ready()) return write_end_;
        writes_by_ = Interest::write;
        const ReentryGuard guard(is_inside_);
        const int sent = mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(from), count);
        if (state_ != State::up) return IoResult::failed(0);
        if (sent > 0) return IoResult::bytes(static_cast<size_t>(sent));
        if (detail::mbedtls_library::is_new_ticket(sent)) {
            writes_by_ = Interest::work_left;
            return IoResult::would_block();
        }
        const IoResult io = no_bytes(sent, writes_by_);
        if (!io.is_would_block()) write_end_ = io;
        return io;
    }

    // ready() at once while decrypted bytes are there, or a handshake can go on.
    IoResult wait(Interest interest, uint32_t milliseconds) noexcept {
        Interest needs = interest;
        if (state_ == State::handshaking) needs = reads_by_;
        if (state_ == State::up) {
            needs = Interest::none;
            if (has(interest, Interest::read)) needs = needs | reads_by_;
            if (has(interest, Interest::write)) needs = needs | writes_by_;
            if (has(interest, Interest::read) && (has_bytes() || !read_end_.is_ready())) return IoResult::ready();
        }
        if (has(needs, Interest::work_left)) return IoResult::ready();
        const Transport& below = below_.transport();
        uint32_t limit_ms = milliseconds;
        if (!below.wake && limit_ms > blind_wait_ms) limit_ms = blind_wait_ms;
        if (state_ == State::handshaking && left_ms() < limit_ms) limit_ms = left_ms();
        if (!below.wait) return milliseconds == 0 ? IoResult::would_block() : IoResult::ready();
        const IoResult io = below.wait(below.context, needs, limit_ms);
        return io.is_would_block() && limit_ms != milliseconds ? IoResult::ready() : io;
    }
    void wake() noexcept {
        if (below_.transport().wake) below_.transport().wake(below_.transport().context);
    }

    // Sends close_notify, if that can be done without waiting, and hangs up below.
    void hang_up() noexcept {
        if (state_ == State::up && !is_inside_ && below_.can_push()) {
            const ReentryGuard guard(is_inside_);
            static_cast<void>(mbedtls_ssl_close_notify(&ssl_));
        }
        state_ = State::down;
        below_.hang_up();
    }

    // That of the transport below; where it has none, one that stands still.
    uint32_t now_ms() const noexcept { return below_.now_ms(); }

    // ---- what went wrong -----------------------------------------------------------------------------------------

    TlsProblem problem() const noexcept { return report_.problem(); }
    int code() const noexcept { return report_.code(); }  // mbedTLS's; 0: it has none for this
    // A sentence in English without a final full stop, with names and dates where they matter and mbedTLS's code at the
    // end. Valid until the next dial().
    const char* describe() const noexcept { return report_.sentence(); }
    // The same for Stream::explain(); without a problem of TLS, what the transport below says. (What went wrong at the
    // last dial() is no reason why a name was not found.)
    const char* explain(IoResult io, Buffer memory) const noexcept {
        if (problem() != TlsProblem::none && !io.is_unresolved()) return report_.sentence();
        const Transport& below = below_.transport();
        return below.explain ? below.explain(below.context, io, memory) : "";
    }

    // ---- what is known of the connection, from its handshake to the next dial() ------------------------------------

    // "TLSv1.2"; empty: not known.
    StringView protocol() const noexcept { return handshake_done_ ? mbedtls_ssl_get_version(&ssl_) : ""; }
    StringView cipher_suite() const noexcept { return handshake_done_ ? mbedtls_ssl_get_ciphersuite(&ssl_) : ""; }
    // By a session of before: the certificate was verified then, and is still valid.
    bool is_resumed() const noexcept { return is_resumed_; }
    // Returns false if there was no wall clock; the rest was verified all the same.
    bool dates_checked() const noexcept { return verifier_.checks_dates(); }

private:
    // A state is named for what goes on.
    enum class State : uint8_t { down, dialling, handshaking, up, broken };

    // While mbedTLS is at work: a hang_up() from inside a function of the transport below must leave it alone.
    class ReentryGuard {
    public:
        explicit ReentryGuard(bool& flag) noexcept : flag_(flag) { flag_ = true; }
        ReentryGuard(const ReentryGuard&) = delete;
        ReentryGuard& operator=(const ReentryGuard&) = delete;
        ~ReentryGuard() { flag_ = false; }

    private:
        bool& flag_;
    };

    static constexpr uint32_t blind_wait_ms = 50;    // of a wait that nothing can end
    static constexpr uint32_t slice_ms = 4;          // of a handshake, in one call of dial()
    static constexpr int max_tickets_per_pull = 16;  // a server sends two or so

    // ---- setting up ----------------------------------------------------------------------------------------------

    bool set_up() noexcept {
        if (!below_.transport().pull || !below_.transport().push)
            return refuse(TlsProblem::bad_settings, 0, "the transport below has no pull or no push function");
        return configuration_.set_up(settings_, verifier_, report_);
    }

    // ---- dialling ------------------------------------------------------------------------------------------------

    bool begin(StringView host, uint16_t port) noexcept {
        report_.clear();
        is_resumed_ = handshake_done_ = false;
        if (!below_.can_begin()) return refuse(TlsProblem::no_redial, 0);
        const auto change = server_.set(settings_.server_name.empty() ? host : settings_.server_name, port);
        if (change == detail::tls::ServerName::Change::refused) return refuse(TlsProblem::bad_host, 0);
        if (change == detail::tls::ServerName::Change::other_server) session_.forget();
        below_.begin();
        state_ = State::dialling;
        return true;
    }

    bool begin_handshake() noexcept {
        verifier_.begin(settings_, server_.text());
        read_end_ = write_end_ = IoResult::ready();
        int error = is_ssl_set_up_ ? mbedtls_ssl_session_reset(&ssl_) : configuration_.use_in(ssl_);
        is_ssl_set_up_ = is_ssl_set_up_ || error == 0;
        // An address is no server name (RFC 6066 section 3); the verifier compares it.
        if (error == 0) error = mbedtls_ssl_set_hostname(&ssl_, verifier_.is_address() ? nullptr : server_.c_str());
        if (error == 0) session_.offer(ssl_, detail::tls::Verifier::clock(settings_));
        if (error != 0) return refuse(TlsProblem::handshake_failed, error);
        below_.begin_handshake(ssl_);
        began_ms_ = now_ms();
        reads_by_ = Interest::work_left;
        state_ = State::handshaking;
        return true;
    }

    // Steps of the handshake, until one has to wait or the slice is over.
    IoResult handshake() noexcept {
        if (left_ms() == 0) {
            refuse(TlsProblem::handshake_timeout, 0);
            return IoResult::failed(0);
        }
        const uint32_t began_ms = now_ms();
        reads_by_ = Interest::work_left;
        while (!detail::mbedtls_library::is_handshake_over(ssl_)) {
            const ReentryGuard guard(is_inside_);
            const int result = mbedtls_ssl_handshake_step(&ssl_);
            if (state_ != State::handshaking) return IoResult::failed(0);
            if (result == MBEDTLS_ERR_SSL_WANT_READ) reads_by_ = Interest::read;
            if (result == MBEDTLS_ERR_SSL_WANT_WRITE) reads_by_ = Interest::write;
            if (reads_by_ != Interest::work_left || detail::mbedtls_library::is_in_progress(result))
                return IoResult::would_block(reads_by_);
            if (result != 0 && !detail::mbedtls_library::is_new_ticket(result)) return refuse_handshake(result);
            if (now_ms() - began_ms >= slice_ms) return IoResult::would_block(reads_by_);
        }
        return end_handshake();
    }
    uint32_t left_ms() const noexcept {
        if (settings_.handshake_ms == 0 || !below_.transport().now_ms) return UINT32_MAX;
        const uint32_t passed_ms = now_ms() - began_ms_;
        return passed_ms < settings_.handshake_ms ? settings_.handshake_ms - passed_ms : 0;
    }

    IoResult end_handshake() noexcept {
        // Nobody gets through here unseen: either the verifier has seen a certificate now, or it had when the session
        // was made.
        if (mbedtls_ssl_get_verify_result(&ssl_) != 0 || verifier_.problem() != TlsProblem::none ||
            (!verifier_.has_seen_server() && !session_.is_there()))
            return refuse_handshake(MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
        is_resumed_ = !verifier_.has_seen_server();
        if (!is_resumed_) session_.set_valid_until(verifier_.valid_until());
        below_.end_handshake();
        handshake_done_ = true;
        state_ = State::up;
        reads_by_ = Interest::read;
        writes_by_ = Interest::write;
        if (settings_.resume && StringView(mbedtls_ssl_get_version(&ssl_)) == "TLSv1.2")
            session_.keep(ssl_);  // later ones send a ticket
        return IoResult::ready();
    }

    // ---- reading and writing -------------------------------------------------------------------------------------

    bool has_bytes() const noexcept {
        return mbedtls_ssl_get_bytes_avail(&ssl_) != 0 || mbedtls_ssl_check_pending(&ssl_) != 0;
    }

    // What read or write said that is no count of bytes.
    IoResult no_bytes(int result, Interest& needs) noexcept {
        if (result == MBEDTLS_ERR_SSL_WANT_READ) needs = Interest::read;
        else if (result == MBEDTLS_ERR_SSL_WANT_WRITE) needs = Interest::write;
        else if (detail::mbedtls_library::is_in_progress(result)) needs = Interest::work_left;
        else if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) return IoResult::closed();
        else return lost(result, &needs == &writes_by_);
        return IoResult::would_block();
    }
    IoResult lost(int result, bool is_push) noexcept {
        if (below_.is_contract_broken()) return IoResult::bytes(0);
        const IoResult end = is_push ? below_.push_end() : below_.pull_end();
        if (end.is_failed()) return end;
        if (result == 0 || result == MBEDTLS_ERR_SSL_CONN_EOF) {
            if (!is_push) report_.note(TlsProblem::cut_off, MBEDTLS_ERR_SSL_CONN_EOF);
            return is_push ? IoResult::closed() : IoResult::cut_off();
        }
        session_.forget();
        const bool is_alert = result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
        report_.note(is_alert ? TlsProblem::refused_by_server : TlsProblem::damaged, result);
        return IoResult::failed(result);
    }

    // ---- problems ------------------------------------------------------------------------------------------------

    // Always returns false.
    bool refuse(TlsProblem problem, int code, StringView why = {}) noexcept {
        if (state_ != State::down) state_ = State::broken;
        return report_.refuse(problem, code, why);
    }
    IoResult refuse_handshake(int result) noexcept {
        session_.forget();
        if (below_.is_contract_broken()) {
            refuse(TlsProblem::handshake_failed, result);
            return IoResult::bytes(0);
        }
        const bool has_own = !settings_.client_certificate.empty();
        const StringView why = verifier_.problem() != TlsProblem::none ? verifier_.sentence().text() : StringView();
        refuse(detail::tls::problem_of_handshake(result, ssl_, below_.records(), verifier_, has_own), result, why);
        const IoResult end = below_.pull_end().is_ready() ? below_.push_end() : below_.pull_end();
        return end.is_failed() && !detail::is_final(problem()) ? end : no_connection();
    }
    // What dial() says of problem().
    IoResult no_connection() const noexcept {
        return detail::is_final(problem()) ? IoResult::refused(code()) : IoResult::failed(code());
    }

    detail::tls::LinkBelow below_;
    TlsSettings settings_;
    State state_ = State::down;
    bool is_set_up_ = false, is_ssl_set_up_ = false;
    bool is_inside_ = false;  // mbedTLS
    bool handshake_done_ = false, is_resumed_ = false;
    Interest reads_by_ = Interest::read, writes_by_ = Interest::write;  // what to wait for to go on reading, writing
    uint32_t began_ms_ = 0;
    IoResult read_end_ = IoResult::ready(), write_end_ = IoResult::ready();  // what pull() and push() said at their end
    detail::tls::Report report_;
    detail::tls::Verifier verifier_;
    detail::tls::Session session_;
    detail::tls::ServerName server_;
    detail::tls::Configuration configuration_;
    mbedtls_ssl_context ssl_;
};

OPENAI_STREAM_END
#endif
