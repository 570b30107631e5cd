#pragma once
// A server for Client, on loopback: it gives its answers in order and keeps what it was asked. Include the library with
// OPENAI_STREAM_CLIENT first.
#include "platform/loopback.hpp"

#include <nlohmann/json.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace client_peer {

// ---- answers ---------------------------------------------------------------------------------------------------------

inline std::string chunk(const std::string& delta, const char* finish = "null") {
    return "data: {\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}]}\n\n";
}
inline std::string sized(const std::string& body, const char* status = "200 OK", const char* type = "text/event-stream") {
    return std::string("HTTP/1.1 ") + status + "\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}
inline std::string says(const std::string& text) {
    return sized(chunk("{\"role\":\"assistant\",\"content\":\"" + text + "\"}") + chunk("{}", "\"stop\"") +
                 "data: [DONE]\n\n");
}
struct Call {
    const char *id, *name, *arguments;  // as they stand in JSON
};
inline std::string calls(const std::vector<Call>& list) {
    std::string body;
    int index = 0;
    for (const Call& call : list)
        body += chunk("{\"tool_calls\":[{\"index\":" + std::to_string(index++) + ",\"id\":\"" + call.id +
                      "\",\"type\":\"function\",\"function\":{\"name\":\"" + call.name + "\",\"arguments\":\"" +
                      call.arguments + "\"}}]}");
    return sized(body + chunk("{}", "\"tool_calls\"") + "data: [DONE]\n\n");
}

// ---- the server ------------------------------------------------------------------------------------------------------

// Declared before its Client, which has left when this ends.
class Server {
public:
    explicit Server(std::vector<std::string> answers)
        : thread_([this, list = std::move(answers)] { serve(list); }) {}
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        is_ending_ = true;
        openai_stream::Socket knock;  // ends the wait for a client
        while (!is_over_ && knock.dial("127.0.0.1", server_.port()).is_would_block()) loopback::sleep_ms(1);
        thread_.join();
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + "/v1"; }
    // The bodies of all requests; to be read while none is under way.
    const std::vector<nlohmann::json>& asked() const { return asked_; }

private:
    // A whole request's body; empty: the client has gone.
    std::string hear(loopback::Peer& peer) {
        std::string heard = peer.hears_until("\r\n\r\n");
        const size_t end = heard.find("\r\n\r\n");
        const size_t field = heard.find("Content-Length: ");
        if (end == std::string::npos || field == std::string::npos) return {};
        const size_t size = std::stoul(heard.substr(field + 16));
        std::string body = heard.substr(end + 4);
        while (body.size() < size) {
            const std::string more = peer.hears();
            if (more.empty()) return {};
            body += more;
        }
        return body;
    }
    // What has a length leaves the connection open; all else ends with it.
    void serve(const std::vector<std::string>& answers) {
        auto answer = answers.begin();
        while (answer != answers.end() && !is_ending_) {
            loopback::Peer peer = server_.take();
            while (answer != answers.end() && !is_ending_) {
                const std::string body = hear(peer);
                if (body.empty()) break;
                asked_.push_back(nlohmann::json::parse(body));
                const std::string& text = *answer++;
                if (!peer.says(text) || text.find("Content-Length") == std::string::npos) break;
            }
        }
        is_over_ = true;
    }

    loopback::Server server_;
    std::vector<nlohmann::json> asked_;
    std::atomic<bool> is_ending_{false}, is_over_{false};
    std::thread thread_;  // the last: it uses the others
};

}  // namespace client_peer
