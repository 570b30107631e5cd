// Accepts connections and gives each a thread: a thread may wait as long as its client does, and the code that answers
// stays a straight line.
#pragma once

#include "connection.hpp"
#include "options.hpp"
#include "router.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace local_server {

class Server {
public:
    // The options are used as long as this lives.
    explicit Server(const Options& options);

    // Returns the port, or -1.
    int listen();

    // Returns when the server has been told to stop and the last connection has ended.
    void run();

private:
    void accept_one();
    void attend(sockets::Descriptor descriptor) noexcept;
    void serve(Connection& connection, bool& asked);

    const Options& options_;
    Router router_;
    sockets::Descriptor listener_ = sockets::none;
    std::atomic<int> connections_{0};
    std::atomic<uint64_t> replies_{0};
    std::mutex mutex_;
    std::condition_variable all_ended_;
};

}  // namespace local_server
