"""Reads the YAML that mail test suites are written in: documents, block maps and lists, block scalars (| and >, with -
or +), quoted and plain scalars over several lines, [flow lists] and {flow maps}. Every plain scalar is text, an absent
one is None. Anchors, tags and complex keys are refused: no suite has them."""

import re

ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", " ": " ",
           '"': '"', "\\": "\\", "/": "/"}
KEY = re.compile(r'("(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'|[^\s#&*!|>%@`{}\[\],"\'-][^#]*?|-[^\s#:][^#]*?)\s*:(?:\s+|$)')


class Unreadable(Exception):
    pass


def documents(text):
    """The documents of a stream, each read whole."""
    found, lines = [], []
    for line in re.split(r"\r?\n", text):
        if re.match(r"---(\s|$)|\.\.\.(\s|$)", line):
            found.append(lines)
            lines = []
        else:
            lines.append(line)
    for part in found + [lines]:
        reader = Reader(part)
        if reader.peek() is not None:
            yield reader.block(reader.indent())
            if reader.peek() is not None:
                raise Unreadable("line is out of place: " + reader.peek())


def unquote(text):
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    def escape(match):
        code = match.group(1)
        return chr(int(code[1:], 16)) if code[0] in "xuU" and len(code) > 1 else ESCAPES[code]
    return re.sub(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", escape, text[1:-1])


class Flow:
    """[a, {b: c}] on one line."""

    def __init__(self, text):
        self.text, self.at = text, 0

    def space(self):
        while self.text[self.at:self.at + 1].isspace():
            self.at += 1

    def take(self, mark):
        self.space()
        taken = self.text[self.at:self.at + 1] == mark
        self.at += taken
        return taken

    def value(self):
        if self.take("["):
            return self.items("]", self.value)
        if self.take("{"):
            return dict(self.items("}", self.pair))
        quoted = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'').match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
            return unquote(quoted.group())
        plain = re.compile(r"(?:[^,\[\]{}:]|:(?!\s))*").match(self.text, self.at)
        self.at = plain.end()
        return plain.group().strip() or None

    def pair(self):
        key = self.value()
        if not self.take(":"):
            raise Unreadable("no colon in " + self.text)
        self.space()
        return key, self.value()

    def items(self, closing, read):
        items = []
        while not self.take(closing):
            self.space()
            items.append(read())
            if not self.take(",") and self.text[self.at:self.at + 1] != closing:
                raise Unreadable("list does not end: " + self.text)
        return items


class Reader:
    def __init__(self, lines):
        self.lines, self.at = lines, 0

    def peek(self):
        """The next line that is not empty and no comment, or None."""
        while self.at < len(self.lines) and re.match(r"\s*(#|$)", self.lines[self.at]):
            self.at += 1
        return self.lines[self.at] if self.at < len(self.lines) else None

    def indent(self):
        line = self.peek()
        return -1 if line is None else len(line) - len(line.lstrip(" "))

    def block(self, indent):
        line = self.peek().strip()
        if line == "-" or line.startswith("- "):
            return self.sequence(indent)
        if KEY.match(line):
            return self.mapping(indent)
        self.at += 1
        return self.scalar(line, indent - 1)

    def sequence(self, indent):
        items = []
        while self.indent() == indent and re.match(r"-(\s|$)", self.peek().strip()):
            line = self.lines[self.at]
            rest = line[indent + 1:]
            if rest.strip() == "" or KEY.match(rest.strip()):
                # What follows the dash is a block of its own, at the column where it begins.
                self.lines[self.at] = " " * (indent + 1) + rest
                inner = self.indent()
                items.append(self.block(inner) if inner > indent else None)
            else:
                self.at += 1
                items.append(self.scalar(rest.strip(), indent))
        return items

    def mapping(self, indent):
        items = {}
        while self.indent() == indent:
            line = self.peek().strip()
            match = KEY.match(line)
            if not match:
                raise Unreadable("neither key nor value: " + line)
            key, rest = match.group(1), line[match.end():].strip()
            key = unquote(key) if key[0] in "\"'" else key
            self.at += 1
            items[key] = self.scalar(rest, indent) if rest and rest[0] != "#" else self.below(indent)
        return items

    def below(self, indent):
        """The value of a key that has none on its line: a deeper block, or a list at the key's own column."""
        inner = self.indent()
        is_list = inner == indent and re.match(r"-(\s|$)", self.peek().strip())
        return self.block(inner) if inner > indent or is_list else None

    def scalar(self, text, indent):
        """A value that begins on the line before `at`; what stands deeper than `indent` goes on with it."""
        if re.match(r"[|>][-+]?\s*(#.*)?$", text):
            return self.literal(text[0], text[1:2], indent)
        if text[0] in "&*!`@%":
            raise Unreadable("not of the YAML that suites use: " + text)
        closing = {"[": "]", "{": "}"}.get(text[0])
        while text[0] in "\"'[{" and not self.closed(text, closing) and self.peek() is not None:
            text += " " + self.lines[self.at].strip()
            self.at += 1
        if text[0] in "[{":
            return Flow(text).value()
        if text[0] in "\"'":
            return unquote(re.match(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', text).group())
        text = re.sub(r"\s#.*$", "", text)
        while self.indent() > indent:
            text += " " + re.sub(r"\s#.*$", "", self.lines[self.at].strip())
            self.at += 1
        return text.strip()

    @staticmethod
    def closed(text, closing):
        if closing is None:
            return re.match(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', text)
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\'', "", text)
        return bare.count(text[0]) == bare.count(closing)

    def literal(self, kind, chomp, indent):
        lines, inner = [], None
        while self.at < len(self.lines):
            line = self.lines[self.at]
            depth = len(line) - len(line.lstrip(" "))
            if line.strip():
                if depth <= indent or (inner is not None and depth < inner):
                    break
                inner = depth if inner is None else inner
            lines.append(line)
            self.at += 1
        if inner is None:
            return ""
        lines = [line[inner:] for line in lines]
        trailing = len(lines) - len("\n".join(lines).rstrip("\n").split("\n")) if any(lines) else len(lines)
        body = lines[:len(lines) - trailing]
        text = "\n".join(body) if kind == "|" else fold(body)
        end = "" if chomp == "-" or not body else "\n" if chomp != "+" else "\n" * (trailing + 1)
        return text + end


def fold(lines):
    """Lines become one, empty lines line ends; lines that are indented further stay as they are."""
    text = ""
    for i, line in enumerate(lines):
        before = lines[i - 1] if i else None
        if before is None:
            text = line
        elif line.startswith((" ", "\t")) or before.startswith((" ", "\t")):
            text += "\n" + line
        elif line == "":
            text += "\n"
        else:
            text += line if before == "" else " " + line
    return text
