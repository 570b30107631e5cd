#include "http_request.hpp"

#include "errors.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {
namespace {

// field-name ":" OWS field-value OWS
void add_header(Request& request, const std::string& text) {
    const std::string name = lower(before(text, ":"));
    if (name.empty() || name.size() == text.size() || name.find_first_of(" \t") != name.npos)
        throw bad_http(400, "A header line is not 'Name: value'.");
    const size_t start = std::min(text.find_first_not_of(" \t", name.size() + 1), text.size());
    const std::string value = text.substr(start, text.find_last_not_of(" \t") + 1 - start);
    request.headers[name] = request.has(name.c_str()) ? request.headers[name] + ", " + value : value;
}

size_t length_of(const std::string& digits, unsigned base, size_t most) {
    size_t value = 0;
    for (const char c : digits) {
        if (hex_value(c) >= base) throw bad_http(400, "A length is not a number.");
        value = value * base + hex_value(c);
        if (value > most) throw bad_http(413, "The body is larger than 8 MiB.");
    }
    if (digits.empty()) throw bad_http(400, "A length is missing.");
    return value;
}

}  // namespace

std::string Request::parameter(const std::string& name) const {
    for (size_t start = 0, end; start < query.size(); start = end + 1) {
        end = std::min(query.find('&', start), query.size());
        if (query.compare(start, name.size() + 1, name + '=') != 0) continue;
        return query.substr(start + name.size() + 1, end - start - name.size() - 1);
    }
    return "";
}

bool Request::keep_alive() const { return lower(header("connection")).find("close") == std::string::npos; }

Request RequestReader::read() {
    deadline_ = Clock::now() + request_time;
    Request request;
    size_t budget = max_head_bytes;
    read_request_line(request, budget);
    for (std::string text = line(budget); !text.empty(); text = line(budget)) add_header(request, text);
    // This fault strikes before the body is read, so it cannot wait for the router.
    if (request.path.compare(0, 13, "/fault:early/") == 0) throw bad_http(413, "The body is too large.");
    if (!request.has("host")) throw bad_http(400, "The Host header is missing.");
    read_body(request);
    return request;
}

char RequestReader::byte() {
    if (at_ == end_) {
        end_ = connection_.read(buffer_, sizeof buffer_, deadline_);
        at_ = 0;
    }
    return buffer_[at_++];
}

// A line without its CRLF, paid for from a budget of bytes for several lines.
std::string RequestReader::line(size_t& budget) {
    std::string text;
    for (char c = byte(); c != '\r'; c = byte()) {
        if (is_control(c) && c != '\t') throw bad_http(400, "A control character in a line.");
        if (budget-- == 0) throw bad_http(431, "The head is larger than 16 KiB.");
        text += c;
    }
    if (byte() != '\n') throw bad_http(400, "A CR without LF.");
    return text;
}

// method SP request-target SP HTTP-version
void RequestReader::read_request_line(Request& request, size_t& budget) {
    const std::string text = line(budget);
    const size_t first = text.find(' '), last = text.rfind(' ');
    if (first == 0 || first == last || text.find(' ', first + 1) != last)
        throw bad_http(400, "The request line is not 'METHOD /path HTTP/1.1'.");
    if (text.substr(last) != " HTTP/1.1") throw bad_http(505, "This server speaks HTTP/1.1 only.");
    request.method = text.substr(0, first);
    const std::string target = text.substr(first + 1, last - first - 1);
    request.path = before(target, "?");
    request.query = target.substr(std::min(request.path.size() + 1, target.size()));
}

void RequestReader::read_body(Request& request) {
    const bool chunked = request.has("transfer-encoding"), sized = request.has("content-length");
    if (chunked && sized) throw bad_http(400, "The body has two lengths.");
    if (chunked && lower(request.header("transfer-encoding")) != "chunked")
        throw bad_http(501, "The only transfer coding known here is 'chunked'.");
    const size_t size = sized ? length_of(request.header("content-length"), 10, max_body_bytes) : 0;
    if (lower(request.header("expect")) == "100-continue") connection_.write("HTTP/1.1 100 Continue\r\n\r\n");
    if (chunked) {
        read_chunks(request.body);
    } else {
        append_bytes(request.body, size);
    }
}

// *( chunk-size [ chunk-ext ] CRLF chunk-data CRLF ) 1*"0" [ chunk-ext ] CRLF *( field-line CRLF ) CRLF
void RequestReader::read_chunks(std::string& body) {
    for (;;) {
        size_t budget = max_head_bytes;
        const size_t size = length_of(before(line(budget), "; \t"), 16, max_body_bytes - body.size());
        if (size == 0) break;
        append_bytes(body, size);
        if (byte() != '\r' || byte() != '\n') throw bad_http(400, "A chunk does not end in CRLF.");
    }
    for (size_t budget = max_head_bytes; !line(budget).empty();) continue;
}

void RequestReader::append_bytes(std::string& body, size_t count) {
    for (; count > 0; --count) body += byte();
}

}  // namespace local_server
