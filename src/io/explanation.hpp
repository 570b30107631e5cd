#pragma once
// What went wrong and what to do, for a person who has nothing but this sentence: the error, the status, the server's
// own words, where it was, what the platform or TLS says, and advice. Put together in memory of the caller, from parts
// that others wrote, so none of them may break out of its line or of that memory. Programs that do not call explain()
// link nothing of it.
#include "../base/ascii.hpp"
#include "../base/utf8.hpp"
#include "stream.hpp"

OPENAI_STREAM_BEGIN

namespace detail {

// The status of a refusal; for an error in the answer, the status that its code is or stands for; 0: none.
inline int status_of(const Failure& failure) noexcept {
    if (failure.error != Error::server_error) return failure.http_status;
    const StringView code = failure.code;
    if (code == StringView("invalid_api_key")) return 401;
    if (code == StringView("insufficient_quota") || code == StringView("rate_limit_exceeded")) return 429;
    const bool is_status = code.size() == 3 && (code[0] == '4' || code[0] == '5') && ascii::is_digit(code[1]) &&
                           ascii::is_digit(code[2]);
    return is_status ? (code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0') : 0;
}

// What the program or its user can do about an error, as a sentence without its full stop; static, never null.
inline const char* advice(const Failure& failure) noexcept {
    switch (failure.error) {
        case Error::none: return "";
        case Error::not_open: return "Call open() first";
        case Error::bad_url: return "Write it like https://api.openai.com/v1, an IPv6 address in brackets";
        case Error::endpoint_in_url: return "The request adds /chat/completions or /responses itself";
        case Error::bad_key: return "That word is added to it";
        case Error::bad_header_value: return "Look for a line end at its end, as a key read from a file has one";
        case Error::bad_request_json: return "Give it JSON; extra_json is members without braces";
        case Error::bad_request_field: return "Set it; NaN and infinity cannot be sent";
        case Error::request_changed: return "Leave it alone until the first event";
        case Error::source_failed: return "Check that the file is still there, and as long as its Source says";
        case Error::needs_tls: return "Use a TlsSocket, or an http URL";
        case Error::no_transport: return "Set both";
        case Error::no_redial: return "Give it a dial function, or make a new Stream";
        case Error::mode_fixed: return "Poll with one of Event, SseEvent and BodyPiece until the next open()";
        case Error::reentered: return "Call nothing but close() and cancel() there";
        case Error::cancelled:
        case Error::closed: return "Ask again if that was not intended";
        case Error::buffer_too_small: return "Give it 512 bytes at least, 16 KiB where memory does not matter";
        case Error::event_too_large: return "Give the Stream a larger buffer";
        case Error::json_too_deep: return "Ask the server for less";
        case Error::head_too_large: return "Look what stands between here and the server";
        case Error::message_too_large:
        case Error::too_many_parts: return "Give the Collector more memory, or ask for less";
        case Error::transport_contract: return "Fix its pull or push function";
        case Error::name_not_resolved: return "Check the host in the URL, and the network";
        case Error::connect_failed: return "Check that the server runs, and the host and port of the URL";
        case Error::connect_timeout: return "Check the host and port of the URL, and the network";
        case Error::headers_timeout: return "Try again, or allow more in Timeouts: a long prompt may take minutes";
        case Error::idle_timeout:
        case Error::content_timeout: return "Try again, or allow more in Timeouts";
        case Error::total_timeout: return "Allow more in Timeouts, or ask for less";
        case Error::connection_lost:
        case Error::truncated: return "Try again if the text so far is not enough";
        case Error::no_response: return "Try again, and check whether the port wants https";
        case Error::bad_status_line: return "Check the port, and whether it wants https";
        case Error::bad_header:
        case Error::bad_framing:
        case Error::bad_chunk:
        case Error::unexpected_upgrade: return "Report it to whoever runs the server or the proxy before it";
        case Error::content_encoding: return "Switch compression off in the proxy";
        case Error::not_event_stream: return "Check the path of the URL, mostly /v1, and what stands before the server";
        case Error::bad_json: return "Report it to whoever runs the server";
        case Error::late_key: return "Give the Stream a buffer that holds the whole event";
        case Error::http_status: break;
        case Error::server_error: break;
    }
    const int status = status_of(failure);
    if (status == 0) return "Any text before it is good. Try again if it is not enough";
    if (status >= 500) return "If it stays so, ask whoever runs the server";
    switch (status) {
        case 401: return "Check the key, and that it belongs to this server";
        case 402: return "Add credit to the account";
        case 403: return "Use another key or model";
        case 404:
        case 405: return "Check the model's name and the path of the URL, mostly /v1";
        case 408:
        case 429: return "Wait and try again, or raise the quota";
        case 413: return "Send less";
    }
    return status < 400 ? "Use the address that it redirects to" : "Correct the request";
}

// A text that grows in memory of a fixed size and is always a whole C string. It is cut between characters; control
// characters become blanks, and what is not UTF-8 question marks.
class Explanation {
public:
    explicit Explanation(Buffer memory) noexcept : memory_(memory) {
        if (memory_.size != 0) memory_.data[0] = '\0';
    }

    // Null data() and "" add nothing. At most `limit` bytes.
    void add(StringView text, size_t limit = SIZE_MAX) noexcept {
        const size_t end = limit < room() ? size_ + limit : size_ + room();
        for (const char* at = text.begin(); at != text.end();) {
            const utf8::Sequence sequence = utf8::sequence_at(at, text.end());
            if (!put(StringView(at, sequence.length), sequence.valid != 0, end)) break;
            at += sequence.length;
        }
        if (memory_.size != 0) memory_.data[size_] = '\0';
    }
    void add_number(uint64_t value) noexcept {
        char digits[20];
        add(ascii::format_decimal(value, digits));
    }
    // A sentence of what is said without its full stop: its first letter becomes a capital.
    void begin_sentence(StringView text) noexcept {
        if (size_ != 0) add(" ");
        const size_t first = size_;
        add(text);
        if (size_ != first && memory_.data[first] >= 'a' && memory_.data[first] <= 'z')
            memory_.data[first] = static_cast<char>(memory_.data[first] - ('a' - 'A'));
    }
    void end_sentence() noexcept {
        while (size_ != 0 && memory_.data[size_ - 1] == ' ') --size_;
        const char last = size_ != 0 ? memory_.data[size_ - 1] : '.';
        if (last != '.' && last != '!' && last != '?') add(".");
        if (memory_.size != 0) memory_.data[size_] = '\0';
    }
    // Static where there is no memory.
    const char* text() const noexcept { return memory_.size != 0 ? memory_.data : ""; }
    Buffer rest() const noexcept { return {memory_.data + size_, room() + (memory_.size != 0 ? 1 : 0)}; }

private:
    size_t room() const noexcept { return memory_.size != 0 ? memory_.size - 1 - size_ : 0; }
    // Returns false if it has no room, and neither has what comes after it.
    bool put(StringView character, bool is_valid, size_t end) noexcept {
        const auto lead = static_cast<unsigned char>(character[0]);
        const bool is_c1 = lead == 0xC2 && character.size() == 2 && static_cast<unsigned char>(character[1]) < 0xA0;
        const bool is_control = lead < 0x20 || lead == 0x7F || is_c1;
        if (is_control && (size_ == 0 || memory_.data[size_ - 1] == ' ')) return true;
        if (is_control || !is_valid) character = is_control ? " " : "?";
        if (is_full_ || character.size() > end - size_) {
            is_full_ = is_full_ || end == size_ + room();
            return false;
        }
        memcpy(memory_.data + size_, character.data(), character.size());
        size_ += character.size();
        return true;
    }

    Buffer memory_;
    size_t size_ = 0;  // without the NUL
    bool is_full_ = false;
};

}  // namespace detail

// The same of a Failure alone, for programs that have no Stream. `where` is the host, `platform` what the transport's
// code means, `field` what cannot be sent of a request; each may be empty.
inline const char* explain(const Failure& failure, Buffer memory, StringView where = {}, StringView platform = {},
                           StringView field = {}) noexcept {
    detail::Explanation text(memory);
    if (failure.error == Error::none) return text.text();
    const char* what = describe(failure.error);
    if (failure.error == Error::http_status) what = describe(failure);
    text.begin_sentence(what);
    if (!field.empty()) text.add(": ");
    text.add(field);
    if (failure.error == Error::event_too_large && !failure.param.empty()) {
        text.add(": ");
        text.add(failure.param);
    }
    if (failure.http_status != 0 || !where.empty()) {
        text.add(" (");
        if (failure.http_status != 0) text.add("HTTP ");
        if (failure.http_status != 0) text.add_number(static_cast<uint64_t>(failure.http_status));
        if (failure.http_status != 0 && !where.empty()) text.add(" from ");
        text.add(where);
        text.add(")");
    }
    text.end_sentence();
    const size_t limit = memory.size / 2;  // so that the advice has room
    if (!platform.empty()) {
        text.begin_sentence(platform.take(limit));
        text.end_sentence();
    }
    const StringView words = !failure.message.empty() ? failure.message : failure.body_prefix;
    if (!words.empty()) {
        text.begin_sentence("It says: ");
        text.add(words, limit);
        if (!failure.param.empty() && failure.error != Error::event_too_large) {
            text.add(" (");
            text.add(failure.param, limit / 2);
            text.add(")");
        }
        text.end_sentence();
    }
    if (!failure.location.empty()) {
        text.begin_sentence("It sends to ");
        text.add(failure.location, limit);
        text.end_sentence();
    }
    text.begin_sentence(detail::advice(failure));
    if (failure.error == Error::http_status && failure.retry_after_ms >= 0) {
        text.add("; it asks you to wait ");
        text.add_number(static_cast<uint64_t>(failure.retry_after_ms + 999) / 1000);
        text.add(" s");
    }
    text.end_sentence();
    return text.text();
}

inline const char* Stream::explain(Buffer memory) const noexcept {
    const Failure known = failure();
    const Error error = known.error;
    char where_memory[280], platform_memory[320], field_memory[64];
    detail::Explanation where{Buffer(where_memory)};
    const bool is_caller = known.category == ErrorCategory::caller && error != Error::needs_tls;
    if (endpoint_ && !is_caller && known.category != ErrorCategory::capacity) {
        const bool is_ip6 = endpoint_->host.has_mark;
        if (is_ip6) where.add("[");
        where.add(endpoint_->host);
        where.add(is_ip6 ? "]:" : ":");
        where.add_number(endpoint_->effective_port());
    }
    const char* platform = "";
    const bool has_platform = error == Error::name_not_resolved || error == Error::connect_failed ||
                              error == Error::connection_lost || error == Error::needs_tls || error == Error::truncated;
    const Transport& transport = link_.transport();
    if (has_platform && transport.explain) {
        const IoResult io = error == Error::name_not_resolved ? IoResult::unresolved(known.transport_code)
                                                              : IoResult::failed(known.transport_code);
        platform = transport.explain(transport.context, io, Buffer(platform_memory));
    }
    return openai_stream::explain(known, memory, where.text(), platform ? platform : "",
                                  exchange_.refused_field(field_memory));
}

OPENAI_STREAM_END
