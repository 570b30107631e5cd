#pragma once
#include <stdint.h>

extern "C" uint32_t k_uptime_get_32(void);
