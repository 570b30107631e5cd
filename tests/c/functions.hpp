#pragma once
// A transport of C with all functions that it can have.
#include "c/driver.h"

#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <string>

// What each is to say, and what it was asked.
struct Functions {
    int32_t resolved = OAI_IO_READY, dialled = OAI_IO_READY, waited = OAI_IO_READY, pulled = 0;
    size_t largest_room = 0;
    uint32_t now = 0;
    int wakes = 0, dials = 0, hang_ups = 0;
    std::string asked;

    static Functions& of(void* context) { return *static_cast<Functions*>(context); }
    oai_transport transport() {
        oai_transport all = {};
        all.context = this;
        all.pull = [](void* context, char* into, size_t room) {
            Functions& self = of(context);
            self.largest_room = room;
            if (self.pulled != 1) return self.pulled;
            *into = 'x';
            return int32_t{1};
        };
        all.push = [](void*, const char*, size_t count) { return static_cast<int32_t>(count); };
        all.hang_up = [](void* context) { ++of(context).hang_ups; };
        all.dial = [](void* context, const char* host, size_t host_size, uint16_t port) {
            Functions& self = of(context);
            ++self.dials;
            self.asked += "dial " + std::string(host) + ":" + std::to_string(port) + ";";
            CHECK_EQ(host_size, strlen(host));
            return self.dialled;
        };
        all.resolve = [](void* context, const char* host, size_t host_size, uint16_t port) {
            Functions& self = of(context);
            self.asked += "resolve " + std::string(host) + ":" + std::to_string(port) + ";";
            CHECK_EQ(host_size, strlen(host));
            return self.resolved;
        };
        all.wait = [](void* context, int32_t, uint32_t ms) {
            of(context).now += ms;
            return of(context).waited;
        };
        all.wake = [](void* context) { ++of(context).wakes; };
        all.now_ms = [](void* context) { return of(context).now; };
        all.explain = [](void*, int32_t code, char* into, size_t room) -> const char* {
            snprintf(into, room, "Code %d", static_cast<int>(code));
            return into;
        };
        return all;
    }
};
