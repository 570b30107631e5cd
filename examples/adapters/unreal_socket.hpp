#pragma once
// Unreal Engine's FSocket, for a server in the same network (http): it has no TLS. For https see unreal_http.hpp.
// Compiled against a declared interface, not run. Modules: Sockets, Networking.
#include "HAL/PlatformTime.h"
#include "SocketSubsystem.h"
#include "Sockets.h"

#include "openai_stream.hpp"

class FOpenAiSocketLink {
public:
    FOpenAiSocketLink() = default;
    FOpenAiSocketLink(const FOpenAiSocketLink&) = delete;
    FOpenAiSocketLink& operator=(const FOpenAiSocketLink&) = delete;
    ~FOpenAiSocketLink() { hang_up(); }

    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        ISocketSubsystem* const System = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM);
        if (Socket == nullptr) {
            const TSharedRef<FInternetAddr> Address = System->CreateInternetAddr();
            bool bIsValid = false;  // an address in digits; a name takes GetAddressInfoAsync(), before open()
            Address->SetIp(*FString(static_cast<int32>(host.size()), host.data()), bIsValid);
            if (!bIsValid) return openai_stream::IoResult::unresolved(0);
            Address->SetPort(port);
            Socket = System->CreateSocket(NAME_Stream, TEXT("openai_stream"), Address->GetProtocolType());
            if (Socket == nullptr) return openai_stream::IoResult::failed(0);
            Socket->SetNonBlocking(true);
            if (!Socket->Connect(*Address)) {
                const int32 Code = System->GetLastErrorCode();
                if (Code != SE_EWOULDBLOCK && Code != SE_EINPROGRESS) return openai_stream::IoResult::failed(Code);
            }
        }
        switch (Socket->GetConnectionState()) {
            case SCS_Connected: return openai_stream::IoResult::ready();
            case SCS_ConnectionError: return openai_stream::IoResult::failed(System->GetLastErrorCode());
            case SCS_NotConnected: break;
        }
        return openai_stream::IoResult::would_block();
    }
    // (true, n): bytes. (true, 0): nothing now. (false, 0): the end or an error, which the code tells apart.
    openai_stream::IoResult pull(char* into, size_t room) {
        int32 Count = 0;
        const int32 Room = static_cast<int32>(room < 65536 ? room : 65536);
        if (Socket->Recv(reinterpret_cast<uint8*>(into), Room, Count, ESocketReceiveFlags::None))
            return Count > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(Count))
                             : openai_stream::IoResult::would_block();
        const int32 Code = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->GetLastErrorCode();
        if (Code == SE_EWOULDBLOCK) return openai_stream::IoResult::would_block();
        return Code == SE_NO_ERROR ? openai_stream::IoResult::closed() : openai_stream::IoResult::failed(Code);
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        int32 Sent = 0;
        const int32 Count = static_cast<int32>(count < 65536 ? count : 65536);
        if (Socket->Send(reinterpret_cast<const uint8*>(from), Count, Sent) && Sent > 0)
            return openai_stream::IoResult::bytes(static_cast<size_t>(Sent));
        const int32 Code = ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->GetLastErrorCode();
        return Code == SE_EWOULDBLOCK || Code == SE_NO_ERROR ? openai_stream::IoResult::would_block()
                                                             : openai_stream::IoResult::failed(Code);
    }
    void hang_up() {
        if (Socket == nullptr) return;
        Socket->Close();
        ISocketSubsystem::Get(PLATFORM_SOCKETSUBSYSTEM)->DestroySocket(Socket);
        Socket = nullptr;
    }
    uint32_t now_ms() { return static_cast<uint32_t>(static_cast<uint64_t>(FPlatformTime::Seconds() * 1000.0)); }

private:
    FSocket* Socket = nullptr;
};

// How waiting works: not at all. From an actor's Tick(), at most so many events. Returns false when it is over.
inline bool AnswerInTick(openai_stream::Stream& Stream, void (*Show)(const openai_stream::Event&), int32 Budget = 32) {
    openai_stream::Event Event;
    for (; Budget > 0; --Budget) switch (Stream.poll(Event)) {
            case openai_stream::Poll::event: Show(Event); break;
            case openai_stream::Poll::pending: return true;
            case openai_stream::Poll::done:
            case openai_stream::Poll::failed: return false;
        }
    return true;
}
