// What the command line says; main.cpp explains the options.
#pragma once

#include "limits.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace local_server {

struct Options {
    uint16_t port = 0;
    Clock::duration pace = std::chrono::duration_cast<Clock::duration>(std::chrono::seconds(1)) / 30;
    std::string key;
    int connections = 64;
    bool once = false;
    bool help = false;
    std::vector<std::string> program;  // to be run, with its words
};

extern const char* const usage;

// Returns false if a word is not understood.
bool read_options(Options& options, const std::vector<std::string>& words);

}  // namespace local_server
