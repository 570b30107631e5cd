"""Classes and functions of src/ in C, for a prover that reads no C++17: rule by rule, from the source as it stands, so
that what is broken there is broken here. What no rule knows does not compile. same.cpp runs both on the same inputs."""
import re
import sys

# In this order: what is named has to stand before.
UNITS = [
    # file, functions outside of classes (name in C), classes
    ('base/error.hpp', [], []),
    ('base/ascii.hpp', ['is_digit', 'is_space', 'to_lower', 'hex_value', 'append_decimal', 'divide_by_ten'], []),
    ('base/utf8.hpp', ['sequence_at', 'append'], ['Sequence']),
    ('base/delay.hpp', ['to_delay_ms'], []),
    ('base/words.hpp', ['length', 'index_of'], []),
    ('base/joined_text.hpp', [], ['JoinedText']),
    ('io/receive_buffer.hpp', [], ['ReceiveBuffer']),
    ('http/grammar.hpp', ['is_token_char', 'is_ows', 'is_full'], ['Word']),
    ('http/response_head.hpp', [], ['HeadReader']),
    ('http/body_framing.hpp', [], ['BodyFraming']),
    ('http/chunked.hpp', ['append_hex_digit', 'whole_chunk_line'], ['ChunkedReader']),
    ('http/response_parser.hpp', [], ['ResponseParser']),
    ('http/date.hpp', ['take_number', 'take_mark', 'month_at', 'days_to', 'to_unix_seconds'], []),
    ('sse/line_decoder.hpp', [], ['LineDecoder']),
    ('json/token.hpp', ['is_escape', 'is_space'], []),
    ('json/scanner_state.hpp', [], []),
    ('json/scanner.hpp', [], ['Scanner']),
    ('json/integer.hpp', ['to_integer'], []),
    ('json/unescape.hpp', ['is_high_surrogate', 'is_low_surrogate', 'is_surrogate', 'join_surrogates', 'escaped_unit',
                           'unescape_atom'], ['Unescaper']),
]
# What the units need besides, and what stands for the vector loops of base/scan.hpp (its plain loop, which they must
# agree with: tests/base/scan_test.cpp) and for the bytes of StringView.
PRELUDE = r'''
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifndef NULL_PROOF
#define NULL_PROOF
typedef struct { const char* data_; size_t size_; } StringView;
static StringView StringView_make(const char* data, size_t size) { StringView v = {data, size}; return v; }
static bool StringView_equal(StringView a, StringView b) {
    if (a.size_ != b.size_) return false;
    for (size_t i = 0; i != a.size_; ++i) if (a.data_[i] != b.data_[i]) return false;
    return true;
}
static bool StringView_empty(StringView v) { return v.size_ == 0; }
static size_t StringView_size(StringView v) { return v.size_; }
static StringView StringView_drop(StringView v, size_t n) {
    return n < v.size_ ? StringView_make(v.data_ + n, v.size_ - n) : StringView_make(v.data_ + v.size_, 0);
}
static const bool is_small_build = false;
#define LIKELY(x) (x)
static const char* scan_line_end(const char* at, const char* end) {
    for (; at != end && *at != '\n' && *at != '\r'; ++at) {}
    return at;
}
static const char* scan_string_stop(const char* at, const char* end, bool* above_ascii) {
    for (; at != end && *at != '"' && *at != '\\' && (unsigned char)*at >= 0x20; ++at)
        if ((*at & 0x80) != 0) *above_ascii = true;
    return at;
}
#ifdef __CPROVER__
#define WORDS_INDEX_OF some_word_of
// Any word of the list or none: which one it is is proved by itself ("words").
unsigned nondet_any_word_of(void);
static unsigned some_word_of(const char* list, const char* text, size_t size) {
    __CPROVER_assert(size == 0 || __CPROVER_r_ok(text, size), "a word is looked for within the memory");
    unsigned count = 0;
    for (const char* at = list; *at != 0; ++at) count += at[1] == 0;
    const unsigned found = nondet_any_word_of();
    __CPROVER_assume(found <= count);
    return found;
}
#else
#define WORDS_INDEX_OF words_index_of
#endif
static bool LineEnd_is(unsigned char c) { return c == '\n' || c == '\r'; }
#ifdef __CPROVER__
static void move_bytes(char* to, const char* from, size_t count) {  // as memmove, which must be within both
    if (count == 0) return;
    __CPROVER_assert(__CPROVER_r_ok(from, count) && __CPROVER_w_ok(to, count), "bytes are moved within the memory");
    char copy[PROOF_MOVE];
    __CPROVER_assert(count <= PROOF_MOVE, "the proof's own bound for moves");
    for (size_t i = 0; i != count; ++i) copy[i] = from[i];
    for (size_t i = 0; i != count; ++i) to[i] = copy[i];
}
#else
static void move_bytes(char* to, const char* from, size_t count) { if (count) memmove(to, from, count); }
#endif
#endif
'''
REFERENCE = {'scan_string_stop': [2]}  # which arguments of a function are references


def matching(text, at):
    """One after the bracket that closes the one at `at`."""
    pair, depth = {'(': ')', '{': '}', '[': ']'}, 0
    left, right = text[at], pair[text[at]]
    while True:
        c = text[at]
        if c in '"\'':
            at += 1
            while text[at] != c:
                at += 2 if text[at] == '\\' else 1
        elif c == left:
            depth += 1
        elif c == right:
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1


def stripped(text):
    text = re.sub(r'("(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)+\')|//[^\n]*', lambda m: m.group(1) or '', text)
    text = re.sub(r'\[\[fallthrough\]\];', '', text)
    text = re.sub(r'\b(?:OPENAI_STREAM_(?:INLINE|OUTLINE|NOINLINE)|noexcept|inline)\b', '', text)
    text = re.sub(r'#if defined\(OPENAI_STREAM_SCAN_PLAIN\).*?#else(.*?)#endif', r'\1', text, flags=re.S)
    return text


def split_arguments(text):
    parts, depth, begin, at = [], 0, 0, 0
    while at < len(text):
        c = text[at]
        if c in '"\'':
            at += 1
            while text[at] != c:
                at += 2 if text[at] == '\\' else 1
        elif c in '([{':
            depth += 1
        elif c in ')]}':
            depth -= 1
        elif c == ',' and depth == 0:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    last = text[begin:].strip()
    return parts + [last] if last else parts


FUNCTION = re.compile(r'(?:static\s+)?(?:constexpr\s+)?(?P<type>(?:const\s+)?[A-Za-z_][\w:]*(?:\s*const)?\s*[*&]?)\s+'
                      r'(?P<const>const\s+)?(?P<name>[a-z_]\w*)\((?P<parameters>[^()]*)\)\s*(?:const\s*)?\{')


class Extraction:
    def __init__(self, read):
        self.read = read
        self.enums, self.out, self.prototypes, self.bodies = {}, [PRELUDE], [], []
        self.methods, self.fields, self.constants = {}, {}, {}
        self.references = dict(REFERENCE)
        self.pending = []
        self.returns_reference = set()

    def enum(self, name, text, values):
        self.out.append(f'typedef uint8_t {name};\nenum {{ ' + ', '.join(
            f'{name}_{v.strip()}' if '=' not in v else f'{name}_{v.strip()}' for v in split_arguments(values)) + ' };\n')

    def run(self):
        for file, functions, classes in UNITS:
            text = stripped(self.read(file))
            outside = text
            for found in re.finditer(r'\b(?:class|struct)\s+(\w+)\s*\{', text):
                outside = outside.replace(text[found.start():matching(text, found.end() - 1)], '')
            for found in re.finditer(r'enum class (\w+) : uint8_t \{(.*?)\}', outside, re.S):
                # Two rooms have a Field; the second is told from the first by its room.
                name = found.group(1)
                if name in self.enums:
                    name = file.split('/')[0] + name
                self.enums[found.group(1)] = name
                self.enum(name, text, found.group(2))
            for found in re.finditer(r'^constexpr (?:unsigned|size_t) (\w+) = ([^;"]+);', outside, re.M):
                self.out.append(f'enum {{ {found.group(1)} = {found.group(2)} }};\n')
            for found in re.finditer(r'^constexpr (uint32_t|char) (\w+)\[(\d*)\] =([^;]+);', outside, re.M):
                self.out.append(f'static const {found.group(1)} {found.group(2)}[{found.group(3)}] ={found.group(4)};\n')
            for name in classes:
                self.take_class(file, name, text)
            for name in functions:
                found = next(m for m in FUNCTION.finditer(outside) if m.group('name') == name)
                prefix = {'base/ascii.hpp': 'ascii_', 'base/utf8.hpp': 'utf8_', 'base/words.hpp': 'words_'}.get(file, '')
                self.take_function(prefix + name, found, outside, None, prefix)
        for args in self.pending:
            self.write_function(*args)
        return '\n'.join(self.out + self.prototypes + self.bodies)

    def take_class(self, file, name, text):
        found = re.search(r'\b(?:class|struct)\s+' + name + r'\s*\{', text)
        body = text[found.end():matching(text, found.end() - 1) - 1]
        body = re.sub(r'\b(?:public|private):', '', body)
        local = dict(self.enums)
        for nested in re.finditer(r'\benum (?:class )?(\w+) : uint(?:8|32)_t \{(.*?)\};', body, re.S):
            local[nested.group(1)] = name + '_' + nested.group(1)
            if 'enum class' in nested.group(0):
                self.enum(name + '_' + nested.group(1), body, nested.group(2))
            else:
                self.out.append(f'enum {{ {nested.group(2)} }};\n')
        for alias in re.finditer(r'\busing (\w+) = (\w+)', body):
            local[alias.group(1)] = local.get(alias.group(2), alias.group(2))
        body = re.sub(r'\b(?:enum|using)\b[^;]*?(?:\{.*?\})?;', '', body, flags=re.S)
        constants = {}
        for constant in re.finditer(r'static constexpr (const char\*|[\w]+) (\w+)(\[\])? = ([^;]+);', body):
            kind, word, array, value = constant.groups()
            constants[word] = f'{name}_{word}'
            self.out.append(f'static const {kind.replace("const ", "")}{" const" if "*" in kind else ""} '
                            f'{name}_{word}{array or ""} = {value};\n'
                            if '"' in value else f'enum {{ {name}_{word} = {value} }};\n')
        body = re.sub(r'static constexpr [^;{]*;', '', body)
        methods, rest = [], body
        for method in FUNCTION.finditer(body):
            end = matching(body, method.end() - 1)
            methods.append(method)
            rest = rest.replace(body[method.start():end], '')
        rest = re.sub(r'[^;{}]*\([^;]*\)\s*(?:=\s*default\s*;|:[^{;]*\{\s*\}|const\s*;|;)', '', rest)
        rest = re.sub(r'static const \w+ \w+;', '', rest)
        fields, inits, types = [], [], {}
        for line in (' '.join(l.split()) for l in rest.split(';')):
            if not line:
                continue
            declared = re.match(r'((?:const )?[\w:]+(?: ?\*)?) (.*)', line)
            for part in split_arguments(declared.group(2)):
                bits = re.match(r'(\w+)\s*(\[[^\]]*\])?\s*(?:: (\d+))?\s*(?:= (.*))?$', part)
                word, array, width, value = bits.groups()
                kind = local.get(declared.group(1), declared.group(1))
                types[word] = kind
                array = re.sub(r'\b(' + '|'.join(constants or ['_none']) + r')\b',
                               lambda m: constants[m.group(1)], array or '')
                fields.append(f'    {kind} {word}{array}{" : " + width if width else ""};')
                if value and value not in ('{}', '0', 'nullptr', 'false', "'\\0'"):
                    inits.append((word, value))
                if kind in self.fields:
                    inits.append((word, None))
        self.fields[name] = types
        self.out.append(f'typedef struct {name} {{\n' + '\n'.join(fields) + f'\n}} {name};\n')
        self.methods[name] = {m.group('name') for m in methods}
        context = (name, local, constants)
        for method in methods:
            self.take_function(name + '_' + method.group('name'), method, body, context)
        text = f'static void {name}_init({name}* self) {{\n    memset(self, 0, sizeof *self);\n'
        for word, value in inits:
            if value is None:
                text += f'    {types[word]}_init(&self->{word});\n'
            else:
                text += f'    self->{word} = {self.expression(value, context)};\n'
        self.bodies.append(text + '}\n')
        self.prototypes.append(f'static void {name}_init({name}* self);')

    def take_function(self, name, found, text, context, prefix=''):
        body = text[found.end() - 1:matching(text, found.end() - 1)]
        if prefix:
            own = next(functions for file, functions, _ in UNITS if file == f'base/{prefix[:-1]}.hpp')
            body = re.sub(r'(?<![\w.:])(' + '|'.join(own) + r')\(', prefix + r'\1(', body)
        parameters = [p.replace('const StringView&', 'StringView').split(' = ')[0]  # C has no default arguments
                      for p in split_arguments(found.group('parameters'))]
        is_static = context is not None and found.group(0).lstrip().startswith('static')
        self.references[name] = [i for i, p in enumerate(parameters) if '&' in p]
        self.pending.append((name, found, body, parameters, context, is_static))

    def expression(self, text, context):
        local = context[1] if context else self.enums
        text = re.sub(r'\b(\w+)::(\w+)\b', lambda m: f'{local[m.group(1)]}_{m.group(2)}' if m.group(1) in local
                      else m.group(0), text)
        return text.replace('nullptr', 'NULL')

    def write_function(self, name, found, body, parameters, context, is_static):
        local = context[1] if context else self.enums
        if not context and name.startswith('json'):
            local = self.enums
        kind = ' '.join(found.group('type').split())
        kind = 'StringView' if kind.startswith('const StringView') else local.get(kind, kind)
        if kind.endswith('&'):
            kind = kind[:-1].strip() + '*'
            self.returns_reference.add(name)
            body = re.sub(r'return ([^;]+);', r'return &(\1);', body)
        by_reference, objects, declared = set(), {}, []
        for parameter in parameters:
            parts = re.match(r'(.*?)\s*(&?)\s*(\w+)$', parameter)
            what, reference, word = parts.group(1).strip(), parts.group(2), parts.group(3)
            if what.endswith('&'):
                what, reference = what[:-1].strip(), '&'
            base = what.replace('const ', '').strip()
            what = what.replace(base, local.get(base, base)) if base in local else what
            objects[word] = base
            if reference:
                by_reference.add(word)
            declared.append(f'{what}{"*" if reference else ""} {word}{"_ref" if reference else ""}')
        # Local references and `auto`.
        def local_reference(m):
            by_reference.add(m.group(2))
            return f'{m.group(1)}* {m.group(2)}_ref = &({m.group(3)});'
        body = re.sub(r'\b(uint8_t)& (\w+) = ([^;]+);', local_reference, body)
        body = re.sub(r'\bconst auto (\w+) = ([^;]+);', r'const __typeof__(\2) \1 = \2;', body)
        body = re.sub(r'\bauto (\w+) = ([^;]+);', r'__typeof__(\2) \1 = \2;', body)
        for word in re.finditer(r'\b(StringView|Sequence|Unescaper) (\w+)\b', body):
            objects[word.group(2)] = word.group(1)
        body = re.sub(r'\bUnescaper (\w+)\(([^;]*)\);', r'Unescaper \1; Unescaper_init(&\1); '
                      r'Unescaper_set(&\1, \2);', body)
        body = re.sub(r'OPENAI_STREAM_(?:UN)?LIKELY', 'LIKELY', body)
        body = re.sub(r'\bconstexpr (\w+) ', r'const \1 ', body)
        body = re.sub(r'\b(?:static|reinterpret|const)_cast<([^<>]+)>\(', lambda m:
                      f'({local.get(m.group(1), m.group(1))})(', body)
        body = re.sub(r'\b(uint16_t|uint32_t|uint64_t)\(', r'(\1)(', body)
        body = re.sub(r'\bdetail::', '', body)
        body = re.sub(r'\b(ascii|utf8|scan|words)::', r'\1_', body)
        body = body.replace('utf8_Sequence', 'Sequence').replace('LineEnd::is', 'LineEnd_is')
        body = re.sub(r'\b(' + '|'.join(local) + r') (\w+)( =|;)', lambda m: f'{local[m.group(1)]} {m.group(2)}{m.group(3)}',
                      body)
        body = re.sub(r'StringView\(([^()]*)\) == StringView\(([^()]*)\)',
                      r'StringView_equal(StringView_make(\1), StringView_make(\2))', body)
        body = re.sub(r'StringView\(([^()]*)\) == ("(?:[^"\\]|\\.)*")',
                      r'StringView_equal(StringView_make(\1), StringView_make(\2, sizeof(\2) - 1))', body)
        body = re.sub(r'\bStringView\(', 'StringView_make(', body)
        body = re.sub(r'return \{', f'return ({kind}){{', body)
        if context:
            owner, _, constants = context
            fields = self.fields[owner]
            for word in sorted(self.methods[owner], key=len, reverse=True):
                body = re.sub(r'(?<![\w.:>])' + word + r'\((?!\s*\*?self)', f'{owner}_{word}(SELF, ', body)
            body = body.replace('(SELF, )', '(SELF)')
            body = re.sub(r'\b(\w+_view\(SELF\))\.size\(\)', r'StringView_size(\1)', body)
            for word, what in fields.items():
                if what in self.methods or what == 'StringView':
                    body = re.sub(r'(?<![\w.>])' + word + r'\.(\w+)\(', lambda m:
                                  f'{what}_{m.group(1)}({"" if what == "StringView" else "&"}{word}, ', body)
            for word, value in constants.items():
                body = re.sub(r'(?<![\w.>])' + word + r'\b(?!\()', value, body)
            for word in fields:
                body = re.sub(r'(?<![\w.>"\\:])(?<!->)' + word + r'\b(?!\s*\()', f'self->{word}', body)
            body = re.sub(r'BodyFraming::(\w+)', r'BodyFraming_\1', body)
        for word, what in objects.items():
            mark = '' if what == 'StringView' else '' if word in by_reference else '&'
            if what in self.methods or what == 'StringView':
                body = re.sub(r'(?<![\w.>])' + word + r'\.(\w+)\(', lambda m: f'{what}_{m.group(1)}({mark}{word}_OBJ, ',
                              body)
            if what == 'StringView':
                body = re.sub(r'(?<![\w.>])' + word + r'\[', f'{word}.data_[', body)
        body = body.replace(', )', ')')
        body = self.expression(body, context)
        body = self.with_references(body)
        for word in by_reference:
            if objects.get(word) in self.methods:
                body = body.replace(f'{word}_OBJ', f'{word}_ref')
            body = body.replace(f'{word}_OBJ', word)
            body = re.sub(r'(?<![\w.>])' + word + r'\b(?!_ref)', f'(*{word}_ref)', body)
        body = re.sub(r'(\w+)_OBJ', r'\1', body).replace('&(*', '&(*')
        body = self.without_self_of_static(body)
        body = body.replace('SELF', 'self')
        if context:
            body = body.replace('words_index_of(', 'WORDS_INDEX_OF(')
        if context and not is_static:
            declared.insert(0, f'{context[0]}* self')
        head = f'static {kind} {name}({", ".join(declared) or "void"})'
        self.prototypes.append(head + ';')
        self.bodies.append(head + ' ' + body + '\n')

    def without_self_of_static(self, body):
        for name, _, _, _, context, is_static in self.pending:
            if is_static:
                body = body.replace(f'{name}(SELF, ', f'{name}(').replace(f'{name}(SELF)', f'{name}()')
        return body

    def with_references(self, body):
        """Where a parameter is a reference, the argument's address is given."""
        for name, indices in self.references.items():
            if not indices:
                continue
            at = 0
            while True:
                found = re.compile(r'(?<![\w.])' + name + r'\(').search(body, at)
                if not found:
                    break
                end = matching(body, found.end() - 1)
                arguments = split_arguments(body[found.end():end - 1])
                shift = 1 if arguments and (arguments[0] == 'SELF' or re.match(r'&?(self->)?\w+_(OBJ)?$|&self', arguments[0])
                                            and name.split('_')[0] in self.methods) else 0
                for index in indices:
                    if not arguments[index + shift].startswith('&') and \
                            arguments[index + shift].split('(')[0] not in self.returns_reference:
                        arguments[index + shift] = '&' + arguments[index + shift]
                put = f'{name}({", ".join(arguments)})'
                body = body[:found.start()] + put + body[end:]
                at = found.end()
        return body


def extract(read):
    return Extraction(read).run().replace('static void Unescaper_init(Unescaper* self);', '''
static void Unescaper_init(Unescaper* self);
static void Unescaper_set(Unescaper* self, const char* from, const char* to, char* into);''') + '''
static void Unescaper_set(Unescaper* self, const char* from, const char* to, char* into) {
    self->at = from;
    self->end = to;
    self->out = into;
}
'''


if __name__ == '__main__':
    import pathlib
    root = pathlib.Path(__file__).resolve().parents[2] / 'src'
    sys.stdout.write(extract(lambda name: (root / name).read_text()))
