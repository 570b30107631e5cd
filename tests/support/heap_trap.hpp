#pragma once
// Inside its scope every use of the heap by this thread (malloc, calloc, realloc, free, operator new and delete) ends
// the program with a message. Nothing of doctest may run in there: collect what happened, check after the scope.
// Off where malloc cannot be replaced (sanitizers, valgrind, not glibc); then works() is false and the skip is counted.

namespace support {

class HeapTrap {
public:
    HeapTrap();
    ~HeapTrap();
    HeapTrap(const HeapTrap&) = delete;
    HeapTrap& operator=(const HeapTrap&) = delete;

    // Tried with a real malloc, so that a trap that catches nothing is known.
    static bool works();

    // Lets the heap be used for a while inside the trap: for what is excepted by contract, and for the test's own side.
    class Pause {
    public:
        Pause();
        ~Pause();
        Pause(const Pause&) = delete;
        Pause& operator=(const Pause&) = delete;

    private:
        bool was_set_;
    };
};

}  // namespace support
