"""Where src/ can be changed so that a test has to notice, by its tokens; and the text with all of it behind switches."""
import re

TOKEN = re.compile(r'''
    (?P<space>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<line>\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<string>(?:u8|L)?"(?:[^"\\\n]|\\.)*")
  | (?P<char>'(?:[^'\\\n]|\\.)+')
  | (?P<number>\d[\w']*(?:\.\d*)?)
  | (?P<name>[A-Za-z_]\w*)
  | (?P<mark>\[\[|\]\]|<<=|>>=|\.\.\.|->|::|\+\+|--|&&|\|\||[<>=!+\-*/%&|^]=|<<|>>|.)
''', re.X | re.S)

INFIX = {'<', '<=', '>', '>=', '==', '!=', '+', '-', '*', '/', '%', '<<', '>>', '&', '|', '^'}
OPEN, CLOSE = {'(': ')', '[': ']', '{': '}'}, {')', ']', '}'}
# What no expression statement begins with.
NO_STATEMENT = set('''return const constexpr auto if for while do else switch case default using static struct class enum
    union template typename unsigned signed int char bool void short long float double public private protected friend
    inline extern namespace goto static_assert throw delete operator explicit virtual static_cast try catch alignas
    OPENAI_STREAM_ASSERT'''.split())
# What ends an operand of && or ||, of a condition before '?'.
LOWER = {'&&', '||', '?', ':', '=', ',', ';', '{', '}', '+=', '-=', '|=', '&=', '<<=', '>>=', '*=', 'return', 'case'}


class Token:
    __slots__ = ('kind', 'text', 'at', 'spaced')

    def __init__(self, kind, text, at, spaced):
        self.kind, self.text, self.at, self.spaced = kind, text, at, spaced

    @property
    def end(self):
        return self.at + len(self.text)


def tokens_of(text):
    tokens, space = [], True
    for match in TOKEN.finditer(text):
        if match.lastgroup in ('space', 'line'):
            space = True
            if tokens:
                tokens[-1].spaced = (tokens[-1].spaced[0], True)
            continue
        tokens.append(Token(match.lastgroup, match.group(), match.start(), (space, False)))
        space = False
    return tokens


def pairs_of(tokens):
    """Index of each bracket -> index of the one that closes or opens it."""
    pairs, stack = {}, []
    for index, token in enumerate(tokens):
        if token.kind != 'mark':
            continue
        if token.text in OPEN or token.text == '[[':
            stack.append(index)
        elif (token.text in CLOSE or token.text == ']]') and stack:
            begin = stack.pop()
            pairs[begin], pairs[index] = index, begin
    return pairs


def code_of(tokens, pairs):
    """For each token whether it is code that runs: inside of a function's body, and no constant of the compiler."""
    code = [False] * len(tokens)
    stack = [False]
    head = 0  # where the statement or declaration began
    index = 0
    while index < len(tokens):
        token = tokens[index]
        if token.text == '{' and token.kind == 'mark':
            before = [t.text for t in tokens[head:index]]
            previous = before[-1] if before else ''
            is_type = any(word in before for word in ('namespace', 'struct', 'class', 'enum', 'union')) and \
                '(' not in before
            is_body = previous in (')', 'noexcept', 'const', 'override', 'else', 'do', 'final', ':') or \
                (not before and stack[-1])
            if 'enum' in before and is_type:
                index = pairs.get(index, index) + 1
                continue
            stack.append(False if is_type else stack[-1] or is_body)
            head = index + 1
        elif token.text == '}' and token.kind == 'mark':
            if len(stack) > 1:
                stack.pop()
            head = index + 1
        elif token.text == ';':
            head = index + 1
        code[index] = stack[-1]
        index += 1
    # Constants of the compiler.
    for index, token in enumerate(tokens):
        last = None
        if token.text == 'case':
            last = next(i for i in range(index, len(tokens)) if tokens[i].text == ':')
        elif token.text in ('static_assert', 'OPENAI_STREAM_ASSERT', 'decltype', 'sizeof') and \
                tokens[index + 1].text == '(':
            last = pairs[index + 1]
        elif token.text == 'constexpr' and tokens[index - 1].text != 'if':
            last = next((i for i in range(index, len(tokens)) if tokens[i].text in (';', '{', '(')), index)
            if tokens[last].text == '{':
                last = pairs[last]
            elif tokens[last].text == '(':
                equals = any(t.text == '=' for t in tokens[index:last])
                last = next(i for i in range(index, len(tokens)) if tokens[i].text == ';') if equals else None
        elif token.text == 'constexpr' and tokens[index - 1].text == 'if':
            last = pairs[index + 1]
        elif token.text == '[' and token.kind == 'mark' and index and tokens[index - 1].kind == 'name' and \
                index > 1 and tokens[index - 2].kind == 'name':
            last = pairs[index]  # an array's size
        elif token.text == 'template':
            last = next(i for i in range(index, len(tokens)) if tokens[i].text.startswith('>'))
        if last is not None:
            for i in range(index, last + 1):
                code[i] = False
    return code


def operand_end(tokens, pairs, index):
    """One after the last token of the operand that begins at index."""
    while index < len(tokens):
        text = tokens[index].text
        if tokens[index].kind == 'mark' and (text in LOWER and text != '{' or text in CLOSE):
            return index
        index = pairs[index] + 1 if tokens[index].kind == 'mark' and text in OPEN else index + 1
    return index


def operand_begin(tokens, pairs, index):
    """The first token of the operand that ends before index."""
    while index > 0:
        text = tokens[index - 1].text
        if text in LOWER or tokens[index - 1].kind == 'mark' and text in OPEN:
            return index
        index = pairs[index - 1] if tokens[index - 1].kind == 'mark' and text in CLOSE else index - 1
    return index


class Site:
    """One change: edits are (place in the text, order, text to put there, bytes to replace)."""

    def __init__(self, kind, at, before, after, edits):
        self.kind, self.at, self.before, self.after, self.edits = kind, at, before, after, edits


def sites_of(text):
    tokens = tokens_of(text)
    pairs = pairs_of(tokens)
    code = code_of(tokens, pairs)
    sites = []

    def add(kind, index, before, after, *edits):
        sites.append(Site(kind, tokens[index].at, ' '.join(before.split())[:100], after, edits))

    def source(begin, end):
        return text[tokens[begin].at:tokens[end - 1].end]

    def wrap(begin, end, left, right):
        depth = tokens[end - 1].end - tokens[begin].at  # the outer one is opened first and closed last
        return (tokens[begin].at, -depth, left, 0), (tokens[end - 1].end, depth - 10**6, right, 0)

    for index, token in enumerate(tokens):
        if not code[index]:
            continue
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.kind == 'mark' and token.text in INFIX and token.spaced == (True, True):
            other = {'<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==', '+': '+, less 1',
                     '-': '-, and 1', '*': '*, and 1', '/': '/, and 1', '%': '%, and 1', '<<': '>>', '>>': '<<',
                     '&': '|', '|': '&', '^': '|'}[token.text]
            add('operator', index, token.text, other, (token.end, 0, f' mutant::At<@>() {token.text}', 0))
        elif token.kind in ('number', 'char') or token.text in ('true', 'false'):
            if '.' in token.text:
                continue
            after = {'true': 'false', 'false': 'true', '0': '1'}.get(
                token.text, token.text + (' and 1' if token.kind == 'char' else ' less 1'))
            add('literal', index, token.text, after, *wrap(index, index + 1, 'mutant::literal<@>(', ')'))
        elif token.text in ('if', 'while') and following.text == '(':
            begin, end = index + 2, pairs[index + 1]
            depth = [t.text for t in tokens[begin:end]]
            if '=' in depth and depth[0] in ('const', 'auto') or ';' in depth:
                continue
            add('condition', index, source(begin, end), 'not so',
                *wrap(begin, end, '(static_cast<bool>(', ') != mutant::on(@))'))
        elif token.text == 'for' and following.text == '(':
            parts = [i for i in range(index + 2, pairs[index + 1]) if tokens[i].text == ';']
            if len(parts) == 2 and parts[1] > parts[0] + 1:
                add('condition', index, source(parts[0] + 1, parts[1]), 'not so',
                    *wrap(parts[0] + 1, parts[1], '(static_cast<bool>(', ') != mutant::on(@))'))
        elif token.kind == 'mark' and token.text == '?':
            begin = operand_begin(tokens, pairs, index)
            while begin > 0 and tokens[begin - 1].text in ('&&', '||'):
                begin = operand_begin(tokens, pairs, begin - 1)
            add('condition', index, source(begin, index), 'not so',
                *wrap(begin, index, '(static_cast<bool>(', ') != mutant::on(@))'))
        elif token.kind == 'mark' and token.text in ('&&', '||') and token.spaced == (True, True):
            end = operand_end(tokens, pairs, index + 1)
            begin = operand_begin(tokens, pairs, index)
            switch, word = ('mutant::on(@) ||', 'true') if token.text == '&&' else ('!mutant::on(@) &&', 'false')
            add('operand', index, source(index + 1, end), word,
                *wrap(index + 1, end, f'({switch} static_cast<bool>(', '))'))
            if tokens[begin - 1].text not in ('&&', '||'):
                add('operand', index, source(begin, index), word,
                    *wrap(begin, index, f'({switch} static_cast<bool>(', '))'))
        # A statement. After a bracket: that of an if, a for or a while.
        if index == 0 or token.text in NO_STATEMENT or token.kind not in ('name', 'mark'):
            continue
        previous = tokens[index - 1].text
        starts = previous in (';', '{', '}', 'else', 'do')
        if previous == ')':
            opener = tokens[pairs[index - 1] - 1].text
            starts = opener in ('if', 'for', 'while')
        elif previous == ':':
            line = text.rfind('\n', 0, tokens[index - 1].at)
            starts = text[line:tokens[index - 1].at].strip().startswith(('case ', 'default'))
        if not starts or token.kind == 'mark' and token.text not in ('++', '--', '*', '('):
            continue
        if any(begin < index < pairs[begin] for begin in pairs if tokens[begin].text == '(' and
               tokens[begin - 1].text in ('for', 'if', 'while')):
            continue
        end, names = index, 0
        while end < len(tokens) and tokens[end].text != ';':
            if tokens[end].text in ('{', '}'):
                break
            end = pairs[end] + 1 if tokens[end].text in OPEN else end + 1
        if end >= len(tokens) or tokens[end].text != ';':
            continue
        flat = tokens[index:end]
        is_jump = token.text in ('break', 'continue') and len(flat) == 1
        declares = any(a.kind == 'name' and b.kind == 'name' or a.text in ('*', '&', '>') and b.kind == 'name' and
                       not a.spaced[0] and a.spaced[1] and i < 6 for i, (a, b) in enumerate(zip(flat, flat[1:])) if
                       not any(t.text in ('(', '=', '.', '->', '+=', '-=') for t in flat[:i + 1]))
        acts = is_jump or any(t.text in ('(', '=', '+=', '-=', '|=', '&=', '<<=', '>>=', '++', '--') for t in flat)
        if token.text in ('OPENAI_STREAM_ASSERT', 'static_cast') or declares or not acts:
            continue
        if flat[-1].text in ('noexcept', 'const', 'delete', 'default'):
            continue
        add('statement', index, source(index, end), 'nothing',
            (token.at, -10**7, '{ if (!mutant::on(@)) { ', 0), (tokens[end].end, 10**7, ' } }', 0))
    return sites


def switched(text, chosen):
    """The text with (number, Site) behind switches; no line is added."""
    edits = []
    for number, site in chosen:
        for place, order, put, _ in site.edits:
            edits.append((place, order, put.replace('@', str(number))))
    # What closes at a place comes before what opens there.
    edits.sort(key=lambda edit: (edit[0], 0 if edit[2].startswith((')', ' }')) else 1, edit[1]))
    out, at = [], 0
    for place, _, put in edits:
        out += [text[at:place], put]
        at = place
    return ''.join(out) + text[at:]
