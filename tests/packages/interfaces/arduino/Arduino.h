#pragma once
// What a sketch of ours sees of an Arduino core: as much as it uses, with the core's own macros in the way.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HIGH 0x1
#define LOW 0x0
#define INPUT 0x0
#define OUTPUT 0x1
#define DEFAULT 1
#define EXTERNAL 0
#define PI 3.1415926535897932384626433832795
#define F(text) (text)
#define min(a, b) ((a) < (b) ? (a) : (b))
#define max(a, b) ((a) > (b) ? (a) : (b))
#define abs(x) ((x) > 0 ? (x) : -(x))
#define round(x) ((x) >= 0 ? (long)((x) + 0.5) : (long)((x)-0.5))
#define constrain(value, low, high) ((value) < (low) ? (low) : ((value) > (high) ? (high) : (value)))
#define bit(b) (1UL << (b))
#define word(...) makeWord(__VA_ARGS__)
#define interrupts() sei()

typedef uint8_t byte;

unsigned long millis();
void delay(unsigned long ms);
void setup();
void loop();

class String {  // of a literal, as far as we use it
public:
    String(const char* text = "") : text_(text) {}
    const char* c_str() const { return text_; }
    unsigned int length() const { return static_cast<unsigned int>(strlen(text_)); }

private:
    const char* text_;
};

class Print {
public:
    virtual size_t write(uint8_t) = 0;
    virtual size_t write(const uint8_t* buffer, size_t size) = 0;
    size_t println(const char* text = "");
};

class Stream : public Print {
public:
    virtual int available() = 0;
    virtual int read() = 0;
};

class Client : public Stream {
public:
    using Stream::read;
    virtual int connect(const char* host, uint16_t port) = 0;
    virtual int read(uint8_t* buffer, size_t size) = 0;
    virtual void stop() = 0;
    virtual uint8_t connected() = 0;
};

class HardwareSerial : public Stream {
public:
    void begin(unsigned long baud);
    size_t write(uint8_t) override;
    size_t write(const uint8_t* buffer, size_t size) override;
    int available() override;
    int read() override;
};
extern HardwareSerial Serial;
