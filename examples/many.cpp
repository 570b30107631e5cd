// Build: c++ -std=c++17 -O2 -I.. many.cpp -o many
// Run: ./many [--streams N] [--frame-us BUDGET] [--answers] ["question"]
//
// Many conversations at once on one thread: epoll on Linux, poll elsewhere, says whose turn it is, and a turn is a
// bounded piece of work, so that nobody has to wait for somebody else's long answer.
//   --streams N    how many, 100 by default
//   --frame-us B   as in a game: frames of 16 ms, of which the conversations may take B microseconds
//   --answers      print every answer, a line each
// A '#' in the question is the number of the conversation. From the environment: OPENAI_BASE_URL, OPENAI_API_KEY,
// OPENAI_MODEL. Needs POSIX. Ends with 0 if all answers were complete.
#define OPENAI_STREAM_SOCKET
#include "common.hpp"
#include "openai_stream.hpp"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#if defined(__linux__)
#include <sys/epoll.h>
#endif

#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace oai = openai_stream;

constexpr size_t buffer_bytes = 4096;
constexpr int events_per_turn = 8;
constexpr long frame_us = 16000;
constexpr long look_after_us = 500000;  // timeouts are noticed by a poll(): so often, everybody gets one

// All that a conversation needs, besides what it asks and where.
struct Talk {
    oai::Socket socket;
    char memory[buffer_bytes];
    oai::Stream stream{socket, memory};  // its limits of time lie in the memory
};
static_assert(sizeof(Talk) == sizeof(oai::Socket) + buffer_bytes + sizeof(oai::Stream),
              "and nothing else");

// What the loop knows of it.
struct Seat {
    std::string question, answer;
    oai::ChatRequest request;
    bool is_queued = false, has_begun = false, is_over = false;
    size_t text_bytes = 0;
};

// Whose connections can be read or written.
#if defined(__linux__)
class Watcher {
public:
    // Replaces what was watched for this one. A handle that was closed has left by itself, and a new one may have its
    // number: so it is said each time.
    void watch(size_t index, int handle, oai::Interest interest) {
        if (handle < 0) return;
        epoll_event wanted = {};
        wanted.data.u64 = index;
        if (has(interest, oai::Interest::read)) wanted.events |= EPOLLIN;
        if (has(interest, oai::Interest::write)) wanted.events |= EPOLLOUT;
        if (epoll_ctl(epoll_, EPOLL_CTL_MOD, handle, &wanted) != 0)
            epoll_ctl(epoll_, EPOLL_CTL_ADD, handle, &wanted);
    }
    template <class F> void wait(int milliseconds, F ready) {
        epoll_event events[256];
        const int count = epoll_wait(epoll_, events, 256, milliseconds);
        for (int i = 0; i < count; ++i) ready(static_cast<size_t>(events[i].data.u64));
    }

private:
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
};
#else
class Watcher {
public:
    void watch(size_t index, int handle, oai::Interest interest) {
        if (polled_.size() <= index) polled_.resize(index + 1, pollfd{-1, 0, 0});
        const int events = (has(interest, oai::Interest::read) ? POLLIN : 0) |
                           (has(interest, oai::Interest::write) ? POLLOUT : 0);
        polled_[index] = {handle, static_cast<short>(events), 0};
    }
    template <class F> void wait(int milliseconds, F ready) {
        if (::poll(polled_.data(), static_cast<nfds_t>(polled_.size()), milliseconds) <= 0) return;
        for (size_t i = 0; i < polled_.size(); ++i)
            if (polled_[i].revents != 0) ready(i);
    }

private:
    std::vector<pollfd> polled_;  // by index
};
#endif

static long microseconds(clockid_t clock) {
    timespec now = {};
    clock_gettime(clock, &now);
    return static_cast<long>(now.tv_sec) * 1000000 + now.tv_nsec / 1000;
}

class Hall {
public:
    Hall(const oai::Endpoint& server, size_t count) : server_(server), talks_(new Talk[count]), seats_(count) {}

    void open(const char* model, const std::string& question, bool keeps_answers) {
        keeps_answers_ = keeps_answers;
        opened_us_ = microseconds(CLOCK_MONOTONIC);
        for (size_t i = 0; i < seats_.size(); ++i) {
            Seat& seat = seats_[i];
            seat.question = question;
            for (size_t at; (at = seat.question.find('#')) != std::string::npos;)
                seat.question.replace(at, 1, std::to_string(i));
            seat.request = oai::ChatRequest(model, oai::StringView(seat.question));
            talks_[i].stream.open(server_, seat.request);
            enqueue(i);
        }
        running_ = seats_.size();
    }

    // Serves whoever is ready for so long, or until nobody is; first in, first out.
    void serve(long budget_us) {
        const long began = microseconds(CLOCK_MONOTONIC), cpu_began = microseconds(CLOCK_THREAD_CPUTIME_ID);
        look_around(0);
        while (!queue_.empty() && microseconds(CLOCK_MONOTONIC) - began < budget_us) {
            const size_t index = queue_.front();
            queue_.pop_front();
            seats_[index].is_queued = false;
            if (take_turn(index)) enqueue(index);
        }
        const long spent = microseconds(CLOCK_THREAD_CPUTIME_ID) - cpu_began;
        if (spent > longest_us_) longest_us_ = spent;
        ++rounds_;
    }
    void wait() { look_around(queue_.empty() ? static_cast<int>(look_after_us / 1000) : 0); }

    size_t running() const { return running_; }
    size_t failed() const { return failed_; }
    size_t rounds() const { return rounds_; }
    size_t most_answering() const { return most_answering_; }
    long last_begun_us() const { return last_begun_us_; }
    long longest_us() const { return longest_us_; }
    const std::string& complaint() const { return complaint_; }
    const std::vector<Seat>& seats() const { return seats_; }
    uint64_t received_bytes() const { return received_bytes_; }

private:
    void enqueue(size_t index) {
        Seat& seat = seats_[index];
        if (seat.is_queued || seat.is_over) return;
        seat.is_queued = true;
        queue_.push_back(index);
    }
    void look_around(int milliseconds) {
        watcher_.wait(milliseconds, [this](size_t index) { enqueue(index); });
        const long now = microseconds(CLOCK_MONOTONIC);
        if (now - looked_after_us_ < look_after_us) return;
        looked_after_us_ = now;
        for (size_t i = 0; i < seats_.size(); ++i) enqueue(i);
    }

    // A bounded piece of work. Returns true if there is more to do at once.
    bool take_turn(size_t index) {
        oai::Stream& stream = talks_[index].stream;
        Seat& seat = seats_[index];
        oai::Event event;
        for (int budget = events_per_turn; budget > 0; --budget)
            switch (stream.poll(event)) {
                case oai::Poll::event:
                    if (!seat.has_begun) begin(seat);
                    if (!event.is_text()) break;
                    seat.text_bytes += event.text.size();
                    if (keeps_answers_) seat.answer.append(event.text.data(), event.text.size());
                    break;
                case oai::Poll::pending:
                    watcher_.watch(index, talks_[index].socket.native_handle(), stream.wants());
                    return has(stream.wants(), oai::Interest::work_left);
                case oai::Poll::done:
                case oai::Poll::failed: end(index); return false;
            }
        return true;
    }
    void begin(Seat& seat) {
        seat.has_begun = true;
        if (++answering_ > most_answering_) most_answering_ = answering_;
        last_begun_us_ = microseconds(CLOCK_MONOTONIC) - opened_us_;
    }
    void end(size_t index) {
        oai::Stream& stream = talks_[index].stream;
        if (stream.failed()) {
            ++failed_;
            char why[500];
            if (complaint_.empty()) complaint_ = stream.explain(why);
        }
        received_bytes_ += stream.stats().received_bytes;
        seats_[index].is_over = true;
        --running_;
        if (seats_[index].has_begun) --answering_;
        watcher_.watch(index, -1, oai::Interest::none);
        stream.close();
    }

    const oai::Endpoint& server_;
    std::unique_ptr<Talk[]> talks_;
    std::vector<Seat> seats_;
    std::deque<size_t> queue_;
    Watcher watcher_;
    bool keeps_answers_ = false;
    size_t running_ = 0, failed_ = 0, rounds_ = 0, answering_ = 0, most_answering_ = 0;
    long longest_us_ = 0, looked_after_us_ = 0, opened_us_ = 0, last_begun_us_ = 0;
    uint64_t received_bytes_ = 0;
    std::string complaint_;
};

// One for each connection; a Socket that never waits has no more.
static bool has_descriptors(size_t streams) {
    rlimit limit = {};
    const rlim_t wanted = static_cast<rlim_t>(streams + 32);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
    if (limit.rlim_cur >= wanted) return true;
    limit.rlim_cur = limit.rlim_max == RLIM_INFINITY || wanted < limit.rlim_max ? wanted : limit.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted;
}

int main(int count, char** words) {
    long streams = 100, budget_us = 0;
    bool keeps_answers = false, is_understood = true;
    std::string question = "Why is the sky blue?";
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        if (word == "--answers") keeps_answers = true;
        else if (word == "--streams" && i + 1 < count) streams = atol(words[++i]);
        else if (word == "--frame-us" && i + 1 < count) budget_us = atol(words[++i]);
        else if (word.compare(0, 2, "--") == 0) is_understood = false;
        else question = word;
    }
    if (!is_understood || streams < 1 || streams > 100000 || budget_us < 0) {
        fputs("usage: many [--streams N] [--frame-us BUDGET] [--answers] [\"question\"]\n", stderr);
        return 2;
    }
    if (!has_descriptors(static_cast<size_t>(streams))) {
        fprintf(stderr, "many: %ld streams need %ld descriptors, which the system does not give (ulimit -n)\n", streams,
                streams + 32);
        return 2;
    }

    const oai::Endpoint server(setting("OPENAI_BASE_URL", "http://127.0.0.1:8080/v1"), getenv("OPENAI_API_KEY"));
    const long began = microseconds(CLOCK_MONOTONIC);
    Hall hall(server, static_cast<size_t>(streams));
    hall.open(setting("OPENAI_MODEL", "local"), question, keeps_answers);
    while (true) {
        const long frame_began = microseconds(CLOCK_MONOTONIC);
        hall.serve(budget_us != 0 ? budget_us : frame_us);
        if (hall.running() == 0) break;
        if (budget_us == 0) {
            hall.wait();
            continue;
        }
        // The rest of the frame is the game's.
        const long left = frame_began + frame_us - microseconds(CLOCK_MONOTONIC);
        const timespec rest = {0, left > 0 ? left * 1000 : 0};
        nanosleep(&rest, nullptr);
    }
    const double seconds = static_cast<double>(microseconds(CLOCK_MONOTONIC) - began) / 1e6;

    size_t text_bytes = 0;
    for (size_t i = 0; i < hall.seats().size(); ++i) {
        text_bytes += hall.seats()[i].text_bytes;
        if (keeps_answers) printf("%zu: %s\n", i, hall.seats()[i].answer.c_str());
    }
    printf("%ld answers, %zu of them incomplete; %zu bytes of text in %llu received, %.2f s\n", streams, hall.failed(),
           text_bytes, static_cast<unsigned long long>(hall.received_bytes()), seconds);
    printf("at most %zu at a time; the last one began after %ld ms\n", hall.most_answering(),
           hall.last_begun_us() / 1000);
    printf("%zu %s, the longest took %ld microseconds of the processor\n", hall.rounds(),
           budget_us != 0 ? "frames" : "rounds", hall.longest_us());
    printf("memory of a stream: %zu (Stream) + %zu (its buffer) + %zu (Socket) = %zu bytes\n",
           sizeof(oai::Stream), buffer_bytes, sizeof(oai::Socket), sizeof(Talk));
    if (hall.failed() != 0) fprintf(stderr, "the first that went wrong: %s\n", hall.complaint().c_str());
    return hall.failed() == 0 ? 0 : 1;
}
