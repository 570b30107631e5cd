// Asks an https server by esp_tls and prints the answer while it comes. Bring up the network before ask() in your own
// way (protocol_examples_common, wifi_provisioning ...).
//
// Look at Network: these functions around esp_tls are all that the library needs of a connection. They wait inside, so
// call ask() in a task of its own.
#include <esp_crt_bundle.h>
#include <esp_timer.h>
#include <esp_tls.h>
#include <openai_stream.hpp>
#include <stdio.h>

namespace oai = openai_stream;

class Network {
public:
    oai::IoResult dial(oai::StringView host, uint16_t port) {
        esp_tls_cfg_t settings = {};
        settings.crt_bundle_attach = esp_crt_bundle_attach;  // verifies the server
        settings.timeout_ms = 10000;
        tls_ = esp_tls_init();
        if (tls_ == nullptr) return oai::IoResult::failed(0);
        const int result =
            esp_tls_conn_new_sync(host.data(), static_cast<int>(host.size()), port, &settings, tls_);
        return result == 1 ? oai::IoResult::ready() : oai::IoResult::failed(result);
    }
    oai::IoResult pull(char* into, size_t room) {
        const auto count = esp_tls_conn_read(tls_, into, room);
        if (count > 0) return oai::IoResult::bytes(static_cast<size_t>(count));
        return count == 0 ? oai::IoResult::closed() : or_again(static_cast<int>(count));
    }
    oai::IoResult push(const char* from, size_t count) {
        const auto sent = esp_tls_conn_write(tls_, from, count);
        return sent > 0 ? oai::IoResult::bytes(static_cast<size_t>(sent)) : or_again(static_cast<int>(sent));
    }
    void hang_up() {
        if (tls_ != nullptr) esp_tls_conn_destroy(tls_);
        tls_ = nullptr;
    }
    oai::IoResult wait(oai::Interest, uint32_t) { return oai::IoResult::ready(); }  // the others have waited
    uint32_t now_ms() { return static_cast<uint32_t>(esp_timer_get_time() / 1000); }
    bool secure() const { return true; }

private:
    static oai::IoResult or_again(int code) {
        const bool is_again = code == ESP_TLS_ERR_SSL_WANT_READ || code == ESP_TLS_ERR_SSL_WANT_WRITE;
        return is_again ? oai::IoResult::would_block() : oai::IoResult::failed(code);
    }

    esp_tls_t* tls_ = nullptr;
};

static void ask(const char* key) {
    static char memory[4096], why[300];
    Network network;
    oai::Endpoint server("https://api.openai.com/v1", key);
    oai::ChatRequest request("gpt-4o-mini", "Why is the sky blue? In one sentence.");
    oai::Timeouts timeouts;
    oai::Stream stream(oai::transport_of(network), memory, timeouts);
    stream.open(server, request);
    for (const oai::Event& event : stream)
        if (event.kind == oai::EventKind::text) printf("%.*s", static_cast<int>(event.text.size()), event.text.data());
    puts(stream.error() == oai::Error::none ? "" : stream.explain(why));
}

extern "C" void app_main() {
    ask("your key");
}
