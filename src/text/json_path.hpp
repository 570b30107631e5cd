#pragma once
// A path into a JSON text, as people write it: $.reply, $.actions[*].name, $['key with . in it'][0]. It stays the C
// string that it is: its steps are read again whenever one is needed, so that a path costs no memory.
#include "../base/ascii.hpp"

OPENAI_STREAM_BEGIN

namespace detail::text {

// One step of a path.
struct PathStep {
    enum class Kind : uint8_t {
        end,            // the path leads no further
        member,         // .name or ['name']: `name`, without escapes
        element,        // [7]: `index`
        every_element,  // [*]
        malformed,
    };

    Kind kind = Kind::malformed;
    uint32_t index = 0;
    StringView name;  // within the path
};

// The steps of one path, the first one first. Neither is owned: the path must outlive its steps' names.
class JsonPath {
public:
    static constexpr uint32_t max_index = 999999;

    // Null is a path that is malformed from the beginning.
    explicit JsonPath(const char* path) noexcept : at_(path && *path == '$' ? path + 1 : nullptr) {}

    // The next step; after `end` and `malformed` the same again.
    PathStep next() noexcept {
        PathStep step;
        if (!at_) return step;
        if (*at_ == '\0') {
            step.kind = PathStep::Kind::end;
        } else if (*at_ == '.') {
            const char* const name = ++at_;
            while (*at_ != '\0' && *at_ != '.' && *at_ != '[') ++at_;
            set_name(step, PathStep::Kind::member, name, at_);
        } else if (*at_ == '[') {
            ++at_;
            read_brackets(step);
        }
        if (step.kind == PathStep::Kind::malformed) at_ = nullptr;
        return step;
    }

private:
    // A name must not be empty.
    static void set_name(PathStep& step, PathStep::Kind kind, const char* name, const char* end) noexcept {
        if (name == end) return;
        step.kind = kind;
        step.name = StringView(name, static_cast<size_t>(end - name));
    }
    // What stands between '[' and ']'.
    void read_brackets(PathStep& step) noexcept {
        if (*at_ == '*') {
            ++at_;
            step.kind = PathStep::Kind::every_element;
        } else if (*at_ == '\'' || *at_ == '"') {
            const char quote = *at_++;
            const char* const name = at_;
            while (*at_ != '\0' && *at_ != quote) ++at_;
            set_name(step, PathStep::Kind::member, name, at_);
            if (*at_ != '\0') ++at_;
        } else {
            const char* const digits = at_;
            for (; ascii::is_digit(*at_) && step.index <= max_index; ++at_)
                step.index = step.index * 10 + static_cast<uint32_t>(*at_ - '0');
            if (at_ != digits && step.index <= max_index) step.kind = PathStep::Kind::element;
        }
        if (*at_ == ']') ++at_;
        else step.kind = PathStep::Kind::malformed;
    }

    const char* at_;  // null: malformed
};

}  // namespace detail::text

OPENAI_STREAM_END
