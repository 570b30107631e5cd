// The rest of QEMU's RISC-V machine: start-up, a clock, a console by semihosting, and an end.
#include "../board.hpp"

extern "C" {
extern uint32_t data_begin[], data_end[], data_image[], bss_begin[], bss_end[], stack_top[];  // of memory.ld
void start();
}
void on_uart();

namespace board {
void uart_begin();
bool uart_has();
}  // namespace board

namespace {

volatile uint32_t& word_at(uint32_t address) { return *reinterpret_cast<volatile uint32_t*>(address); }

// The clock counts at 10 MHz and interrupts when it has reached `alarm`. 32 of its 64 bits will do for seven minutes.
constexpr uint32_t clock = 0x0200BFF8u, alarm = 0x02004000u, ticks_per_ms = 10000;
constexpr uint32_t timer_interrupt = 1u << 7, external_interrupt = 1u << 11;
constexpr uint32_t paint = 0xA5A5A5A5u;  // of stack that was never used

volatile uint32_t milliseconds;

// RISC-V's semihosting is known by three instructions in a row, none of them compressed, on one page.
__attribute__((noinline, aligned(16))) uint32_t semihosting(uint32_t call, const void* argument) {
    register uint32_t a0 asm("a0") = call;
    register const void* a1 asm("a1") = argument;
    asm volatile(
        ".option push\n.option norvc\n"
        "slli zero, zero, 0x1f\nebreak\nsrai zero, zero, 7\n"
        ".option pop"
        : "+r"(a0)
        : "r"(a1)
        : "memory");
    return a0;
}

__attribute__((interrupt("machine"), aligned(4))) void trap() {
    uint32_t cause;
    asm volatile("csrr %0, mcause" : "=r"(cause));
    if (cause == (1u << 31 | 7)) {
        milliseconds = milliseconds + 1;
        word_at(alarm) = word_at(clock) + ticks_per_ms;
    } else if (cause == (1u << 31 | 11)) {
        on_uart();
    } else {
        board::finish(99);
    }
}

}  // namespace

namespace board {

// An interrupt that comes between the question and wfi ends wfi: it is held off, not forgotten.
void sleep() {
    asm volatile("csrci mstatus, 8" ::: "memory");
    if (!uart_has()) asm volatile("wfi" ::: "memory");
    asm volatile("csrsi mstatus, 8" ::: "memory");
}

uint32_t millis() { return milliseconds; }

void print(const char* from, size_t count) {
    for (; count != 0; --count, ++from) semihosting(0x03, from);  // SYS_WRITEC
}

size_t stack_bytes() {
    const uint32_t* at = bss_end;
    while (*at == paint) ++at;
    return static_cast<size_t>(stack_top - at) * 4;
}

// By a device of this machine that ends QEMU.
[[noreturn]] void finish(int status) {
    word_at(0x100000) = status == 0 ? 0x5555u : static_cast<uint32_t>(status) << 16 | 0x3333u;
    while (true) {}
}

[[noreturn]] void run() {
    const uint32_t* from = data_image;
    for (volatile uint32_t* into = data_begin; into != data_end;) *into++ = *from++;
    for (volatile uint32_t* into = bss_begin; into != bss_end;) *into++ = 0;
    uint32_t* const here = static_cast<uint32_t*>(__builtin_frame_address(0)) - 32;
    for (volatile uint32_t* into = bss_end; into != here;) *into++ = paint;
    asm volatile("csrw mtvec, %0" : : "r"(&trap));
    word_at(alarm + 4) = 0;
    word_at(alarm) = word_at(clock) + ticks_per_ms;
    uart_begin();
    asm volatile("csrs mie, %0" : : "r"(timer_interrupt | external_interrupt));
    asm volatile("csrsi mstatus, 8");
    finish(firmware());
}

}  // namespace board

// Where the machine begins, without a stack.
__attribute__((naked, section(".start"))) void start() {
    asm volatile("la sp, stack_top\nj %0" : : "i"(&board::run));
}
