// Build: c++ -std=c++17 -I.. custom_socket_tls.cpp -lmbedtls -lmbedx509 -lmbedcrypto -o custom_socket_tls
// Run: ./custom_socket_tls "question" nc %h %p
//
// TLS where this program has no socket. The bytes go through another program's standard input and output, as they do
// with ssh's ProxyCommand; it might be `nc %h %p`, `ssh gateway nc %h %p`, or whatever speaks to a modem. %h and %p are
// the host and the port to be reached. That program sees nothing but encrypted bytes, and the certificate is verified
// here. From the environment: OPENAI_BASE_URL (https), OPENAI_API_KEY, OPENAI_MODEL, SSL_CERT_FILE.
#define OPENAI_STREAM_MBEDTLS
#include "common.hpp"
#include "openai_stream.hpp"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <string>
#include <vector>

namespace oai = openai_stream;

// The transport below: two pipes to a child process. Never waits but in wait().
class ChildProcess {
public:
    explicit ChildProcess(char** command) : command_(command) {}
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;
    ~ChildProcess() { hang_up(); }

    oai::IoResult dial(oai::StringView host, uint16_t port) {
        std::vector<std::string> words;
        for (char** word = command_; *word != nullptr; ++word)
            words.push_back(filled(filled(*word, "%h", std::string(host)), "%p", std::to_string(port)));
        std::vector<char*> pointers;
        for (std::string& word : words) pointers.push_back(&word[0]);
        pointers.push_back(nullptr);

        int to[2], from[2];
        if (pipe(to) != 0) return oai::IoResult::failed(errno);
        if (pipe(from) != 0) {
            const int error = errno;
            close(to[0]);
            close(to[1]);
            return oai::IoResult::failed(error);
        }
        child_ = fork();
        if (child_ == 0) {
            dup2(to[0], STDIN_FILENO);
            dup2(from[1], STDOUT_FILENO);
            for (const int end : {to[0], to[1], from[0], from[1]}) close(end);
            execvp(pointers[0], pointers.data());
            perror(pointers[0]);
            _exit(127);
        }
        const int error = errno;
        close(to[0]);
        close(from[1]);
        out_ = to[1];
        in_ = from[0];
        for (const int end : {in_, out_}) {
            fcntl(end, F_SETFL, O_NONBLOCK);
            fcntl(end, F_SETFD, FD_CLOEXEC);
        }
        return child_ > 0 ? oai::IoResult::ready() : oai::IoResult::failed(error);
    }

    oai::IoResult pull(char* into, size_t room) {
        const ssize_t count = read(in_, into, room);
        if (count == 0) return oai::IoResult::closed();
        return count > 0 ? oai::IoResult::bytes(static_cast<size_t>(count)) : nothing_moved();
    }
    oai::IoResult push(const char* from, size_t count) {
        const ssize_t sent = write(out_, from, count);
        return sent > 0 ? oai::IoResult::bytes(static_cast<size_t>(sent)) : nothing_moved();
    }

    void hang_up() {
        for (int* end : {&in_, &out_}) {
            if (*end >= 0) close(*end);
            *end = -1;
        }
        if (child_ > 0) {
            kill(child_, SIGTERM);
            waitpid(child_, nullptr, 0);
        }
        child_ = -1;
    }

    oai::IoResult wait(oai::Interest interest, uint32_t milliseconds) {
        const bool reads = oai::has(interest, oai::Interest::read), writes = oai::has(interest, oai::Interest::write);
        pollfd ends[2] = {{reads ? in_ : -1, POLLIN, 0}, {writes ? out_ : -1, POLLOUT, 0}};
        const int limit = milliseconds < 60000 ? static_cast<int>(milliseconds) : 60000;
        const int count = poll(ends, 2, limit);
        if (count < 0 && errno != EINTR) return oai::IoResult::failed(errno);
        return count != 0 ? oai::IoResult::ready() : oai::IoResult::would_block();
    }

    uint32_t now_ms() {
        timespec now = {};
        clock_gettime(CLOCK_MONOTONIC, &now);
        return static_cast<uint32_t>(now.tv_sec) * 1000u + static_cast<uint32_t>(now.tv_nsec / 1000000);
    }

private:
    static oai::IoResult nothing_moved() {
        if (errno == EAGAIN || errno == EINTR) return oai::IoResult::would_block();
        return errno == EPIPE ? oai::IoResult::closed() : oai::IoResult::failed(errno);
    }
    static std::string filled(std::string word, const char* what, const std::string& with) {
        const size_t at = word.find(what);
        return at == std::string::npos ? word : word.replace(at, strlen(what), with);
    }

    char** command_;
    pid_t child_ = -1;
    int in_ = -1, out_ = -1;
};

int main(int count, char** words) {
    if (count < 3) {
        fprintf(stderr, "usage: %s QUESTION COMMAND..., for instance: %s \"Are you there?\" nc %%h %%p\n", words[0],
                words[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);  // a child that has gone is an error, not the end

    ChildProcess process(words + 2);
    oai::TlsSettings settings;
    settings.ca_path = getenv("SSL_CERT_FILE");
    oai::Tls tls(oai::transport_of(process), settings);

    char memory[16 * 1024];
    oai::Endpoint server(setting("OPENAI_BASE_URL", "https://api.openai.com/v1"), getenv("OPENAI_API_KEY"));
    oai::ChatRequest ask(setting("OPENAI_MODEL", "gpt-4o-mini"), words[1]);
    oai::Stream stream(tls, memory);
    stream.open(server, ask);
    for (const oai::Event& e : stream)
        if (e.is_text()) print(e.text);
    puts("");
    return is_good(stream) ? 0 : 1;
}
