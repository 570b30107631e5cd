#pragma once
// Which of several paths lead to the value that comes next in a JSON text, told key by key and element by element. A
// key may come in pieces: each drops the paths that it contradicts, so that a key needs no memory, whatever its length.
//
// A value stands `depth` levels deep: so many objects and lists around it are open.
#include "../base/buffer.hpp"
#include "json_path.hpp"

OPENAI_STREAM_BEGIN

namespace detail::text {

class PathMatcher {
public:
    static constexpr unsigned max_paths = 16;  // bits of a mask
    static constexpr unsigned max_steps = 8;   // of a path

    // Only the first max_paths paths count. Not owned.
    explicit PathMatcher(Span<const char* const> paths) noexcept : paths_(paths) {
        if (paths_.size > max_paths) paths_.size = max_paths;
        value_mask_ = static_cast<uint16_t>((1u << paths_.size) - 1);
    }

    // Returns false if a path is malformed or has too many steps.
    bool is_sound() const noexcept {
        for (unsigned path = 0; path != paths_.size; ++path)
            if (step_of(path, max_steps).kind != PathStep::Kind::end) return false;
        return true;
    }

    // An object or list begins, which is the value that came.
    void begin_container(unsigned depth) noexcept {
        if (depth <= max_steps) masks_[depth] = value_mask_;
        if (depth < max_steps) counts_[depth] = 0;
    }
    // It has ended, and is the value once more.
    void end_container(unsigned depth) noexcept { value_mask_ = depth <= max_steps ? masks_[depth] : uint16_t(0); }
    // A value comes in a list.
    void begin_element(unsigned depth) noexcept {
        value_mask_ = 0;
        if (depth > max_steps) return;
        const uint32_t index = counts_[depth - 1]++;
        const unsigned above = masks_[depth - 1];
        for (unsigned path = 0; (above >> path) != 0; ++path) {
            if ((above >> path & 1) == 0) continue;
            const PathStep step = step_of(path, depth - 1);
            if (step.kind == PathStep::Kind::every_element ||
                (step.kind == PathStep::Kind::element && step.index == index))
                value_mask_ = static_cast<uint16_t>(value_mask_ | 1u << path);
        }
    }
    // A key comes, of a value at this depth: its bytes, never none of them, then the end.
    void begin_key(unsigned depth) noexcept {
        end_container(depth - 1);
        key_size_ = 0;
    }
    void add_to_key(StringView bytes, unsigned depth) noexcept {
        narrow(bytes, depth);
        key_size_ += bytes.size();
    }
    void end_key(unsigned depth) noexcept { narrow(StringView(), depth); }

    // Returns false if no path leads to the value, nor to anything in it.
    bool is_possible() const noexcept { return value_mask_ != 0; }
    // The first path that ends at the value; max_paths if there is none.
    unsigned find(unsigned depth) const noexcept {
        for (unsigned path = 0; (value_mask_ >> path) != 0; ++path)
            if ((value_mask_ >> path & 1) != 0 && step_of(path, depth).kind == PathStep::Kind::end) return path;
        return max_paths;
    }
    // Which element the last one was of the list that is open at `level`, the outermost being 0.
    uint32_t index_at(unsigned level) const noexcept { return counts_[level] - 1; }

private:
    PathStep step_of(unsigned path, unsigned level) const noexcept {
        JsonPath steps(paths_[path]);
        PathStep step = steps.next();
        for (; level != 0; --level) step = steps.next();
        return step;
    }
    // Drops the paths that the key's next bytes contradict; without any, those whose name is longer.
    void narrow(StringView bytes, unsigned depth) noexcept {
        for (unsigned path = 0; (value_mask_ >> path) != 0; ++path) {
            if ((value_mask_ >> path & 1) == 0) continue;
            const PathStep step = step_of(path, depth - 1);
            StringView rest = step.name.drop(key_size_);
            if (!bytes.empty()) rest = rest.take(bytes.size());
            if (step.kind != PathStep::Kind::member || !(rest == bytes))
                value_mask_ = static_cast<uint16_t>(value_mask_ & ~(1u << path));
        }
    }

    Span<const char* const> paths_;
    size_t key_size_ = 0;  // bytes of the key that were compared
    // Bit n: the first steps of path n have led to the value, or to the object or list at each depth.
    uint16_t value_mask_ = 0;
    uint16_t masks_[max_steps + 1] = {};
    uint32_t counts_[max_steps] = {};  // elements that have begun
};

}  // namespace detail::text

OPENAI_STREAM_END
