#pragma once
// What was said between a Client and its server, copied, so that the next request can say it again. It has a budget in
// bytes: the oldest turns go. A turn is a question and all that followed it, so a tool call is never parted from its
// result, which servers refuse.
#include "../request/chat_request.hpp"

#if defined(OPENAI_STREAM_CLIENT)
#include <string>
#include <string_view>
#include <vector>

OPENAI_STREAM_BEGIN
namespace detail::client {

class History {
public:
    // Counts for each message and each call, so that empty ones do not come for free.
    static constexpr size_t bytes_of_one = 32;

    void add(Role role, std::string_view text, std::string_view call_id = {}) {
        said_.emplace_back();
        Said& one = said_.back();
        one.role = role;
        one.text = text;
        one.call_id = call_id;
    }
    // What a Collector has written. Copied.
    void add(const Message& message) {
        add(message.role, message.content);
        Said& one = said_.back();
        one.extra = std::string(message.extra_json.text);
        if (message.parts.size != 0)
            one.refusal = std::string(static_cast<const AssistantExtra*>(message.parts.data)->refusal);
        for (const ToolCall& call : message.tool_calls)
            one.calls.push_back({call.id, call.name, call.arguments, call.extra_json.text, call.kind});
    }

    size_t size() const { return said_.size(); }
    size_t bytes() const {
        size_t sum = 0;
        for (const Said& one : said_) sum += one.bytes();
        return sum;
    }
    void cut(size_t count) {
        if (count < said_.size()) said_.erase(said_.begin() + static_cast<ptrdiff_t>(count), said_.end());
    }
    // Forgets the oldest turns until the rest fits, but never the last one. Returns how many messages went.
    size_t forget_until(size_t max_bytes) {
        size_t left = bytes(), gone = 0;
        while (left > max_bytes) {
            size_t next = gone;
            size_t freed = 0;
            do freed += said_[next++].bytes();
            while (next != said_.size() && said_[next].role != Role::user);
            if (next == said_.size()) break;
            left -= freed;
            gone = next;
        }
        said_.erase(said_.begin(), said_.begin() + static_cast<ptrdiff_t>(gone));
        return gone;
    }

    // For a request; after what is to stand before all of it, if that is not empty. Valid until the next call.
    List<Message> messages(std::string_view instructions) {
        size_t calls = 0;
        for (const Said& one : said_) calls += one.calls.size();
        messages_.clear();
        calls_.clear();
        extras_.clear();
        calls_.reserve(calls);  // what is pointed to stays where it is
        extras_.reserve(said_.size());
        if (!instructions.empty()) messages_.push_back(Message::system(instructions));
        for (const Said& one : said_) {
            Message message(one.role, one.text);
            if (one.role == Role::tool) message.tool_call_id = one.call_id;
            if (!one.extra.empty()) message.extra_json = one.extra;
            if (!one.refusal.empty()) {
                extras_.push_back({one.refusal, {}});
                message.parts = &extras_.back();
            }
            const size_t first = calls_.size();
            for (const Call& call : one.calls) {
                calls_.push_back({call.id, call.name, call.arguments, call.kind});
                if (!call.extra.empty()) calls_.back().extra_json = call.extra;
            }
            message.tool_calls = List<ToolCall>(calls_.data() + first, one.calls.size());
            messages_.push_back(message);
        }
        return messages_;
    }

private:
    struct Call {
        std::string id, name, arguments, extra;
        ToolKind kind;
    };
    struct Said {
        Role role = Role::user;
        std::string text, call_id, extra, refusal;
        std::vector<Call> calls;

        size_t bytes() const {
            size_t sum = bytes_of_one + text.size() + call_id.size() + extra.size() + refusal.size();
            for (const Call& call : calls)
                sum += bytes_of_one + call.id.size() + call.name.size() + call.arguments.size() + call.extra.size();
            return sum;
        }
    };

    std::vector<Said> said_;
    std::vector<Message> messages_;
    std::vector<ToolCall> calls_;
    std::vector<AssistantExtra> extras_;
};

}  // namespace detail::client
OPENAI_STREAM_END
#endif
