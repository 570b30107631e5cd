#pragma once
#include "FreeRTOS.h"

extern "C" {
void vTaskDelay(TickType_t ticks);
TickType_t xTaskGetTickCount(void);
}
