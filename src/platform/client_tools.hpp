#pragma once
// The functions that a Client's model may call, and what it calls them with.
#include "../request/tool.hpp"
#include "../text/json_find.hpp"

#if defined(OPENAI_STREAM_CLIENT)
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

OPENAI_STREAM_BEGIN

// What the model wrote for one call: a JSON object. It was checked to be one, not against your schema: a member may be
// missing, or be of another type. Valid while the function runs.
class ToolArguments {
public:
    explicit ToolArguments(std::string_view json) noexcept : json_(json) {}

    std::string_view json() const noexcept { return json_; }
    operator std::string_view() const noexcept { return json_; }

    // The member of this name, or the value at a path as json_find() has them ("$.list[0].name"): a string without its
    // escapes, anything else as the JSON it is. Empty if it is not there.
    std::string operator[](std::string_view name) const {
        const char quote = name.find('\'') == std::string_view::npos ? '\'' : '"';
        const bool is_path = name.substr(0, 1) == "$";
        const std::string quoted = std::string(1, quote) + std::string(name) + quote;
        const std::string path = is_path ? std::string(name) : "$[" + quoted + ']';
        std::string memory(json_.size() + 64, '\0');
        const FoundValue found = json_find(json_, path.c_str(), Buffer(memory.data(), memory.size()));
        return found.text;
    }

private:
    std::string_view json_;
};

namespace detail::client {

using ToolFunction = std::function<std::string(const ToolArguments&)>;

struct ToolEntry {
    std::string name, description, schema;
    ToolFunction function;
};

// A tool that is replaced or removed lives on as long as a request or a call has it.
class Tools {
public:
    void set(std::string_view name, std::string_view description, std::string_view schema, ToolFunction function) {
        auto entry = std::make_shared<ToolEntry>();
        *entry = {std::string(name), std::string(description), std::string(schema), std::move(function)};
        for (auto& one : entries_)
            if (one->name == name) {
                one = std::move(entry);
                return;
            }
        entries_.push_back(std::move(entry));
    }
    std::shared_ptr<const ToolEntry> find(std::string_view name) const {
        for (const auto& one : entries_)
            if (one->name == name) return one;
        return nullptr;
    }
    // For a request. Valid until the next call.
    List<Tool> list() {
        sent_ = entries_;
        tools_.clear();
        for (const auto& one : sent_) tools_.emplace_back(one->name, one->description, one->schema);
        return tools_;
    }
    // In words, what no server would accept; empty: nothing.
    std::string mistake() const {
        for (const auto& one : entries_) {
            bool is_good = !one->name.empty() && one->name.size() <= 64;
            for (const char c : one->name) {
                const char lower = ascii::to_lower(c);
                is_good = is_good && ((lower >= 'a' && lower <= 'z') || ascii::is_digit(c) || c == '_' || c == '-');
            }
            if (!is_good) return "A tool's name has 1 to 64 letters, digits, _ or -; one does not.";
            if (!one->function) return "The tool " + one->name + " has no function.";
            if (!one->schema.empty() && raw_json::check_value(one->schema) != Error::none)
                return "The schema of the tool " + one->name + " is not JSON.";
        }
        return {};
    }

private:
    std::vector<std::shared_ptr<const ToolEntry>> entries_, sent_;
    std::vector<Tool> tools_;
};

}  // namespace detail::client

OPENAI_STREAM_END
#endif
