#pragma once
// Unreal Engine's HTTP module, which has TLS on every platform of the engine and pushes what arrives: its bytes go into
// an Exchange. The bytes come on the HTTP thread and are read on the game's, in Tick(). Compiled against a declared
// interface, not run. Module: HTTP; Unreal Engine 5.4 or later (SetResponseBodyReceiveStreamDelegateV2).
#include "HAL/CriticalSection.h"
#include "HttpModule.h"
#include "Interfaces/IHttpRequest.h"

#include "openai_stream.hpp"

class FOpenAiHttpAnswer : public TSharedFromThis<FOpenAiHttpAnswer> {
public:
    void Ask(const FString& Url, const FString& Key, const openai_stream::ChatRequest& Question) {
        TArray<uint8> Body;
        openai_stream::RequestWriter Writer;
        char Window[1024];
        Writer.begin_body(Question);
        while (const size_t Count = Writer.write(Window, sizeof Window))
            Body.Append(reinterpret_cast<const uint8*>(Window), static_cast<int32>(Count));

        bIsBegun = bIsAtEnd = bWasComplete = false;
        Status = 0;
        Request = FHttpModule::Get().CreateRequest();
        Request->SetVerb(TEXT("POST"));
        Request->SetURL(Url);  // with openai_stream::ChatRequest::path
        Request->SetHeader(TEXT("Content-Type"), TEXT("application/json"));
        Request->SetHeader(TEXT("Authorization"), FString(TEXT("Bearer ")) + Key);
        Request->SetContent(Body);
        const TWeakPtr<FOpenAiHttpAnswer> Weak = AsShared();
        Request->SetResponseBodyReceiveStreamDelegateV2(
            FHttpRequestStreamDelegateV2::CreateLambda([Weak](void* Bytes, int64& Count) {
                if (const TSharedPtr<FOpenAiHttpAnswer> This = Weak.Pin()) {
                    FScopeLock Lock(&This->Guard);
                    This->Arrived.Append(static_cast<const uint8*>(Bytes), static_cast<int32>(Count));
                } else {
                    Count = 0;  // nobody wants it: the request ends
                }
            }));
        Request->OnStatusCodeReceived().BindLambda([Weak](FHttpRequestPtr, int32 Code) {
            if (const TSharedPtr<FOpenAiHttpAnswer> This = Weak.Pin()) {
                FScopeLock Lock(&This->Guard);
                This->Status = Code;  // before the first byte of the body
            }
        });
        Request->OnProcessRequestComplete().BindLambda([Weak](FHttpRequestPtr, FHttpResponsePtr, bool bSucceeded) {
            if (const TSharedPtr<FOpenAiHttpAnswer> This = Weak.Pin()) {
                FScopeLock Lock(&This->Guard);
                This->bIsAtEnd = true;
                This->bWasComplete = bSucceeded;
            }
        });
        Request->ProcessRequest();
    }

    // How waiting works: not at all, once per frame. Returns false when the answer is over; failure() says how.
    template <class ShowType> bool Tick(ShowType&& Show) {
        TArray<uint8> Now;
        int32 Code;
        bool bEnds;
        {
            FScopeLock Lock(&Guard);
            Swap(Now, Arrived);
            Code = Status;
            bEnds = bIsAtEnd;
        }
        if (Code == 0 && !bEnds) return true;
        if (!bIsBegun) Exchange.begin_body(openai_stream::Api::chat, Code);
        bIsBegun = true;
        Exchange.feed({reinterpret_cast<const char*>(Now.GetData()), static_cast<size_t>(Now.Num())}, Show);
        if (!bEnds) return true;
        if (!bWasComplete) Exchange.failed(0);
        Exchange.finish(Show);
        return false;
    }
    void Cancel() { Request->CancelRequest(); }
    openai_stream::Failure failure() const { return Exchange.failure(); }

private:
    char Memory[8 * 1024];
    openai_stream::Exchange Exchange{Memory};
    TSharedPtr<IHttpRequest> Request;
    bool bIsBegun = false;
    FCriticalSection Guard;  // of what follows
    TArray<uint8> Arrived;
    int32 Status = 0;
    bool bIsAtEnd = false, bWasComplete = false;
};
