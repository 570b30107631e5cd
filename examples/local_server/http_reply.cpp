#include "http_reply.hpp"

#include "json.hpp"

#include <cstdio>

namespace local_server {
namespace {

// The words after a status, where there is something to say; clients do not read them (RFC 9112 section 4).
const char* reason_phrase(int status) {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 404: return "Not Found";
        case 429: return "Too Many Requests";
        case 500: return "Internal Server Error";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        default: return "";
    }
}

std::string chunk(const std::string& bytes) {
    char size[24];
    snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + bytes + "\r\n";
}

}  // namespace

// The types of OpenAI's errors.
std::string json_of(const ApiError& error) {
    const char* const type = error.status >= 500   ? "server_error"
                             : error.status == 429 ? "requests"
                                                   : "invalid_request_error";
    return "{\"error\":{\"message\":" + quote(error.message) + ",\"type\":" + quote(type) +
           ",\"param\":" + quote_or_null(error.param) + ",\"code\":" + quote_or_null(error.code) + "}}";
}

Reply::Reply(Connection& connection, const Request& request, bool keep_alive, uint64_t number)
    : connection_(connection), head_only_(request.method == "HEAD"), keep_alive_(keep_alive),
      for_page_(request.has("origin") ? "Access-Control-Allow-Origin: *\r\n"
                                        "Access-Control-Expose-Headers: *\r\n" : ""),
      id_(std::to_string(number)) {}

void Reply::send_whole(int status, const char* type, const std::string& body, const std::string& header) {
    const bool bodyless = status == 204 || status == 304;  // RFC 9110 sections 15.3.5, 15.4.5
    const std::string length = bodyless ? "" : "Content-Length: " + std::to_string(body.size()) + "\r\n";
    send(head(status, type) + header + length + "\r\n" + (head_only_ || bodyless ? "" : body));
}

void Reply::send_preflight(const Request& request) {
    std::string header = "Allow: GET, POST\r\n"
                         "Access-Control-Allow-Methods: GET, POST\r\n"
                         "Access-Control-Max-Age: 600\r\n";
    const std::string names = request.header("access-control-request-headers");
    if (!names.empty()) header += "Access-Control-Allow-Headers: " + names + "\r\n";
    if (request.has("access-control-request-private-network"))
        header += "Access-Control-Allow-Private-Network: true\r\n";
    send_whole(204, "text/plain", "", header);
}

void Reply::send_error(const ApiError& error) {
    send_whole(error.status, "application/json", json_of(error), error.header);
}

bool Reply::send_refusal() {
    if (faults.has("silence")) connection_.ignore(Clock::time_point::max());
    if (faults.has("html")) {
        send_whole(status_of_fault("html", 200), "text/html",
                   "<!DOCTYPE html>\n<html><head><title>Gateway</title></head>"
                   "<body><h1>This is not the page you are looking for</h1></body></html>\n");
        return true;
    }
    if (!faults.has("early") && !faults.has("status")) return false;
    const int status = faults.has("early") ? 413 : status_of_fault("status", 500);
    const bool is_temporary = status == 429 || status == 503;
    const char* const code = status == 401   ? "invalid_api_key"
                             : status == 404 ? "model_not_found"
                             : status == 429 ? "rate_limit_exceeded"
                                             : "fault";
    send_error({status, "This is the fault you asked for: status " + std::to_string(status) + '.', code, "",
                is_temporary ? "Retry-After: 2\r\n" : ""});
    return true;
}

void Reply::begin_chunks(const char* type) {
    const char* framing = "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
    send(head(200, type) + framing);
}

void Reply::send_chunk(const std::string& bytes) { send(chunk(bytes)); }

void Reply::end_chunks() { send(chunk("")); }

void Reply::cut_chunk(const std::string& bytes) {
    send(chunk(bytes).substr(0, 20));
    throw ConnectionEnded{};
}

std::string Reply::head(int status, const char* type) const {
    return "HTTP/1.1 " + std::to_string(status) + ' ' + reason_phrase(status) + "\r\nContent-Type: " + type +
           "\r\nx-request-id: req_local_" + id_ + (keep_alive_ ? "\r\n" : "\r\nConnection: close\r\n") + for_page_;
}

int Reply::status_of_fault(const char* name, int otherwise) const {
    const int status = faults.number(name, otherwise);
    if (status < 200 || status > 599) throw bad_param("model", "asks for a status that is not 200 to 599");
    return status;
}

// The fault "slow": one byte at a time, each after a pause.
void Reply::send(std::string_view bytes) {
    if (!faults.has("slow")) return connection_.write(bytes);
    for (; !bytes.empty(); bytes.remove_prefix(1)) {
        stop.sleep_until(Clock::now() + std::chrono::milliseconds(faults.number("slow", 50)));
        connection_.write(bytes.substr(0, 1));
    }
}

}  // namespace local_server
