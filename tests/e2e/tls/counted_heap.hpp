#pragma once
// Counts what is asked of malloc and its like, by who asks: the program, where the header's code is, or a library.
// Off where malloc cannot be replaced (sanitizers, valgrind, not glibc), or mbedTLS is no library of its own: then
// works() is false.
#include <stddef.h>

namespace counted_heap {

struct Counts {
    size_t own;      // allocations by the program, by itself or by operator new
    size_t mbedtls;  // by mbedTLS
    size_t system;   // by the C library for itself: the resolver
    size_t live;     // bytes allocated now
    size_t peak;     // and the most there ever were since begin()
};

// Tried with a real malloc.
bool works();

// From now on, with counts of 0 (live goes on).
void begin();
// And not any more. What there was.
Counts end();

}  // namespace counted_heap
