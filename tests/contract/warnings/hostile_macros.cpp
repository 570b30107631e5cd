// Macros of other headers that have the names used here: the library compiles after them, and works. Those with
// parentheses are as their owners wrote them; what stands for nothing sensible is an error wherever it is seen.
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif
// What the part for TLS includes has been included when the macros come.
#if __has_include(<mbedtls/ssl.h>)
#include <mbedtls/version.h>

#include <mbedtls/md.h>
#include <mbedtls/pk.h>
#include <mbedtls/platform_time.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#if MBEDTLS_VERSION_NUMBER < 0x04000000
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#endif
#if MBEDTLS_VERSION_NUMBER >= 0x03000000
#include <psa/crypto.h>
#endif
#define OPENAI_STREAM_MBEDTLS
#endif

// GNU C++, on the systems of these names
#define linux 1
#define unix 1
// sys/sysmacros.h
#define major(device) gnu_dev_major(device)
#define minor(device) gnu_dev_minor(device)

// windows.h
#define min(a, b) (((a) < (b)) ? (a) : (b))
#define max(a, b) (((a) > (b)) ? (a) : (b))
#define small char
#define near
#define far
#define interface struct
#define hyper __int64
#define IN
#define OUT
#define OPTIONAL
#define CONST const
#define VOID void
#define ERROR 0
#define NO_ERROR 0L
#define DELETE (0x00010000L)
#define DIFFERENCE 11
#define ABSOLUTE 1
#define RELATIVE 2
#define OPAQUE 2
#define TRANSPARENT 1
#define STRICT 1
#define IGNORE 0
#define INFINITE 0xFFFFFFFF
#define TRUE 1
#define FALSE 0
#define CALLBACK __stdcall
#define PASCAL __stdcall
#define GetMessage GetMessageW
#define SendMessage SendMessageW

// X11/X.h and Xlib.h
#define None 0L
#define Bool int
#define Status int
#define Success 0
#define True 1
#define False 0
#define Always 2
#define Above 0
#define Below 1
#define Complex 0
#define Convex 2
#define KeyPress 2
#define Expose 12
#define FocusIn 9
#define FocusOut 10
#define CurrentTime 0L
#define BadRequest 1
#define Unsorted 0

// Arduino.h
#undef abs
#define abs(x) ((x) > 0 ? (x) : -(x))
#define round(x) ((x) >= 0 ? (long)((x) + 0.5) : (long)((x)-0.5))
#define sq(x) ((x) * (x))
#define constrain(amt, low, high) ((amt) < (low) ? (low) : ((amt) > (high) ? (high) : (amt)))
#define radians(deg) ((deg)*DEG_TO_RAD)
#define degrees(rad) ((rad)*RAD_TO_DEG)
#define bit(b) (1UL << (b))
#define bitRead(value, bit) (((value) >> (bit)) & 0x01)
#define bitSet(value, bit) ((value) |= (1UL << (bit)))
#define bitClear(value, bit) ((value) &= ~(1UL << (bit)))
#define bitWrite(value, bit, bitvalue) ((bitvalue) ? bitSet(value, bit) : bitClear(value, bit))
#define lowByte(w) ((uint8_t)((w)&0xff))
#define highByte(w) ((uint8_t)((w) >> 8))
#define interrupts() sei()
#define noInterrupts() cli()
#define word(...) makeWord(__VA_ARGS__)
#define F(string_literal) (reinterpret_cast<const __FlashStringHelper*>(PSTR(string_literal)))
#define PROGMEM __ATTR_PROGMEM__
#define B0 0
#define B1 1
#define B10 2
#define HIGH 0x1
#define LOW 0x0
#define INPUT 0x0
#define OUTPUT 0x1
#define CHANGE 1
#define FALLING 2
#define RISING 3
#define DEFAULT 1
#define EXTERNAL 0
#define INTERNAL 3
#define SERIAL 0x0
#define DISPLAY 0x1
#define PI 3.1415926535897932384626433832795

// Unreal
#define check(expr) { if (!(expr)) __builtin_trap(); }
#define checkf(expr, format, ...) { if (!(expr)) __builtin_trap(); }
#define verify(expr) { if (!(expr)) __builtin_trap(); }
#define ensure(expr) (!!(expr))
#define TEXT(x) u##x
#define INLINE inline
#define FORCEINLINE inline

// Qt
#define signals public
#define slots
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)

// lwip/sockets.h
#define accept(s, addr, addrlen) lwip_accept(s, addr, addrlen)
#define bind(s, name, namelen) lwip_bind(s, name, namelen)
#define shutdown(s, how) lwip_shutdown(s, how)
#define getsockopt(s, level, optname, opval, optlen) lwip_getsockopt(s, level, optname, opval, optlen)
#define close(s) lwip_close(s)
#define connect(s, name, namelen) lwip_connect(s, name, namelen)
#define listen(s, backlog) lwip_listen(s, backlog)
#define recv(s, mem, len, flags) lwip_recv(s, mem, len, flags)
#define send(s, dataptr, size, flags) lwip_send(s, dataptr, size, flags)
#define socket(domain, type, protocol) lwip_socket(domain, type, protocol)
#define select(maxfdp1, readset, writeset, exceptset, timeout) \
    lwip_select(maxfdp1, readset, writeset, exceptset, timeout)
#define poll(fds, nfds, timeout) lwip_poll(fds, nfds, timeout)
#define ioctlsocket(s, cmd, argp) lwip_ioctl(s, cmd, argp)
#define read(s, mem, len) lwip_read(s, mem, len)
#define readv(s, iov, iovcnt) lwip_readv(s, iov, iovcnt)
#define write(s, dataptr, len) lwip_write(s, dataptr, len)
#define writev(s, iov, iovcnt) lwip_writev(s, iov, iovcnt)
#define fcntl(s, cmd, val) lwip_fcntl(s, cmd, val)
#define ioctl(s, cmd, argp) lwip_ioctl(s, cmd, argp)

#define OPENAI_STREAM_REPLAY
#include "openai_stream.hpp"

// A program that calls the library's poll() and write() after those two takes them away (lwIP: LWIP_COMPAT_SOCKETS 0).
#undef poll
#undef write
#include "core.cpp"
#include "replay.cpp"
