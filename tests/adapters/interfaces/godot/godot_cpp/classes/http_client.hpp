#pragma once
#include "variant.hpp"

namespace godot {
class TLSOptions;
class HTTPClient {
public:
    enum Status {
        STATUS_DISCONNECTED, STATUS_RESOLVING, STATUS_CANT_RESOLVE, STATUS_CONNECTING, STATUS_CANT_CONNECT,
        STATUS_CONNECTED, STATUS_REQUESTING, STATUS_BODY, STATUS_CONNECTION_ERROR, STATUS_TLS_HANDSHAKE_ERROR
    };
    enum Method { METHOD_GET, METHOD_HEAD, METHOD_POST };
    Error connect_to_host(const String& host, int32_t port = -1, const Ref<TLSOptions>& tls = {});
    Error request_raw(Method method, const String& url, const PackedStringArray& headers, const PackedByteArray& body);
    void close();
    Error poll();
    Status get_status() const;
    int32_t get_response_code() const;
    PackedStringArray get_response_headers();
    PackedByteArray read_response_body_chunk();
};
}  // namespace godot
