// Lumen's rules, as data; lumen.hpp says how they are read.
#include "lumen.hpp"

namespace local_server {

// clang-format off
const std::vector<Rule> rules = {
    {"sky blue|blue sky|why is the sky|rayleigh|color of the sky|colour of the sky", false,
     {"Sunlight carries every color, and the molecules of the air, far smaller than a wavelength, scatter its short "
      "blue waves much more strongly than the long red ones \u2014 the keeper calls it Rayleigh scattering. So blue "
      "reaches your eye from every corner of the sky, while violet, though scattered even more, is scarcer in "
      "sunlight and fainter to our eyes. At dusk the light takes the long road through the air, loses most of its "
      "blue on the way, and arrives at my lamp room red."}},
    {"whats my name|what is my name|what my name is|who am i|remember my name|know my name", true,
     {"It is in the log, in my best hand{name}. A good keeper's assistant writes everything down.",
      "Of course I know{name}: you told me yourself, earlier in this very conversation."}},
    {"whats my name|what is my name|what my name is|who am i|remember my name|know my name", false,
     {"You have not told me yet. Say \"my name is ...\", and I will write it in the log."}},
    {"are you real|are you human|are you an ai|are you a bot|language model|which model|what model|llm|chatgpt", false,
     {"Honestly? There is no model here: I am a table of rules with a warm lamp.",
      "No model, and no na\u00efve claims to be one: just rules, read out by lamplight. For the real thing, only "
      "the URL in your program has to change."}},
    {"who are you|what are you|your name|what is lumen|whats lumen|about yourself|introduce yourself", false,
     {"I am Lumen, assistant to the keeper of this lighthouse, which is a small server on your own machine. There "
      "is no model behind my lamp \u2014 only rules and good manners, so that your program can practise streaming.",
      "The name is Lumen. I trim the wick, keep the log and answer the line: no model, no cloud, no bill."}},
    {"what can you do|help|what do you know", false,
     {"I can tell a joke, write a haiku or a poem, show some code, explain why the sky is blue and remember your "
      "name. Anything else I answer as gracefully as a table of rules can."}},
    {"haiku*", false,
     {"Night folds on the sea \u2014\none word, then another word:\nlight, arriving late.",
      "Fog over the pier.\nThe buffer holds what it can,\nthe lamp says the rest."}},
    {"poem*|poetry|verse*|rhyme*", false,
     {"The sea sends its letters in pieces to shore,\nand the lamp reads aloud what it finds at the door;\nnot all "
      "of it came, but the start is in hand,\nand the rest will be read when the rest comes to land."}},
    {"joke*|make me laugh|something funny", false,
     {"I know a splendid joke about UDP, but I could never be sure that you got it.",
      "Why did the sailor bring a socket to the lighthouse? He had heard the connection was kept alive."}},
    {"code|coding|program*|snippet|python|hello world", false,
     {"Here is all that a lighthouse does:\n\n```cpp\nfor (;;) std::puts(\"\\aHere is a rock.\");\n```\n\nIt has "
      "never been known to crash a ship."}},
    {"stream*|token*|sse|chunk*", false,
     {"Each of my words leaves as an event of its own: a line that begins with \"data: \", in one HTTP chunk. When "
      "I have finished I say [DONE] \u2014 a line that just goes quiet was cut."}},
    {"what time|the time|oclock|what day|the date|todays date|clock", false,
     {"A lighthouse counts in turns of the lamp, and nobody gave me a watch. Your own machine has one."}},
    {"weather|forecast|rain|raining|sunny|temperature|storm*|wind", false,
     {"Calm, as always on 127.0.0.1: no wind, no waves, not one packet lost. For anything further out, try a window."}},
    {"meaning of life|purpose of life", false,
     {"To stand where you are useful and to keep the lamp lit. Others say 42, which also fits in a byte."}},
    {"how are you|hows it going|how is it going", false,
     {"Dry, lit and well oiled, thank you{name}. And you?",
      "Every lens polished, and not a packet lost all night{name}."}},
    {"my name is|my names|im called|i am called", true,
     {"Welcome ashore{name} \u2014 it is in the log now. Ask me for it later, and see.",
      "A pleasure{name}. I have written it down in ink."}},
    {"thanks|thank you|merci|cheers", false,
     {"You are welcome{name}. It was nothing, or at most one caf\u00e9 cr\u00e8me's worth of lamp oil.",
      "With pleasure{name}. The lamp was on anyway."}},
    {"bye|goodbye|good night|see you|farewell", false,
     {"Fair winds{name}. I will leave the light on.", "Good night{name}, and mind the step: the last chunk is empty."}},
    {"ping|test|testing|are you there|can you hear me", false,
     {"Loud and clear{name}: your request arrived in one piece, and this answer is on its way in many."}},
    {"hello|hi|hey|good morning|good afternoon|good evening|greetings|ahoy|bonjour|moin", false,
     {"Hello{name}, and welcome ashore \U0001F30A I am Lumen; I look after the lamp and this little server. Ask me "
      "anything \u2014 why the sky is blue, perhaps?",
      "Ahoy{name}! \U0001F30A The lamp is lit, the kettle is on and the line is clear. What shall I light up?"}},
};

const Rule question_rule = {"what|how|why|when|where|who|which|explain|describe|can you", false,
     {"A good question, and \"{topic}\" deserves better than a guess from a lamp without a model behind it. Ask a "
      "real one: in your program only the URL changes.",
      "I looked up \"{topic}\" in the keeper's log and found tides, lamp oil and one drawing of a gull. I would "
      "rather admit that than invent a coastline for you.",
      "\"{topic}\" lies beyond the reach of my lamp: I know the rocks around here and little else. But see how "
      "steadily the words arrive \u2014 that part is quite real."}};

const Rule statement_rule = {"", false,
     {"\"{topic}\": a good word to read by lamplight{name}. I have put it in the log, beside the tides.",
      "From up here \"{topic}\" looks small and well lit, as most things do. Tell me more{name}, or ask for a haiku.",
      "I hear you{name}, or as nearly as a table of rules can. Shall I make \"{topic}\" the word of the night?"}};

const Rule silence_rule = {"", false,
     {"The line is open, but I could not make out a word I know. Say it another way, and I will do what a lamp can.",
      "I heard mostly the sea just now. Ask me who I am, or why the sky is blue."}};
// clang-format on

}  // namespace local_server
