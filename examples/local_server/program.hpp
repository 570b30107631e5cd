// A program that talks to this server: --run.
#pragma once

#include <string>
#include <vector>

namespace local_server {

// Runs it with the URL in its environment, and returns its exit status; 127: it could not be run. Where both are in one
// terminal, Ctrl-C is meant for the program.
int run_program(const std::vector<std::string>& words, const std::string& url);

}  // namespace local_server
