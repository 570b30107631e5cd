// Start-up and devices of a Stellaris LM3S6965 (Cortex-M3), with nothing of a C library but the compiler's own needs.
#include "board.hpp"

#include <stdint.h>

extern "C" {
extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[];  // of the linker's script
extern uint32_t paint_end[], stack_top[];
extern void (*init_array_begin[])();
extern void (*init_array_end[])();
void reset();
void fault();
}

namespace {

// A PL011 UART.
struct Uart {
    volatile uint32_t data;
    uint32_t unused[5];
    volatile uint32_t flags;
};
constexpr uint32_t receiver_empty = 1u << 4, transmitter_full = 1u << 5;

Uart& uart(unsigned number) { return *reinterpret_cast<Uart*>(0x4000C000u + number * 0x1000u); }

constexpr uint32_t paint = 0xA5A5A5A5u;  // of the stack that was never used

// How deep the stack has been, in bytes.
int stack_used() {
    const uint32_t* at = bss_end;
    while (*at == paint) ++at;
    return static_cast<int>((stack_top - at) * 4);
}

}  // namespace

namespace board {

size_t receive(char* into, size_t room) {
    size_t count = 0;
    for (; count != room && (uart(0).flags & receiver_empty) == 0; ++count) into[count] = static_cast<char>(uart(0).data);
    return count;
}

size_t transmit(const char* from, size_t count) {
    size_t sent = 0;
    for (; sent != count && (uart(0).flags & transmitter_full) == 0; ++sent)
        uart(0).data = static_cast<unsigned char>(from[sent]);
    return sent;
}

void print(const char* from, size_t count) {
    for (; count != 0; --count, ++from) {
        while ((uart(1).flags & transmitter_full) != 0) {}
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

// By semihosting, SYS_EXIT_EXTENDED: ends QEMU. Without a debugger it is a fault.
[[noreturn]] void finish(int status) {
    print_line("stack=", stack_used());
    const uint32_t block[2] = {0x20026, static_cast<uint32_t>(status)};
    register uint32_t call asm("r0") = 0x20;
    register const uint32_t* argument asm("r1") = block;
    asm volatile("bkpt 0xAB" : : "r"(call), "r"(argument) : "memory");
    while (true) {}
}

}  // namespace board

// Volatile, so that no compiler makes calls of memcpy and memset of the loops: what the library needs of them is to count.
void reset() {
    const uint32_t* from = data_image;
    for (volatile uint32_t* into = data_begin; into != data_end;) *into++ = *from++;
    for (volatile uint32_t* into = bss_begin; into != bss_end;) *into++ = 0;
    for (volatile uint32_t* into = bss_end; into != paint_end;) *into++ = paint;
    for (auto call = init_array_begin; call != init_array_end; ++call) (*call)();
    board::finish(main());
}

void fault() { board::finish(99); }

extern "C" {
__attribute__((section(".vectors"), used)) void (*const vectors[16])() = {
    reinterpret_cast<void (*)()>(stack_top), reset, fault, fault, fault, fault, fault,
    nullptr, nullptr, nullptr, nullptr, fault, fault, nullptr, fault, fault,
};
}
