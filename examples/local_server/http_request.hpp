// Requests off the wire (HTTP/1.1, RFC 9112). Strict: a request that two readers might understand in two ways is
// refused, since a client that sends one has to be mended.
#pragma once

#include "connection.hpp"

#include <map>
#include <string>

namespace local_server {

struct Request {
    std::string method;
    std::string path;                            // without the query
    std::string query;                           // without its '?'
    std::map<std::string, std::string> headers;  // by name in lower case; repeated ones are joined by ", "
    std::string body;

    bool has(const char* name) const { return headers.count(name) != 0; }
    std::string header(const char* name) const { return has(name) ? headers.at(name) : ""; }

    // The value of a member of the query, as it is; "" if there is none.
    std::string parameter(const std::string& name) const;

    bool keep_alive() const;
};

// Reads the requests of one connection, one after the other.
class RequestReader {
public:
    explicit RequestReader(Connection& connection) : connection_(connection) {}

    // Waits for a whole request. Throws ConnectionEnded, or an ApiError for one that is refused.
    Request read();

private:
    char byte();
    std::string line(size_t& budget);
    void read_request_line(Request& request, size_t& budget);
    void read_body(Request& request);
    void read_chunks(std::string& body);
    void append_bytes(std::string& body, size_t count);

    Connection& connection_;
    Clock::time_point deadline_;
    char buffer_[8192];
    size_t at_ = 0;
    size_t end_ = 0;
};

}  // namespace local_server
