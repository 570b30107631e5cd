// The story this library starts from: a connection that was refused leaves a Stream that can be polled, closed and
// destroyed. The words of POSIX stand here themselves.
#define OPENAI_STREAM_SOCKET
#include "io/conversation.hpp"
#include "support/refusal.hpp"
#include "support/scripted_transport.hpp"
#include "support/tally.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace oai = openai_stream;

namespace {

using conversation::name;
using oai::Error;
using oai::Event;
using oai::IoResult;
using oai::Poll;
using oai::SseEvent;
using oai::Stream;
using oai::Verdict;
using support::ScriptedTransport;
using Call = ScriptedTransport::Call;

// The loopback address, at a port where nobody listens.
class ClosedPort {
public:
    ClosedPort() {
        handle_ = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(bind(handle_, reinterpret_cast<sockaddr*>(&address), size) == 0);  // bound, and so taken by nobody else
        REQUIRE(getsockname(handle_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/v1";
    }
    ~ClosedPort() { ::close(handle_); }
    ClosedPort(const ClosedPort&) = delete;
    ClosedPort& operator=(const ClosedPort&) = delete;
    const std::string& url() const { return url_; }

private:
    int handle_;
    std::string url_;
};

// Socket, and how often it was called.
struct CountedSocket : oai::Socket {
    int connections = 0, hang_ups = 0;
    bool dialling = false;
    IoResult dial(oai::StringView host, uint16_t port) {
        connections += !dialling;
        const IoResult io = Socket::dial(host, port);
        dialling = io.is_would_block();
        return io;
    }
    void hang_up() {
        ++hang_ups;
        dialling = false;
        Socket::hang_up();
    }
};

// What was refused is polled, closed and destroyed in every order that matters.
void check_refused(Stream& stream, int32_t code) {
    Event event;
    SseEvent raw;
    CHECK_FALSE(stream.next(event));
    CHECK_EQ(name(stream.error()), name(Error::connect_failed));
    for (int twice = 0; twice < 2; ++twice) {
        CHECK(stream.poll(event) == Poll::failed);
        CHECK(stream.poll(raw) == Poll::failed);
        CHECK_FALSE(stream.next(event));
        for (const Event& unexpected : stream) CHECK_MESSAGE(false, static_cast<int>(unexpected.kind));
        stream.close();
        stream.cancel();
    }
    CHECK_EQ(name(stream.error()), name(Error::connect_failed));
    CHECK(stream.verdict() == Verdict::failed);
    CHECK(stream.failure().category == oai::ErrorCategory::transport);
    CHECK_EQ(stream.failure().transport_code, code);
    CHECK_EQ(stream.failure().http_status, 0);
    CHECK(stream.wants() == oai::Interest::none);
}

}  // namespace

TEST_CASE("a refused connection leaves a stream that can be polled, closed and destroyed") {
    SUBCASE("a real socket") {
        const ClosedPort port;
        const oai::Endpoint server(port.url());
        const oai::ChatRequest ask("m", "hi");
        CountedSocket socket;
        char memory[2048];
        {
            Stream stream(oai::transport_of(socket), memory);
            const Error said = stream.open(server, ask);
            CHECK((said == Error::none || said == Error::connect_failed));
            check_refused(stream, refusal::code);
            CHECK_EQ(socket.hang_ups, 1);
        }
        CHECK_EQ(socket.connections, 1);
        CHECK_EQ(socket.hang_ups, 1);
    }
    SUBCASE("a real socket, destroyed at once") {
        const ClosedPort port;
        const oai::Endpoint server(port.url());
        const oai::ChatRequest ask("m", "hi");
        CountedSocket socket;
        char memory[2048];
        { Stream(oai::transport_of(socket), memory).open(server, ask); }
        CHECK_EQ(socket.hang_ups, 1);
    }
    SUBCASE("a scripted one, refused at once or after some time") {
        for (const int blocked : {0, 1, 3}) {
            INFO("would_block() before: ", blocked);
            const oai::Endpoint server("http://h/v1");
            const oai::ChatRequest ask("m", "hi");
            ScriptedTransport link;
            for (int call = 0; call < blocked; ++call) link.dial_says(IoResult::would_block());
            link.dial_says(IoResult::failed(-111));
            char memory[2048];
            {
                Stream stream(link.transport(), memory);
                CHECK_EQ(name(stream.open(server, ask)), name(blocked ? Error::none : Error::connect_failed));
                check_refused(stream, -111);
                CHECK_EQ(link.hang_ups(), 1);
            }
            CHECK_EQ(link.connections(), 1);
            CHECK_EQ(link.hang_ups(), 1);
            CHECK_EQ(link.calls(Call::pull), 0);
            CHECK_EQ(link.calls(Call::push), 0);
            CHECK(link.violations().empty());
        }
    }
}
