#pragma once
#include "../CoreMinimal.h"

class FCriticalSection {};
class FScopeLock {
public:
    explicit FScopeLock(FCriticalSection* Section);
    ~FScopeLock();
};
