#include "chat.hpp"

#include "event_stream.hpp"
#include "json.hpp"
#include "request_fields.hpp"
#include "structured.hpp"
#include "text.hpp"
#include "tools.hpp"

#include <ctime>
#include <vector>

namespace local_server {
namespace {

// What a request body asks for. Members that this server does not know are ignored.
struct ChatRequest {
    std::string model;
    std::vector<Message> messages;
    Tools tools;
    Json format;  // of the answer
    bool stream = false;
    bool include_usage = false;

    explicit ChatRequest(const Json& body) {
        model = model_of(body);
        stream = flag_of(body["stream"], "stream");
        include_usage = flag_of(body["stream_options"]["include_usage"], "stream_options.include_usage");
        format = body["response_format"];
        const Json& list = body["messages"];
        if (list.kind == Json::Kind::null) throw missing_param("messages");
        if (list.kind != Json::Kind::array || list.items.empty())
            throw bad_param("messages", "must be an array of at least one message");
        for (const Json& message : list.items) {
            const std::string name = "messages[" + std::to_string(messages.size()) + "].";
            messages.push_back(
                {string_of(message["role"], name + "role"), text_of(message["content"], name + "content")});
            if (messages.back().role == "user") tools.note_question(messages.back().text);
            if (messages.back().role == "tool") tools.note_result(messages.back().text);
        }
        tools.choose(body["tool_choice"]);
        for (const Json& tool : body["tools"].items) tools.offer(tool["function"]);
    }
};

// One answer, to be sent in either shape.
class ChatAnswer {
public:
    ChatAnswer(const ChatRequest& request, const Faults& faults, const std::string& id)
        : calls_(request.tools.calls(faults)), text_(calls_.empty() ? text(request) : ""),
          reasoning_(faults.has("reasoning") ? "Somebody is at the line. I could guess, or look it up. Look." : ""),
          finish_reason_(calls_.empty() ? "\"stop\"" : "\"tool_calls\""),
          id_("{\"id\":\"chatcmpl-local-" + id + "\",\"object\":"),
          origin_(",\"created\":" + std::to_string(std::time(nullptr)) + ",\"model\":" + quote(request.model) + ','),
          usage_(usage(request)), usage_wanted_(request.include_usage || faults.has("usage")) {
        add_tokens("reasoning_content", reasoning_);
        add_tokens("content", text_);
        add_calls(id);
    }

    void send_whole(Reply& reply) const {
        const std::string reasoning = reasoning_.empty() ? "" : ",\"reasoning_content\":" + quote(reasoning_);
        const std::string calls = whole_calls_.empty() ? "" : ",\"tool_calls\":[" + whole_calls_ + ']';
        reply.send_json(id_ + "\"chat.completion\"" + origin_ +
                        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":" +
                        quote_or_null(text_) + reasoning + calls + ",\"refusal\":null},\"logprobs\":null," +
                        "\"finish_reason\":" + finish_reason_ + "}],\"usage\":" + usage_ + '}');
    }

    // Each token has a time of its own, counted from the first, so that delays do not add up.
    void send_events(Reply& reply, Clock::duration pace) const {
        EventStream events(reply, ErrorShape::chat);
        if (!events.begin()) return;
        events.send(chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null"));
        auto due = Clock::now();
        for (size_t sent = 0; sent < deltas_.size(); ++sent) {
            if (sent == deltas_.size() / 2 && events.break_off()) return;
            stop.sleep_until(due += pace);
            events.send(chunk(deltas_[sent], "null"));
        }
        events.send(chunk("{}", finish_reason_));
        if (usage_wanted_) events.send(chunk_head() + "\"choices\":[],\"usage\":" + usage_ + '}');
        if (!reply.faults.has("no-done")) events.send("[DONE]");
        events.end();
    }

private:
    static std::string text(const ChatRequest& request) {
        return structured(request.tools.answer(request.messages), request.format, "response_format");
    }

    void add_tokens(const char* key, const std::string& text) {
        for (size_t start = 0, end; start < text.size(); start = end) {
            end = end_of_token(text, start);
            deltas_.push_back(std::string("{\"") + key + "\":" + quote(text.substr(start, end - start)) + '}');
        }
    }

    void add_calls(const std::string& id) {
        for (size_t at = 0; at < calls_.size(); ++at) {
            const Call& call = calls_[at];
            const std::string index = "{\"index\":" + std::to_string(at) + ',';
            const std::string name = "\"id\":\"call_local_" + id + '_' + std::to_string(at + 1) +
                                     "\",\"type\":\"function\",\"function\":{\"name\":" + quote(call.name) +
                                     ",\"arguments\":";
            deltas_.push_back("{\"tool_calls\":[" + index + name + "\"\"}}]}");
            for (const std::string& half : {call.arguments.substr(0, call.half()), call.arguments.substr(call.half())})
                deltas_.push_back("{\"tool_calls\":[" + index + "\"function\":{\"arguments\":" + quote(half) + "}}]}");
            whole_calls_ += (at == 0 ? "{" : ",{") + name + quote(call.arguments) + "}}";
        }
    }

    std::string chunk_head() const { return id_ + "\"chat.completion.chunk\"" + origin_; }

    std::string chunk(const std::string& delta, const std::string& finish_reason) const {
        return chunk_head() + "\"choices\":[{\"index\":0,\"delta\":" + delta +
               ",\"logprobs\":null,\"finish_reason\":" + finish_reason + "}]" +
               (usage_wanted_ ? ",\"usage\":null}" : "}");
    }

    std::string usage(const ChatRequest& request) const {
        size_t prompt = 0;
        for (const Message& message : request.messages) prompt += count_tokens(message.text);
        const size_t completion = count_tokens(reasoning_) + count_tokens(text_);
        return "{\"prompt_tokens\":" + std::to_string(prompt) + ",\"completion_tokens\":" + std::to_string(completion) +
               ",\"total_tokens\":" + std::to_string(prompt + completion) + '}';
    }

    const std::vector<Call> calls_;
    const std::string text_;
    const std::string reasoning_;
    const std::string finish_reason_;
    const std::string id_;      // how every object of this answer begins, up to its type
    const std::string origin_;  // and what follows the type
    const std::string usage_;
    const bool usage_wanted_;
    std::vector<std::string> deltas_;  // what the events say, in their order
    std::string whole_calls_;
};

}  // namespace

void answer_chat(const std::string& body, Reply& reply, Clock::duration pace) {
    const ChatRequest request(read_json(body));
    reply.faults.add(request.model);
    if (reply.send_refusal()) return;
    const ChatAnswer answer(request, reply.faults, reply.id());
    if (request.stream && !reply.faults.has("whole")) {
        answer.send_events(reply, pace);
    } else {
        answer.send_whole(reply);
    }
}

}  // namespace local_server
