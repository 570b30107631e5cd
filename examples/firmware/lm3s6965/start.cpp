// The rest of a Stellaris LM3S6965 (Cortex-M3) in QEMU: start-up, a clock, a console on the second UART, and an end. A
// vendor's SDK has all of this but finish().
#include "../board.hpp"

extern "C" {
extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[], stack_top[];  // of memory.ld
void start();
void fault();
void on_tick();
void on_uart();
}

namespace board {
void uart_begin();
bool uart_has();
}  // namespace board

namespace {

struct Console {
    volatile uint32_t data, unused[5], flags;
};
Console& console() { return *reinterpret_cast<Console*>(0x4000D000u); }

struct SysTick {
    volatile uint32_t control, reload, value;
};
SysTick& systick() { return *reinterpret_cast<SysTick*>(0xE000E010u); }
constexpr uint32_t ticks_per_ms = 12500;  // the board starts at 12.5 MHz

volatile uint32_t milliseconds;
constexpr uint32_t paint = 0xA5A5A5A5u;  // of stack that was never used

}  // namespace

namespace board {

// An interrupt that comes between the question and wfi ends wfi: it is held off, not forgotten.
void sleep() {
    asm volatile("cpsid i" ::: "memory");
    if (!uart_has()) asm volatile("wfi" ::: "memory");
    asm volatile("cpsie i" ::: "memory");
}

uint32_t millis() { return milliseconds; }

void print(const char* from, size_t count) {
    for (; count != 0; --count, ++from) {
        while ((console().flags & 1u << 5) != 0) {}  // its queue is full
        console().data = static_cast<unsigned char>(*from);
    }
}

size_t stack_bytes() {
    const uint32_t* at = bss_end;
    while (*at == paint) ++at;
    return static_cast<size_t>(stack_top - at) * 4;
}

// By semihosting (SYS_EXIT_EXTENDED), which ends QEMU.
[[noreturn]] void finish(int status) {
    const uint32_t block[2] = {0x20026, static_cast<uint32_t>(status)};
    register uint32_t call asm("r0") = 0x20;
    register const uint32_t* argument asm("r1") = block;
    asm volatile("bkpt 0xAB" : : "r"(call), "r"(argument) : "memory");
    while (true) {}
}

}  // namespace board

void on_tick() { milliseconds = milliseconds + 1; }
void fault() { board::finish(99); }

void start() {
    const uint32_t* from = data_image;
    for (volatile uint32_t* into = data_begin; into != data_end;) *into++ = *from++;
    for (volatile uint32_t* into = bss_begin; into != bss_end;) *into++ = 0;
    uint32_t* const here = static_cast<uint32_t*>(__builtin_frame_address(0)) - 16;
    for (volatile uint32_t* into = bss_end; into != here;) *into++ = paint;
    systick().reload = ticks_per_ms - 1;
    systick().value = 0;
    systick().control = 7;  // counts, by the processor's clock, and interrupts
    board::uart_begin();
    board::finish(firmware());
}

extern "C" {
__attribute__((section(".vectors"), used)) void (*const vectors[16 + 6])() = {
    reinterpret_cast<void (*)()>(stack_top), start, fault, fault, fault, fault, fault,
    nullptr, nullptr, nullptr, nullptr, fault, fault, nullptr, fault, on_tick,
    fault, fault, fault, fault, fault, on_uart,
};
}
