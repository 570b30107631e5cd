// A board whose WiFi has a server at the other end, and whose serial line is the standard output.
#include "../canned.hpp"
#include "WiFi.h"

HardwareSerial Serial;
WiFiClass WiFi;
static bool is_connected = false;
static unsigned long now = 0xfffffff0;  // wraps around soon, as a board's clock does after 49 days

unsigned long millis() { return ++now; }
void delay(unsigned long ms) { now += ms; }

size_t Print::println(const char* text) {
    const size_t size = strlen(text);
    return write(reinterpret_cast<const uint8_t*>(text), size) + write('\n');
}
void HardwareSerial::begin(unsigned long) {}
size_t HardwareSerial::write(uint8_t letter) { return fwrite(&letter, 1, 1, stdout); }
size_t HardwareSerial::write(const uint8_t* buffer, size_t size) { return fwrite(buffer, 1, size, stdout); }
int HardwareSerial::available() { return 0; }
int HardwareSerial::read() { return -1; }

int WiFiClass::begin(const char*, const char*) { return WL_IDLE_STATUS; }
uint8_t WiFiClass::status() {
    static int calls = 0;
    return ++calls > 3 ? WL_CONNECTED : WL_IDLE_STATUS;
}

int WiFiClient::connect(const char* host, uint16_t port) {
    is_connected = strcmp(host, "192.168.1.2") == 0 && port == 8080;
    return is_connected ? 1 : 0;
}
size_t WiFiClient::write(uint8_t letter) { return write(&letter, 1); }
size_t WiFiClient::write(const uint8_t* buffer, size_t size) { return canned::take(buffer, size); }
int WiFiClient::available() { return static_cast<int>(canned::left()); }
int WiFiClient::read() {
    uint8_t letter = 0;
    return read(&letter, 1) == 1 ? letter : -1;
}
int WiFiClient::read(uint8_t* buffer, size_t size) { return static_cast<int>(canned::give(buffer, size)); }
void WiFiClient::stop() { is_connected = false; }
uint8_t WiFiClient::connected() { return is_connected; }

int main() {
    setup();
    for (int turn = 0; turn < 10000; ++turn) loop();
    puts(is_connected ? "still connected" : "stopped");
}
