#pragma once
// The rows of a table as it is linked, and the table without one of them.
#include "support/header.hpp"

#include <string>
#include <vector>

namespace table_rows {

namespace json = openai_stream::json;

inline size_t place_of(const json::Context& context, size_t index) {
    size_t at = 0;
    for (; index != 0; --index) at += sizeof(json::PackedRow) + context.rows[at];
    return at;
}
inline std::string key_of(const json::Context& context, size_t index) {
    const unsigned char* const row = context.rows + place_of(context, index);
    return std::string(reinterpret_cast<const char*>(row) + sizeof(json::PackedRow), *row);
}
inline std::vector<unsigned char> without(const json::Context& context, size_t index) {
    std::vector<unsigned char> left(context.rows, context.rows + context.bytes());
    left.erase(left.begin() + static_cast<ptrdiff_t>(place_of(context, index)),
               left.begin() + static_cast<ptrdiff_t>(place_of(context, index + 1)));
    return left;
}

// The same of types of events.
inline std::vector<unsigned char> without(const openai_stream::dialect::EventTypes& types,
                                          const openai_stream::dialect::PackedType& type) {
    std::vector<unsigned char> left(types.bytes, types.bytes + types.size);
    const auto at = left.begin() + (reinterpret_cast<const unsigned char*>(&type) - types.bytes);
    left.erase(at, at + static_cast<ptrdiff_t>(sizeof type + type.size));
    return left;
}

}  // namespace table_rows
