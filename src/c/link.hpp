#pragma once
// oai_link: a Socket or a TlsSocket on the heap, for programs in C that have an operating system.
#include "../platform/socket.hpp"
#include "../platform/tls_socket.hpp"
#include "stream.hpp"

#if defined(OPENAI_STREAM_C_API)
#if defined(OPENAI_STREAM_SOCKET)
#include <new>

extern "C" {
struct oai_link {
    openai_stream::Transport transport;
    void (*free)(oai_link* link);
};
}

OPENAI_STREAM_BEGIN
namespace detail::c {

template <class T> struct LinkOf : oai_link {
    LinkOf() noexcept {
        transport = transport_of(object);
        free = [](oai_link* link) { delete static_cast<LinkOf*>(link); };
    }
    T object;
};

}  // namespace detail::c
OPENAI_STREAM_END

extern "C" {

oai_link* oai_link_new(oai_text url) {
    namespace c = openai_stream::detail::c;
#if defined(OPENAI_STREAM_MBEDTLS)
    if (openai_stream::Endpoint(c::view(url)).tls) return new (std::nothrow) c::LinkOf<openai_stream::TlsSocket>;
#else
    static_cast<void>(url);
#endif
    return new (std::nothrow) c::LinkOf<openai_stream::Socket>;
}
void oai_link_free(oai_link* link) {
    if (link) link->free(link);
}
void oai_stream_init_link(oai_stream* stream, oai_link* link, void* memory, size_t size) {
    namespace c = openai_stream::detail::c;
    oai_stream_init(stream, nullptr, nullptr, 0);
    c::Talk* const talk = c::Streams::find(stream);
    if (talk && link && !talk->is_inside()) talk->begin(link->transport, c::memory(memory, size));
}

}
#endif
#endif
