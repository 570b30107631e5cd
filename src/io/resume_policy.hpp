#pragma once
// Going on with an answer of the Responses API where its link broke. Not linked unless named.
#include "backoff.hpp"

OPENAI_STREAM_BEGIN

// When the link breaks in the middle of an answer, the server is asked for the events after the last one that was
// delivered (GET /responses/{id}?stream=true&starting_after=N), after the waits of a RetryPolicy. Each event is
// delivered once. To be given to Stream::use(), and to outlive the Stream; the Endpoint
// must live until the end. For a ResponseRequest with
// ResponseOptions::background: a server keeps the events of no other. max_retries is the number of attempts without a
// new event between them. Before the first event nothing can be resumed: for that, use a RetryPolicy besides.
//
// The conversation fails as it would without this when an event that did not fit into the buffer was delivered in part,
// when the server numbers no events, and in raw mode.
class ResumePolicy : public detail::Backoff {
public:
    // The longest id of a response; one that is longer cannot be asked for.
    static constexpr size_t max_id_bytes = 96;

    constexpr ResumePolicy() noexcept : detail::Backoff(watch) {}
    ResumePolicy(const ResumePolicy&) = delete;  // a request in it points to its id
    ResumePolicy& operator=(const ResumePolicy&) = delete;

    // The id of the answer, as long as this lives or until the next open(): for a RetrieveRequest in another program.
    StringView response_id() const noexcept { return {id_, id_size_}; }
    int64_t last_sequence_number() const noexcept { return last_; }  // that was delivered; -1: none

private:
    static Action watch(Interceptor& interceptor, Conversation& conversation, Occasion occasion,
                        Event* event) noexcept {
        auto& self = static_cast<ResumePolicy&>(interceptor);
        if (event) return self.is_new(*event) ? Action::deliver : Action::again;
        if (occasion == Occasion::opened) self.forget_answer();
        const Action action = self.attend(conversation, occasion);
        if (occasion != Occasion::failed || !self.can_resume() || !conversation.has_dial()) return action;
        return self.resume(conversation) ? Action::again : Action::deliver;
    }

    void forget_answer() noexcept {
        id_size_ = 0;
        last_ = resumed_at_ = -1;
        is_in_part_ = false;
        tries_ = 0;
    }
    bool can_resume() const noexcept { return id_size_ != 0 && last_ >= 0 && !is_in_part_; }

    // Returns false if it was delivered before.
    bool is_new(const Event& event) noexcept {
        if (event.kind == EventKind::started) {
            if (id_size_ != 0) return false;
            if (event.id.size() <= max_id_bytes) {
                id_size_ = event.id.size();
                if (id_size_ != 0) memcpy(id_, event.id.data(), id_size_);
            }
        }
        if (event.kind != EventKind::keepalive) is_in_part_ = event.provisional;
        if (event.sequence_number < 0) return true;
        if (event.sequence_number <= resumed_at_) return false;
        if (event.sequence_number > last_) {
            last_ = event.sequence_number;
            tries_ = 0;
        }
        return true;
    }

    bool resume(Conversation& conversation) noexcept {
        const Failure failure = conversation.failure();
        const Error reason = failure.error;
        const int http_status = failure.http_status;
        uint32_t wait_ms = 0;
        if (!(is_broken(conversation, failure) || should_ask_again(failure)) ||
            !may_wait(conversation, failure, tries_, wait_ms))
            return false;
        ++tries_;
        resumed_at_ = last_;
        request_ = RetrieveRequest(response_id(), last_);
        if (!conversation.resume_from(request_)) return false;
        begin_pause(conversation, reason, http_status, wait_ms);
        return true;
    }

    RetrieveRequest request_;
    int64_t last_ = -1, resumed_at_ = -1;
    uint32_t tries_ = 0;       // without a new event since
    bool is_in_part_ = false;  // the last event was delivered before its end
    size_t id_size_ = 0;
    char id_[max_id_bytes] = {};
};

OPENAI_STREAM_END
