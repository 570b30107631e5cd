#pragma once
// What a server says in the head of its answer about its limits, its time, and whether and when to try again.
#include "../http/date.hpp"
#include "../request/tristate.hpp"
#include "conversation.hpp"

OPENAI_STREAM_BEGIN

// One of the server's limits; -1: it did not say.
struct RateLimit {
    int64_t limit = -1;
    int64_t remaining = -1;
    int64_t reset_ms = -1;  // until `remaining` is `limit` again
};

// What the head of the last answer said. To be given to Stream::use(), and to outlive the Stream; or, without a Stream,
// to Exchange::add_header_listener() after each begin().
class ResponseInfo : public Interceptor, public HeaderListener {
public:
    RateLimit requests, tokens;               // x-ratelimit-{limit,remaining,reset}-{requests,tokens}
    int64_t processing_ms = -1;               // openai-processing-ms; -1: the server did not say
    Tristate should_retry = Tristate::unset;  // x-should-retry
    int64_t retry_after_ms = -1;              // retry-after-ms, or else Retry-After with its fraction
    int64_t retry_after_date = -1;            // Retry-After when it is a date: seconds from 1970

    constexpr ResponseInfo() noexcept : Interceptor(watch), HeaderListener(hear) { may_restart = false; }

    // As if no head had come.
    void forget() noexcept {
        requests = tokens = RateLimit();
        processing_ms = retry_after_ms = retry_after_date = -1;
        should_retry = Tristate::unset;
        is_exact_ = false;
        name_ = no_name;
        size_ = 0;
    }

    // Milliseconds of "6m0s", "17ms", "1h2m3.5s", or of plain seconds ("60", as Azure sends them); -1: it is none, or
    // more than 36 million years.
    static int64_t duration_ms(StringView text) noexcept {
        int64_t sum = text.empty() ? -1 : 0;
        while (!text.empty()) {
            int64_t thousandths = http::take_number(text) * 1000;
            if (thousandths < 0) return -1;
            int64_t place = http::take_mark(text, '.') ? 100 : 0;
            for (; !text.empty() && ascii::is_digit(text[0]); text = text.drop(1), place /= 10)
                thousandths += (text[0] - '0') * place;
            size_t size = 0;
            while (size != text.size() && text[size] >= 'a' && text[size] <= 'z') ++size;
            const unsigned unit = detail::words::index_of("ms\0s\0m\0h\0d\0", text.data(), size);
            if (unit == 0 && !text.empty()) return -1;
            constexpr int32_t seconds[] = {1, 0, 1, 60, 3600, 86400};
            sum += unit == 1 ? thousandths / 1000 : thousandths * seconds[unit];
            if (sum >> 60 != 0) return -1;  // a unit that is added to less than that does not overflow
            text = text.drop(size);
        }
        return sum;
    }

    static Action watch(Interceptor& interceptor, Conversation& conversation, Occasion occasion, Event*) noexcept {
        auto& self = static_cast<ResponseInfo&>(interceptor);
        if (occasion == Occasion::opened || occasion == Occasion::restarted) {
            self.forget();
            conversation.add_header_listener(self);
        }
        if (occasion == Occasion::failed && self.retry_after_ms >= 0)
            conversation.set_retry_after_ms(self.retry_after_ms);
        return Action::deliver;
    }

private:
    static constexpr size_t max_bytes = 40;  // of a name or a value; what is longer is none of ours

    // Which field it is, in the order of field_names.
    enum Name : uint8_t {
        no_name, name_should_retry, name_processing_ms, name_retry_after, name_retry_after_ms, name_limits
    };
    static constexpr const char* field_names =
        "x-should-retry\0openai-processing-ms\0retry-after\0retry-after-ms\0"
        "x-ratelimit-limit-requests\0x-ratelimit-remaining-requests\0x-ratelimit-reset-requests\0"
        "x-ratelimit-limit-tokens\0x-ratelimit-remaining-tokens\0x-ratelimit-reset-tokens\0";

    static void hear(HeaderListener& listener, http::ParseEvent part, const http::ResponseParser& found) noexcept {
        if (part != http::ParseEvent::need_more)
            static_cast<ResponseInfo&>(listener).take_piece(part == http::ParseEvent::field_name, found);
    }
    void take_piece(bool is_name, const http::ResponseParser& found) noexcept {
        for (const char c : found.text()) {
            if (size_ < max_bytes) text_[size_] = is_name ? ascii::to_lower(c) : c;
            if (size_ <= max_bytes) ++size_;
        }
        if (!found.is_text_complete()) return;
        const StringView text = size_ <= max_bytes ? http::trim_ows({text_, size_}) : StringView();
        size_ = 0;
        if (is_name) name_ = static_cast<uint8_t>(detail::words::index_of(field_names, text.data(), text.size()));
        else take_value(text);
    }
    void take_value(StringView text) noexcept {
        if (name_ == name_should_retry) {
            should_retry = text == "true" ? Tristate::yes : text == "false" ? Tristate::no : Tristate::unset;
        } else if (name_ == name_processing_ms) {
            processing_ms = whole(text);
        } else if (name_ == name_retry_after || name_ == name_retry_after_ms) {
            take_retry_after(text, name_ == name_retry_after_ms);
        } else if (name_ >= name_limits) {
            const unsigned place = name_ - name_limits;
            RateLimit& limit = place < 3 ? requests : tokens;
            if (place % 3 == 0) limit.limit = whole(text);
            if (place % 3 == 1) limit.remaining = whole(text);
            if (place % 3 == 2) limit.reset_ms = duration_ms(text);
        }
    }
    // What is said in milliseconds counts.
    void take_retry_after(StringView text, bool is_ms) noexcept {
        if (!is_ms) retry_after_date = http::to_unix_seconds(text);
        int64_t ms = duration_ms(text);
        if (is_ms && ms >= 0) ms /= 1000;
        if (ms < 0 || (is_exact_ && !is_ms)) return;
        retry_after_ms = ms;
        is_exact_ = is_ms;
    }
    // A number, without its fraction if it has one.
    static int64_t whole(StringView text) noexcept {
        const int64_t number = http::take_number(text);
        return text.empty() || text[0] == '.' ? number : -1;
    }

    bool is_exact_ = false;  // retry_after_ms was given in ms
    uint8_t name_ = no_name;
    uint8_t size_ = 0;
    char text_[max_bytes] = {};
};

OPENAI_STREAM_END
