#pragma once
// What our component's example sees of ESP-IDF: as much as it uses.
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef int esp_err_t;
#define ESP_OK 0
#define ESP_TLS_ERR_SSL_WANT_READ (-0x6900)
#define ESP_TLS_ERR_SSL_WANT_WRITE (-0x6880)

struct esp_tls;
typedef struct esp_tls esp_tls_t;
typedef struct esp_tls_cfg {
    const char** alpn_protos;
    bool non_block;
    int timeout_ms;
    esp_err_t (*crt_bundle_attach)(void* conf);
} esp_tls_cfg_t;

extern "C" {
esp_tls_t* esp_tls_init(void);
int esp_tls_conn_new_sync(const char* host, int length, int port, const esp_tls_cfg_t* settings, esp_tls_t* tls);
int esp_tls_conn_new_async(const char* host, int length, int port, const esp_tls_cfg_t* settings, esp_tls_t* tls);
esp_err_t esp_tls_get_conn_sockfd(esp_tls_t* tls, int* socket);
ssize_t esp_tls_conn_read(esp_tls_t* tls, void* data, size_t length);
ssize_t esp_tls_conn_write(esp_tls_t* tls, const void* data, size_t length);
int esp_tls_conn_destroy(esp_tls_t* tls);
}
