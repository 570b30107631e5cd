// A stream of server-sent events (WHATWG, section 9.2) as an answer: one event, one chunk. It counts what it sends,
// because the faults that break an answer off are placed by count.
#pragma once

#include "http_reply.hpp"

#include <string>
#include <vector>

namespace local_server {

// The APIs report an error within a stream in different shapes.
enum class ErrorShape { chat, responses, assistants, agents };

// An event that is known before its time has come.
struct KnownEvent {
    std::string data;
    std::string type;       // as of EventStream::send()
    bool is_token = false;  // which takes the time of one
};

class EventStream {
public:
    // `may_cut`: false if the fault "cut-after" has cut this answer before, so that it goes on now.
    // `subject`: the session, of an agent's events.
    EventStream(Reply& reply, ErrorShape shape, bool may_cut = true, const std::string& subject = "")
        : reply_(reply), shape_(shape), may_cut_(may_cut), subject_(subject) {}

    // Sends the head. Returns false if a fault has ended the answer with it.
    bool begin();

    // Sends what comes before the end, each token when it is due: counted from the first, so that delays do not add up.
    // Returns false if a fault has ended the answer in the middle of it.
    bool send_all(const std::vector<KnownEvent>& events, Clock::duration pace);

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
    const std::string subject_;
    int sent_ = 0;
};

}  // namespace local_server
