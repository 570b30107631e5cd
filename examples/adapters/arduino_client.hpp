#pragma once
// Any Arduino Client: WiFiClient, EthernetClient, a modem's client; WiFiClientSecure with setCACert() for https, whose
// adapter then says `bool secure() const { return true; }`. Connecting waits, and writing where memory is short; reading
// does not: see slow_link.hpp. Run by tests/adapters on a board that is played.
#include <Arduino.h>

#include "openai_stream.hpp"

// A String as the library takes texts. It must live as long as what it is given to.
inline openai_stream::StringView text_of(const String& text) { return {text.c_str(), text.length()}; }

class ClientLink {
public:
    explicit ClientLink(Client& client) : client_(client) {}

    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        char name[128];  // connect() wants a NUL at the end
        if (host.size() >= sizeof name) return openai_stream::IoResult::refused(0);
        memcpy(name, host.data(), host.size());
        name[host.size()] = '\0';
        const int result = client_.connect(name, port);
        return result == 1 ? openai_stream::IoResult::ready() : openai_stream::IoResult::failed(result);
    }
    // available() first, then connected(): cores say "not connected" while there are bytes left, and read() says -1
    // for "nothing now" and for "the end".
    openai_stream::IoResult pull(char* into, size_t room) {
        const int count = client_.available() > 0 ? client_.read(reinterpret_cast<uint8_t*>(into), room) : 0;
        if (count > 0) return openai_stream::IoResult::bytes(static_cast<size_t>(count));
        return client_.connected() ? openai_stream::IoResult::would_block() : openai_stream::IoResult::closed();
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        const size_t sent = client_.write(reinterpret_cast<const uint8_t*>(from), count);
        if (sent > 0) return openai_stream::IoResult::bytes(sent);
        return client_.connected() ? openai_stream::IoResult::would_block() : openai_stream::IoResult::failed(0);
    }
    void hang_up() { client_.stop(); }
    openai_stream::IoResult wait(openai_stream::Interest, uint32_t ms) {
        delay(ms < 1 ? ms : 1);
        return openai_stream::IoResult::ready();
    }
    uint32_t now_ms() { return static_cast<uint32_t>(millis()); }

private:
    Client& client_;
};

// How waiting works: not at all. Call this from loop(), beside what else is in there. Returns false when it is over.
inline bool answer_in_loop(openai_stream::Stream& stream, Print& out) {
    openai_stream::Event event;
    const openai_stream::Poll state = stream.poll(event);
    if (state == openai_stream::Poll::event && event.kind == openai_stream::EventKind::text)
        out.write(reinterpret_cast<const uint8_t*>(event.text.data()), event.text.size());
    return state == openai_stream::Poll::event || state == openai_stream::Poll::pending;
}
