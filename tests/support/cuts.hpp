#pragma once
// The ways an input arrives: a parser must give the same answer for each.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace corpus {

using Pieces = std::vector<std::string_view>;

inline bool wishes_cuts(const char* which) {
    const char* wish = std::getenv("OPENAI_STREAM_TEST_CUTS");
    return wish != nullptr && std::strcmp(wish, which) == 0;
}
// OPENAI_STREAM_TEST_CUTS=few: for runs that are 50 times slower (valgrind, sanitizers).
inline bool few_cuts() { return wishes_cuts("few"); }
// OPENAI_STREAM_TEST_CUTS=all: for the weekly run, in which a test leaves nothing out.
inline bool all_cuts() { return wishes_cuts("all"); }

// Inputs above this are "large": cut in fewer ways.
constexpr size_t max_small_bytes = 8 * 1024;

// The same numbers in every run for the same input.
class Random {
public:
    explicit Random(std::string_view seed) {
        for (const char c : seed.substr(0, 4096)) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
        state_ |= 1;
    }
    // From low to high, both included.
    size_t between(size_t low, size_t high) {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return low + static_cast<size_t>(state_ % (high - low + 1));
    }

private:
    uint64_t state_ = 0xCBF29CE484222325u;
};

// How the pieces were cut, for a failure's message: "whole", "31 + 69", "7 pieces: 1 + 5 + ...".
inline std::string describe(const Pieces& pieces) {
    if (pieces.size() <= 1) return "whole";
    std::string text = pieces.size() > 2 ? std::to_string(pieces.size()) + " pieces: " : "";
    for (size_t i = 0; i < pieces.size() && i < 16; ++i) text += (i ? " + " : "") + std::to_string(pieces[i].size());
    return pieces.size() > 16 ? text + " + ..." : text;
}

// Calls f(pieces) for each way; the pieces are never empty, and their concatenation is the input (which must outlive
// them). Small: whole, byte by byte, every two-way cut, some random cuts in 3 to 12. Large: whole, in pieces of 1, 2,
// 3, 7 and 1000 bytes, ten two-way cuts. Few: whole and three cuts.
template <class F> void for_each_cut(const std::string& input, bool large, F f) {
    const std::string_view all = input;
    const size_t size = all.size();
    Pieces pieces;
    const auto in_steps = [&](size_t step) {
        pieces.clear();
        for (size_t at = 0; at < size; at += step) pieces.push_back(all.substr(at, step));
        f(static_cast<const Pieces&>(pieces));
    };
    const auto at_places = [&](std::vector<size_t> places) {
        places.push_back(size);
        std::sort(places.begin(), places.end());
        pieces.clear();
        size_t from = 0;
        for (const size_t place : places) {
            if (place > from) pieces.push_back(all.substr(from, place - from));
            from = std::max(from, place);
        }
        f(static_cast<const Pieces&>(pieces));
    };

    in_steps(std::max<size_t>(size, 1));
    if (size < 2) return;
    Random random(all);
    const auto some_places = [&](size_t count) {
        std::vector<size_t> places;
        for (size_t i = 0; i < count; ++i) places.push_back(random.between(1, size - 1));
        return places;
    };

    large = large || size > max_small_bytes;
    if (few_cuts()) {
        in_steps(large ? 1000 : 1);
        at_places(some_places(1));
        at_places(some_places(random.between(2, 11)));
    } else if (large) {
        for (const unsigned step : {1u, 2u, 3u, 7u, 1000u}) in_steps(step);
        for (int i = 0; i < 10; ++i) at_places(some_places(1));
    } else {
        in_steps(1);
        for (size_t place = 1; place < size; ++place) at_places({place});
        for (int i = 0; i < 8; ++i) at_places(some_places(random.between(2, 11)));
    }
}

}  // namespace corpus
