#pragma once
// Godot 4's HTTPClient (godot-cpp), which has TLS and works in the browser: the bytes of the body, without their
// chunks, go into an Exchange. Compiled against a declared interface, not run.
#include <string.h>

#include <godot_cpp/classes/http_client.hpp>

#include "openai_stream.hpp"

class GodotHttpAnswer {
public:
    // Of a host and a path ("/v1/chat/completions"). TLS options: godot::TLSOptions::client() verifies.
    void ask(const godot::String& host, int32_t port, const godot::Ref<godot::TLSOptions>& tls, const godot::String& path,
             const godot::PackedStringArray& headers, const openai_stream::ChatRequest& request) {
        openai_stream::RequestWriter writer;
        char window[1024];
        writer.begin_body(request);
        body_.clear();
        while (const size_t count = writer.write(window, sizeof window)) {
            const int64_t at = body_.size();
            body_.resize(at + static_cast<int64_t>(count));
            memcpy(body_.ptrw() + at, window, count);
        }
        path_ = path;
        headers_ = headers;
        is_asked_ = has_head_ = false;
        client_.instantiate();
        client_->connect_to_host(host, port, tls);
    }

    // How waiting works: not at all. From _process(). Returns false when the answer is over; failure() says how.
    template <class Show> bool process(Show show) {
        client_->poll();
        switch (client_->get_status()) {
            case godot::HTTPClient::STATUS_RESOLVING:
            case godot::HTTPClient::STATUS_CONNECTING:
            case godot::HTTPClient::STATUS_REQUESTING: return true;
            case godot::HTTPClient::STATUS_CONNECTED:
                if (!is_asked_) {
                    is_asked_ = true;
                    client_->request_raw(godot::HTTPClient::METHOD_POST, path_, headers_, body_);
                    return true;
                }
                return end(show, 0);  // the body is over
            case godot::HTTPClient::STATUS_BODY: return take(show);
            case godot::HTTPClient::STATUS_DISCONNECTED: return end(show, has_head_ ? 0 : 1);
            default: return end(show, static_cast<int32_t>(client_->get_status()));
        }
    }
    void cancel() { client_->close(); }
    openai_stream::Failure failure() const { return exchange_.failure(); }

private:
    template <class Show> bool take(Show show) {
        begin();
        // Each call gives a piece; a frame takes what is there, and no more than this.
        for (int budget = 32; budget > 0; --budget) {
            const godot::PackedByteArray bytes = client_->read_response_body_chunk();
            if (bytes.size() == 0) return true;
            const char* const from = reinterpret_cast<const char*>(bytes.ptr());
            exchange_.feed({from, static_cast<size_t>(bytes.size())}, show);
        }
        return true;
    }
    void begin() {
        if (has_head_) return;
        has_head_ = true;
        exchange_.begin_body(openai_stream::Api::chat, static_cast<int>(client_->get_response_code()));
        const godot::PackedStringArray lines = client_->get_response_headers();
        for (int64_t at = 0; at < lines.size(); ++at) {
            const godot::CharString line = lines[at].utf8();
            const char* const colon = strchr(line.get_data(), ':');
            if (colon == nullptr) continue;
            exchange_.add_header({line.get_data(), static_cast<size_t>(colon - line.get_data())},
                                 openai_stream::StringView(colon + 1, strlen(colon + 1)));
        }
    }
    template <class Show> bool end(Show show, int32_t code) {
        if (!has_head_) exchange_.begin_body(openai_stream::Api::chat, 0);
        has_head_ = true;
        if (code != 0) exchange_.failed(code);
        exchange_.finish(show);
        return false;
    }

    char memory_[8 * 1024];
    openai_stream::Exchange exchange_{memory_};
    godot::Ref<godot::HTTPClient> client_;
    godot::PackedByteArray body_;
    godot::String path_;
    godot::PackedStringArray headers_;
    bool is_asked_ = false, has_head_ = false;
};
