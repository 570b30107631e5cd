// A stream of server-sent events (WHATWG, section 9.2) as an answer: one event, one chunk. It counts what it sends,
// because the faults that break an answer off are placed by count.
#pragma once

#include "http_reply.hpp"

#include <string>

namespace local_server {

// The two APIs report an error within a stream in different shapes.
enum class ErrorShape { chat, responses };

class EventStream {
public:
    // `may_cut`: false if the fault "cut-after" has cut this answer before, so that it goes on now.
    EventStream(Reply& reply, ErrorShape shape, bool may_cut = true)
        : reply_(reply), shape_(shape), may_cut_(may_cut) {}

    // Sends the head. Returns false if a fault has ended the answer with it.
    bool begin();

    // `type`: of the "event:" line; none if it is empty.
    void send(const std::string& data, const std::string& type = "");
    void end() { reply_.end_chunks(); }

    // To be called when half of the answer has been sent. Returns true if a fault has ended it here; faults that take
    // the connection with them throw ConnectionEnded.
    bool break_off();

private:
    void send_error();

    Reply& reply_;
    const ErrorShape shape_;
    const bool may_cut_;
    int sent_ = 0;
};

}  // namespace local_server
