// Preloaded before an example (LD_PRELOAD): api.openai.com is this machine then, port 443 is that in ELSEWHERE_PORT,
// and the only authorities are those in ELSEWHERE_CA. The example itself is what its user has.
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

namespace {

// The function of this name in the libraries after this one.
template <class Function> Function* next(Function*, const char* name) {
    return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int getaddrinfo(const char* host, const char* service, const addrinfo* hints, addrinfo** list) {
    const bool is_elsewhere = host != nullptr && strcmp(host, "api.openai.com") == 0;
    return next(&getaddrinfo, "getaddrinfo")(is_elsewhere ? "127.0.0.1" : host, service, hints, list);
}

int connect(int handle, const sockaddr* address, socklen_t size) {
    sockaddr_in four = {};
    const char* const port = getenv("ELSEWHERE_PORT");
    if (port != nullptr && address->sa_family == AF_INET && size == sizeof four) {
        memcpy(&four, address, size);
        if (four.sin_port == htons(443)) {
            four.sin_port = htons(static_cast<uint16_t>(atoi(port)));
            return next(&connect, "connect")(handle, reinterpret_cast<const sockaddr*>(&four), size);
        }
    }
    return next(&connect, "connect")(handle, address, size);
}

struct mbedtls_x509_crt;
int mbedtls_x509_crt_parse_file(mbedtls_x509_crt* list, const char* path) {
    const char* const authorities = getenv("ELSEWHERE_CA");
    return next(&mbedtls_x509_crt_parse_file, "mbedtls_x509_crt_parse_file")(list, authorities ? authorities : path);
}

}  // extern "C"
