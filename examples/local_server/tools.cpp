#include "tools.hpp"

#include "limits.hpp"
#include "structured.hpp"

#include <algorithm>

namespace local_server {
size_t Call::half() const { return std::min(arguments.find(':') + 1, arguments.size()); }

void Tools::offer(const Json& function) {
    const Json& name = function["name"];
    const bool fits = name.kind == Json::Kind::string && name.text.size() <= max_name_bytes;
    if (fits && functions_.size() < 2) functions_.push_back(function);
}

void Tools::note_result(const std::string& text) {
    if (results_.size() < max_tool_results) results_.push_back(text.substr(0, max_tool_result_bytes));
}

std::vector<Call> Tools::calls(const Faults& faults) const {
    const char* const cities[] = {"Brest", "Bergen"};
    std::vector<Call> calls;
    if (faults.has("tools") && functions_.empty()) {
        for (const char* city : cities) calls.push_back({"get_weather", "{\"city\":" + quote(city) + '}'});
    } else if (results_.empty() && !functions_.empty()) {
        for (size_t at = 0; at < 2; ++at) {
            const Json& function = functions_[std::min(at, functions_.size() - 1)];
            calls.push_back(
                {function["name"].text, object_for(function["parameters"], cities[at], max_tool_result_bytes)});
        }
    }
    return calls;
}

std::string Tools::answer(const std::vector<Message>& conversation) const {
    if (results_.empty()) return answer_of_lumen(conversation);
    std::string text = "I have asked, and here is what the line said.";
    for (const std::string& result : results_) text += "\n- " + result;
    return text;
}

}  // namespace local_server
