#pragma once
// What the program needs of a board. The link is two functions, in uart.cpp beside each board's other files: these are
// what you write for a board of your own. README.md says what of the rest it has already.
#include <stddef.h>
#include <stdint.h>

namespace board {

// The link to the server (uart.cpp). Both move what can be moved now and return the count, which may be 0; neither
// waits.
size_t uart_get(char* into, size_t room);
size_t uart_put(const char* from, size_t count);

// Sleeps until the next interrupt, which comes once a millisecond or with a byte. Returns at once if bytes are there.
void sleep();

// Milliseconds since the start.
uint32_t millis();

// The console: waits until the bytes are out.
void print(const char* from, size_t count);

// The most bytes of stack that were ever in use.
size_t stack_bytes();

// What the emulator exits with; a real board has nowhere to go, and waits.
[[noreturn]] void finish(int status);

}  // namespace board

// The program (main.cpp), which start.cpp calls. Its result is the status.
int firmware();
