// Sessions of agents, a beta: what is asked when a session is created gets one turn, and GET tells of it. Wants the
// header "OpenAI-Beta: agents=v1".
#pragma once

#include "event_stream.hpp"
#include "limits.hpp"
#include "store.hpp"

#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace local_server {

struct AgentSession {
    std::string id, model, question;
    std::string number;  // of what its other ids are made
    std::time_t created_at = 0;
};

// The calls of the API, one for each path. What cannot be done throws an ApiError.
class Agents {
public:
    explicit Agents(Clock::duration pace);

    // Answers if the path is one of this API; false: it is not.
    bool answer(const Request& request, const std::string& path, Reply& reply);

private:
    void create(const Request& request, Reply& reply);
    std::shared_ptr<AgentSession> stored(const std::string& id);
    void send_events(const AgentSession& session, Reply& reply);

    const Clock::duration pace_;
    const std::shared_ptr<AgentSession> always_;  // for who can ask for events alone
    Store<AgentSession> store_;
};

}  // namespace local_server
