#pragma once
// Taking up an answer of the Responses API where its link broke. Not linked unless named.
#include "retries.hpp"

OPENAI_STREAM_BEGIN

// Retries, and more: when the link breaks in the middle of an answer, the server is asked for the events behind the
// last one that was handed out (GET /responses/{id}?stream=true&starting_after=N), after the waits of Retries. Each
// event is handed out once. To be given to Stream::use(), for a ResponseRequest with ResponseOptions::background: a
// server keeps the events of no other. max_retries is the number of attempts without a new event between them.
//
// The conversation fails as it would without this when an event that did not fit into the buffer has been handed out in
// part, when the server numbers no events, and in raw mode.
class Resume : public Retries {
public:
    // The longest id of a response; one that is longer cannot be asked for.
    static constexpr size_t max_id_bytes = 96;

    constexpr Resume() noexcept = default;
    Resume(const Resume&) = delete;  // a request in it points to its id
    Resume& operator=(const Resume&) = delete;

    // Of the answer, as long as this lives or until the next open(): for a RetrieveRequest in another program.
    StringView response_id() const noexcept { return {id_, id_size_}; }
    int64_t last_sequence_number() const noexcept { return last_; }  // that was handed out; -1: none

private:
    friend class Stream;

    static uint32_t tend(Stream& stream, Stream::Moment moment, Event* event) noexcept {
        Resume& self = *static_cast<Resume*>(stream.notes_);
        if (moment == Stream::Moment::opened) self.forget_answer();
        if (event && moment == Stream::Moment::event && !self.is_new(*event)) return 0;
        if (!stream.exchange_.is_open() && self.can_be_taken_up()) {
            return self.may_go_on_ && self.take_up(stream) ? 0 : self.end_attempts(moment);
        }
        return self.look_after(stream, moment, event);
    }

    void forget_answer() noexcept {
        id_size_ = 0;
        last_ = taken_up_at_ = -1;
        is_in_part_ = false;
        tries_ = 0;
    }
    bool can_be_taken_up() const noexcept { return id_size_ != 0 && last_ >= 0 && !is_in_part_; }

    // False: it was handed out before.
    bool is_new(const Event& event) noexcept {
        if (event.kind == EventKind::started) {
            if (id_size_ != 0) return false;
            if (event.id.size() <= max_id_bytes) {
                id_size_ = event.id.size();
                if (id_size_ != 0) memcpy(id_, event.id.data(), id_size_);
            }
        }
        if (event.kind != EventKind::keepalive) is_in_part_ = event.early;
        if (event.sequence_number < 0) return true;
        if (event.sequence_number <= taken_up_at_) return false;
        if (event.sequence_number > last_) {
            last_ = event.sequence_number;
            tries_ = 0;
        }
        return true;
    }

    bool take_up(Stream& stream) noexcept {
        const Failure failure = stream.exchange_.failure();
        uint32_t wait_ms = 0;
        if (!(is_broken(stream, failure) || should_ask_again(stream, failure)) || !stream.link_.transport().dial ||
            !may_wait(stream, failure, tries_, wait_ms))
            return false;
        ++tries_;
        note_reason(failure);
        taken_up_at_ = last_;
        request_ = RetrieveRequest(response_id(), last_);
        static_cast<void>(stream.exchange_.take_up(*stream.endpoint_, request_));
        return go_on(stream, wait_ms, attempts.resumes);
    }

    RetrieveRequest request_;
    int64_t last_ = -1, taken_up_at_ = -1;
    uint32_t tries_ = 0;       // without a new event since
    bool is_in_part_ = false;  // the last event was handed out before its end
    size_t id_size_ = 0;
    char id_[max_id_bytes] = {};
};

inline void Stream::use(Resume& resume) noexcept {
    use(static_cast<Retries&>(resume));
    tend_ = Resume::tend;
}

OPENAI_STREAM_END
