// One conversation over a Tls, whose link is memory and whose other end is mbedTLS's own server (tls_server.hpp): what
// the tests of Tls share.
#pragma once

#define OPENAI_STREAM_MBEDTLS
#include "io/conversation.hpp"

#include "platform/tls_server.hpp"
#include "support/cuts.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <functional>

namespace oai = openai_stream;

namespace tls_talk {

using oai::Error;
using oai::Interest;
using oai::IoResult;
using oai::StringView;
using oai::Tls;
using oai::TlsProblem;
using oai::TlsSettings;
using support::HeapTrap;
using tls_server::Pipe;
using tls_server::Server;
using tls_server::Wish;
using tls_server::World;

inline constexpr auto everything = static_cast<size_t>(-1);

inline int64_t june(void*) { return tls_server::in_june_2026; }
inline int64_t no_clock(void*) { return -1; }
inline int no_entropy(void*, unsigned char*, size_t) { return MBEDTLS_ERR_ENTROPY_SOURCE_FAILED; }

// What all tests begin with: the test's authority, and the clock of June 2026.
inline TlsSettings usual() {
    TlsSettings settings;
    settings.ca = World::get().authority;
    settings.unix_time = june;
    return settings;
}

inline std::string good_answer() { return conversation::chunked_answer(conversation::short_answer, 50); }

inline Wish for_localhost() {
    Wish wish;
    wish.dns = {"localhost"};
    return wish;
}

// One conversation of a Stream over a Tls.
struct Talk {
    std::string text;
    Error error = Error::none;
    int code = 0;
    oai::Verdict verdict = oai::Verdict::still_open;

    Talk(Tls& tls, const char* url = "https://localhost/v1") {
        char memory[8192];
        const oai::Endpoint server(url, "secret");
        const oai::ChatRequest ask("m", "question");
        oai::Stream stream(oai::transport_of(tls), memory);
        stream.open(server, ask);
        oai::Event event;
        while (stream.next(event))
            if (event.kind == oai::EventKind::text) text += std::string(event.text);
        error = stream.error();
        code = stream.failure().transport_code;
        verdict = stream.verdict();
    }
};

inline std::string name(TlsProblem problem) { return oai::describe(problem); }
inline std::string name(Error error) { return oai::describe(error); }

}  // namespace tls_talk
