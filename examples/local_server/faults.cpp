#include "faults.hpp"

#include "errors.hpp"
#include "text.hpp"

#include <algorithm>

namespace local_server {

const std::vector<Fault> all_faults = {
    {"status", true, "HTTP status N with an error body; 429 and 503 with Retry-After: 2"},
    {"html", true, "an HTML page with status N, 200 if not given"},
    {"early", false, "status 413, and if asked for in the path, before the body is read"},
    {"silence", false, "no answer, for ever"},
    {"whole", false, "one JSON object, though a stream was asked for"},
    {"error-first", false, "an error as the first event"},
    {"error-midstream", false, "half of the answer, then an error event"},
    {"cut", false, "half of the answer, then the connection closes"},
    {"cut-chunk", false, "the same in the middle of a chunk"},
    {"cut-clean", false, "half of the answer, then the message ends as HTTP ends it"},
    {"cut-after", true, "N events, 5 if not given, then the connection closes; a response goes on by GET"},
    {"stall", false, "half of the answer, then nothing, for ever"},
    {"reset", false, "half of the answer, then a TCP reset"},
    {"no-done", false, "all of the answer, but no [DONE]"},
    {"tools", false, "two tool calls in place of text, though nobody offered a tool"},
    {"reasoning", false, "reasoning_content before the text"},
    {"usage", false, "token counts, though nobody asked"},
    {"comments", false, "a keep-alive comment before each event"},
    {"crlf", false, "lines end in CR LF"},
    {"bytes", false, "each byte in a chunk of its own"},
    {"slow", true, "one byte each N milliseconds, 50 if not given"},
};

std::string list_of_faults() {
    std::string list = "Faults, as the model \"fault:NAME\" or by http://127.0.0.1:PORT/fault:NAME/v1; "
                       "several: NAME+NAME\n";
    for (const Fault& fault : all_faults) {
        const std::string name = std::string(fault.name) + (fault.has_number ? "=N" : "");
        list += "  " + name + std::string(18 - name.size(), ' ') + fault.meaning + '\n';
    }
    return list;
}

void Faults::add(const std::string& text) {
    if (text.compare(0, 6, "fault:") != 0) return;
    for (size_t start = 6, end; start <= text.size(); start = end + 1) {
        end = std::min(text.find('+', start), text.size());
        const std::string word = text.substr(start, end - start), name = before(word, "=");
        const std::string digits = name == word ? "" : word.substr(name.size() + 1);
        const bool is_known = std::any_of(all_faults.begin(), all_faults.end(), [&](const Fault& fault) {
            return name == fault.name && (fault.has_number || name == word);
        });
        if (!is_known || digits.size() > 4 || digits.find_first_not_of("0123456789") != digits.npos)
            throw bad_param("model", "asks for '" + word.substr(0, 40) + "', which is no fault; GET / lists them");
        numbers_[name] = digits.empty() ? -1 : std::stoi(digits);
    }
}

int Faults::number(const char* name, int otherwise) const {
    const int number = numbers_.at(name);
    return number < 0 ? otherwise : number;
}

}  // namespace local_server
