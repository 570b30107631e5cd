#include "options.hpp"

#include <cstdlib>

namespace local_server {

const char* const usage = "usage: local_server [--port N] [--pace TOKENS_PER_SECOND] [--key K] "
                          "[--connections N] [--once] [--help] [--run PROGRAM ...]\n";

bool read_options(Options& options, const std::vector<std::string>& words) {
    for (size_t at = 0; at < words.size(); ++at) {
        const std::string& name = words[at];
        if (name == "--once" || name == "--help") {
            (name == "--once" ? options.once : options.help) = true;
            continue;
        }
        if (name == "--run" && at + 1 != words.size()) {
            options.program.assign(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end());
            break;
        }
        const std::string value = at + 1 < words.size() ? words[++at] : "";
        char* end = nullptr;
        const double number = strtod(value.c_str(), &end);
        const bool is_number = !value.empty() && *end == '\0';
        const bool is_integer = is_number && value.find_first_not_of("0123456789") == value.npos;
        if (name == "--key" && !value.empty()) {
            options.key = value;
        } else if (name == "--port" && is_integer && number <= 65535) {
            options.port = static_cast<uint16_t>(number);
        } else if (name == "--connections" && is_integer && number >= 1 && number <= 10000) {
            options.connections = static_cast<int>(number);
        } else if (name == "--pace" && is_number && number >= 0.01) {
            options.pace = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / number));
        } else if (name == "--pace" && value == "0") {
            options.pace = Clock::duration::zero();
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace local_server
