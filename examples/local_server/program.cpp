#include "program.hpp"

#include <signal.h>

#include <cstdlib>

#ifdef _WIN32
#include <process.h>
#else
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;
#endif

namespace local_server {

#ifdef _WIN32

namespace {

// As programs take their command line apart: backslashes before a quote count double.
std::string quoted(const std::string& word) {
    std::string all = "\"";
    size_t backslashes = 0;
    for (const char c : word) {
        if (c == '"') all.append(backslashes + 1, '\\');
        backslashes = c == '\\' ? backslashes + 1 : 0;
        all += c;
    }
    return all.append(backslashes, '\\') + '"';
}

}  // namespace

int run_program(const std::vector<std::string>& words, const std::string& url) {
    _putenv_s("OPENAI_BASE_URL", url.c_str());
    _putenv_s("OPENAI_API_KEY", "");
    signal(SIGINT, SIG_IGN);
    std::vector<std::string> all;
    for (const std::string& word : words) all.push_back(quoted(word));
    std::vector<const char*> pointers;
    for (const std::string& word : all) pointers.push_back(word.c_str());
    pointers.push_back(nullptr);
    const intptr_t status = _spawnvp(_P_WAIT, words[0].c_str(), pointers.data());
    return status < 0 ? 127 : static_cast<int>(status);
}

#else

int run_program(const std::vector<std::string>& words, const std::string& url) {
    setenv("OPENAI_BASE_URL", url.c_str(), 1);
    setenv("OPENAI_API_KEY", "", 1);
    signal(SIGINT, [](int) {});  // which the program does not inherit, as it would what is ignored
    std::vector<std::string> all = words;
    std::vector<char*> pointers;
    for (std::string& word : all) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t child = 0;
    int status = 0;
    if (posix_spawnp(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) != 0) return 127;
    while (waitpid(child, &status, 0) < 0) {}  // interrupted by a signal
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif

}  // namespace local_server
