#pragma once
// The transport below TLS, as mbedTLS calls it. mbedTLS knows numbers of its own for "later" and "over"; this keeps how
// each direction ended in the transport's own words, so that pull() and push() of Tls can say it, and lets no count
// through that the transport cannot have moved. During a handshake it shows what comes to tls::Records.
#include "../io/transport.hpp"
#include "mbedtls_library.hpp"
#include "tls_records.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

// It must stay where it is while mbedTLS uses it. hang_up() comes once for each begin(), also from inside a function of
// the transport: what that function says is then passed over.
class LinkBelow {
public:
    explicit LinkBelow(const Transport& transport) noexcept : transport_(transport) {}

    const Transport& transport() const noexcept { return transport_; }
    // That of the transport; where it has none, one that stands still.
    uint32_t now_ms() const noexcept { return transport_.now_ms ? transport_.now_ms(transport_.context) : 0; }

    // Returns false if the transport has no dial and had its one connection.
    bool can_begin() const noexcept { return transport_.dial || !was_dialled_; }
    // A connection begins: dial() follows.
    void begin() noexcept { is_dialled_ = was_dialled_ = true; }
    IoResult dial(StringView host, uint16_t port) noexcept {
        return transport_.dial ? transport_.dial(transport_.context, host, port) : IoResult::ready();
    }
    void hang_up() noexcept {
        if (!is_dialled_) return;
        is_dialled_ = false;
        if (transport_.hang_up) transport_.hang_up(transport_.context);
    }

    void begin_handshake(mbedtls_ssl_context& ssl) noexcept {
        records_ = Records();
        is_in_handshake_ = true;
        pull_end_ = push_end_ = IoResult::ready();
        is_contract_broken_ = false;
        mbedtls_ssl_set_bio(&ssl, this, on_push, on_pull, nullptr);
    }
    void end_handshake() noexcept { is_in_handshake_ = false; }

    // How a direction ended; ready(): not yet.
    IoResult pull_end() const noexcept { return pull_end_; }
    IoResult push_end() const noexcept { return push_end_; }
    bool is_contract_broken() const noexcept { return is_contract_broken_; }  // by an impossible count
    bool can_push() const noexcept { return push_end_.is_ready() && !is_contract_broken_; }
    const Records& records() const noexcept { return records_; }  // of the last handshake

private:
    static int on_push(void* self, const unsigned char* bytes, size_t count) noexcept {
        return static_cast<LinkBelow*>(self)->push(reinterpret_cast<const char*>(bytes), count);
    }
    static int on_pull(void* self, unsigned char* into, size_t room) noexcept {
        return static_cast<LinkBelow*>(self)->pull(reinterpret_cast<char*>(into), room);
    }

    int push(const char* bytes, size_t count) noexcept {
        if (!can_push()) return MBEDTLS_ERR_SSL_CONN_EOF;
        const IoResult io = transport_.push(transport_.context, bytes, count);
        return result_of(io, count, MBEDTLS_ERR_SSL_WANT_WRITE, push_end_);
    }
    int pull(char* into, size_t room) noexcept {
        if (!pull_end_.is_ready() || is_contract_broken_) return MBEDTLS_ERR_SSL_CONN_EOF;
        const IoResult io = transport_.pull(transport_.context, into, room);
        const int result = result_of(io, room, MBEDTLS_ERR_SSL_WANT_READ, pull_end_);
        if (result > 0 && is_in_handshake_)
            records_.feed(reinterpret_cast<const unsigned char*>(into), static_cast<size_t>(result));
        return result;
    }
    // What mbedTLS is told of what the transport said; most: the bytes it was asked to move.
    int result_of(IoResult io, size_t most, int later, IoResult& end) noexcept {
        if (!is_dialled_) return MBEDTLS_ERR_SSL_CONN_EOF;  // hung up from inside
        if (io.is_would_block()) return later;
        if (io.is_bytes() && io.count() != 0 && io.count() <= most) return static_cast<int>(io.count());
        if (io.is_closed() || io.is_failed()) end = io;
        else is_contract_broken_ = true;
        return MBEDTLS_ERR_SSL_CONN_EOF;
    }

    Transport transport_;
    IoResult pull_end_ = IoResult::ready(), push_end_ = IoResult::ready();
    bool is_dialled_ = false;   // hang_up is still to be called
    bool was_dialled_ = false;  // at any time
    bool is_contract_broken_ = false;
    bool is_in_handshake_ = false;
    Records records_;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
