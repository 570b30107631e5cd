// Start-up and devices of a 32-bit RISC-V, for images that are measured and not run: two UARTs of the 16550 kind.
#include "board.hpp"

#include <stdint.h>

extern "C" {
extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[];  // of the linker's script
void start();
}

namespace {

struct Uart {
    volatile uint8_t data, unused[4], status;
};
Uart& uart(unsigned number) { return *reinterpret_cast<Uart*>(0x10000000u + number * 0x1000u); }
constexpr uint8_t has_received = 1, has_room = 1u << 5;

}  // namespace

namespace board {

size_t receive(char* into, size_t room) {
    size_t count = 0;
    for (; count != room && (uart(0).status & has_received) != 0; ++count) into[count] = static_cast<char>(uart(0).data);
    return count;
}
size_t transmit(const char* from, size_t count) {
    size_t sent = 0;
    for (; sent != count && (uart(0).status & has_room) != 0; ++sent) uart(0).data = static_cast<unsigned char>(from[sent]);
    return sent;
}
void print(const char* from, size_t count) {
    for (; count != 0; --count, ++from) {
        while ((uart(1).status & has_room) == 0) {}
        uart(1).data = static_cast<unsigned char>(*from);
    }
}
void print_line(const char* name, int value) {
    char digits[12];
    char* at = digits + sizeof digits;
    *--at = '\n';
    unsigned left = static_cast<unsigned>(value < 0 ? -value : value);
    do *--at = static_cast<char>('0' + left % 10);
    while ((left /= 10) != 0);
    if (value < 0) *--at = '-';
    while (*name != '\0') print(name++, 1);
    print(at, static_cast<size_t>(digits + sizeof digits - at));
}
[[noreturn]] void finish(int status) {
    *reinterpret_cast<volatile uint32_t*>(0x100000) = static_cast<uint32_t>(status);
    while (true) {}
}

[[noreturn]] void run() {
    const uint32_t* from = data_image;
    for (volatile uint32_t* into = data_begin; into != data_end;) *into++ = *from++;
    for (volatile uint32_t* into = bss_begin; into != bss_end;) *into++ = 0;
    finish(main());
}

}  // namespace board

__attribute__((naked, section(".start"))) void start() { asm volatile("la sp, stack_top\nj %0" : : "i"(&board::run)); }
