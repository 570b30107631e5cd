#include "ethernet.hpp"

#include <lwip/etharp.h>
#include <netif/ethernet.h>
#include <string.h>

#include "../board.hpp"

namespace {

struct Controller {
    volatile uint32_t interrupts, mask, receive, transmit, data, address0, address1, threshold, unused[5], frames, send;
};
Controller& controller() { return *reinterpret_cast<Controller*>(0x40048000u); }

// A frame goes out as words; the first 16 bits are the size of what comes after its head of 14 bytes.
err_t send(netif*, pbuf* frame) {
    static uint8_t bytes[2 + 1536];
    if (frame->tot_len > sizeof bytes - 2 || frame->tot_len < 14) return ERR_IF;
    const unsigned payload = frame->tot_len - 14u;
    bytes[0] = static_cast<uint8_t>(payload);
    bytes[1] = static_cast<uint8_t>(payload >> 8);
    pbuf_copy_partial(frame, bytes + 2, frame->tot_len, 0);
    while ((controller().send & 1) != 0) {}
    for (unsigned at = 0; at < frame->tot_len + 2u; at += 4) {
        uint32_t word;
        memcpy(&word, bytes + at, 4);
        controller().data = word;
    }
    controller().send = 1;
    return ERR_OK;
}

}  // namespace

extern "C" uint32_t sys_now() { return board::millis(); }

extern "C" uint32_t random_number() {  // not for secrets: a board has a generator
    static uint32_t state = 0x2545F491u;
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

extern "C" err_t ethernet_begin(netif* interface) {
    interface->name[0] = 'e';
    interface->name[1] = 't';
    interface->hwaddr_len = 6;
    const uint8_t address[6] = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};
    memcpy(interface->hwaddr, address, sizeof address);
    interface->mtu = 576;
    interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
    interface->output = etharp_output;
    interface->linkoutput = send;
    controller().address0 = 0x12005452;
    controller().address1 = 0x5634;
    controller().transmit = 1 | 2 | 4;  // on, padded, with checksums
    controller().receive = 1;
    return ERR_OK;
}

// A frame comes as words; the first 16 bits are its size, these two bytes and a checksum of four counted.
void ethernet_poll(netif* interface) {
    while (controller().frames != 0) {
        static uint8_t bytes[2048];
        uint32_t word = controller().data;
        const unsigned size = word & 0xffff;
        for (unsigned at = 0;; word = controller().data) {
            if (at < sizeof bytes) memcpy(bytes + at, &word, 4);
            at += 4;
            if (at >= size) break;
        }
        if (size < 20 || size > sizeof bytes) continue;
        const auto count = static_cast<u16_t>(size - 6);
        pbuf* const frame = pbuf_alloc(PBUF_RAW, count, PBUF_POOL);
        if (frame == nullptr) continue;  // lost, as frames may be
        pbuf_take(frame, bytes + 2, count);
        if (interface->input(frame, interface) != ERR_OK) pbuf_free(frame);
    }
}
