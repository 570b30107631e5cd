// The same over TCP by lwIP, without an operating system: the board has a network interface and no module does TCP for
// it. The link is examples/adapters/lwip_altcp.hpp. README.md says how it is built and run.
#include <lwip/init.h>
#include <lwip/timeouts.h>
#include <netif/ethernet.h>

#include "../../adapters/lwip_altcp.hpp"
#include "../uart.hpp"
#include "ethernet.hpp"

namespace {

char memory[2048];

// With a clock, so that there are limits.
struct Link : LwipLink {
    uint32_t now_ms() { return board::millis(); }
};

void show(const oai::Event& event) {
    if (event.kind == oai::EventKind::text) print(event.text);
}

}  // namespace

int firmware() {
    static netif interface;
    ip4_addr_t address, mask, gateway;
    IP4_ADDR(&address, 10, 0, 2, 15);
    IP4_ADDR(&mask, 255, 255, 255, 0);
    IP4_ADDR(&gateway, 10, 0, 2, 2);
    lwip_init();
    netif_add(&interface, &address, &mask, &gateway, nullptr, ethernet_begin, ethernet_input);
    netif_set_default(&interface);
    netif_set_up(&interface);

    static constexpr oai::Endpoint server("http://10.0.2.100:8080/v1");
    const oai::ChatRequest ask("local", "Why is the sky blue?");
    Link link;
    oai::Timeouts timeouts;
    timeouts.connect_ms = 3000;
    oai::Stream stream(oai::transport_of(link), memory, timeouts);
    stream.open(server, ask);
    while (poll_answer(stream, show)) {
        board::sleep();
        ethernet_poll(&interface);
        sys_check_timeouts();
    }
    print("\n");
    if (stream.error() != oai::Error::none) {
        static char why[200];
        print(stream.explain(why));
        print("\n");
    }
    print_line("stack ", board::stack_bytes());
    print_line("of it the Stream ", sizeof stream);
    return stream.error() == oai::Error::none ? 0 : 1;
}
