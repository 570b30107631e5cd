#pragma once
// Every way a conversation can fail, who has to act, and a sentence for each.
#include "string_view.hpp"

OPENAI_STREAM_BEGIN

enum class Error : uint8_t {
    none,
    // caller: the program that uses this library
    not_open,             // polled before open(), after a move, or a default-constructed stream
    bad_url,              // Endpoint: not "http[s]://host[:port][/prefix][?query]"
    endpoint_in_url,      // Endpoint: the URL ends in /completions or /responses, which are added by the request
    bad_key,              // Endpoint: the key begins with "Bearer "
    bad_header_value,     // CR, LF, NUL or another control byte in a header name, a header value, the host or the path
    bad_request_json,     // extra_json, a tool's parameters or another raw JSON text in the request is not JSON
    bad_request_field,    // a request field has a value that cannot be sent: no model, a NaN
    request_changed,      // the request's memory changed, or was gone, between counting and sending
    source_failed,        // a Source of the request could not be read
    needs_tls,            // an https endpoint over a transport that is not secure; nothing was sent
    no_transport,         // pull or push is null
    no_redial,            // the transport has no dial and its link cannot be used again
    no_wait,              // next() would have to wait, and the transport has no wait: poll() is for such ones
    in_use,               // another Stream has taken the buffer or the transport
    link_gone,            // the transport's object was destroyed while the Stream was connected
    mode_fixed,           // typed and raw poll() mixed on one answer
    reentered,            // polled, opened or moved from inside the stream's own transport callback
    cancelled,            // cancel() was called
    closed,               // close() was called before the end
    // capacity: a limit of this library or of the memory it was given
    buffer_too_small,     // smaller than min_buffer_bytes
    event_too_large,      // an id, a name or (in raw mode) an event does not fit into the buffer; see Failure::param
    json_too_deep,        // nested deeper than json::max_depth
    head_too_large,       // the response head or trailer passed http::max_head_bytes
    message_too_large,    // Collector: the message does not fit into its memory
    too_many_parts,       // Collector: more choices, tool calls or parts than it counts
    // transport: the link below
    transport_contract,   // bytes(0), or more bytes than asked for
    name_not_resolved,    // the host name has no address; Failure::transport_code has the resolver's code
    connect_failed,       // dial failed; Failure::transport_code has the platform's code
    connect_timeout,      // the link was not up in time, see Timeouts
    headers_timeout,      // the response's head was not there in time
    idle_timeout,         // no byte was sent or received for too long
    content_timeout,      // nothing but keep-alives came for too long
    total_timeout,        // the whole conversation took too long
    connection_lost,      // pull, push or wait failed in mid-conversation; Failure::transport_code
    no_response,          // the connection ended before the first byte of an answer
    truncated,            // the answer ended before it was finished
    // protocol: what came is not HTTP, not an event stream, not JSON
    bad_status_line,
    bad_header,           // a header or trailer line that is not "name: value"
    bad_framing,          // Content-Length and Transfer-Encoding: invalid, unknown or contradicting
    bad_chunk,            // a chunk size, extension or end that is not by RFC 9112 section 7.1
    unexpected_upgrade,   // 101 Switching Protocols, which nobody asked for
    content_encoding,     // a Content-Encoding that is a known one, or of a body that does not begin as text
    not_event_stream,     // HTML, plain text, or events and JSON of which nothing was understood; Failure::body_prefix
    bad_json,             // an event's data is not JSON; Failure::body_prefix
    late_key,             // a key contradicts what had to be delivered before it came (see Event::provisional)
    // server: a well-formed refusal
    http_status,          // status 300 or above; Failure has the server's words
    server_error,         // an error inside a 200 answer; Failure has the server's words
};

// Who has to act. In the order of the groups above.
enum class ErrorCategory : uint8_t { none, caller, capacity, transport, protocol, server };

OPENAI_STREAM_INLINE constexpr ErrorCategory category(Error error) noexcept {
    return error == Error::none                ? ErrorCategory::none
           : error < Error::buffer_too_small   ? ErrorCategory::caller
           : error < Error::transport_contract ? ErrorCategory::capacity
           : error < Error::bad_status_line    ? ErrorCategory::transport
           : error < Error::http_status        ? ErrorCategory::protocol
                                               : ErrorCategory::server;
}

// One sentence in English without a final full stop; static, never null.
inline const char* describe(Error error) noexcept {
    switch (error) {
        case Error::none: return "no error";
        case Error::not_open: return "the stream is not open";
        case Error::bad_url: return "the URL is not of the form http[s]://host[:port][/path]";
        case Error::endpoint_in_url: return "the URL names the address of a request; end it before, mostly with /v1";
        case Error::bad_key: return "the API key begins with the word Bearer; give the key alone";
        case Error::bad_header_value: return "a header, host or path has a control character, or the path lacks its /";
        case Error::bad_request_json: return "a raw JSON text in the request is not valid JSON";
        case Error::bad_request_field: return "a request field is missing or has a value that cannot be sent";
        case Error::request_changed: return "the request changed while it was sent; it must live until the first event";
        case Error::source_failed: return "a source of the request could not be read";
        case Error::needs_tls: return "an https URL needs a transport that encrypts; nothing was sent";
        case Error::no_transport: return "the transport has no pull or no push function";
        case Error::no_redial: return "the transport cannot connect again";
        case Error::no_wait: return "next() would have to wait, and the transport has no wait function";
        case Error::in_use: return "another Stream uses this buffer or this transport";
        case Error::link_gone: return "the transport was destroyed before the Stream";
        case Error::mode_fixed: return "typed and raw events cannot be mixed in one answer";
        case Error::reentered: return "the stream was used from inside its own transport";
        case Error::cancelled: return "the conversation was cancelled";
        case Error::closed: return "the stream was closed before the answer ended";
        case Error::buffer_too_small: return "the buffer is smaller than min_buffer_bytes";
        case Error::event_too_large: return "a part of an event that must stay whole does not fit into the buffer";
        case Error::json_too_deep: return "the JSON is nested too deeply";
        case Error::head_too_large: return "the response's headers are too large";
        case Error::message_too_large: return "the message does not fit into the memory it is collected in";
        case Error::too_many_parts: return "the message has more choices, tool calls or parts than can be collected";
        case Error::transport_contract: return "the transport returned an impossible count of bytes";
        case Error::name_not_resolved: return "the host name could not be resolved";
        case Error::connect_failed: return "the connection could not be made";
        case Error::connect_timeout: return "the connection took too long";
        case Error::headers_timeout: return "the server took too long to answer";
        case Error::idle_timeout: return "nothing was sent or received for too long";
        case Error::content_timeout: return "nothing but keep-alives came for too long";
        case Error::total_timeout: return "the conversation took too long";
        case Error::connection_lost: return "the connection broke";
        case Error::no_response: return "the server closed the connection without an answer";
        case Error::truncated: return "the answer ended before it was finished";
        case Error::bad_status_line: return "the answer is not HTTP/1.1";
        case Error::bad_header: return "a response header is malformed";
        case Error::bad_framing: return "the response's length or transfer encoding is invalid";
        case Error::bad_chunk: return "the response's chunked encoding is malformed";
        case Error::unexpected_upgrade: return "the server switched to a protocol nobody asked for";
        case Error::content_encoding: return "the response is compressed though that was not asked for";
        case Error::not_event_stream: return "the answer is neither an event stream nor JSON";
        case Error::bad_json: return "an event's data is not valid JSON";
        case Error::late_key: return "a key came too late and contradicts text already delivered";
        case Error::http_status: return "the server refused the request";
        case Error::server_error: return "the server reported an error";
    }
    return "unknown error";
}

// Its sentence, for std::ostream and everything else with write(const char*, count).
template <class Out> auto operator<<(Out& out, Error error) -> decltype((out.write)("", detail::Count()), out) {
    return out << StringView(describe(error));
}

OPENAI_STREAM_END
