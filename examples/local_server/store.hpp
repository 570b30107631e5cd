// What has been made here and may be asked for again by its id: responses, threads, sessions. The last ones of each.
#pragma once

#include "limits.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <mutex>
#include <string>

namespace local_server {

// Used by the threads of all connections; a T, which has an `id`, lives on while one of them uses it.
template <class T> class Store {
public:
    // Returns null if it is not known, or no longer.
    std::shared_ptr<T> find(const std::string& id) {
        std::lock_guard<std::mutex> lock(mutex_);
        const auto has_id = [&](const std::shared_ptr<T>& kept) { return kept->id == id; };
        const auto found = std::find_if(kept_.begin(), kept_.end(), has_id);
        return found != kept_.end() ? *found : nullptr;
    }
    void add(const std::shared_ptr<T>& made) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (kept_.size() == max_stored) kept_.pop_front();
        kept_.push_back(made);
    }

private:
    std::mutex mutex_;
    std::deque<std::shared_ptr<T>> kept_;
};

}  // namespace local_server
