// Containers of other libraries, whose sizes are signed, and those of the user, whose characters are.
#include "openai_stream.hpp"

namespace oai = openai_stream;

template <class T, class Size> struct Foreign {
    T* elements;
    Size count;
    T* data() const { return elements; }
    Size size() const { return count; }
};

using LongText = Foreign<const char, ptrdiff_t>;

oai::StringView use_text(const Foreign<char, int>& a, const LongText& b, const Foreign<char, short>& c) {
    const oai::StringView views[] = {a, b, c};
    return a == views[0] || views[1] != c ? views[2] : oai::StringView(b);
}

oai::Span<const int> use_span(const Foreign<int, int>& a, const Foreign<const int, ptrdiff_t>& b) {
    const oai::Span<const int> spans[] = {a, b};
    return spans[a.size() > 0 ? 0 : 1];
}
