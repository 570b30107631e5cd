#pragma once
#include "variant.hpp"

namespace godot {
class StreamPeerTCP {
public:
    enum Status { STATUS_NONE, STATUS_CONNECTING, STATUS_CONNECTED, STATUS_ERROR };
    Error connect_to_host(const String& host, int32_t port);
    Error poll();
    Status get_status() const;
    void disconnect_from_host();
    Array get_partial_data(int32_t bytes);
    Array put_partial_data(const PackedByteArray& data);
};
}  // namespace godot
