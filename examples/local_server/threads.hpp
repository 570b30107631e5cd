// The Assistants API: threads, which are kept, and runs of them. Which assistant answers makes no difference: it is
// always Lumen. Wants the header "OpenAI-Beta: assistants=v2".
#pragma once

#include "http_reply.hpp"
#include "limits.hpp"
#include "run.hpp"
#include "store.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace local_server {

struct Thread {
    struct Said {
        std::string id;
        Message message;
        std::string run_id, assistant_id;  // whose it is; of a user's none
    };

    std::string id;
    std::time_t created_at = 0;
    std::vector<Said> messages;
    std::shared_ptr<const Run> waiting;  // for the results of its tools

    std::vector<Message> conversation() const;
    std::string object() const;
};

// The calls of the API, one for each path. What cannot be done throws an ApiError.
class Threads {
public:
    explicit Threads(Clock::duration pace) : pace_(pace) {}

    // Answers if the path is one of this API; false: it is not.
    bool answer(const Request& request, const std::string& path, Reply& reply);

private:
    std::shared_ptr<Thread> make(const Json& body, Reply& reply);
    std::shared_ptr<Thread> stored(const std::string& id);
    void list_messages(const Thread& thread, Reply& reply);
    void run(const std::shared_ptr<Thread>& thread, const Json& body, bool is_new, Reply& reply);
    void submit(const std::shared_ptr<Thread>& thread, const std::string& run_id, const Json& body, Reply& reply);
    void send(const Run& run, std::vector<KnownEvent> events, const Json& body, Reply& reply);

    const Clock::duration pace_;
    Store<Thread> store_;
    std::mutex mutex_;  // of what is in the threads
};

}  // namespace local_server
