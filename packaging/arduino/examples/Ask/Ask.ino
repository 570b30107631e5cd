// Asks a server in your network (llama.cpp, Ollama, LM Studio ...) and prints the answer while it comes; loop() is never
// held up by it. For boards with <WiFi.h> whose core compiles C++17 or later.
//
// Look at Network: these functions around an Arduino Client are all that the library needs of a connection. For https
// give it a WiFiClientSecure with setCACert(), and the member: bool secure() const { return true; }
#include <WiFi.h>
#include <openai_stream.hpp>

namespace oai = openai_stream;

struct Network {
    Client& client;

    // Waits until there is a connection or none: connect() of an Arduino Client does.
    oai::IoResult dial(oai::StringView host, uint16_t port) {
        char name[128];  // connect() wants a NUL at the end
        if (host.size() >= sizeof name) return oai::IoResult::refused(0);
        memcpy(name, host.data(), host.size());
        name[host.size()] = 0;
        const int result = client.connect(name, port);
        return result == 1 ? oai::IoResult::ready() : oai::IoResult::failed(result);
    }
    oai::IoResult pull(char* into, size_t room) {
        const int count = client.available() > 0 ? client.read(reinterpret_cast<uint8_t*>(into), room) : 0;
        if (count > 0) return oai::IoResult::bytes(static_cast<size_t>(count));
        return client.connected() ? oai::IoResult::would_block() : oai::IoResult::closed();
    }
    oai::IoResult push(const char* from, size_t count) {
        const size_t sent = client.write(reinterpret_cast<const uint8_t*>(from), count);
        if (sent > 0) return oai::IoResult::bytes(sent);
        return client.connected() ? oai::IoResult::would_block() : oai::IoResult::failed(0);
    }
    void hang_up() { client.stop(); }
    uint32_t now_ms() { return millis(); }
};

WiFiClient wifi;
Network network{wifi};
char memory[4096];
oai::Endpoint server("http://192.168.1.2:8080/v1");
oai::ChatRequest ask("local", "Why is the sky blue? In one sentence.");
oai::Timeouts timeouts;
oai::Stream answer(oai::transport_of(network), memory, timeouts);
bool is_over = false;

void setup() {
    Serial.begin(115200);
    WiFi.begin("your network", "its password");
    while (WiFi.status() != WL_CONNECTED) delay(100);
    answer.open(server, ask);
}

void loop() {
    if (is_over) return;
    oai::Event event;
    switch (answer.poll(event)) {
        case oai::Poll::event:
            if (event.kind == oai::EventKind::text)
                Serial.write(reinterpret_cast<const uint8_t*>(event.text.data()), event.text.size());
            return;
        case oai::Poll::pending:
            return;
        case oai::Poll::done:
            Serial.println();
            is_over = true;
            return;
        case oai::Poll::failed:
            char why[300];
            Serial.println(answer.explain(why));
            is_over = true;
            return;
    }
}
