#pragma once
// Whether a program with threads can be interrupted here at all.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

// Returns false under qemu-i386: after a signal a thread has the thread_local variables of another one, of which
// std::thread and malloc know nothing. To be asked before the test has threads.
inline bool signals_leave_threads_alone() {
    const pid_t child = fork();
    if (child == 0) {
        std::thread([] { pause(); }).detach();
        static thread_local int own = 0;
        own = 1;
        signal(SIGUSR1, [](int) {});
        raise(SIGUSR1);
        _exit(own == 1 ? 0 : 1);
    }
    int status = -1;
    return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}
