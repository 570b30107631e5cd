#pragma once
// TLS by mbedTLS over any other transport: a transport for transport_of().
#include "../io/transport.hpp"
#include "mbedtls_library.hpp"
#include "socket.hpp"
#include "tls_problem.hpp"
#include "tls_records.hpp"
#include "tls_sentence.hpp"
#include "tls_settings.hpp"
#include "tls_trust.hpp"
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
class Tls {
public:
    // Reads the settings, with mbedTLS's heap and entropy: on a board make it when both are there. What is wrong with
    // the settings is a problem() at once, and the transport is not secure().
    explicit Tls(const Transport& below, const TlsSettings& settings = TlsSettings()) noexcept
        : below_(below), settings_(settings) {
        mbedtls_ssl_init(&ssl_);
        mbedtls_ssl_config_init(&config_);
        mbedtls_ssl_session_init(&session_);
        mbedtls_x509_crt_init(&authorities_);
        mbedtls_x509_crt_init(&own_certificate_);
        mbedtls_pk_init(&own_key_);
        is_set_up_ = set_up();
    }
    Tls(const Tls&) = delete;
    Tls& operator=(const Tls&) = delete;
    ~Tls() {
        hang_up();
        mbedtls_ssl_free(&ssl_);
        mbedtls_ssl_config_free(&config_);
        mbedtls_ssl_session_free(&session_);
        mbedtls_x509_crt_free(&authorities_);
        mbedtls_x509_crt_free(&own_certificate_);
        mbedtls_pk_free(&own_key_);
    }

    // True: whatever is pushed goes to a verified server or nowhere.
    bool secure() const noexcept { return is_set_up_; }

    // As the transport below does.
    Io resolve(StringView host, uint16_t port) noexcept {
        return below_.resolve ? below_.resolve(below_.context, host, port) : Io::ready();
    }

    // Dials below, then shakes hands, a few milliseconds per call: would_block(), with what the handshake waits for,
    // until all is verified: ready(). refused(): another attempt would meet this problem(), too; failed() otherwise.
    Io dial(StringView host, uint16_t port) noexcept {
        if (!is_set_up_) return no_connection();
        if (state_ == State::down && !begin(host, port)) return no_connection();
        if (state_ == State::dialling) {
            const Io io = below_.dial ? below_.dial(below_.context, host, port) : Io::ready();
            if (state_ != State::dialling) return Io::failed(0);  // hung up from inside
            if (!io.is_ready()) return io;
            if (!begin_handshake()) return no_connection();
        }
        if (state_ == State::shaking) return shake();
        return state_ == State::up ? Io::ready() : no_connection();
    }

    // The orderly end is closed(); an end without close_notify is cut_off().
    Io pull(char* into, size_t room) noexcept {
        if (state_ != State::up) return Io::failed(code_);
        if (!read_end_.is_ready()) return read_end_;
        reads_by_ = Interest::read;
        for (int tickets = 0; tickets != max_tickets_per_pull; ++tickets) {
            const Inside inside(is_inside_);
            const int count = mbedtls_ssl_read(&ssl_, reinterpret_cast<unsigned char*>(into), room);
            if (state_ != State::up) return Io::failed(0);
            if (count > 0) return Io::bytes(static_cast<size_t>(count));
            if (mbedtls_library::is_new_ticket(count)) {
                keep_session();
                continue;
            }
            const Io io = no_bytes(count, reads_by_);
            if (!io.is_would_block()) read_end_ = io;
            return io;
        }
        reads_by_ = Interest::again;
        return Io::would_block();
    }

    Io push(const char* from, size_t count) noexcept {
        if (state_ != State::up) return Io::failed(code_);
        if (!write_end_.is_ready()) return write_end_;
        writes_by_ = Interest::write;
        const Inside inside(is_inside_);
        const int sent = mbedtls_ssl_write(&ssl_, reinterpret_cast<const unsigned char*>(from), count);
        if (state_ != State::up) return Io::failed(0);
        if (sent > 0) return Io::bytes(static_cast<size_t>(sent));
        if (mbedtls_library::is_new_ticket(sent)) {
            writes_by_ = Interest::again;
            return Io::would_block();
        }
        const Io io = no_bytes(sent, writes_by_);
        if (!io.is_would_block()) write_end_ = io;
        return io;
    }

    // ready() at once while decrypted bytes are there, or a handshake can go on.
    Io wait(Interest interest, uint32_t milliseconds) noexcept {
        Interest below = interest;
        if (state_ == State::shaking) below = reads_by_;
        if (state_ == State::up) {
            below = Interest::none;
            if (has(interest, Interest::read)) below = below | reads_by_;
            if (has(interest, Interest::write)) below = below | writes_by_;
            if (has(interest, Interest::read) && (has_bytes() || !read_end_.is_ready())) return Io::ready();
        }
        if (has(below, Interest::again)) return Io::ready();
        uint32_t limit_ms = milliseconds;
        if (!below_.wake && limit_ms > blind_wait_ms) limit_ms = blind_wait_ms;
        if (state_ == State::shaking && left_ms() < limit_ms) limit_ms = left_ms();
        if (!below_.wait) return milliseconds == 0 ? Io::would_block() : Io::ready();
        const Io io = below_.wait(below_.context, below, limit_ms);
        return io.is_would_block() && limit_ms != milliseconds ? Io::ready() : io;
    }
    void wake() noexcept {
        if (below_.wake) below_.wake(below_.context);
    }

    // Says close_notify, if that can be done without waiting, and hangs up below.
    void hang_up() noexcept {
        if (state_ == State::up && !is_inside_ && can_push()) {
            const Inside inside(is_inside_);
            static_cast<void>(mbedtls_ssl_close_notify(&ssl_));
        }
        state_ = State::down;
        if (!is_dialled_) return;
        is_dialled_ = false;
        if (below_.hang_up) below_.hang_up(below_.context);
    }

    // That of the transport below; where it has none, one that stands still.
    uint32_t now_ms() const noexcept { return below_.now_ms ? below_.now_ms(below_.context) : 0; }

    // ---- what went wrong -----------------------------------------------------------------------------------------

    TlsProblem problem() const noexcept { return problem_; }
    int code() const noexcept { return code_; }  // mbedTLS's; 0: it has none for this
    // A sentence in English without a final full stop, with names and dates where they matter and mbedTLS's code at the
    // end. Valid until the next dial().
    const char* describe() const noexcept {
        return problem_ == TlsProblem::none ? oai_describe(problem_) : sentence_.c_str();
    }
    // The same for Stream::explain(); without a problem of TLS, what the transport below says. (What went wrong at the
    // last dial() is no reason why a name was not found.)
    const char* explain(Io io, Buffer memory) const noexcept {
        if (problem_ != TlsProblem::none && !io.is_unresolved()) return sentence_.c_str();
        return below_.explain ? below_.explain(below_.context, io, memory) : "";
    }

    // ---- what is known of the connection, from its handshake to the next dial() ------------------------------------

    // "TLSv1.2"; empty: not known.
    StringView protocol() const noexcept { return has_shaken_ ? mbedtls_ssl_get_version(&ssl_) : ""; }
    StringView cipher_suite() const noexcept { return has_shaken_ ? mbedtls_ssl_get_ciphersuite(&ssl_) : ""; }
    // By a session of before: the certificate was verified then, and is still valid.
    bool is_resumed() const noexcept { return is_resumed_; }
    // False: there was no wall clock. The rest was verified all the same.
    bool dates_checked() const noexcept { return verifier_.checks_dates(); }

private:
    // A state is named for what goes on.
    enum class State : uint8_t { down, dialling, shaking, up, broken };

    // While mbedTLS is at work: a hang_up() from inside a function of the transport below must leave it alone.
    class Inside {
    public:
        explicit Inside(bool& flag) noexcept : flag_(flag) { flag_ = true; }
        Inside(const Inside&) = delete;
        Inside& operator=(const Inside&) = delete;
        ~Inside() { flag_ = false; }

    private:
        bool& flag_;
    };

    static constexpr size_t max_host_bytes = 255;    // RFC 1035 section 2.3.4
    static constexpr uint32_t blind_wait_ms = 50;    // of a wait that nothing can end
    static constexpr uint32_t slice_ms = 4;          // of a handshake, in one call of dial()
    static constexpr int max_tickets_per_pull = 16;  // a server sends two or so

    static const char* oai_describe(TlsProblem problem) noexcept { return openai_stream::describe(problem); }

    // ---- setting up ----------------------------------------------------------------------------------------------

    bool set_up() noexcept {
        if (!below_.pull || !below_.push) return refuse_settings("the transport below has no pull or no push function");
        if (mbedtls_library::version >= 4 && settings_.entropy)
            return refuse_settings("mbedTLS 4 takes its entropy from mbedtls_platform_get_entropy(), not from here");
        int error = random_.begin(settings_.entropy, settings_.entropy_context);
        if (error != 0) return refuse(TlsProblem::no_entropy, error);
        error = mbedtls_ssl_config_defaults(&config_, MBEDTLS_SSL_IS_CLIENT, MBEDTLS_SSL_TRANSPORT_STREAM,
                                            MBEDTLS_SSL_PRESET_DEFAULT);
        if (error != 0) return refuse(TlsProblem::bad_settings, error);
        if (!set_up_trust() || !set_up_client()) return false;
        mbedtls_library::require_tls_1_2(config_);
        mbedtls_library::avoid_pss_in_tls_1_2(config_);
        mbedtls_library::want_tickets(config_);
        mbedtls_library::want_small_records(config_);
        random_.use_in(config_);
        verifier_.use_in(config_);
        mbedtls_ssl_conf_ca_chain(&config_, &authorities_, nullptr);
#if defined(MBEDTLS_SSL_ALPN)
        error = mbedtls_ssl_conf_alpn_protocols(&config_, protocols_);
        if (error != 0) return refuse(TlsProblem::bad_settings, error);
#endif
        return true;
    }
    bool set_up_trust() noexcept {
        if (!settings_.ca.empty()) {
            const int error = tls::add_certificates(authorities_, settings_.ca);
            if (error != 0) return refuse_settings("TlsSettings::ca holds no certificates in PEM or DER", error);
        }
        if (!settings_.ca_path.empty()) {
            const int error = tls::add_path(authorities_, settings_.ca_path);
            if (error != 0) return refuse_settings("TlsSettings::ca_path has no certificates", error);
        }
        if (!settings_.ca.empty() || !settings_.ca_path.empty()) return true;
        const int error = tls::add_system(authorities_);
        return error == 0 || refuse(TlsProblem::no_trust_store, error);
    }
    bool set_up_client() noexcept {
        if (settings_.client_certificate.empty() != settings_.client_key.empty())
            return refuse_settings("a client certificate needs its key, and a key its certificate");
        if (settings_.client_key.empty()) return true;
        int error = tls::add_certificates(own_certificate_, settings_.client_certificate);
        if (error != 0) return refuse_settings("TlsSettings::client_certificate cannot be read", error);
        error = tls::add_key(own_key_, settings_.client_key, settings_.client_key_password, random_);
        if (error != 0) return refuse_settings("TlsSettings::client_key cannot be read", error);
        error = random_.check_pair(own_certificate_.pk, own_key_);
        if (error != 0) return refuse_settings("TlsSettings::client_key is not that of client_certificate", error);
        error = mbedtls_ssl_conf_own_cert(&config_, &own_certificate_, &own_key_);
        return error == 0 || refuse(TlsProblem::bad_settings, error);
    }

    // ---- dialling ------------------------------------------------------------------------------------------------

    bool begin(StringView host, uint16_t port) noexcept {
        problem_ = TlsProblem::none;
        code_ = 0;
        is_resumed_ = has_shaken_ = false;
        if (!below_.dial && was_dialled_) return refuse(TlsProblem::no_redial, 0);
        if (!take_name(settings_.server_name.empty() ? host : settings_.server_name, port)) return false;
        is_dialled_ = was_dialled_ = true;
        state_ = State::dialling;
        return true;
    }
    // The name to be verified into name_, without brackets and without the dot of the root. A session with another
    // server is forgotten.
    bool take_name(StringView name, uint16_t port) noexcept {
        if (name.size() > 2 && name[0] == '[' && name[name.size() - 1] == ']')
            name = name.take(name.size() - 1).drop(1);
        else if (!name.empty() && name[name.size() - 1] == '.')
            name = name.take(name.size() - 1);
        if (name.empty() || name.size() > max_host_bytes || memchr(name.data(), 0, name.size()) != nullptr)
            return refuse(TlsProblem::bad_host, 0);
        if (port != port_ || name != StringView(name_, name_size_)) forget_session();
        memcpy(name_, name.data(), name.size());
        name_[name.size()] = '\0';
        name_size_ = name.size();
        port_ = port;
        return true;
    }

    bool begin_handshake() noexcept {
        verifier_.begin(settings_, {name_, name_size_});
        records_ = tls::Records();
        pull_end_ = push_end_ = read_end_ = write_end_ = Io::ready();
        is_contract_broken_ = false;
        int error = is_ssl_set_up_ ? mbedtls_ssl_session_reset(&ssl_) : mbedtls_ssl_setup(&ssl_, &config_);
        is_ssl_set_up_ = is_ssl_set_up_ || error == 0;
        // An address is no server name (RFC 6066 section 3); the verifier compares it.
        if (error == 0) error = mbedtls_ssl_set_hostname(&ssl_, verifier_.is_address() ? nullptr : name_);
        if (error == 0 && has_session_ && verifier_.checks_dates() &&
            Verifier::clock(settings_) > session_valid_until_)
            forget_session();
        if (error == 0 && has_session_ && mbedtls_ssl_set_session(&ssl_, &session_) != 0) forget_session();
        if (error != 0) return refuse(TlsProblem::handshake_failed, error);
        mbedtls_ssl_set_bio(&ssl_, this, on_push, on_pull, nullptr);
        began_ms_ = now_ms();
        reads_by_ = Interest::again;
        state_ = State::shaking;
        return true;
    }

    // Steps of the handshake, until one has to wait or the slice is over.
    Io shake() noexcept {
        if (left_ms() == 0) {
            refuse(TlsProblem::handshake_timeout, 0);
            return Io::failed(0);
        }
        const uint32_t began_ms = now_ms();
        reads_by_ = Interest::again;
        while (!mbedtls_library::is_handshake_over(ssl_)) {
            const Inside inside(is_inside_);
            const int result = mbedtls_ssl_handshake_step(&ssl_);
            if (state_ != State::shaking) return Io::failed(0);
            if (result == MBEDTLS_ERR_SSL_WANT_READ) reads_by_ = Interest::read;
            if (result == MBEDTLS_ERR_SSL_WANT_WRITE) reads_by_ = Interest::write;
            if (reads_by_ != Interest::again || mbedtls_library::is_in_progress(result))
                return Io::would_block(reads_by_);
            if (result != 0 && !mbedtls_library::is_new_ticket(result)) return refuse_handshake(result);
            if (now_ms() - began_ms >= slice_ms) return Io::would_block(reads_by_);
        }
        return end_handshake();
    }
    uint32_t left_ms() const noexcept {
        if (settings_.handshake_ms == 0 || !below_.now_ms) return UINT32_MAX;
        const uint32_t passed_ms = now_ms() - began_ms_;
        return passed_ms < settings_.handshake_ms ? settings_.handshake_ms - passed_ms : 0;
    }

    Io end_handshake() noexcept {
        // Nobody gets through here unseen: either the verifier has seen a certificate now, or it had when the session
        // was made.
        if (mbedtls_ssl_get_verify_result(&ssl_) != 0 || verifier_.problem() != TlsProblem::none ||
            (!verifier_.has_seen_server() && !has_session_))
            return refuse_handshake(MBEDTLS_ERR_X509_CERT_VERIFY_FAILED);
        is_resumed_ = !verifier_.has_seen_server();
        if (!is_resumed_) session_valid_until_ = verifier_.valid_until();
        has_shaken_ = true;
        state_ = State::up;
        reads_by_ = Interest::read;
        writes_by_ = Interest::write;
        if (StringView(mbedtls_ssl_get_version(&ssl_)) == "TLSv1.2") keep_session();  // later ones send a ticket
        return Io::ready();
    }

    void keep_session() noexcept {
        if (!settings_.resume) return;
        forget_session();
        has_session_ = mbedtls_ssl_get_session(&ssl_, &session_) == 0;
        if (!has_session_) forget_session();
    }
    void forget_session() noexcept {
        mbedtls_ssl_session_free(&session_);
        mbedtls_ssl_session_init(&session_);
        has_session_ = false;
    }

    // ---- the transport below, as mbedTLS calls it ----------------------------------------------------------------

    static int on_push(void* self, const unsigned char* bytes, size_t count) noexcept {
        return static_cast<Tls*>(self)->push_below(reinterpret_cast<const char*>(bytes), count);
    }
    static int on_pull(void* self, unsigned char* into, size_t room) noexcept {
        return static_cast<Tls*>(self)->pull_below(reinterpret_cast<char*>(into), room);
    }
    bool can_push() const noexcept { return push_end_.is_ready() && !is_contract_broken_; }

    int push_below(const char* bytes, size_t count) noexcept {
        if (!can_push()) return MBEDTLS_ERR_SSL_CONN_EOF;
        const Io io = below_.push(below_.context, bytes, count);
        if (!is_dialled_) return MBEDTLS_ERR_SSL_CONN_EOF;  // hung up from inside
        if (io.is_would_block()) return MBEDTLS_ERR_SSL_WANT_WRITE;
        if (io.is_bytes() && io.count() != 0 && io.count() <= count) return static_cast<int>(io.count());
        if (io.is_closed() || io.is_failed()) push_end_ = io;
        else is_contract_broken_ = true;
        return MBEDTLS_ERR_SSL_CONN_EOF;
    }
    int pull_below(char* into, size_t room) noexcept {
        if (!pull_end_.is_ready() || is_contract_broken_) return MBEDTLS_ERR_SSL_CONN_EOF;
        const Io io = below_.pull(below_.context, into, room);
        if (!is_dialled_) return MBEDTLS_ERR_SSL_CONN_EOF;
        if (io.is_would_block()) return MBEDTLS_ERR_SSL_WANT_READ;
        if (io.is_bytes() && io.count() != 0 && io.count() <= room) {
            if (state_ == State::shaking) records_.feed(reinterpret_cast<unsigned char*>(into), io.count());
            return static_cast<int>(io.count());
        }
        if (io.is_closed() || io.is_failed()) pull_end_ = io;
        else is_contract_broken_ = true;
        return MBEDTLS_ERR_SSL_CONN_EOF;
    }

    bool has_bytes() const noexcept {
        return mbedtls_ssl_get_bytes_avail(&ssl_) != 0 || mbedtls_ssl_check_pending(&ssl_) != 0;
    }

    // What read or write said that is no count of bytes.
    Io no_bytes(int result, Interest& needs) noexcept {
        if (result == MBEDTLS_ERR_SSL_WANT_READ) needs = Interest::read;
        else if (result == MBEDTLS_ERR_SSL_WANT_WRITE) needs = Interest::write;
        else if (mbedtls_library::is_in_progress(result)) needs = Interest::again;
        else if (result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) return Io::closed();
        else return lost(result, &needs == &writes_by_);
        return Io::would_block();
    }
    Io lost(int result, bool is_push) noexcept {
        if (is_contract_broken_) return Io::bytes(0);
        const Io end = is_push ? push_end_ : pull_end_;
        if (end.is_failed()) return end;
        if (result == 0 || result == MBEDTLS_ERR_SSL_CONN_EOF) {
            if (!is_push) note(TlsProblem::cut_off, MBEDTLS_ERR_SSL_CONN_EOF);
            return is_push ? Io::closed() : Io::cut_off();
        }
        forget_session();
        const bool is_alert = result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE;
        note(is_alert ? TlsProblem::refused_by_server : TlsProblem::damaged, result);
        return Io::failed(result);
    }

    // ---- problems ------------------------------------------------------------------------------------------------

    void note(TlsProblem problem, int code) noexcept {
        problem_ = problem;
        code_ = code;
        sentence_.clear();
        sentence_ << oai_describe(problem);
        add_code();
    }
    void add_code() noexcept {
        if (code_ != 0) (sentence_ << " (mbedTLS: ").code(code_) << ")";
    }
    // Returns false, for those who say so.
    bool refuse(TlsProblem problem, int code) noexcept {
        if (mbedtls_library::is_out_of_memory(code)) problem = TlsProblem::out_of_memory;
        note(problem, code);
        if (state_ != State::down) state_ = State::broken;
        return false;
    }
    bool refuse_settings(const char* why, int code = 0) noexcept {
        if (mbedtls_library::is_out_of_memory(code)) return refuse(TlsProblem::out_of_memory, code);
        problem_ = TlsProblem::bad_settings;
        code_ = code;
        sentence_.clear();
        sentence_ << why;
        add_code();
        return false;
    }

    Io refuse_handshake(int result) noexcept {
        forget_session();
        if (is_contract_broken_) {
            refuse(TlsProblem::handshake_failed, result);
            return Io::bytes(0);
        }
        const Io end = pull_end_.is_ready() ? push_end_ : pull_end_;
        refuse(verifier_.problem() != TlsProblem::none ? verifier_.problem() : problem_of(result), result);
        if (verifier_.problem() != TlsProblem::none) {
            sentence_ = verifier_.sentence();
            add_code();
        }
        return end.is_failed() && !is_final(problem_) ? end : no_connection();
    }
    // What dial() says of problem().
    Io no_connection() const noexcept { return is_final(problem_) ? Io::refused(code_) : Io::failed(code_); }
    TlsProblem problem_of(int result) const noexcept {
        if (records_.has_begun() && !records_.is_tls()) return TlsProblem::not_tls;
        if (result == MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE) return problem_of_alert();
        // Some servers say no word, or "close_notify", where others say what they want.
        if (result == MBEDTLS_ERR_SSL_CONN_EOF || result == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
            return records_.wants_client_certificate() && settings_.client_certificate.empty()
                       ? TlsProblem::client_certificate_required
                       : TlsProblem::cut_in_handshake;
        // What a certificate may be used for is looked at behind the verifier's back.
        const uint32_t flags = mbedtls_ssl_get_verify_result(&ssl_);
        if (verifier_.has_seen_server() && flags != 0 && flags != UINT32_MAX) return Verifier::worst(flags, false);
        if (result == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED) return TlsProblem::bad_certificate;
        if (mbedtls_library::is_protocol_version_error(result)) return TlsProblem::protocol_version;
        return TlsProblem::handshake_failed;
    }
    TlsProblem problem_of_alert() const noexcept {
        const bool has_own = !settings_.client_certificate.empty();
        switch (records_.alert()) {
            case tls::handshake_failure:
                if (!records_.wants_client_certificate()) return TlsProblem::no_common_cipher;
                break;
            case tls::bad_certificate:
            case tls::unsupported_certificate:
            case tls::certificate_revoked:
            case tls::certificate_expired:
            case tls::certificate_unknown:
            case tls::unknown_ca:
            case tls::access_denied:
            case tls::certificate_required: break;
            case tls::protocol_version: return TlsProblem::protocol_version;
            case tls::insufficient_security: return TlsProblem::no_common_cipher;
            case tls::unrecognized_name: return TlsProblem::unknown_server_name;
            case tls::no_application_protocol: return TlsProblem::no_common_protocol;
            default: return TlsProblem::refused_by_server;
        }
        return has_own ? TlsProblem::client_certificate_refused : TlsProblem::client_certificate_required;
    }

    using Verifier = tls::Verifier;

    Transport below_;
    TlsSettings settings_;
    State state_ = State::down;
    TlsProblem problem_ = TlsProblem::none;
    bool is_set_up_ = false, is_ssl_set_up_ = false;
    bool is_dialled_ = false;   // a hang_up below is owed
    bool was_dialled_ = false;  // at any time
    bool is_inside_ = false;    // mbedTLS
    bool has_session_ = false, has_shaken_ = false, is_resumed_ = false;
    bool is_contract_broken_ = false;  // by the transport below: an impossible count
    Interest reads_by_ = Interest::read, writes_by_ = Interest::write;  // what to wait for to go on reading, writing
    int code_ = 0;
    uint32_t began_ms_ = 0;
    Io pull_end_ = Io::ready(), push_end_ = Io::ready();   // how the link below ended; ready: not yet
    Io read_end_ = Io::ready(), write_end_ = Io::ready();  // what pull() and push() said at their end
    int64_t session_valid_until_ = 0;
    uint16_t port_ = 0;
    size_t name_size_ = 0;
    char name_[max_host_bytes + 1] = {};
    const char* protocols_[2] = {"http/1.1", nullptr};
    tls::Sentence sentence_;
    tls::Records records_;
    tls::Verifier verifier_;
    mbedtls_library::Random random_;
    mbedtls_ssl_context ssl_;
    mbedtls_ssl_config config_;
    mbedtls_ssl_session session_;
    mbedtls_x509_crt authorities_, own_certificate_;
    mbedtls_pk_context own_key_;
};

#if defined(OPENAI_STREAM_SOCKET)
namespace tls {
struct SocketBelow {
    Socket socket_;
};
}  // namespace tls

// TLS over a Socket, for transport_of(). See both.
class TlsSocket : tls::SocketBelow, public Tls {
public:
    explicit TlsSocket(const TlsSettings& settings = TlsSettings()) noexcept
        : Tls(transport_of(socket_), settings) {}

    void set_resolver(SocketResolver resolver, void* context) noexcept { socket_.set_resolver(resolver, context); }
};
#endif

OPENAI_STREAM_END
#endif
