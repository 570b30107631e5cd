#pragma once
// SDL_net 2: connecting waits, and so does reading unless a socket set has said that something is there. Run by
// tests/adapters. Build with -lSDL2_net -lSDL2.
#include <SDL2/SDL_net.h>
#include <string.h>

#include "openai_stream.hpp"

class SdlLink {
public:
    SdlLink() : set_(SDLNet_AllocSocketSet(1)) {}
    SdlLink(const SdlLink&) = delete;
    SdlLink& operator=(const SdlLink&) = delete;
    ~SdlLink() {
        hang_up();
        SDLNet_FreeSocketSet(set_);
    }

    // Waits for the name and for the connection: call open() behind a loading screen, or from a thread of its own.
    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        char name[256];
        if (host.size() >= sizeof name) return openai_stream::IoResult::unresolved(0);
        memcpy(name, host.data(), host.size());
        name[host.size()] = '\0';
        IPaddress address;
        if (SDLNet_ResolveHost(&address, name, port) != 0) return openai_stream::IoResult::unresolved(0);
        socket_ = SDLNet_TCP_Open(&address);
        if (socket_ == nullptr) return openai_stream::IoResult::failed(0);
        SDLNet_TCP_AddSocket(set_, socket_);
        return openai_stream::IoResult::ready();
    }
    openai_stream::IoResult pull(char* into, size_t room) {
        if (SDLNet_CheckSockets(set_, 0) <= 0) return openai_stream::IoResult::would_block();
        const int count = SDLNet_TCP_Recv(socket_, into, static_cast<int>(room < 65536 ? room : 65536));
        return count > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(count))
                         : openai_stream::IoResult::closed();  // SDL_net does not say which: the end, or an error
    }
    // Waits until all of it is sent.
    openai_stream::IoResult push(const char* from, size_t count) {
        const int wanted = static_cast<int>(count < 65536 ? count : 65536);
        return SDLNet_TCP_Send(socket_, from, wanted) == wanted
                   ? openai_stream::IoResult::bytes(static_cast<size_t>(wanted))
                   : openai_stream::IoResult::failed(0);
    }
    void hang_up() {
        if (socket_ == nullptr) return;
        SDLNet_TCP_DelSocket(set_, socket_);
        SDLNet_TCP_Close(socket_);
        socket_ = nullptr;
    }
    // For next(); a game polls once per frame and has no need of it.
    openai_stream::IoResult wait(openai_stream::Interest, uint32_t ms) {
        if (socket_ == nullptr) SDL_Delay(ms);
        else if (SDLNet_CheckSockets(set_, ms) > 0) return openai_stream::IoResult::ready();
        return openai_stream::IoResult::would_block();
    }
    uint32_t now_ms() { return SDL_GetTicks(); }

private:
    SDLNet_SocketSet set_;
    TCPsocket socket_ = nullptr;
};

// Once per frame, at most so many events. Returns false when the answer is over.
inline bool answer_in_frame(openai_stream::Stream& stream, void (*show)(const openai_stream::Event&), int budget = 32) {
    openai_stream::Event event;
    for (; budget > 0; --budget) switch (stream.poll(event)) {
            case openai_stream::Poll::event: show(event); break;
            case openai_stream::Poll::pending: return true;
            case openai_stream::Poll::done:
            case openai_stream::Poll::failed: return false;
        }
    return true;
}
