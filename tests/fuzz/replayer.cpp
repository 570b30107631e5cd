// Runs a target over a corpus, for builds without libFuzzer: CORPUS.hex, one input a line in hexadecimal digits. What
// follows a '#' says why an input is there. FUZZ_RESULTS=1: what was said after each line, as a number that is the same in
// every build.
#include "checks.hpp"

#include <fstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int count, char** arguments) {
    const bool shows_results = std::getenv("FUZZ_RESULTS") != nullptr;
    size_t passed = 0;
    for (int i = 1; i < count; ++i) {
        std::ifstream file(arguments[i]);
        fuzz::current_line = 0;
        for (std::string line; std::getline(file, line);) {
            ++fuzz::current_line;
            std::vector<uint8_t> bytes;
            unsigned digits = 0, value = 0;
            for (const char c : line.substr(0, line.find('#'))) {
                const int digit = openai_stream::ascii::hex_value(c);
                if (digit < 0) continue;
                value = value * 16 + static_cast<unsigned>(digit);
                if (++digits % 2 == 0) bytes.push_back(static_cast<uint8_t>(value & 0xFF));
            }
            if (digits == 0) continue;
            const std::vector<uint8_t> exact(bytes);  // no byte more than the input has
            LLVMFuzzerTestOneInput(exact.data(), exact.size());
            ++passed;
            if (shows_results)
                std::printf("line %zu %016llx\n", fuzz::current_line,
                            static_cast<unsigned long long>(fuzz::results().value()));
            fuzz::results() = fuzz::Digest();
        }
    }
    std::printf("%zu passed, %d failed\n", passed, passed == 0 ? 1 : 0);
    return passed == 0 ? 1 : 0;
}
