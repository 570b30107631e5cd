// Sound: POST /v1/audio/speech beeps once for each word, in WAV; POST /v1/audio/transcriptions says how much of it
// came, and POST /v1/audio/translations what that is in English.
#pragma once

#include "http_reply.hpp"
#include "limits.hpp"

namespace local_server {

void speak(const Request& request, Reply& reply, Clock::duration pace);
void transcribe(const Request& request, Reply& reply, Clock::duration pace);
void translate(const Request& request, Reply& reply);

}  // namespace local_server
