#pragma once
// What Socket says of a port at which nobody listens, as the system has it.
#if defined(_WIN32)
#include <winsock2.h>
#else
#include <errno.h>
#endif

namespace refusal {

#if defined(_WIN32)
constexpr int code = WSAECONNREFUSED;
#elif defined(__mips__)
constexpr int code = 111;  // QEMU gives SO_ERROR as the machine has it on which it runs; MIPS itself says 146
#else
constexpr int code = ECONNREFUSED;
#endif

}  // namespace refusal
