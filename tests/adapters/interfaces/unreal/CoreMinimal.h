#pragma once
// As much of Unreal Engine's core as the adapters use, with its macros in the way.
#include <stdint.h>

#define TEXT(text) u##text
#define check(condition) ((void)0)
#define verify(condition) (condition)
#define PI 3.1415926535897932f
typedef uint8_t uint8;
typedef int32_t int32;
typedef int64_t int64;
typedef char16_t TCHAR;

class FString {
public:
    FString(const TCHAR* Text);
    FString(int32 Count, const char* Text);
    const TCHAR* operator*() const;
    friend FString operator+(const FString& Left, const FString& Right);
};
FString operator+(const FString& Left, const FString& Right);
class FName {};
extern FName NAME_Stream;

template <class T> class TArray {
public:
    T* GetData();
    const T* GetData() const;
    int32 Num() const;
    void Append(const T* From, int32 Count);
};
template <class T> void Swap(T& Left, T& Right);

template <class T> class TSharedRef {
public:
    T* operator->() const;
    T& operator*() const;
};
template <class T> class TSharedPtr {
public:
    TSharedPtr();
    TSharedPtr(const TSharedRef<T>& Other);
    T* operator->() const;
    bool IsValid() const;
    explicit operator bool() const;
};
template <class T> class TWeakPtr {
public:
    TWeakPtr(const TSharedRef<T>& Other);
    TSharedPtr<T> Pin() const;
};
template <class T> class TSharedFromThis {
public:
    TSharedRef<T> AsShared();
};
