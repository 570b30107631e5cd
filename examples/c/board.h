/* What firmware.c needs of a board. Nothing of it waits. */
#ifndef BOARD_H
#define BOARD_H
#include <stddef.h>
#include <stdint.h>

void board_begin(void);                                   /* the modem connects, in transparent mode */
size_t board_uart_get(char* into, size_t room);           /* what has come */
size_t board_uart_put(const char* from, size_t count);    /* what goes now */
int board_carrier(void);                                  /* 0: the connection has ended */
uint32_t board_millis(void);
void board_idle(void);                                    /* until an interrupt, or a moment */
void board_print(const char* text, size_t count);
#endif
