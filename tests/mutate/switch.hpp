#pragma once
// All mutants of src/ stand in one program, and MUTANT=number in the environment chooses the one that is on: so that
// thousands of them are compiled once. Included before everything else by the compiler's command line.
#include <cstdio>
#include <cstdlib>
#include <type_traits>

namespace mutant {

inline constexpr int most = 1 << 15;
inline int chosen = 0;
inline unsigned char reached[most] = {};
inline unsigned long long steps = 0, most_steps = ~0ull;  // how often the run came by one

// MUTANT_REACHED names a file for that count, below 0, and the numbers of those that the run came by.
inline void note() {
    if (const char* const name = std::getenv("MUTANT_REACHED"))
        if (FILE* const file = std::fopen(name, "a")) {
            std::fprintf(file, "-%llu\n", steps);
            for (int id = 0; id != most; ++id)
                if (reached[id] != 0) std::fprintf(file, "%d\n", id);
            std::fclose(file);
        }
}
inline const bool is_ready = [] {
    if (const char* const number = std::getenv("MUTANT")) chosen = std::atoi(number);
    if (const char* const number = std::getenv("MUTANT_STEPS")) most_steps = std::strtoull(number, nullptr, 10);
    std::atexit(note);
    return true;
}();

// What the compiler computes is never a mutant.
constexpr bool on(int id) {
    if (__builtin_is_constant_evaluated()) return false;
    reached[id] = 1;
    if (++steps > most_steps) std::_Exit(1);  // an endless loop; a limit of time would find a busy machine instead
    return chosen == id;
}

// A literal: the number below it, 1 for 0, the next character, the other truth.
template <int id, class T> constexpr T literal(T value) {
    return on(id) ? static_cast<T>(value == 0 ? 1 : value - 1) : value;
}
template <int id> constexpr bool literal(bool value) { return on(id) ? !value : value; }
template <int id> constexpr char literal(char value) { return on(id) ? static_cast<char>(value + 1) : value; }

// Flags of an enumeration may have one of | and & alone.
template <class T> constexpr auto number(T value) {
    if constexpr (std::is_enum_v<T>) return static_cast<std::underlying_type_t<T>>(value);
    else return value;
}

// a < b is written a < At<id>() < b, which groups as a < b does.
template <int id> struct At {};
template <int id, class T> struct Left { T value; };

#define MUTANT_INFIX(op, other)                                                                             \
    template <int id, class L> constexpr Left<id, L> operator op(L left, At<id>) { return {left}; }         \
    template <int id, class L, class R>                                                                     \
    constexpr auto operator op(Left<id, L> left, R right)->decltype(left.value op right) {                  \
        if (on(id)) return other;                                                                           \
        return left.value op right;                                                                         \
    }
MUTANT_INFIX(<, left.value <= right)
MUTANT_INFIX(<=, left.value < right)
MUTANT_INFIX(>, left.value >= right)
MUTANT_INFIX(>=, left.value > right)
MUTANT_INFIX(==, !(left.value == right))
MUTANT_INFIX(!=, !(left.value != right))
MUTANT_INFIX(+, left.value + right - 1)
MUTANT_INFIX(-, left.value - right + 1)
MUTANT_INFIX(*, left.value * right + 1)
MUTANT_INFIX(/, left.value / right + 1)
MUTANT_INFIX(%, left.value % right + 1)
MUTANT_INFIX(<<, left.value >> right)
MUTANT_INFIX(>>, left.value << right)
MUTANT_INFIX(&, static_cast<decltype(left.value & right)>(number(left.value) | number(right)))
MUTANT_INFIX(|, static_cast<decltype(left.value | right)>(number(left.value) & number(right)))
MUTANT_INFIX(^, static_cast<decltype(left.value ^ right)>(number(left.value) | number(right)))
#undef MUTANT_INFIX

}  // namespace mutant
