#pragma once
// Godot 4's StreamPeerTCP (godot-cpp); StreamPeerTLS has the same functions over one. Compiled against a declared
// interface, not run.
#include <string.h>

#include <godot_cpp/classes/stream_peer_tcp.hpp>
#include <godot_cpp/classes/time.hpp>

#include "openai_stream.hpp"

class GodotLink {
public:
    openai_stream::IoResult dial(openai_stream::StringView host, uint16_t port) {
        if (peer_.is_null()) {
            peer_.instantiate();
            // A name takes IP::resolve_hostname_queue_item(), before open(): here it would wait.
            const godot::Error error =
                peer_->connect_to_host(godot::String::utf8(host.data(), static_cast<int64_t>(host.size())), port);
            if (error != godot::OK) return openai_stream::IoResult::failed(error);
        }
        peer_->poll();
        switch (peer_->get_status()) {
            case godot::StreamPeerTCP::STATUS_CONNECTED: return openai_stream::IoResult::ready();
            case godot::StreamPeerTCP::STATUS_CONNECTING: return openai_stream::IoResult::would_block();
            default: return openai_stream::IoResult::failed(0);
        }
    }
    openai_stream::IoResult pull(char* into, size_t room) {
        peer_->poll();
        const godot::Array result = peer_->get_partial_data(static_cast<int32_t>(room < 65536 ? room : 65536));
        const int64_t error = result[0];
        if (error == godot::ERR_FILE_EOF) return openai_stream::IoResult::closed();
        if (error != godot::OK) return openai_stream::IoResult::failed(static_cast<int32_t>(error));
        const godot::PackedByteArray bytes = result[1];
        if (bytes.size() == 0) return at_end_or_later();
        memcpy(into, bytes.ptr(), static_cast<size_t>(bytes.size()));
        return openai_stream::IoResult::bytes(static_cast<size_t>(bytes.size()));
    }
    openai_stream::IoResult push(const char* from, size_t count) {
        peer_->poll();
        godot::PackedByteArray bytes;
        bytes.resize(static_cast<int64_t>(count));
        memcpy(bytes.ptrw(), from, count);
        const godot::Array result = peer_->put_partial_data(bytes);
        const int64_t error = result[0], sent = result[1];
        if (error != godot::OK) return openai_stream::IoResult::failed(static_cast<int32_t>(error));
        return sent > 0 ? openai_stream::IoResult::bytes(static_cast<size_t>(sent)) : openai_stream::IoResult::would_block();
    }
    void hang_up() {
        if (peer_.is_valid()) peer_->disconnect_from_host();
        peer_.unref();
    }
    uint32_t now_ms() { return static_cast<uint32_t>(godot::Time::get_singleton()->get_ticks_msec()); }

private:
    openai_stream::IoResult at_end_or_later() const {
        return peer_->get_status() == godot::StreamPeerTCP::STATUS_CONNECTED ? openai_stream::IoResult::would_block()
                                                                             : openai_stream::IoResult::closed();
    }
    godot::Ref<godot::StreamPeerTCP> peer_;
};

// How waiting works: not at all. From _process(), at most so many events. Returns false when it is over.
inline bool answer_in_process(openai_stream::Stream& stream, void (*show)(const openai_stream::Event&), int budget = 32) {
    openai_stream::Event event;
    for (; budget > 0; --budget) switch (stream.poll(event)) {
            case openai_stream::Poll::event: show(event); break;
            case openai_stream::Poll::pending: return true;
            case openai_stream::Poll::done:
            case openai_stream::Poll::failed: return false;
        }
    return true;
}
