#pragma once
// How a conversation ended, and what is known when it did not end well.
#include "../base/error.hpp"
#include "../base/string_view.hpp"

OPENAI_STREAM_BEGIN

// What poll() says.
enum class Poll : uint8_t {
    event,    // one event was written
    pending,  // nothing now: wait for what wants() says (Interest::work_left: do not wait, there is work left)
    done,     // the answer is complete
    failed,   // it is not, and never will be: failure()
};

// How the answer ended. done() is true for the three that make poll() say `done`.
enum class Verdict : uint8_t {
    still_open,
    done_marker,       // "[DONE]"
    terminal_event,    // response.completed and its like
    finish_then_eof,   // every choice had finished and the message ended as framed, but no end marker came
    truncated,
    cancelled,
    closed_by_caller,
    failed,
};
constexpr bool is_done(Verdict verdict) noexcept {
    return verdict >= Verdict::done_marker && verdict <= Verdict::finish_then_eof;
}

// What is known of an error. Views point into the stream's buffer and live until the next open() or its end; an absent
// one has null data().
struct Failure {
    Error error = Error::none;
    ErrorCategory category = ErrorCategory::none;
    int http_status = 0;         // 0: no status line came; known even where the rest of the head is malformed
    int32_t transport_code = 0;  // the platform's code, of transport errors
    // What the server asked for, in its head or in its error; -1: nothing. The head's Retry-After counts in whole
    // seconds; where a ResponseInfo is used, or a policy, which has one, also with its fraction, or as retry-after-ms.
    int64_t retry_after_ms = -1;
    StringView type;             // the server's own words:
    StringView code;             //   a number there is its digits here
    StringView param;            //   Error::event_too_large: the key whose value did not fit
    StringView message;          //   of a page its <title>, of plain text its first line, if nothing else was said
    StringView request_id;       // x-request-id
    StringView content_type;
    StringView location;         // of a redirect: where the server sends; not followed, for the key must not go there
    // The first bytes of the body of a refusal or of what is not_event_stream, and of bad_json those of the event (of
    // one that did not fit into the buffer, of what was left of it). Always UTF-8, and safe to print: it ends before
    // the first ill-formed byte and before a control character that is neither a tab nor a line end. At most 256 bytes,
    // and an eighth of the buffer; fewer when an event needed the room; none when the body is compressed.
    StringView body_prefix;
};

// Like describe(failure.error), but of a refusal what its status means and what may help. Static.
inline const char* describe(const Failure& failure) noexcept {
    if (failure.error != Error::http_status) return describe(failure.error);
    if (failure.http_status >= 500) return "the server has a problem of its own; try again later";
    switch (failure.http_status) {
        case 400:
        case 422: return "the server does not accept a part of the request";
        case 401: return "the server does not accept the API key";
        case 402: return "the account has no credit left";
        case 403: return "the server does not allow this with this API key";
        case 404: return "the server knows no such address or model; the URL may lack /v1";
        case 405: return "the server does not accept this kind of request at this address; the URL may lack /v1";
        case 408: return "the server waited too long for the request";
        case 413: return "the request is too large for the server";
        case 429: return "there were too many requests, or the quota is used up";
    }
    if (failure.http_status < 400) return "the server sends elsewhere, where the API key must not follow";
    return describe(failure.error);
}

OPENAI_STREAM_END
