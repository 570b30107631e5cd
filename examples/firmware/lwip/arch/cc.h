#ifndef LWIP_ARCH_CC_H
#define LWIP_ARCH_CC_H
/* What lwIP needs of the compiler and of the board. */
#include <stdint.h>
#define LWIP_NO_INTTYPES_H 1
#define LWIP_NO_CTYPE_H 1
#define X8_F "x"
#define U16_F "u"
#define S16_F "d"
#define X16_F "x"
#define U32_F "u"
#define S32_F "d"
#define X32_F "x"
#define SZT_F "u"
#define LWIP_PLATFORM_DIAG(x)
#define LWIP_PLATFORM_ASSERT(x) __builtin_trap()
#ifdef __cplusplus
extern "C"
#endif
uint32_t random_number(void);
#define LWIP_RAND() random_number()
#endif
