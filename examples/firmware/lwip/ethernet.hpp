#pragma once
// The board's network interface for lwIP: the Ethernet controller of a Stellaris LM3S6965. Yours comes with its vendor's
// port of lwIP.
#include <lwip/netif.h>

extern "C" err_t ethernet_begin(netif* interface);  // for netif_add()

// Gives lwIP the frames that have come.
void ethernet_poll(netif* interface);
