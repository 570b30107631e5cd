#pragma once
// The rows of a table as it is linked, and the table without one of them.
#include "support/header.hpp"

#include <string>
#include <vector>

namespace table_rows {

namespace json = openai_stream::json;

inline std::string key_of(const json::Context& context, size_t index) { return context.rows()[index].key; }
inline std::vector<json::Row> without(const json::Context& context, size_t index) {
    std::vector<json::Row> left(context.rows(), context.rows() + context.count());
    left.erase(left.begin() + static_cast<ptrdiff_t>(index));
    return left;
}

// The same of types of events.
inline std::vector<openai_stream::dialect::EventType> without(const openai_stream::dialect::EventTypes& types,
                                                              size_t index) {
    std::vector<openai_stream::dialect::EventType> left(types.types, types.types + types.count);
    left.erase(left.begin() + static_cast<ptrdiff_t>(index));
    return left;
}

}  // namespace table_rows
