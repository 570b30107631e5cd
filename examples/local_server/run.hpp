// One run of the Assistants API, or the rest of one whose tools have answered: every event that tells of it is made at
// once, as those of a Response.
#pragma once

#include "event_stream.hpp"
#include "tools.hpp"

#include <ctime>
#include <string>
#include <vector>

namespace local_server {

// What was made of a request, as an object says it.
struct RunNames {
    std::string id, thread_id, assistant_id, model;
    std::string number;  // of what its other ids are made
    std::time_t created_at = 0;
};

// A message of a thread as JSON. `status` is that of an assistant's; of a user's it is empty.
std::string thread_message(const RunNames& run, const std::string& id, const std::string& role,
                           const std::string& text, const char* status = "");

class Run {
public:
    const RunNames names;
    const std::vector<Call> calls;  // what it waits for
    const std::string text;         // or what it has said
    const std::string message_id;

    Run(const RunNames& run, const std::vector<Call>& wanted, const std::string& answer, size_t prompt_tokens);

    // The events from its beginning; or from where these results have come for the calls of an earlier part.
    std::vector<KnownEvent> events() const;
    std::vector<KnownEvent> events_after(const Run& earlier, const std::vector<std::string>& results) const;

    std::string final_status() const { return calls.empty() ? "completed" : "requires_action"; }
    // The run object.
    std::string object(const std::string& status) const;

    std::string call_id(size_t which) const { return "call_local_" + names.number + '_' + std::to_string(which + 1); }

private:
    void add_status(std::vector<KnownEvent>& events, const std::string& status) const;
    void add_calls(std::vector<KnownEvent>& events) const;
    void add_message(std::vector<KnownEvent>& events) const;
    std::string step_id() const { return "step_local_" + names.number; }
    std::string step(const std::string& type, const std::string& details, const std::string& status) const;
    std::string calls_json(const std::vector<std::string>* results) const;

    const size_t prompt_tokens_;
};

}  // namespace local_server
