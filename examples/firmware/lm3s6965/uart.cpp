// The link of a Stellaris LM3S6965: a PL011 UART. An interrupt puts what comes into a ring; what goes out goes into the
// UART's own queue. When the ring is full the interrupt stays off until there is room: with flow control (RTS) the other
// end then waits, without it the ring must hold what comes while the program does something else.
#include "../board.hpp"

#if !defined(FIRMWARE_RING_BYTES)
#define FIRMWARE_RING_BYTES 256  // a power of two
#endif

namespace {

struct Registers {
    volatile uint32_t data, unused[5], flags, more[4], line_control, control, levels, interrupts, other[2], clear;
};
constexpr uint32_t receiver_empty = 1u << 4, transmitter_full = 1u << 5;     // flags
constexpr uint32_t has_queues = 1u << 4, eight_bits = 3u << 5;               // line_control
constexpr uint32_t enabled = 1u << 0 | 1u << 8 | 1u << 9;                    // control: UART, transmitter, receiver
constexpr uint32_t received = 1u << 4, received_and_idle = 1u << 6;          // interrupts
constexpr uint32_t vector = 5;
volatile uint32_t& vector_enable = *reinterpret_cast<volatile uint32_t*>(0xE000E100u);

Registers& uart() { return *reinterpret_cast<Registers*>(0x4000C000u); }

// One writes (the interrupt), one reads (the program), so neither needs a lock. Numbers count bytes and wrap around.
constexpr uint32_t ring_bytes = FIRMWARE_RING_BYTES;
char ring[ring_bytes];
volatile uint32_t put_count, taken_count;
volatile bool is_full;  // and the interrupt is off

// Takes what the UART has.
void fill() {
    while ((uart().flags & receiver_empty) == 0) {
        if (put_count - taken_count == ring_bytes) {
            uart().interrupts = 0;
            is_full = true;
            return;
        }
        ring[put_count % ring_bytes] = static_cast<char>(uart().data);
        put_count = put_count + 1;
    }
}
void listen() { uart().interrupts = received | received_and_idle; }

}  // namespace

extern "C" void on_uart() {
    uart().clear = received | received_and_idle;
    fill();
}

namespace board {

// Called once, by start.cpp. Clocks, pins and speed are set as the vendor's examples do it.
void uart_begin() {
    uart().line_control = has_queues | eight_bits;
    uart().control = enabled;
    vector_enable = 1u << vector;
    listen();
}

size_t uart_get(char* into, size_t room) {
    size_t count = 0;
    for (; count != room && taken_count != put_count; ++count) {
        into[count] = ring[taken_count % ring_bytes];
        taken_count = taken_count + 1;
    }
    if (is_full && count != 0) {  // what waits in the UART has had its interrupt
        is_full = false;
        fill();
        if (!is_full) listen();
    }
    return count;
}

size_t uart_put(const char* from, size_t count) {
    size_t sent = 0;
    for (; sent != count && (uart().flags & transmitter_full) == 0; ++sent)
        uart().data = static_cast<unsigned char>(from[sent]);
    return sent;
}

bool uart_has() { return taken_count != put_count; }

}  // namespace board
