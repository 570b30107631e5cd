// Reads one answer on a board and counts: instructions by SysTick, of which QEMU's -icount makes a clock that no noise
// touches, and how deep the stack went, the Stream in it. ../on_target.py builds and runs it.
#include "tests/firmware/semihosting.hpp"

#include BENCH_HEADER

namespace oai = openai_stream;

namespace {

struct SysTick {
    volatile uint32_t control, reload, value;
};
SysTick& systick() { return *reinterpret_cast<SysTick*>(0xE000E010u); }
constexpr uint32_t last_tick = 0xFFFFFF;  // it counts down from there

char memory[2048];
uint32_t events, text_bytes;

// The answer is in a file of the host, and what is read costs no instructions here; the request goes nowhere.
oai::IoResult pull(void* file, char* into, size_t room) {
    const size_t count = host::read(*static_cast<int*>(file), into, room < BENCH_READ ? room : BENCH_READ);
    return count != 0 ? oai::IoResult::bytes(count) : oai::IoResult::closed();
}
oai::IoResult push(void*, const char*, size_t count) { return oai::IoResult::bytes(count); }

void print(const char* name, uint64_t value) {
    char digits[20];
    const oai::StringView text = oai::ascii::format_decimal(value, digits);
    host::print(name);
    board::print(text.data(), text.size());
    host::print("\n");
}

}  // namespace

int firmware() {
    // Ticks are calibrated: a loop of which the instructions are known.
    systick().control = 0;
    systick().reload = last_tick;
    systick().value = 0;
    systick().control = 5;
    constexpr uint32_t loops = 1000000;
    uint32_t began = systick().value;
    uint32_t left = loops;
    asm volatile("1: subs %0, #1\n bne 1b" : "+r"(left));
    const uint32_t ticks_of_loops = (began - systick().value) & last_tick;

    int file = host::open("answer.http");
    if (file < 0) return 2;
    static constexpr oai::Endpoint server("http://chat.local:8080/v1", "secret");
    static constexpr oai::ChatRequest ask("local", "Say hello.");
    oai::Transport link;
    link.context = &file;
    link.pull = pull;
    link.push = push;
    oai::Stream stream(link, memory);
    stream.open(server, ask);
    oai::Event event;
    oai::Poll state;
    began = systick().value;
    while ((state = stream.poll(event)) == oai::Poll::event || state == oai::Poll::pending) {
        if (state == oai::Poll::pending || event.kind != oai::EventKind::text) continue;
        ++events;
        text_bytes += static_cast<uint32_t>(event.text.size());
    }
    const uint32_t ticks = (began - systick().value) & last_tick;
    print("loop_ticks ", ticks_of_loops);
    print("ticks ", ticks);
    print("events ", events);
    print("text ", text_bytes);
    print("stack ", board::stack_bytes());
    print("stream ", sizeof stream);
    return state == oai::Poll::done ? 0 : 1;
}
