#include "server.hpp"

#include "errors.hpp"
#include "http_request.hpp"

#include <exception>
#include <thread>

namespace local_server {

Server::Server(const Options& options) : options_(options), router_(options) {}

int Server::listen() {
    uint16_t port = options_.port;
    listener_ = sockets::open_local(SOCK_STREAM, port);
    return listener_ != sockets::none && ::listen(listener_, SOMAXCONN) == 0 ? port : -1;
}

void Server::run() {
    try {
        for (;;) accept_one();
    } catch (const ConnectionEnded&) {
    }
    std::unique_lock<std::mutex> lock(mutex_);
    all_ended_.wait(lock, [this] { return connections_ == 0; });
}

// With too many connections, or no descriptor left, new callers wait in the kernel's queue.
void Server::accept_one() {
    const bool ready =
        connections_ < options_.connections && stop.wait(listener_, POLLIN, Clock::now() + std::chrono::seconds(60));
    const sockets::Descriptor descriptor = ready ? accept(listener_, nullptr, nullptr) : sockets::none;
    if (descriptor == sockets::none) return stop.sleep_until(Clock::now() + std::chrono::milliseconds(10));
    ++connections_;
    try {
        std::thread(&Server::attend, this, descriptor).detach();
    } catch (const std::exception&) {  // no thread left
        sockets::close(descriptor);
        --connections_;
    }
}

// The life of a connection's thread.
void Server::attend(sockets::Descriptor descriptor) noexcept {
    bool asked = false;
    try {
        Connection connection(descriptor);
        serve(connection, asked);
    } catch (const ConnectionEnded&) {
    } catch (const std::exception&) {  // no memory left: only this connection ends
    }
    if (asked && options_.once) stop.request();
    std::lock_guard<std::mutex> lock(mutex_);
    --connections_;
    all_ended_.notify_all();
}

// Reads requests and answers them, until one side wants to close.
void Server::serve(Connection& connection, bool& asked) {
    RequestReader reader(connection);
    for (bool keep_alive = true; keep_alive;) {
        Request request;
        ApiError refusal{};
        try {
            request = reader.read();
        } catch (const ApiError& error) {
            refusal = error;
        }
        asked = true;
        keep_alive = !refusal.close && request.keep_alive() && !options_.once;
        Reply reply(connection, request, keep_alive, ++replies_);
        try {
            if (refusal.close) throw refusal;
            router_.answer(request, reply);
        } catch (const ApiError& error) {
            reply.send_error(error);
        }
    }
    connection.close_gracefully();
}

}  // namespace local_server
