#pragma once
// What went wrong with TLS: the problem, mbedTLS's code, and a sentence about both. Whoever finds a problem says it
// here; Tls::problem(), code() and describe() read it. The last word stands until the next attempt clears it.
#include "mbedtls_library.hpp"
#include "tls_problem.hpp"
#include "tls_message_buffer.hpp"

#if defined(OPENAI_STREAM_MBEDTLS)
OPENAI_STREAM_BEGIN

namespace detail::tls {

class Report {
public:
    TlsProblem problem() const noexcept { return problem_; }
    int code() const noexcept { return code_; }  // mbedTLS's; 0: it has none for this
    // Without a final full stop, the code at its end. Valid until the next change.
    const char* sentence() const noexcept {
        return problem_ == TlsProblem::none ? describe(problem_) : sentence_.c_str();
    }

    void clear() noexcept {
        problem_ = TlsProblem::none;
        code_ = 0;
    }
    // why: the sentence, where more is known than which problem it is.
    void note(TlsProblem problem, int code, StringView why = {}) noexcept {
        problem_ = problem;
        code_ = code;
        sentence_.clear();
        sentence_ << (why.empty() ? StringView(describe(problem)) : why);
        if (code != 0) (sentence_ << " (mbedTLS: ").code(code) << ")";
    }
    // The same, but what mbedTLS's heap had no room for is no other problem. Always returns false.
    bool refuse(TlsProblem problem, int code, StringView why = {}) noexcept {
        if (mbedtls_library::is_out_of_memory(code)) note(TlsProblem::out_of_memory, code);
        else note(problem, code, why);
        return false;
    }

private:
    static const char* describe(TlsProblem problem) noexcept { return openai_stream::describe(problem); }

    TlsProblem problem_ = TlsProblem::none;
    int code_ = 0;
    MessageBuffer sentence_;
};

}  // namespace detail::tls

OPENAI_STREAM_END
#endif
