#pragma once
#include "CoreMinimal.h"

enum ESocketConnectionState { SCS_NotConnected, SCS_Connected, SCS_ConnectionError };
namespace ESocketReceiveFlags {
enum Type { None = 0, Peek = 2 };
}
class FInternetAddr {
public:
    virtual void SetIp(const TCHAR* Address, bool& bIsValid) = 0;
    virtual void SetPort(int32 Port) = 0;
    virtual FName GetProtocolType() const = 0;
};
class FSocket {
public:
    virtual bool SetNonBlocking(bool bIsNonBlocking = true) = 0;
    virtual bool Connect(const FInternetAddr& Address) = 0;
    virtual ESocketConnectionState GetConnectionState() = 0;
    virtual bool Recv(uint8* Data, int32 Size, int32& Read, ESocketReceiveFlags::Type Flags = ESocketReceiveFlags::None) = 0;
    virtual bool Send(const uint8* Data, int32 Count, int32& Sent) = 0;
    virtual bool Close() = 0;
};
