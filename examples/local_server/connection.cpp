#include "connection.hpp"

#include "errors.hpp"

#include <algorithm>
#include <cerrno>

namespace local_server {

using std::chrono::milliseconds;
using std::chrono::seconds;

StopSignal stop;

bool StopSignal::open() {
    uint16_t port = 0;
    if (sockets::start()) descriptor_ = sockets::open_local(SOCK_DGRAM, port);
    return descriptor_ != sockets::none;
}

void StopSignal::request() const {
    const int saved = errno;
    sockets::send_some(descriptor_, "!");  // one that is full says it already
    errno = saved;
}

bool StopSignal::wait(sockets::Descriptor descriptor, short events, Clock::time_point deadline) const {
    const unsigned count = descriptor == sockets::none ? 1 : 2;
    for (;;) {
        const milliseconds left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        if (left <= milliseconds(0)) return false;
        pollfd watched[2] = {{descriptor_, POLLIN, 0}, {descriptor, events, 0}};
        const auto most = static_cast<int>(std::min<milliseconds>(left, seconds(60)).count());
        const int ready = sockets::wait(watched, count, most);
        if (watched[0].revents != 0 || (ready < 0 && !sockets::may_try_again())) throw ConnectionEnded{};
        if (ready > 0) return true;
    }
}

// Without delay: an event is of no use in the kernel's buffer.
Connection::Connection(sockets::Descriptor descriptor) : descriptor_(descriptor) {
    sockets::never_wait(descriptor);
    sockets::set_option(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
}

Connection::~Connection() { sockets::close(descriptor_); }

size_t Connection::read(char* into, size_t room, Clock::time_point deadline) {
    for (;;) {
        if (!stop.wait(descriptor_, POLLIN, deadline)) throw ConnectionEnded{};
        const long long count = sockets::receive_some(descriptor_, into, room);
        if (count > 0) return static_cast<size_t>(count);
        if (count == 0 || !sockets::may_try_again()) throw ConnectionEnded{};
    }
}

void Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const long long count = sockets::send_some(descriptor_, bytes);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<size_t>(count));
        } else if (!sockets::may_try_again() || !stop.wait(descriptor_, POLLOUT, Clock::now() + write_time)) {
            throw ConnectionEnded{};
        }
    }
}

void Connection::ignore(Clock::time_point deadline) {
    for (char unread[4096];;) read(unread, sizeof unread, deadline);
}

void Connection::close_gracefully() {
    shutdown(descriptor_, sockets::sends);
    ignore(Clock::now() + close_time);
}

void Connection::reset() {
    const linger at_once = {1, 0};
    sockets::set_option(descriptor_, SOL_SOCKET, SO_LINGER, at_once);
    throw ConnectionEnded{};
}

}  // namespace local_server
