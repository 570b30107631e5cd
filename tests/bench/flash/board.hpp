#pragma once
// What a program for the board has: a link, a console, and an end. It is linked in every image that is measured.
#include <stddef.h>

namespace board {

// The link: UART 0, a data register and a flag register. Both return how many bytes were moved, which may be 0.
size_t receive(char* into, size_t room);
size_t transmit(const char* from, size_t count);

// The console: UART 1.
void print(const char* from, size_t count);
void print_line(const char* name, int value);

// Ends the program (and the emulator, with this exit status).
[[noreturn]] void finish(int status);

}  // namespace board

int main();
