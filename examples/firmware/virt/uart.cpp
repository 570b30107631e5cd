// The link of QEMU's RISC-V machine: a 16550 UART. An interrupt puts what comes into a ring; what goes out goes into the
// UART itself. When the ring is full the interrupt stays off until there is room.
#include "../board.hpp"

#if !defined(FIRMWARE_RING_BYTES)
#define FIRMWARE_RING_BYTES 256  // a power of two
#endif

namespace {

struct Registers {
    volatile uint8_t data, interrupts, queues, line_control, modem_control, line_status;
};
constexpr uint8_t has_received = 1, has_room = 1u << 5;  // line_status

Registers& uart() { return *reinterpret_cast<Registers*>(0x10000000u); }

// The controller that brings its interrupt to the processor (PLIC), of which it is number 10.
constexpr uint32_t number = 10;
volatile uint32_t& plic(uint32_t offset) { return *reinterpret_cast<volatile uint32_t*>(0x0C000000u + offset); }

constexpr uint32_t ring_bytes = FIRMWARE_RING_BYTES;
char ring[ring_bytes];
volatile uint32_t put_count, taken_count;  // count bytes and wrap around

}  // namespace

void on_uart() {
    const uint32_t claimed = plic(0x200004);
    while ((uart().line_status & has_received) != 0) {
        if (put_count - taken_count == ring_bytes) {
            uart().interrupts = 0;  // until there is room
            break;
        }
        ring[put_count % ring_bytes] = static_cast<char>(uart().data);
        put_count = put_count + 1;
    }
    plic(0x200004) = claimed;
}

namespace board {

// Called once, by start.cpp.
void uart_begin() {
    uart().line_control = 3;  // eight bits
    uart().queues = 1;
    plic(number * 4) = 1;             // its priority
    plic(0x2000) = 1u << number;      // on, for the first processor
    plic(0x200000) = 0;               // which takes every priority
    uart().interrupts = has_received;
}

size_t uart_get(char* into, size_t room) {
    size_t count = 0;
    for (; count != room && taken_count != put_count; ++count) {
        into[count] = ring[taken_count % ring_bytes];
        taken_count = taken_count + 1;
    }
    if (count != 0) uart().interrupts = has_received;
    return count;
}

size_t uart_put(const char* from, size_t count) {
    size_t sent = 0;
    for (; sent != count && (uart().line_status & has_room) != 0; ++sent)
        uart().data = static_cast<uint8_t>(from[sent]);
    return sent;
}

bool uart_has() { return taken_count != put_count; }

}  // namespace board
