// The answer to one request (HTTP/1.1, RFC 9112), whole or in chunks. All bytes of an answer leave through one function
// here, which is where the faults that concern single bytes happen.
#pragma once

#include "connection.hpp"
#include "errors.hpp"
#include "faults.hpp"
#include "http_request.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace local_server {

// An error as OpenAI writes it: {"error":{...}}.
std::string json_of(const ApiError& error);

class Reply {
public:
    // `number` counts the answers of this process; ids are made of it.
    Reply(Connection& connection, const Request& request, bool keep_alive, uint64_t number);

    Faults faults;  // what this request has asked for

    const std::string& id() const { return id_; }
    Connection& connection() { return connection_; }

    void send_whole(int status, const char* type, const std::string& body, const std::string& header = "");
    void send_json(const std::string& body) { send_whole(200, "application/json", body); }
    void send_error(const ApiError& error);

    // Answers the question of a browser whether a page from elsewhere may ask (CORS, fetch.spec.whatwg.org): each may,
    // with any header, since there is nothing here to be kept from it.
    void send_preflight(const Request& request);

    // Acts out the faults that come in place of an answer. Returns false if none was asked for.
    bool send_refusal();

    // A body in chunks: begin, each chunk, end. A chunk is not empty.
    void begin_chunks(const char* type);
    void send_chunk(const std::string& bytes);
    void end_chunks();

    // Breaks off after 20 bytes of a chunk that would hold more.
    [[noreturn]] void cut_chunk(const std::string& bytes);

private:
    std::string head(int status, const char* type) const;
    int status_of_fault(const char* name, int otherwise) const;
    void send(std::string_view bytes);

    Connection& connection_;
    const bool head_only_;
    const bool keep_alive_;
    const std::string for_page_;  // header lines that let a page from elsewhere read the answer
    const std::string id_;
};

}  // namespace local_server
