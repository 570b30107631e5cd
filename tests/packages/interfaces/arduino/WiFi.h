#pragma once
#include "Arduino.h"

enum wl_status_t { WL_IDLE_STATUS = 0, WL_CONNECTED = 3 };

class WiFiClass {
public:
    int begin(const char* name, const char* password);
    uint8_t status();
};
extern WiFiClass WiFi;

class WiFiClient : public Client {
public:
    int connect(const char* host, uint16_t port) override;
    size_t write(uint8_t) override;
    size_t write(const uint8_t* buffer, size_t size) override;
    int available() override;
    int read() override;
    int read(uint8_t* buffer, size_t size) override;
    void stop() override;
    uint8_t connected() override;
};
