#pragma once
#include "Sockets.h"

#define PLATFORM_SOCKETSUBSYSTEM FName()
enum ESocketErrors { SE_NO_ERROR, SE_EINTR, SE_EWOULDBLOCK, SE_EINPROGRESS, SE_ECONNRESET };
class ISocketSubsystem {
public:
    static ISocketSubsystem* Get(const FName& Name);
    virtual TSharedRef<FInternetAddr> CreateInternetAddr() = 0;
    virtual FSocket* CreateSocket(const FName& Type, const FString& Description, const FName& Protocol) = 0;
    virtual void DestroySocket(FSocket* Socket) = 0;
    virtual ESocketErrors GetLastErrorCode() = 0;
};
