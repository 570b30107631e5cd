#pragma once
// Files of the machine that runs the emulator, and its console: the same three functions on a board and on the host.
#include <stddef.h>
#include <stdint.h>

namespace host {

// A handle, or -1. Closed by the end of the program.
int open(const char* path);
// Bytes that were read; 0 at the end.
size_t read(int file, char* into, size_t room);
void print(const char* text);

}  // namespace host

#if defined(__arm__) || defined(__riscv)
#include <string.h>

#include "examples/firmware/board.hpp"

namespace host {

__attribute__((noinline, aligned(16))) inline int32_t call(uint32_t number, const void* argument) {
#if defined(__arm__)
    register uint32_t result asm("r0") = number;
    register const void* r1 asm("r1") = argument;
    asm volatile("bkpt 0xAB" : "+r"(result) : "r"(r1) : "memory");
#else
    register uint32_t result asm("a0") = number;
    register const void* a1 asm("a1") = argument;
    asm volatile(
        ".option push\n.option norvc\n"
        "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n"
        ".option pop"
        : "+r"(result)
        : "r"(a1)
        : "memory");
#endif
    return static_cast<int32_t>(result);
}

inline uint32_t address_of(const void* place) { return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(place)); }

inline int open(const char* path) {
    const uint32_t block[3] = {address_of(path), 1, static_cast<uint32_t>(strlen(path))};  // "rb"
    return call(0x01, block);
}
inline size_t read(int file, char* into, size_t room) {
    const uint32_t block[3] = {static_cast<uint32_t>(file), address_of(into), static_cast<uint32_t>(room)};
    return room - static_cast<uint32_t>(call(0x06, block));  // it says what is missing
}
inline void print(const char* text) { board::print(text, strlen(text)); }

}  // namespace host

#else
#include <stdio.h>

namespace host {

inline int open(const char* path) {
    static FILE* files[1024];
    static int count = 0;
    if (count == 1024 || (files[count] = fopen(path, "rb")) == nullptr) return -1;
    return fileno(files[count++]);
}
inline size_t read(int file, char* into, size_t room);
inline void print(const char* text) { fputs(text, stdout); }

}  // namespace host

#include <unistd.h>

namespace host {
inline size_t read(int file, char* into, size_t room) {
    const ssize_t count = ::read(file, into, room);
    return count > 0 ? static_cast<size_t>(count) : 0;
}
}  // namespace host

int firmware();
int main() { return firmware(); }
#endif
