// Tools: a question that asks for what an offered function does gets two calls, and an answer that repeats the results
// when those have come. Two, because calls that arrive at the same time are what a client gets wrong.
#pragma once

#include "faults.hpp"
#include "json.hpp"
#include "lumen.hpp"

#include <string>
#include <vector>

namespace local_server {

struct Call {
    std::string name;
    std::string arguments;

    // The arguments come in two pieces; this is the size of the first.
    size_t half() const;
};

// A call that somebody has to allow: of an MCP server's tool, or of a shell where the client is.
struct BuiltInCall {
    std::string type;  // "mcp", "shell" or "local_shell"
    std::string name;  // of the MCP server
};

class Tools {
public:
    // A function that the request offers: {"name":..., "description":..., "parameters":...}.
    void offer(const Json& function);
    // A tool of another kind: {"type":"mcp","server_label":...,"server_description":...}, {"type":"shell"}.
    void offer_built_in(const Json& tool);

    // The request's `tool_choice`: "none", "required", or one function by its name.
    void choose(const Json& choice);

    // The conversation, in its order: results before the last question are a matter of the past.
    void note_question(const std::string& text);
    void note_result(const std::string& text);

    // Both calls of the answer, of the first two functions that the question asks for or of the only one; none if text
    // comes in their place.
    std::vector<Call> calls(const Faults& faults) const;

    // The same of tools that are no functions: one of each kind that the question asks for. They come before any other.
    std::vector<BuiltInCall> built_in_calls() const;

    // The text of the answer if there are no calls: the results, or what Lumen says.
    std::string answer(const std::vector<Message>& conversation) const;

private:
    bool is_asked_for(const Json& function) const;

    std::vector<Json> functions_;
    std::vector<BuiltInCall> built_in_;
    std::vector<Json> about_built_in_;  // what is said about each, as about a function
    std::vector<std::string> results_;
    std::string question_;
    std::string chosen_;  // a function that shall be called
    bool must_call_ = false;
    bool may_call_ = true;
};

}  // namespace local_server
