// One response of the Responses API. The whole of it, and every event that tells of it, is made at once; the clock
// decides how much of it is known. So the same response can be streamed, read again from any event on, and cancelled,
// without a thread of its own.
#pragma once

#include "event_stream.hpp"
#include "limits.hpp"
#include "tools.hpp"

#include <atomic>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

namespace local_server {

// What a request body asks for. Members that this server does not know are ignored.
struct ResponseRequest {
    // An MCP tool that may be called, as the item says that asked for it.
    struct Approved {
        std::string id, label, name, arguments;
    };

    std::string model;
    std::string previous;  // the id of the response before, or nothing
    std::vector<Message> conversation;
    Tools tools;
    std::vector<Approved> approved;
    Json format;  // of the answer
    size_t max_tokens = SIZE_MAX;
    bool stream = false;
    bool store = true;
    bool background = false;
    bool wants_reasoning = false;

    explicit ResponseRequest(const Json& body);

    // Puts what was said before in front; what does not fit is forgotten, the oldest first.
    void prepend(const std::vector<Message>& earlier);

private:
    void read_input(const Json& input);
    void read_result(const Json& item, const Json& input, const std::string& name);
};

class Response {
public:
    const std::string id;
    std::vector<Message> conversation;  // this answer included
    const bool background;

    // `number` is what its ids are made of, `pace` the time between two tokens.
    Response(const ResponseRequest& request, const Faults& faults, const std::string& number, Clock::duration pace);

    // The response object as far as it is known now, and as it will be.
    std::string snapshot() const;
    std::string whole() const { return object(final_status()); }

    // Sends the events after the sequence number `last` (-1: all), each when it is due.
    void send_events(Reply& reply, int64_t last);

    // Throws an ApiError if it is not in the background, or complete.
    void cancel();

private:
    struct Event {
        std::string type, data;
        bool is_token;
        size_t tokens_before;
    };

    Clock::time_point due(size_t event) const;
    void add(const std::string& type, const std::string& members, bool is_token = false);
    void add_tokens(const std::string& type, const std::string& place, const std::string& text);
    void add_reasoning(const std::string& text);
    void add_message(const std::string& text);
    void add_calls(const std::vector<Call>& calls);
    void add_built_in_call(const BuiltInCall& call);
    void add_mcp_call(const ResponseRequest::Approved& approved);
    void finish_item(size_t index, const std::string& item);
    std::string item_id(const char* prefix, size_t index) const;

    std::string final_status() const { return is_cut_short_ ? "incomplete" : "completed"; }
    std::string in_progress() const { return object("in_progress", false); }
    std::string object(const std::string& status, bool is_over = true) const;

    const std::string number_, model_, previous_;
    const Clock::duration pace_;
    const Clock::time_point start_;
    const std::time_t created_at_ = std::time(nullptr);
    std::vector<Event> events_;
    std::string output_;  // the items that are complete, joined
    size_t items_ = 0;    // before the answer itself
    size_t input_tokens_ = 0, output_tokens_ = 0, reasoning_tokens_ = 0;
    bool is_cut_short_ = false;
    std::atomic<bool> was_cut_{false};
    std::atomic<bool> is_cancelled_{false};
};

}  // namespace local_server
