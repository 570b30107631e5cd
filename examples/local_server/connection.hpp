// Sockets and waiting. Every wait has a deadline and ends when the server stops, so that no thread outlives either.
#pragma once

#include "limits.hpp"
#include "sockets.hpp"

#include <string_view>

namespace local_server {

// Ends every wait in the process at once: a socket that is sent to by itself and never read, watched by every wait.
class StopSignal {
public:
    // Once, before anything else. Returns false if there is no such socket.
    bool open();

    // May be called in a signal handler.
    void request() const;

    // Waits for a descriptor; none: for the deadline alone. Returns true when it is ready, false at the deadline. Throws
    // ConnectionEnded when the server stops.
    bool wait(sockets::Descriptor descriptor, short events, Clock::time_point deadline) const;

    void sleep_until(Clock::time_point time) const { wait(sockets::none, 0, time); }

private:
    sockets::Descriptor descriptor_ = sockets::none;
};

extern StopSignal stop;

// One accepted connection. Whatever prevents reading or writing throws ConnectionEnded.
class Connection {
public:
    explicit Connection(sockets::Descriptor descriptor);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Waits for at least one byte.
    size_t read(char* into, size_t room, Clock::time_point deadline);

    // Writes all of the bytes.
    void write(std::string_view bytes);

    // Drops what the client sends, until it leaves or the deadline has come.
    [[noreturn]] void ignore(Clock::time_point deadline);

    // Ends this side and waits for the client to end its own: to close with bytes unread resets the connection, and
    // the reset may overtake the answer.
    [[noreturn]] void close_gracefully();

    // Closes in a way that the client's system reports as an error.
    [[noreturn]] void reset();

private:
    const sockets::Descriptor descriptor_;
};

}  // namespace local_server
