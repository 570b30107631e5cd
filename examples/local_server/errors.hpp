// The two ways in which an answer ends early. Both are exceptions, because they leave from any depth of reading or
// writing; server.cpp catches both.
#pragma once

#include <string>

namespace local_server {

// Nothing more can be said: the client has left or was too slow, or the server is stopping.
struct ConnectionEnded {};

// The client is told what is wrong, in the shape of OpenAI's errors.
struct ApiError {
    int status;
    std::string message;
    std::string code;
    std::string param = {};
    std::string header = {};  // one more header line with its CRLF, or nothing
    bool close = false;       // true if nobody knows where the next request would begin
};

inline ApiError bad_http(int status, const char* message) { return {status, message, "bad_http", "", "", true}; }

inline ApiError bad_param(const std::string& param, const std::string& complaint) {
    return {400, '\'' + param + "' " + complaint + '.', "invalid_value", param};
}

inline ApiError wrong_method(const std::string& right) {
    return {405, "This path takes " + right + " only.", "method_not_allowed", "", "Allow: " + right + "\r\n"};
}

inline ApiError missing_param(const std::string& param) {
    return {400, "Missing required parameter: '" + param + "'.", "missing_required_parameter", param};
}

}  // namespace local_server
