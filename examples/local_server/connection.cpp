#include "connection.hpp"

#include "errors.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace local_server {

using std::chrono::milliseconds;
using std::chrono::seconds;

StopSignal stop;

bool StopSignal::open() { return pipe(ends_) == 0 && fcntl(ends_[1], F_SETFL, O_NONBLOCK) == 0; }

void StopSignal::request() const {
    const int saved = errno;
    if (::write(ends_[1], "", 1) < 0) errno = saved;  // a full pipe says it already
}

bool StopSignal::wait(int descriptor, short events, Clock::time_point deadline) const {
    for (;;) {
        const milliseconds left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
        if (left <= milliseconds(0)) return false;
        pollfd watched[2] = {{ends_[0], POLLIN, 0}, {descriptor, events, 0}};
        const int ready = poll(watched, 2, static_cast<int>(std::min<milliseconds>(left, seconds(60)).count()));
        if (watched[0].revents != 0 || (ready < 0 && errno != EINTR)) throw ConnectionEnded{};
        if (ready > 0) return true;
    }
}

namespace {

bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

// Without delay: an event is of no use in the kernel's buffer.
Connection::Connection(int descriptor) : descriptor_(descriptor) {
    const int on = 1;
    fcntl(descriptor, F_SETFL, O_NONBLOCK);
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() { close(descriptor_); }

size_t Connection::read(char* into, size_t room, Clock::time_point deadline) {
    for (;;) {
        if (!stop.wait(descriptor_, POLLIN, deadline)) throw ConnectionEnded{};
        const ssize_t count = recv(descriptor_, into, room, 0);
        if (count > 0) return static_cast<size_t>(count);
        if (count == 0 || !may_try_again()) throw ConnectionEnded{};
    }
}

void Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), 0);
        if (count >= 0) {
            bytes.remove_prefix(static_cast<size_t>(count));
        } else if (!may_try_again() || !stop.wait(descriptor_, POLLOUT, Clock::now() + write_time)) {
            throw ConnectionEnded{};
        }
    }
}

void Connection::ignore(Clock::time_point deadline) {
    for (char unread[4096];;) read(unread, sizeof unread, deadline);
}

void Connection::close_gracefully() {
    shutdown(descriptor_, SHUT_WR);
    ignore(Clock::now() + close_time);
}

void Connection::reset() {
    const linger at_once = {1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    throw ConnectionEnded{};
}

}  // namespace local_server
