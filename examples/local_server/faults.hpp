// Faults: what a client can ask this server to do wrong, so that its handling of broken servers can be tried without a
// broken server. They are asked for by name, in place of the model or in the path of the base URL.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace local_server {

struct Fault {
    const char* name;
    bool has_number;
    const char* meaning;
};

extern const std::vector<Fault> all_faults;

// A table of them for people.
std::string list_of_faults();

// The faults that one request has asked for. Which code acts them out: http_reply.cpp in place of an answer and byte by
// byte, event_stream.cpp event by event, chat.cpp, response.cpp and tools.cpp in what the answer contains.
class Faults {
public:
    // "fault:" name [ "=" digits ] *( "+" name [ "=" digits ] ). Any other text asks for none; an unknown name throws
    // an ApiError.
    void add(const std::string& text);

    bool has(const char* name) const { return numbers_.count(name) != 0; }

    // The number that came with a fault that was asked for, or `otherwise` if none did.
    int number(const char* name, int otherwise) const;

private:
    std::map<std::string, int> numbers_;  // -1 = without a number
};

}  // namespace local_server
