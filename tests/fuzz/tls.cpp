// A Tls against a peer that says anything. The library below is a real mbedTLS; what it would say once a handshake has
// succeeded, which no invented peer can bring about, an input may put into its mouth: see below.
#define OPENAI_STREAM_MBEDTLS
#include "checks.hpp"

#include <dlfcn.h>

namespace {

namespace oai = openai_stream;
using fuzz::check;

fuzz::Input* script = nullptr;  // what mbedTLS's functions say; null: they are not replaced

template <class Function> Function original(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

int result_of(uint8_t choice) {
    static const int results[] = {
        0, MBEDTLS_ERR_SSL_WANT_READ, MBEDTLS_ERR_SSL_WANT_WRITE, MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY,
        MBEDTLS_ERR_SSL_CONN_EOF, MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE, MBEDTLS_ERR_SSL_INVALID_MAC,
        MBEDTLS_ERR_SSL_ALLOC_FAILED, MBEDTLS_ERR_SSL_ASYNC_IN_PROGRESS, MBEDTLS_ERR_SSL_CRYPTO_IN_PROGRESS,
        MBEDTLS_ERR_X509_CERT_VERIFY_FAILED, MBEDTLS_ERR_SSL_TIMEOUT, MBEDTLS_ERR_SSL_CLIENT_RECONNECT,
        MBEDTLS_ERR_SSL_INTERNAL_ERROR, -1, MBEDTLS_ERR_SSL_BAD_INPUT_DATA,
    };
    return results[choice % 16];
}

}  // namespace

// These come before those of the library.
extern "C" int mbedtls_ssl_handshake_step(mbedtls_ssl_context* ssl) {
    static const auto real = original<int (*)(mbedtls_ssl_context*)>("mbedtls_ssl_handshake_step");
    if (!script || script->empty()) return real(ssl);
    const uint8_t choice = script->byte();
    if (choice < 128) return real(ssl);  // which pulls and pushes below
    if (choice < 192) return result_of(choice);
    ssl->state = MBEDTLS_SSL_HANDSHAKE_OVER;
    return 0;
}
extern "C" uint32_t mbedtls_ssl_get_verify_result(const mbedtls_ssl_context* ssl) {
    static const auto real = original<uint32_t (*)(const mbedtls_ssl_context*)>("mbedtls_ssl_get_verify_result");
    if (!script) return real(ssl);
    return 0;
}
extern "C" int mbedtls_ssl_read(mbedtls_ssl_context*, unsigned char* into, size_t room) {
    check(room != 0, "a read without room");
    if (!script || script->empty()) return MBEDTLS_ERR_SSL_CONN_EOF;
    const uint8_t choice = script->byte();
    if (choice < 64) return result_of(choice);
    const size_t count = choice - 63u < room ? choice - 63u : room;
    memset(into, 'x', count);
    return static_cast<int>(count);
}
extern "C" int mbedtls_ssl_write(mbedtls_ssl_context*, const unsigned char* from, size_t count) {
    check(count != 0, "a write of nothing");
    volatile unsigned char last = from[count - 1];  // that can be read
    static_cast<void>(last);
    if (!script || script->empty()) return MBEDTLS_ERR_SSL_CONN_EOF;
    const uint8_t choice = script->byte();
    if (choice < 64) return result_of(choice);
    return static_cast<int>(choice - 63u < count ? choice - 63u : count);
}
extern "C" int mbedtls_ssl_close_notify(mbedtls_ssl_context*) { return 0; }

namespace {

// The transport below: a peer that says what the input says.
class Peer {
public:
    Peer(fuzz::Input& input, uint8_t cut) : input_(input), cuts_(cut) {}
    oai::IoResult dial(oai::StringView, uint16_t) {
        is_up = true;
        return oai::IoResult::ready();
    }
    oai::IoResult push(const char*, size_t count) {
        check(is_up && count != 0, "a push below that may not be");
        now_ += 1;
        return oai::IoResult::bytes(count);
    }
    oai::IoResult pull(char* into, size_t room) {
        check(is_up && room != 0, "a pull below that may not be");
        now_ += 1;
        size_t most = cuts_.next();
        if (most > room) most = room;
        const fuzz::Bytes bytes = input_.take(most);
        if (bytes.size == 0) return ended_++ == 0 ? oai::IoResult::would_block() : oai::IoResult::closed();
        memcpy(into, bytes.data, bytes.size);
        return oai::IoResult::bytes(bytes.size);
    }
    void hang_up() {
        check(is_up, "hang_up below without a link");
        is_up = false;
    }
    uint32_t now_ms() { return now_; }

    bool is_up = false;

private:
    fuzz::Input& input_;
    fuzz::Cuts cuts_;
    unsigned ended_ = 0;
    uint32_t now_ = 0;
};

// The peer of the input that is run.
struct Link {
    Peer* peer = nullptr;
    oai::IoResult dial(oai::StringView host, uint16_t port) { return peer->dial(host, port); }
    oai::IoResult push(const char* from, size_t count) { return peer->push(from, count); }
    oai::IoResult pull(char* into, size_t room) { return peer->pull(into, room); }
    void hang_up() { peer->hang_up(); }
    uint32_t now_ms() { return peer ? peer->now_ms() : 0; }
};

// Random numbers that are the same for every input.
int no_entropy(void*, unsigned char* into, size_t count) {
    memset(into, 0x5A, count);
    return 0;
}

// An authority, so that nothing is read from the system: P-256, self-signed, "CN=a".
constexpr char authority[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBcDCCARWgAwIBAgIUK3kSaOjEC7kN3SZAJoHM3vn1SCAwCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBYTAgFw0yNjExMzAwMzI1MDNaGA8yMTI2MTEwNjAzMjUwM1ow\n"
    "DDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMZvkKssoVAm\n"
    "ZwYLUL4pjXW+70d7EXnfZC5FU2zkzbjYHhAqrrpZiwMpcntm7qIxonceE95TGT+y\n"
    "OV9/Ytr6qnijUzBRMB0GA1UdDgQWBBQasobqHGzu2fY0dC55RDwJtk9okDAfBgNV\n"
    "HSMEGDAWgBQasobqHGzu2fY0dC55RDwJtk9okDAPBgNVHRMBAf8EBTADAQH/MAoG\n"
    "CCqGSM49BAMCA0kAMEYCIQCeXFt6c1unAnLDzxZN8+Diq+9v3/OTcZiiOYPeK88C\n"
    "vgIhAK1/HUKVocvxiM4ichtZdvGRdyPxKFlwpFAvsA2f54NO\n"
    "-----END CERTIFICATE-----\n";

void run(oai::Tls& tls) {
    char* const memory = fuzz::memory_of(600).data;
    bool is_up = false;
    for (int turns = 0; turns != 200 && !is_up; ++turns) {
        const oai::IoResult io = tls.dial("h.example", 443);
        is_up = io.is_ready();
        if (!is_up && !io.is_would_block()) break;
    }
    bool reads = is_up, writes = is_up;
    for (int turns = 0; turns != 200 && (reads || writes); ++turns) {
        static_cast<void>(tls.wait(oai::Interest::read | oai::Interest::write, 1));
        if (reads) {
            const oai::IoResult io = tls.pull(memory, 600);
            check(!io.is_bytes() || io.count() <= 600, "more bytes than there is room for");
            reads = io.is_bytes() || io.is_would_block();
        }
        if (writes && turns % 3 == 0) {
            const oai::IoResult io = tls.push(memory, 100);
            check(!io.is_bytes() || io.count() <= 100, "more bytes went than were given");
            writes = io.is_bytes() || io.is_would_block();
        }
    }
    const oai::StringView words = tls.describe();
    check(words.size() < 1000 && (words.size() == 0 || words[words.size() - 1] != '\n'), "no sentence");
}

void talk(oai::Tls& tls, Peer& peer, bool again) {
    check(tls.secure(), "the settings were refused");
    run(tls);
    tls.hang_up();
    check(!peer.is_up, "the link below was left up");
    if (again) run(tls);
    tls.hang_up();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    fuzz::Input input(data, size);
    const uint8_t flags = input.byte(), cut = input.byte();
    // What mbedTLS is made to say comes first, then what the peer says.
    const fuzz::Bytes said = (flags & 1) != 0 ? input.take(input.byte() % 64u) : fuzz::Bytes();
    fuzz::Input mouth(reinterpret_cast<const uint8_t*>(said.data), said.size);
    script = (flags & 1) != 0 ? &mouth : nullptr;
    Peer peer(input, cut);
    oai::TlsSettings settings;
    settings.ca = authority;
    settings.entropy = no_entropy;
    settings.resume = (flags & 2) != 0;
    if (settings.resume) {
        Link link;
        link.peer = &peer;
        oai::Tls tls(oai::transport_of(link), settings);
        talk(tls, peer, (flags & 4) != 0);
    } else {
        // Setting one up takes longer than all the rest; without a session there is nothing that it remembers.
        static Link link;
        static oai::Tls tls(oai::transport_of(link), settings);
        link.peer = &peer;
        talk(tls, peer, (flags & 4) != 0);
    }
    check(!peer.is_up, "the link below was left up");
    script = nullptr;
    return 0;
}
