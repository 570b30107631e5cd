// The same over https: TLS between the library and the UART, by mbedTLS, whose heap is memory of this program. What is
// behind the UART sees encrypted bytes alone. README.md says how it is built and run.
#define OPENAI_STREAM_MBEDTLS
#include "../uart.hpp"
#include <mbedtls/memory_buffer_alloc.h>

namespace {

char memory[2048];
unsigned char heap[16 * 1024];

// The root certificate, in DER; the server's own has to be signed by it.
asm(".section .rodata.ca,\"a\"\n"
    "ca_begin: .incbin \"" FIRMWARE_CA "\"\n"
    "ca_end: .byte 0\n"
    ".text\n");
extern "C" const char ca_begin[], ca_end[];

// By semihosting, from the machine that runs the emulator. A board has a generator of random numbers and a clock; one
// without a clock says -1, and dates are not checked.
int32_t semihosting(uint32_t number, const void* argument) {
    register uint32_t result asm("r0") = number;
    register const void* r1 asm("r1") = argument;
    asm volatile("bkpt 0xAB" : "+r"(result) : "r"(r1) : "memory");
    return static_cast<int32_t>(result);
}
int entropy(void*, unsigned char* into, size_t count) {
    static const char path[] = "/dev/urandom";
    const uint32_t open[3] = {static_cast<uint32_t>(reinterpret_cast<uintptr_t>(path)), 1, sizeof path - 1};
    static int32_t file = semihosting(0x01, open);
    const uint32_t read[3] = {static_cast<uint32_t>(file), static_cast<uint32_t>(reinterpret_cast<uintptr_t>(into)), count};
    return semihosting(0x06, read) == 0 ? 0 : MBEDTLS_ERR_ENTROPY_SOURCE_FAILED;
}
int64_t unix_time(void*) { return semihosting(0x11, nullptr); }

}  // namespace

int firmware() {
    mbedtls_memory_buffer_alloc_init(heap, sizeof heap);
    static constexpr oai::Endpoint server("https://chat.local/v1");
    const oai::ChatRequest ask("local", "Why is the sky blue?");
    Uart uart;
    oai::TlsSettings settings;
    settings.ca = {ca_begin, static_cast<size_t>(ca_end - ca_begin)};
    settings.entropy = entropy;
    settings.unix_time = unix_time;
    static char why[300];
    {
        oai::Tls tls(oai::transport_of(uart), settings);
        oai::Stream stream(oai::transport_of(tls), memory);
        stream.open(server, ask);
        for (const oai::Event& event : stream)
            if (event.kind == oai::EventKind::text) print(event.text);
        print("\n");
        if (stream.error() != oai::Error::none) print(stream.explain(why));
    }
    size_t bytes = 0, blocks = 0;
    mbedtls_memory_buffer_alloc_max_get(&bytes, &blocks);
    print_line("\nheap ", bytes);
    print_line("stack ", board::stack_bytes());
    print_line("of it Tls and Stream ", sizeof(oai::Tls) + sizeof(oai::Stream));
    return why[0] == '\0' ? 0 : 1;
}
