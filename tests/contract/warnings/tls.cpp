// The part for TLS, where mbedTLS is there: its headers bring no warnings of ours with them.
#define OPENAI_STREAM_SOCKET
#if __has_include(<mbedtls/ssl.h>)
#define OPENAI_STREAM_MBEDTLS
#endif
#include "openai_stream.hpp"

namespace oai = openai_stream;

#if defined(OPENAI_STREAM_MBEDTLS)
oai::Transport encrypted(oai::Tls& tls);
oai::Transport encrypted(oai::Tls& tls) { return oai::transport_of(tls); }

oai::StringView why_not(const oai::TlsSettings& settings);
oai::StringView why_not(const oai::TlsSettings& settings) {
    static oai::TlsSocket socket(settings);
    oai::Transport link = oai::transport_of(socket);
    return link.secure ? socket.protocol() : socket.describe();
}
#endif
