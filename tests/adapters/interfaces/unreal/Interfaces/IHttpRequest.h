#pragma once
#include "../CoreMinimal.h"

class IHttpRequest;
class IHttpResponse;
typedef TSharedPtr<IHttpRequest> FHttpRequestPtr;
typedef TSharedPtr<IHttpResponse> FHttpResponsePtr;
struct FHttpRequestStreamDelegateV2 {
    template <class F> static FHttpRequestStreamDelegateV2 CreateLambda(F Function) {
        void* Bytes = nullptr;
        int64 Count = 0;
        Function(Bytes, Count);
        return {};
    }
};
struct FHttpRequestCompleteDelegate {
    template <class F> void BindLambda(F Function) { Function(FHttpRequestPtr(), FHttpResponsePtr(), true); }
};
struct FHttpRequestStatusCodeReceivedDelegate {
    template <class F> void BindLambda(F Function) { Function(FHttpRequestPtr(), int32(200)); }
};
class IHttpRequest {
public:
    virtual void SetVerb(const FString& Verb) = 0;
    virtual void SetURL(const FString& Url) = 0;
    virtual void SetHeader(const FString& Name, const FString& Value) = 0;
    virtual void SetContent(const TArray<uint8>& Content) = 0;
    virtual bool SetResponseBodyReceiveStreamDelegateV2(FHttpRequestStreamDelegateV2 Delegate) = 0;
    virtual FHttpRequestStatusCodeReceivedDelegate& OnStatusCodeReceived() = 0;
    virtual FHttpRequestCompleteDelegate& OnProcessRequestComplete() = 0;
    virtual bool ProcessRequest() = 0;
    virtual void CancelRequest() = 0;
};
