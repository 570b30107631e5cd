// Recording, replaying and faults, as they are used.
#define OPENAI_STREAM_REPLAY
#include "openai_stream.hpp"

namespace oai = openai_stream;

static void keep(void*, const char*, size_t) {}

bool use_replay(const oai::Transport& link, oai::StringView recorded) {
    oai::Recorder recorder(link, keep, nullptr);
    oai::Replay replay(recorded, oai::Replay::Pushed::ignored);
    oai::Fault faults[] = {
        oai::Fault::cut(oai::at_byte(oai::CallKind::pull, 100)),
        oai::Fault::call(oai::at_call(oai::CallKind::wait, 1), [](void*) {}, nullptr),
    };
    oai::Faults harm(recorder.transport(), faults);
    return harm.transport().context != replay.transport().context && !replay.difference().what && replay.is_whole() &&
           faults[0].triggered() && harm.calls(oai::CallKind::pull) == harm.bytes(oai::CallKind::push);
}
