#pragma once
#include "variant.hpp"

namespace godot {
class Time {
public:
    static Time* get_singleton();
    uint64_t get_ticks_msec() const;
};
}  // namespace godot
